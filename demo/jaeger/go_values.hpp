#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::demo {

// A Go duration ("1.5s", "300ms", "2us", "1m30s") in nanoseconds; nullopt when it is none or
// negative.
std::optional<std::int64_t> parse_go_duration(std::string_view text);

// "2025-11-21T00:00:00.5Z", "...+01:00": nanoseconds since the epoch; nullopt when it is none.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// A decimal integer, the whole text; nullopt otherwise.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Why a text is no trace id, in Jaeger's words; of one that TraceId::from_hex refuses.
std::string not_a_trace_id(std::string_view text);

// What strconv says of a text that is no number; `function`: "ParseInt".
std::string not_a_number(std::string_view function, std::string_view text);

}  // namespace meshscope::demo
