#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::config {

// "1h30m", "1.5s", "-2ms", "0": units h, m, s, ms, us (or µs), ns; each number may have a fraction.
// nullopt for anything else, a bare number but 0 included, and for what does not fit into 64 bits.
std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view text);

// "1d12h", "7d", "0": whole numbers with units y, w, d, h, m, s, ms, in this order, each at most
// once. A day has 24 hours, a year 365 days.
std::optional<std::chrono::nanoseconds> parse_prometheus_duration(std::string_view text);

// Either of the two.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

// "1h30m", "500ms", "0s": what parse_go_duration() reads back exactly.
std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace meshscope::config
