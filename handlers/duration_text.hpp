#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace meshscope::handlers {

// A duration as Go writes it: "90s", "1m30s", "1.5h", "250ms"; units h, m, s, ms, us, µs, ns. "0"
// needs none. nullopt for any other text, negative ones and more than about 292 years.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

// A duration as Prometheus writes it: "5m", "1h30m", "250ms"; units ms, s, m, h, d, w, y (365 d),
// in any order. nullopt for any other text and for more than about 292 years.
std::optional<std::chrono::milliseconds> parse_interval(std::string_view text);

}  // namespace meshscope::handlers
