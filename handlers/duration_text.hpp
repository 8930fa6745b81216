#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace meshscope::handlers {

// A duration as Go writes it: "90s", "1m30s", "1.5h", "250ms"; units h, m, s, ms, us, µs, ns. "0"
// needs none. nullopt for any other text, negative ones and more than about 292 years.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace meshscope::handlers
