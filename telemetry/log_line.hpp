#pragma once

#include "core/clock.hpp"
#include "telemetry/logger.hpp"

#include <span>
#include <string>
#include <string_view>

namespace meshscope::telemetry {

// One event as a line, without its end: printable whatever the texts hold (control characters
// escaped, bad UTF-8 replaced, userinfo of URLs and credentials behind "Bearer" masked).
std::string format_text_line(
    SystemTime time, LogLevel level, std::string_view message, std::span<const LogField> fields
);
std::string format_json_line(
    SystemTime time, LogLevel level, std::string_view message, std::span<const LogField> fields
);

// "http://user:word@host" becomes "http://***@host", wherever it stands in the text.
std::string mask_userinfo(std::string_view text);

}  // namespace meshscope::telemetry
