#include "business/trace_search.hpp"

#include "business/offload.hpp"
#include "business/trace_request.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoppedBy;
using clients::TraceBatch;

constexpr int kMaxRounds = 5;                // the first search and four deeper ones
constexpr std::uint32_t kSlackForTies = 10;  // traces of the page before that start in the same µs

// Collects the rounds of one search.
class Collector {
 public:
    explicit Collector(const SearchPlan& plan) : plan_(plan) {}

    // Takes what is new in `batch`; what it says about its end replaces what the round before said.
    void take(TraceBatch batch, std::uint32_t asked) {
        depth_ = batch.depth == 0 ? asked : std::min(asked, batch.depth);
        if (batch.oldest) {
            reach({batch.oldest->start_ns, batch.oldest->id});
        }
        for (models::TracePtr& trace : batch.traces) {
            if (seen_.insert(trace->id).second) {
                note(std::move(trace));
            }
        }
        outcome_.stopped_by = batch.stopped_by;
        outcome_.warnings = std::move(batch.warnings);
        outcome_.errors = std::move(batch.errors);
        outcome_.dropped = std::move(batch.dropped);
    }

    // A later round failed: the traces so far stand.
    void take_failure(const Error& error) {
        outcome_.stopped_by =
            error.kind() == ErrorKind::kDeadline ? StoppedBy::kTime : StoppedBy::kBackend;
        outcome_.warnings.push_back(
            {"search_cut", "a deeper search failed, so more traces may match: " + error.message()}
        );
    }

    void out_of_time() {
        outcome_.stopped_by = StoppedBy::kTime;
        outcome_.warnings.push_back(
            {"partial_timeout", "the time was up before enough matching traces were found"}
        );
    }

    [[nodiscard]] bool nothing() const { return outcome_.traces.empty(); }
    [[nodiscard]] bool enough() const { return outcome_.traces.size() >= plan_.query.limit; }
    // Of the last round: less than asked for when the store searches no deeper.
    [[nodiscard]] std::uint32_t depth() const { return depth_; }
    [[nodiscard]] bool more_below() const { return outcome_.stopped_by == StoppedBy::kLimit; }

    SearchOutcome finish() && {
        // A store that stops at the limit has looked at that many, whatever its own filter left.
        outcome_.scanned = std::max<std::uint64_t>(seen_.size(), more_below() ? depth_ : 0);
        std::sort(outcome_.traces.begin(), outcome_.traces.end(), [](const auto& a, const auto& b) {
            return comes_before(position_of(*a), position_of(*b));
        });
        const bool cut = outcome_.traces.size() > plan_.query.limit;
        if (cut) {
            outcome_.traces.resize(plan_.query.limit);
            outcome_.stopped_by = StoppedBy::kLimit;
        }
        if (plan_.limited_rights && outcome_.stopped_by == StoppedBy::kComplete && enough()) {
            outcome_.stopped_by = StoppedBy::kLimit;  // whether hidden ones follow shows in nothing
        }
        if (more_below()) {
            next_page(cut);
        } else if (outcome_.stopped_by == StoppedBy::kComplete && plan_.limited_rights) {
            outcome_.stopped_by = StoppedBy::kRights;
        }
        cover();
        return std::move(outcome_);
    }

 private:
    void reach(const TracePosition& position) {
        if (!oldest_ || comes_before(*oldest_, position)) {
            oldest_ = position;
        }
    }

    void note(models::TracePtr trace) {
        const TracePosition position = position_of(*trace);
        reach(position);
        if (plan_.after && !comes_before(*plan_.after, position)) {
            return;
        }
        if (!plan_.judge || plan_.judge(trace)) {
            outcome_.traces.push_back(std::move(trace));
        }
    }

    void next_page(bool cut) {
        if (cut || enough()) {
            outcome_.next = position_of(*outcome_.traces.back());
            return;
        }
        outcome_.next = oldest_;
        if (plan_.after && oldest_ && !comes_before(*plan_.after, *oldest_)) {
            // More start in this microsecond than a search can reach: past it, or no page would
            // end.
            outcome_.next = TracePosition{plan_.after->start_ns / 1000 * 1000 - 1, TraceId{}};
        }
        std::string looked_at = "not all traces of the window";
        if (plan_.limited_rights && outcome_.next) {
            outcome_.next = rounded(*outcome_.next);
        } else {
            looked_at = "the newest " + std::to_string(outcome_.scanned) + " traces";
        }
        outcome_.warnings.push_back(
            {std::string(kScanLimit), looked_at + " were looked at; older ones may match too"}
        );
    }

