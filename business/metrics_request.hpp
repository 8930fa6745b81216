#pragma once

#include "business/metric_families.hpp"
#include "business/traffic_direction.hpp"
#include "clients/promql.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::business {

enum class MetricSubject : std::uint8_t { kNamespace, kApp, kService, kWorkload };

struct MetricTarget {
    MetricSubject subject = MetricSubject::kNamespace;
    std::vector<std::string> namespaces;  // one, of namespaces as a subject one or more
    std::string name;                     // "" of namespaces
};

// What is asked of the series of one object.
struct MetricsRequest {
    MetricTarget target;
    std::string cluster;  // "" the home cluster
    TrafficDirection direction = TrafficDirection::kOutbound;
    std::vector<std::string> reporters{"source"};  // source, destination, waypoint; none: all
    std::optional<SystemTime> end;                 // now
    std::chrono::seconds duration{1800};           // at least 1 s
    std::chrono::seconds step{15};                 // at least 1 s
    std::chrono::seconds rate_interval{60};        // at least 1 s
    clients::promql::RateFunc rate_func = clients::promql::RateFunc::kRate;  // of counters
    bool average = true;                                                     // of histograms
    std::vector<clients::promql::Quantile> quantiles;                        // likewise
    std::vector<clients::promql::Label> by;
    std::vector<MetricFamily> families;  // of the answer, ascending
    std::string request_protocol;        // "" any
    std::optional<std::pair<clients::promql::Label, std::string>> aggregate;  // and that label so
};

// The times of the queries: whole seconds, `start` a multiple of `step`.
struct MetricTimes {
    SystemTime start;
    SystemTime end;
    std::chrono::seconds step{};
    std::chrono::seconds rate_interval{};
    bool nothing = false;  // the namespace was not there yet, or not for a second
    friend bool operator==(const MetricTimes&, const MetricTimes&) = default;
};

inline constexpr std::int64_t kMostPoints = 11'000;  // of one series

// Nothing is counted from before the namespace was `created` (nullopt: unknown): the interval of
// rates shrinks to its age, and the series begin one interval after. kInvalidArgument names `step`
// when a series would have more than kMostPoints.
Result<MetricTimes> metric_times(
    const MetricsRequest& request, SystemTime now, std::optional<SystemTime> created
);

}  // namespace meshscope::business
