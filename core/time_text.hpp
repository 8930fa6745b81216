#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meshscope {

// Nanoseconds since the epoch of "2026-03-04T05:06:07.123456789Z", also with an offset ("+02:00").
// Digits of the fraction after the ninth are dropped. nullopt for any other text and for years
// before 1970 or after 2261.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

}  // namespace meshscope