    // Where to go on for a caller who must not learn when a hidden trace began: at a whole second
    // above it, or what is finer when that is no progress; but below what is kept.
    [[nodiscard]] TracePosition rounded(const TracePosition& at) const {
        TracePosition above = at;
        const std::int64_t end =
            plan_.after ? plan_.after->start_ns : to_micros(plan_.query.window.end) * 1000;
        for (const std::int64_t unit : {1'000'000'000, 1'000'000}) {
            if (at.start_ns < end - unit) {
                above = {at.start_ns - at.start_ns % unit + unit, TraceId{}};
                break;
            }
        }
        if (outcome_.traces.empty()) {
            return above;
        }
        const TracePosition kept = position_of(*outcome_.traces.back());
        return comes_before(above, kept) ? kept : above;
    }

    void cover() {
        const TimeRange window = plan_.query.window;
        if (outcome_.stopped_by == StoppedBy::kComplete ||
            outcome_.stopped_by == StoppedBy::kRights) {
            outcome_.covered = window;
            return;
        }
        const auto reached = outcome_.next || plan_.limited_rights ? outcome_.next : oldest_;
        if (reached) {
            const SystemTime start = from_micros(reached->start_ns / 1000);
            outcome_.covered = TimeRange{std::clamp(start, window.start, window.end), window.end};
        }
    }

    const SearchPlan& plan_;
    SearchOutcome outcome_;
    std::unordered_set<TraceId> seen_;
    std::optional<TracePosition> oldest_;
    std::uint32_t depth_ = 0;  // traces asked for in the last round that was answered
};

std::uint32_t first_depth(const SearchPlan& plan) {
    const std::uint32_t depth = plan.query.limit + (plan.after ? kSlackForTies : 0);
    return std::min(depth, kMaxTraceLimit);
}

std::size_t spans_in(const std::vector<models::TracePtr>& traces) {
    std::size_t spans = 0;
    for (const models::TracePtr& trace : traces) {
        spans += trace->spans.size();
    }
    return spans;
}

// What is wrong with a first answer of which nothing is kept.
std::optional<Error> failure_of(const TraceBatch& batch, const SearchPlan& plan) {
    TraceBatch empty;
    empty.stopped_by = batch.stopped_by;
    empty.warnings = batch.warnings;
    empty.errors = batch.errors;
    std::optional<Error> error = emptiness_error(empty);
    if (error && plan.limited_rights) {
        error = error->with_detail("");  // the backend's words may be about what is hidden
    }
    return error;
}

}  // namespace

std::optional<Error> emptiness_error(const TraceBatch& batch) {
    if (!batch.traces.empty()) {
        return std::nullopt;
    }
    const std::string why = batch.warnings.empty() ? "" : batch.warnings.front().message;
    if (!batch.errors.empty()) {
        return Error(ErrorKind::kUpstreamProtocol, "the tracing backend answered with an error")
            .with_code("upstream_error")
            .with_detail(batch.errors.front().message)
            .with_upstream("jaeger");
    }
    switch (batch.stopped_by) {
        case StoppedBy::kTime:
            return Error(ErrorKind::kDeadline, "the tracing backend sent nothing in time")
                .with_detail(why)
                .with_upstream("jaeger");
        case StoppedBy::kBytes:
        case StoppedBy::kBackend:
            return Error(
                       ErrorKind::kUpstreamProtocol,
                       "the answer of the tracing backend was cut before its first trace"
            )
                .with_detail(why)
                .with_upstream("jaeger");
        case StoppedBy::kComplete:
        case StoppedBy::kLimit:
        case StoppedBy::kRights:
            break;
    }
    return std::nullopt;
}

Awaitable<Result<SearchOutcome>> search_traces(
    clients::TraceStore& store,
    const Clock& clock,
    WorkerPool* workers,
    RequestContext context,
    SearchPlan plan
) {
    clients::TraceQuery query = plan.query;
    if (plan.after) {
        const SystemTime just_after = from_micros(plan.after->start_ns / 1000 + 1);
        query.window.end = std::min(query.window.end, just_after);
    }
    Collector collector(plan);
    if (query.window.start >= query.window.end) {
        co_return std::move(collector).finish();
    }
    query.limit = first_depth(plan);
    for (int round = 0; round < kMaxRounds; ++round) {
        if (round > 0 && context.deadline.passed(clock.steady_now())) {
            collector.out_of_time();
            break;
        }
        Result<TraceBatch> batch = co_await store.find_traces(context, query);
        if (!batch) {
            if (round == 0 || batch.error().kind() == ErrorKind::kCancelled) {
                co_return batch.error();
            }
            collector.take_failure(batch.error());
            break;
        }
        std::optional<Error> failure = round == 0 ? failure_of(*batch, plan) : std::nullopt;
        if (failure && batch->traces.empty()) {
            co_return std::move(*failure);
        }
        const std::size_t spans = plan.judge ? spans_in(batch->traces) : 0;
        auto take = [&collector, &batch, depth = query.limit] {
            collector.take(std::move(*batch), depth);
            return true;
        };
        co_await offload(workers, spans, std::move(take));
        if (failure && plan.limited_rights && collector.nothing()) {
            co_return std::move(*failure);
        }
        const bool deeper = !collector.enough() && collector.more_below();
        if (!deeper || query.limit >= kMaxTraceLimit || collector.depth() < query.limit) {
            break;
        }
        query.limit = std::min(query.limit * 2, kMaxTraceLimit);
    }
    co_return std::move(collector).finish();
}

}  // namespace meshscope::business
