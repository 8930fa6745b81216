#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope {

// Nanoseconds since the epoch of "2026-03-04T05:06:07.123456789Z", also with an offset ("+02:00").
// Digits of the fraction after the ninth are dropped. nullopt for any other text and for years
// before 1970 or after 2261.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// "2026-03-04T05:06:07.12Z": as many fraction digits as are needed, at most six. Years 0 to 9999.
std::string format_rfc3339(SystemTime time);

// "Fri, 21 Aug 2026 09:15:00 +0000" (RFC 1123 with a numeric zone), UTC.
std::string format_rfc1123(SystemTime time);

}  // namespace meshscope
