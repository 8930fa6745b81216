#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// What a store says of itself. Pure; what cannot be read is unknown.
namespace meshscope::clients::prometheus {

struct BuildInfo {
    std::string product;  // "Prometheus", "Thanos", "Mimir", "VictoriaMetrics"; "" unknown
    std::string version;  // "2.42.0", without a leading "v"; "" unknown
};

// Of the body of /api/v1/status/buildinfo. `is_victoria`: the answer's header gives it away.
// VictoriaMetrics names a version of Prometheus there, which is not its own: it has none then.
[[nodiscard]] BuildInfo decode_build_info(std::string body, bool is_victoria);

// Whether its engine takes bucket counts that differ by less than 1e-12 of their size as equal.
[[nodiscard]] bool flattens_small_deltas(const BuildInfo& build);

// "15d", "1y2w", "90s", "1h30m", "500ms" (rounded up to a second); nullopt for other text and for
// nothing at all ("0s").
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);
// The largest unit that fits: "15d", "36h", "90s".
[[nodiscard]] std::string duration_text(std::chrono::seconds time);

// "15d or 10GiB" is fifteen days, "10GiB" unknown.
[[nodiscard]] std::optional<std::chrono::seconds> retention_of_runtime(std::string body);
[[nodiscard]] std::optional<std::chrono::seconds> retention_of_flags(std::string body);
// The global one. Nothing else of the configuration, which may hold secrets, leaves this function.
[[nodiscard]] std::optional<std::chrono::seconds> scrape_interval_of_config(std::string body);

}  // namespace meshscope::clients::prometheus
