#include "business/logs.hpp"
#include "business/mesh_names.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace meshscope::business {
namespace {

constexpr const char* kProxyContainer = "istio-proxy";

// What came of containers that could not be read to their end.
void warn_of(const std::vector<SourceState>& sources, Meta& meta) {
    for (const SourceState& source : sources) {
        if (!source.reason.empty()) {
            meta.warn(
                source.state == SourceState::State::kCut ? "log_cut" : "log_broken",
                source.place.pod + ": " + source.reason
            );
        }
    }
}

}  // namespace

Awaitable<Result<PodLog>> Logs::of_waypoint(RequestContext context, PodLogQuery query) const {
    const bool synced = parts_.cluster->state().synced;
    const models::ClusterSnapshotPtr snapshot = parts_.cluster->snapshot();
    const models::Workload* workload = snapshot->find_workload(query.ns, query.workload);
    const models::Workload* waypoint =
        workload == nullptr ? nullptr : waypoint_of(*snapshot, *workload);
    // A waypoint in a namespace that the caller may not see is not named to them.
    const bool hidden =
        waypoint != nullptr && refuse(context.caller, waypoint->ns, query.cluster_name).has_value();
    if (hidden || (synced && waypoint == nullptr)) {
        co_return Error(
            ErrorKind::kNotFound,
            "there is no workload '" + query.workload + "' with a waypoint in namespace '" +
                query.ns + "'"
        );
    }
    TimelineQuery wanted;
    wanted.ns = waypoint == nullptr ? query.ns : waypoint->ns;
    wanted.workload = waypoint == nullptr ? query.workload : waypoint->name;
    wanted.containers = {kProxyContainer};
    wanted.since = query.since;
    wanted.wanted.contains = query.service;
    const bool bounded = query.max_lines > 0 && query.max_lines < kMaxTail && !query.duration;
    wanted.tail = bounded ? static_cast<std::uint32_t>(query.max_lines) : kMaxTail;
    Result<LogTimeline> timeline = co_await this->timeline(std::move(context), std::move(wanted));
    if (!timeline) {
        co_return timeline.error();
    }
    PodLog log;
    log.meta = std::move(timeline->meta);
    log.texts = std::move(timeline->texts);
    log.truncated = log.meta.stopped_by != clients::StoppedBy::kComplete;
    for (LogEntry& entry : timeline->entries) {
        log.lines.push_back(std::get<models::LogLine>(std::move(entry.what)));
    }
    keep_window(query, end_of(query), log);
    warn_of(timeline->sources, log.meta);
    co_return log;
}

}  // namespace meshscope::business
