#pragma once

#include "business/metrics_request.hpp"
#include "business/quantile.hpp"
#include "clients/promql.hpp"
#include "models/metric_table.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// Which queries answer a request for series, and what their answers say. Pure.
namespace meshscope::business {

struct MetricSeries {
    std::string ns;                                           // of requests for several namespaces
    std::vector<std::pair<std::string, std::string>> labels;  // ascending by name
    std::string stat;  // of histograms: "avg" or the quantile as it was asked
    std::vector<models::MetricPoint> points;
};

// One query: counters of several families told apart by a label, one statistic of a histogram, its
// buckets and sums, which hold every statistic, or what the store makes of native histograms of
// several families.
struct MetricQuery {
    enum class Kind : std::uint8_t { kCounters, kStatistic, kBuckets, kNative };
    Kind kind = Kind::kCounters;
    clients::promql::Expr expression;
    std::vector<MetricFamily> families;
    std::string stat;  // of kStatistic
};

// At most five queries, whatever is asked. `cluster`: its name in the metrics.
std::vector<MetricQuery> plan_metrics(
    const MetricsRequest& request, std::chrono::seconds rate_interval, const std::string& cluster
);
// One more for those `families` of which only native histograms tell something.
MetricQuery plan_native_metrics(
    const MetricsRequest& request,
    std::chrono::seconds rate_interval,
    const std::string& cluster,
    const std::vector<MetricFamily>& families
);

inline constexpr std::size_t kMostSeries = 1000;           // of one family
inline constexpr std::size_t kMostAnswerPoints = 200'000;  // of one family

using FamilySeries = std::array<std::vector<MetricSeries>, kMetricFamilies>;  // by MetricFamily

struct MetricsRead {
    std::size_t left_out = 0;          // series, because of the bounds
    std::vector<MetricFamily> native;  // of which native histograms tell what nothing else does
};

// Adds what the answer to that query says. Of a series that is there in both forms the native one
// tells only of times at which there is no other.
MetricsRead read_metrics(
    const MetricsRequest& request,
    const MetricQuery& query,
    const models::MetricMatrix& answer,
    BucketRepair repair,
    FamilySeries& series
);

}  // namespace meshscope::business
