#pragma once

#include "async/awaitable.hpp"
#include "async/pulse.hpp"
#include "async/request_context.hpp"
#include "async/task_group.hpp"
#include "business/access_log.hpp"
#include "business/log_filter.hpp"
#include "business/log_follow_queue.hpp"
#include "business/log_follow_spans.hpp"
#include "business/log_position.hpp"
#include "business/log_sources.hpp"
#include "business/masking.hpp"
#include "clients/cluster.hpp"
#include "core/clock.hpp"
#include "models/log_line.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

struct FollowBounds {
    LogFollowQueue::Bounds queue;
    std::size_t sources = 50;  // containers followed at once
    // Lines are gathered so long, so that those of several containers come in order.
    std::chrono::milliseconds gather{200};
    // So long a log is not read on while its reader takes nothing; then the oldest lines go.
    std::chrono::milliseconds patience{2'000};
    std::chrono::milliseconds look_around{1'000};  // for pods that came and went
    std::chrono::milliseconds first_pause{1'000};  // before a log that ended is read on; doubled
    std::chrono::milliseconds longest_pause{30'000};
    std::chrono::milliseconds renewal{300'000};  // so long one stream of a log at most
    // A stream that was open so long is no failed one, even if nothing has come.
    std::chrono::milliseconds proven{10'000};
    FollowedSpansBounds spans;
};

// What one follow is about.
struct FollowQuery {
    std::string ns, workload;
    std::vector<std::string> containers;  // as in TimelineQuery
    std::optional<SystemTime> since;      // of logs without a position
    std::uint32_t tail = 0;               // of those, so many lines at most
    LogFilter filter;
};

// The logs of a workload as they grow: one stream from Kubernetes for each container, begun where
// the last one ended, for pods that come, too. On one thread, that of the first next(). Memory is
// bounded: a reader who is slow holds the streams up, and who stays so loses the oldest lines.
class LogFollow {
 public:
    struct Parts {
        clients::Cluster* cluster = nullptr;
        const AccessLogParser* parser = nullptr;
        const Masker* masker = nullptr;  // null: nothing is hidden
        const Clock* clock = nullptr;
        std::size_t line_bytes = 0;
        FollowBounds bounds;
        FollowedSpans::Search search;  // empty: no spans are wanted
    };
    // `known`: how the containers stand, and how far each was read. The parts outlive it.
    LogFollow(
        Parts parts,
        RequestContext context,
        FollowQuery query,
        const std::vector<SourceState>& known,
        const ResumePoint& read
    );
    ~LogFollow();  // after end(), if there was a next()
    LogFollow(const LogFollow&) = delete;
    LogFollow& operator=(const LogFollow&) = delete;

    struct Batch {
        std::vector<models::LogLine> lines;  // ascending by time
        LogTexts::Blocks texts;
        std::uint64_t dropped = 0;         // lines that were left out before these
        std::vector<SourceState> changed;  // containers that stand otherwise than before
        std::string resume;                // the point behind these lines
        FollowedSpans::Batch spans;        // of traces that lines have told of, mostly older ones
        bool over = false;                 // the workload is gone, and so are its logs
    };
    // What the reader has already: no span of it is told again, and traces of its lines are looked
    // for. Before the first next().
    void note(const std::vector<LogEntry>& entries, const std::vector<TraceView>& traces);

    // Waits until there is something, until `at`, or until the caller is cancelled.
    Awaitable<Batch> next(SteadyTime at);
    // Where LogLine::source of the last batch points to.
    [[nodiscard]] const LogPlace& place(std::uint32_t source) const;
    [[nodiscard]] std::vector<SourceState> followed() const;  // those that have not ended
    // Whose credentials new streams have.
    void set_caller(Caller caller) { context_.caller = std::move(caller); }

    // Ends the streams; when it has returned nothing runs any more.
    Awaitable<> end();

 private:
    class Sink;
    struct Source;
    using SourcePtr = std::shared_ptr<Source>;

    void start(Executor executor);
    void look_around(SteadyTime now);
    void look_at(const models::Workload& workload);
    static void is_there(Source& source, std::string_view revision);
    void prove_open(SteadyTime now);
    void add(SourceState state, LogPosition position, std::string revision);
    void forget_ended();
    void change(Source& source, SourceState::State state, std::string reason);
    [[nodiscard]] bool has_news() const;
    [[nodiscard]] std::string resume() const;
    [[nodiscard]] clients::LogQuery query_of(const Source& source) const;
    Awaitable<> read(SourcePtr source);
    void stream_ended(Source& source, const Result<clients::LogEnd>& end);
    // Waits for the reader, then drops; false: no more is wanted.
    Awaitable<bool> make_room();

    Parts parts_;
    RequestContext context_;
    FollowQuery query_;
    LogFollowQueue queue_;
    std::optional<FollowedSpans> spans_;
    std::vector<SourcePtr> sources_;  // null: free
    std::vector<SourceState> changed_;
    models::ClusterSnapshotPtr seen_;
    bool workload_gone_ = false;
    SteadyTime look_at_{};  // when pods are looked for next
    std::unique_ptr<TaskGroup> group_;
    std::exception_ptr thrown_;  // by a stream: a bug that next() passes on
    Pulse news_;                 // for the reader
    Pulse room_;                 // for the streams
};

}  // namespace meshscope::business
