#pragma once

#include "clients/cluster.hpp"
#include "clients/metric_store.hpp"
#include "clients/trace_store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// kNotReady: it answers, and what is demanded of it could not be had yet.
enum class Health : std::uint8_t { kHealthy, kNotReady, kUnreachable, kUnknown };

// An upstream as its prober last saw it.
struct ComponentStatus {
    std::string name;  // "kubernetes", "prometheus", "tracing"
    Health health = Health::kUnknown;
    bool core = false;
    std::string version;          // "" when unknown
    std::string protocol;         // "grpc api_v2", ...
    std::string product;          // of a metric store: "Prometheus", "Thanos", ...; "" when unknown
    std::optional<Error> reason;  // set when unreachable, and when not ready if it is known
    std::optional<std::chrono::microseconds> latency;
    std::optional<SystemTime> last_success;
    std::optional<SystemTime> last_probe;
    // Only of what is kept in memory: so long ago that was certainly what the upstream had.
    std::optional<std::chrono::milliseconds> age;
};

// By what clients choose times. What a store does not tell is as Prometheus has it by default.
struct MetricFacts {
    bool enabled = false;
    std::string disabled_reason;  // "" while the store is reached
    std::chrono::seconds scrape_interval{15};
    std::chrono::seconds retention = std::chrono::hours(24 * 15);
};

std::string_view to_string(Health health);  // "Healthy", "NotReady", "Unreachable", "Unknown"

// Knows the upstreams; never calls one. Usable from every thread.
class Status {
 public:
    struct Parts {
        const clients::TraceStore* store = nullptr;     // null: tracing is off or link-only
        const clients::Cluster* cluster = nullptr;      // null: none is configured
        const clients::MetricStore* metrics = nullptr;  // null: metrics are off
        const Clock* clock = nullptr;                   // never null when there is a cluster
        bool tracing_is_core = false;
        bool metrics_are_core = false;
    };
    explicit Status(const Parts& parts) : parts_(parts) {}

    // Ascending by name; what is null in the parts is not listed.
    [[nodiscard]] std::vector<ComponentStatus> components() const;

    [[nodiscard]] MetricFacts metric_facts() const;

 private:
    Parts parts_;
};

}  // namespace meshscope::business
