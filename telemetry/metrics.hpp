#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope::telemetry {

// Counts the requests of one route and method; its counters are looked up once, not at each
// request. Thread-safe. Lives as long as its registry.
class RequestMeter {
 public:
    virtual ~RequestMeter() = default;
    virtual void record(unsigned status, std::chrono::nanoseconds took) = 0;
};

// The server's own metrics (prometheus-cpp behind it), all prefixed "meshscope_". Thread-safe.
// Names and label names are the callers' constants; label values beyond 200 for one name are
// counted as "other", so that no caller can make the set grow without bound.
class MetricsRegistry {
 public:
    MetricsRegistry();
    ~MetricsRegistry();
    MetricsRegistry(const MetricsRegistry&) = delete;
    MetricsRegistry& operator=(const MetricsRegistry&) = delete;

    // meshscope_http_requests_total by route, method, status and
    // meshscope_http_request_duration_seconds by route and method. `route` is the pattern, never
    // the path: the label set stays bounded.
    void count_request(
        std::string_view route,
        std::string_view method,
        unsigned status,
        std::chrono::nanoseconds took
    );
    // The same, for the hot path. Ask once for each route.
    RequestMeter& request_meter(std::string_view route, std::string_view method);
    // meshscope_upstream_calls_total by upstream and outcome ("ok", "timeout", ...) and
    // meshscope_upstream_call_duration_seconds by upstream.
    void count_upstream_call(
        std::string_view upstream, std::string_view outcome, std::chrono::nanoseconds took
    );
    // A value read at each scrape ("connections", "governor_in_flight" with its upstream, ...);
    // `label` "" for none. Adding the same name and label value again replaces the reader. `read`
    // is called on the scraping thread and must outlive the registry or be removed.
    void add_gauge(
        std::string name,
        std::string help,
        std::string label,
        std::string label_value,
        std::function<double()> read
    );
    void remove_gauge(std::string_view name, std::string_view label_value);
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
