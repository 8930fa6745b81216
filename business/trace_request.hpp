#pragma once

#include "business/meta.hpp"
#include "business/service_name.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace meshscope::business {

inline constexpr std::uint32_t kDefaultTraceLimit = 100;
inline constexpr std::uint32_t kMaxTraceLimit = 10'000;
inline constexpr std::chrono::minutes kDefaultWindow{10};

// What the configuration says about searches.
struct TracingSettings {
    NamingRule naming;
    std::map<std::string, std::string>
        query_scope;  // tags of every search; they win over the caller's
    std::string home_cluster = "Kubernetes";
    bool several_clusters = false;  // more than one cluster is known
    // What a waypoint answers for is looked up under the waypoint's name, not its own host.
    bool use_waypoint_name = false;
};

// A search as the caller asked for it; what is absent gets its default.
struct TraceRequest {
    std::optional<SystemTime> start;     // default: kDefaultWindow before the end
    std::optional<SystemTime> end;       // default: now
    std::optional<std::uint64_t> limit;  // above kMaxTraceLimit: that
    std::chrono::microseconds min_duration{0};
    std::chrono::microseconds max_duration{0};
    std::map<std::string, std::string> tags;
    std::string cluster_name;  // empty: not given
};

// Fills window, limit, durations and tags of a query (service and operation stay empty).
// `istio.cluster_id` is added only when the caller names a cluster or more than one is known; the
// caller's own value stays otherwise. kInvalidArgument: the window or the durations are empty.
Result<clients::TraceQuery> complete(
    const TraceRequest& request, const TracingSettings& settings, SystemTime now
);

// The limits of `meta` for a request and the query it became.
void describe_limits(Meta& meta, const TraceRequest& request, const clients::TraceQuery& query);

}  // namespace meshscope::business
