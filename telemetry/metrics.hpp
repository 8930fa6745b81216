#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope::telemetry {

// The server's own metrics (prometheus-cpp behind it), all prefixed "meshscope_". Thread-safe.
class MetricsRegistry {
 public:
    MetricsRegistry();
    ~MetricsRegistry();
    MetricsRegistry(const MetricsRegistry&) = delete;
    MetricsRegistry& operator=(const MetricsRegistry&) = delete;

    // `route` is the pattern, never the path: the label set stays bounded.
    void count_request(
        std::string_view route,
        std::string_view method,
        unsigned status,
        std::chrono::nanoseconds took
    );
    void count_upstream_call(
        std::string_view upstream, std::string_view outcome, std::chrono::nanoseconds took
    );
    // A value read at each scrape ("connections", "governor_in_flight" with its upstream, ...).
    void add_gauge(
        std::string name,
        std::string help,
        std::string label,
        std::string label_value,
        std::function<double()> read
    );
    // An event counter by reason ("refused_connections_total", ...).
    void count(
        std::string_view name, std::string_view help, std::string_view reason, double amount = 1
    );

    // Prometheus text exposition format 0.0.4.
    [[nodiscard]] std::string expose() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::telemetry
