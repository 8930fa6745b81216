#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/access_log.hpp"
#include "business/discovery.hpp"
#include "business/log_filter.hpp"
#include "business/log_follow.hpp"
#include "business/log_sources.hpp"
#include "business/log_spans.hpp"
#include "business/log_texts.hpp"
#include "business/masking.hpp"
#include "business/meta.hpp"
#include "business/trace_view.hpp"
#include "clients/cluster.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "models/log_line.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::business {

class Traces;

inline constexpr std::uint32_t kDefaultTail = 3'000;
inline constexpr std::uint32_t kMaxTail = 25'000;

struct LogTimeline {
    std::vector<LogEntry> entries;     // ascending by time, then source; the newest of all
    std::vector<SourceState> sources;  // ascending by pod, then container
    std::vector<TraceView> traces;     // of the spans
    LogTexts::Blocks texts;            // what the lines point into
    ResumePoint read;                  // how far each log was read
    Meta meta;
};

// Lines of one container.
struct LineCount {
    std::uint64_t read = 0;
    std::uint64_t passed = 0;  // the filter
    LogPosition position;
};

struct TimelineQuery {
    std::string ns, workload;
    std::optional<std::uint32_t> tail;    // entries, 1 to kMaxTail; absent: kDefaultTail
    std::optional<SystemTime> since;      // absent: `tail` is the bound
    std::vector<std::string> containers;  // names; empty: all but init containers that end
    LogFilter::Wanted wanted;
    bool spans = false;  // those of the workload, too; `wanted` holds only its request id for them
    std::uint32_t span_limit = 100;  // traces looked for
    bool previous = false;           // of the containers before their last restart; not followed
    std::string cluster_name;        // "" not given
};

// A timeline that goes on.
struct Followed {
    std::optional<LogTimeline> before;  // nullopt when it was resumed
    std::unique_ptr<LogFollow> on;
};

struct PodLogQuery {
    std::string ns, pod;
    std::string container;  // "" the API server's default
    // How lines are read. kWaypoint: not of the pod, but of the waypoint that answers for
    // `workload`, and only lines that hold `service`; ascending by time. kZtunnel: the lines about
    // the pod of the ztunnel on its node, of which both ends are visible.
    models::LogSource kind = models::LogSource::kApp;
    std::string workload, service;
    std::optional<SystemTime> since;
    std::optional<std::chrono::nanoseconds> duration;  // from `since`, else from the first line
    std::uint64_t max_lines = 0;                       // the newest; 0: all within the bounds
    bool previous = false;     // of the container before its last restart; kApp and kProxy only
    std::string cluster_name;  // "" not given
};

struct PodLog {
    std::vector<models::LogLine> lines;  // as in the log
    bool truncated = false;              // older or newer ones were left out
    LogTexts::Blocks texts;
    Meta meta;
};

struct LogBounds {
    std::size_t source_bytes = 16UL << 20U;  // of one container
    std::size_t total_bytes = 64UL << 20U;   // of one answer
    std::size_t line_bytes = 64UL << 10U;
    std::size_t sources = 100;  // containers of one workload
    std::size_t parallel = 8;   // read at once
    FollowBounds follow;
};

// Logs of pods, read live with the caller's credentials. Usable from every thread; outlives its
// calls. Errors: `unavailable` without a cluster, kForbidden (a namespace that the caller may not
// see or this server does not show; code "feature_disabled" when logs are switched off), kNotFound,
// kInvalidArgument, and those of Cluster.
class Logs {
 public:
    struct Parts {
        clients::Cluster* cluster = nullptr;  // null: every call fails with `unavailable`
        Error unavailable{ErrorKind::kUnavailable, "no Kubernetes cluster is configured"};
        const Traces* traces = nullptr;  // null: there are no spans
        const Access* access = nullptr;
        const Masker* masker = nullptr;  // null: nothing is hidden
        const Clock* clock = nullptr;
        Discovery discovery{{}};
        WorkerPool* workers = nullptr;  // takes what would hold up its thread; null: nothing
        LogBounds bounds;
        bool disabled = false;
        std::string access_log_format;  // "" Istio's default
    };
    explicit Logs(Parts parts);

    // All containers of a workload in one list. One that fails is a source with a reason; only when
    // every one failed alike is it the error. kUnavailable "cluster_syncing" before the cluster is
    // known. With `previous` a container without an earlier run is an empty source.
    Awaitable<Result<LogTimeline>> timeline(RequestContext context, TimelineQuery query) const;
    // Likewise, and what is written from then on. With `resume` (a word of LogFollow) nothing that
    // came before that point. Errors as those of timeline(); what fails later is a source's state.
    Awaitable<Result<Followed>> follow(
        RequestContext context, TimelineQuery query, std::string resume
    ) const;
    // Why the caller may not have logs of this namespace; nullopt: may.
    [[nodiscard]] std::optional<Error> refuse(
        const Caller& caller, std::string_view ns, const std::string& cluster_name
    ) const;
    [[nodiscard]] SystemTime now() const { return parts_.clock->now(); }
    // kConflict "no_logs_yet" and "no_previous" as Cluster says.
    Awaitable<Result<PodLog>> of_pod(RequestContext context, PodLogQuery query) const;

 private:
    struct Reading;
    struct SpanTimes;
    Awaitable<Result<PodLog>> of_waypoint(RequestContext context, PodLogQuery query) const;
    Awaitable<Result<PodLog>> of_ztunnel(RequestContext context, PodLogQuery query) const;
    // `query` must live until it has been awaited.
    Awaitable<std::optional<Error>> refuse_log(RequestContext context, const PodLogQuery& query)
        const;
    static std::optional<std::int64_t> end_of(const PodLogQuery& query);
    static void keep_window(
        const PodLogQuery& query, std::optional<std::int64_t> end_ns, PodLog& log
    );
    [[nodiscard]] Result<Reading> prepare(const TimelineQuery& query) const;
    // The containers that timeline() would read.
    [[nodiscard]] Result<std::vector<SourceState>> states_of(const TimelineQuery& query) const;
    Awaitable<bool> read_all(RequestContext context, Reading& reading) const;
    // Of the time that the lines are of. Not finding any is a warning.
    Awaitable<std::vector<SelectedSpans>> find_spans(
        RequestContext context, const TimelineQuery& query, const SpanTimes& times, Meta& meta
    ) const;
    Awaitable<FollowedSpans::Found> find_spans_since(
        RequestContext context, std::shared_ptr<const TimelineQuery> query, std::int64_t from_ns
    ) const;
    [[nodiscard]] FollowedSpans::Search search_of(const TimelineQuery& query) const;
    static void count(
        const std::vector<LineCount>& counted, const Reading& reading, LogTimeline& timeline
    );
    static void describe(const TimelineQuery& query, const Reading& reading, LogTimeline& timeline);
    // `share`: the part of the time that is left for what comes after.
    [[nodiscard]] RequestContext for_reading(
        const RequestContext& context, int share, std::chrono::seconds most
    ) const;

    Parts parts_;
    AccessLogParser parser_;
};

}  // namespace meshscope::business
