#include "business/trace_request.hpp"

#include <algorithm>

namespace meshscope::business {

Result<clients::TraceQuery> complete(
    const TraceRequest& request, const TracingSettings& settings, SystemTime now
) {
    clients::TraceQuery query;
    query.window.end = request.end.value_or(now);
    query.window.start =
        request.start.value_or(std::max(from_micros(0), query.window.end - kDefaultWindow));
    if (query.window.start >= query.window.end) {
        return Error(ErrorKind::kInvalidArgument, "startMicros must be before endMicros");
    }
    if (request.max_duration.count() != 0 && request.max_duration < request.min_duration) {
        return Error(ErrorKind::kInvalidArgument, "maxDuration must not be below minDuration");
    }
    query.min_duration = request.min_duration;
    query.max_duration = request.max_duration;
    const std::uint64_t asked = request.limit.value_or(kDefaultTraceLimit);
    query.limit = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(asked, 1, kMaxTraceLimit));
    query.tags = request.tags;
    for (const auto& [key, value] : settings.query_scope) {
        query.tags[key] = value;
    }
    if (!request.cluster_name.empty()) {
        query.tags["istio.cluster_id"] = request.cluster_name;
    } else if (settings.several_clusters) {
        query.tags["istio.cluster_id"] = settings.home_cluster;
    }
    return query;
}

void describe_limits(Meta& meta, const TraceRequest& request, const clients::TraceQuery& query) {
    meta.asked = {request.limit, request.start, request.end};
    meta.used = {query.limit, query.window.start, query.window.end};
    if (request.limit && *request.limit > kMaxTraceLimit) {
        meta.warn("limit_clamped", "limit is at most 10000 traces; that many were asked for");
    }
}

}  // namespace meshscope::business
