#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meshscope::demo {

// A Go duration ("1.5s", "300ms", "2us", "1m30s") in microseconds; nullopt when it is none or
// negative.
std::optional<std::int64_t> parse_go_duration(std::string_view text);

// A decimal integer, the whole text; nullopt otherwise.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace meshscope::demo
