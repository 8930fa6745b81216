#pragma once

#include "async/awaitable.hpp"
#include "async/pulse.hpp"
#include "async/request_context.hpp"
#include "business/log_spans.hpp"
#include "business/meta.hpp"
#include "business/trace_view.hpp"
#include "core/clock.hpp"
#include "models/log_line.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

struct FollowedSpansBounds {
    std::chrono::milliseconds every{5'000};  // between two searches; doubled by one that failed
    std::chrono::milliseconds longest_pause{60'000};
    std::chrono::seconds young{30};  // so long a line's trace is looked for
    std::size_t ids = 1'000;         // of traces and requests that are looked for, the newest
    std::size_t told = 10'000;       // spans that are remembered, so that none is told twice
};

// The spans of a workload in the traces that its followed lines tell of. Spans come to their store
// after the lines, and not all at once: a trace is looked for again while its lines are young. One
// search at a time, and none while what the last one found waits for the reader. On one thread.
class FollowedSpans {
 public:
    struct Found {
        std::vector<SelectedSpans> spans;  // that the caller may see
        Meta meta;                         // the warning "spans_unavailable": there was no search
    };
    // The workload's spans from then on, ns.
    using Search = std::function<Awaitable<Found>(RequestContext context, std::int64_t from_ns)>;

    FollowedSpans(Search search, const Clock& clock, FollowedSpansBounds bounds);

    // A line that the reader gets.
    void note(const models::LogLine& line);
    // Lines and spans that the reader has.
    void note(const std::vector<LogEntry>& entries, const std::vector<TraceView>& traces);

    struct Batch {
        std::vector<LogEntry> entries;  // spans, ascending by time
        std::vector<TraceView> traces;  // theirs
        std::optional<Meta> news;       // searching has begun to fail, or works again
    };
    [[nodiscard]] bool empty() const { return !ready_.news && ready_.entries.empty(); }
    Batch take();

    // Searches until cancelled. `context`: of a new search. `found` is called when empty() ends.
    Awaitable<> run(std::function<RequestContext()> context, std::function<void()> found);

 private:
    struct Id {
        std::string text;
        std::int64_t time_ns = 0;
        SteadyTime noted;
    };
    using SpanKey = std::string;

    void want(std::string text, std::int64_t time_ns);
    void forget_old(SteadyTime now);
    bool remember(const models::Trace& trace, std::uint32_t span);  // false: told before
    void keep(std::vector<SelectedSpans> found);
    [[nodiscard]] bool is_wanted(const SelectedSpans& selected) const;

    Search search_;
    const Clock& clock_;
    const FollowedSpansBounds bounds_;
    std::deque<Id> ids_;  // as they came
    std::set<std::string, std::less<>> wanted_;
    std::deque<SpanKey> told_order_;
    std::set<SpanKey> told_;
    bool fails_ = false;
    Pulse rest_;  // that nobody cuts short
    Batch ready_;
};

}  // namespace meshscope::business
