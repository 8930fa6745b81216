#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/meta.hpp"
#include "business/no_metrics.hpp"
#include "business/response_times.hpp"
#include "clients/cluster.hpp"
#include "clients/metric_store.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::business {

inline constexpr std::size_t kMaxStatsQueries = 200;

// Statistics of the requests that one target got or sent before a moment.
struct StatsQuery {
    MeasuredRequests requests;
    std::string interval_name;  // as the caller spelled it
    bool average = false;
    std::vector<clients::promql::Quantile> quantiles;  // at most kMaxNativeQuantiles
};

struct ResponseTimeStats {
    // "bookinfo:workload:reviews-v1::inbound:10m:destination": target, peer, direction, interval,
    // reporters. Clients rely on its very bytes.
    std::string key;
    std::vector<std::pair<std::string, double>> times;  // ms, ascending by name; never NaN
};

struct StatsAnswer {
    std::vector<ResponseTimeStats> stats;  // ascending by key
    std::vector<std::string> warnings;     // why queries are not answered
    Meta meta;
};

// Usable from every thread; outlives its calls.
class ResponseStats {
 public:
    struct Parts {
        clients::MetricStore* metrics = nullptr;  // null: every call fails with `unavailable`
        Error unavailable = no_metrics();
        clients::Cluster* cluster = nullptr;  // null: how old namespaces are is unknown
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        Discovery discovery{{}};
    };
    explicit ResponseStats(Parts parts) : parts_(std::move(parts)) {}

    // Each query that cannot be answered is left out, with a warning: `refused` are those that were
    // bad from the start. Queries that differ in names only cost one query of the store. Errors
    // only when none is answered: kForbidden, kInvalidArgument, the store's.
    Awaitable<Result<StatsAnswer>> of(
        RequestContext context, std::vector<StatsQuery> queries, std::vector<Error> refused
    ) const;

 private:
    [[nodiscard]] std::optional<Error> refuse(
        const Caller& caller, const models::ClusterSnapshot* cluster, const MeasuredTarget& target
    ) const;

    struct Admitted;
    // Those that may be asked; why others may not goes to `refused`.
    [[nodiscard]] Admitted admit(
        const Caller& caller, const std::vector<StatsQuery>& queries, std::vector<Error>& refused
    ) const;

    Parts parts_;
};

// The key of a query's statistics.
std::string stats_key(const StatsQuery& query);

}  // namespace meshscope::business
