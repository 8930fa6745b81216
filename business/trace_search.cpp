#include "business/trace_search.hpp"

#include "business/offload.hpp"
#include "business/trace_collector.hpp"
#include "business/trace_request.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoppedBy;
using clients::TraceBatch;
using clients::TraceQuery;

constexpr int kRoundsOfOneWindow = 5;        // the first search and four deeper ones
constexpr int kMaxRounds = 40;               // ends what brings nothing, whatever the store says
constexpr std::uint32_t kSlackForTies = 10;  // traces of the page before that start in the same µs

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

// What the rounds of a search ask for: first the window as it is, deeper and deeper, which is right
// whatever a store takes for the newest traces; then what is older, where a store goes no deeper or
// going deeper would bring too much again.
class Descent {
 public:
    explicit Descent(const SearchPlan& plan) : max_bytes_(plan.max_bytes), query_(plan.query) {
        query_.limit = first_depth(plan);
        if (plan.after) {
            const SystemTime just_after = from_micros(plan.after->start_ns / 1000 + 1);
            query_.window.end = std::min(query_.window.end, just_after);
        }
    }

    [[nodiscard]] const TraceQuery& query() const { return query_; }
    [[nodiscard]] bool is_first() const { return rounds_ == 1; }
    // Whether the window is that of the round before.
    [[nodiscard]] bool is_again() const { return is_first() || !older_; }

    // Makes the query of the next round. False: there is none.
    bool go_on(TraceCollector& found) {
        std::uint64_t fits = kMaxTraceLimit;
        if (max_bytes_ != 0) {
            if (found.bytes() >= max_bytes_) {
                found.out_of_bytes();
                return false;
            }
            fits = found.traces_in(max_bytes_ - found.bytes());
        }
        ++rounds_;
        const std::uint32_t twice = std::min(query_.limit * 2, kMaxTraceLimit);
        const bool takes_more = twice > query_.limit && found.depth() >= query_.limit;
        const bool same_window = rounds_ <= kRoundsOfOneWindow && twice <= fits;
        if (!older_ && takes_more && (same_window || found.unordered())) {
            query_.limit = twice;
            return true;
        }
        const auto end = found.older_end(query_.window.end);
        if (found.unordered() || rounds_ > kMaxRounds || !end || *end <= query_.window.start) {
            return false;
        }
        older_ = true;
        query_.window.end = *end;
        const std::uint32_t wanted = takes_more ? twice : found.depth();
        query_.limit = static_cast<std::uint32_t>(
            std::clamp<std::uint64_t>(wanted, 1, std::max<std::uint64_t>(fits, 1))
        );
        return true;
    }

 private:
    std::size_t max_bytes_;
    TraceQuery query_;
    int rounds_ = 1;
    bool older_ = false;
};

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
            .with_cause(Cause::kStorage)
            .with_detail(batch.errors.front().message)
            .with_upstream("jaeger");
    }
    const bool over_limit =
        std::any_of(batch.warnings.begin(), batch.warnings.end(), [](const auto& warning) {
            return warning.code == "receive_limit";
        });
    switch (batch.stopped_by) {
        case StoppedBy::kTime:
            return Error(ErrorKind::kDeadline, "the tracing backend sent nothing in time")
                .with_cause(Cause::kSilent)
                .with_detail(why)
                .with_upstream("jaeger");
        case StoppedBy::kBytes:
        case StoppedBy::kBackend:
            return Error(
                       ErrorKind::kUpstreamProtocol,
                       "the answer of the tracing backend was cut before its first trace"
            )
                .with_cause(over_limit ? Cause::kReceiveLimit : Cause::kNone)
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
    TraceCollector collector(plan);
    Descent descent(plan);
    const TraceQuery& query = descent.query();
    if (query.window.start >= query.window.end) {
        co_return std::move(collector).finish();
    }
    do {
        if (!descent.is_first() && context.deadline.passed(clock.steady_now())) {
            collector.out_of_time();
            break;
        }
        Result<TraceBatch> batch = co_await store.find_traces(context, query);
        if (!batch) {
            if (descent.is_first() || batch.error().kind() == ErrorKind::kCancelled) {
                co_return batch.error();
            }
            collector.take_failure(batch.error());
            break;
        }
        std::optional<Error> failure;
        if (descent.is_first()) {
            failure = failure_of(*batch, plan);
        }
        if (failure && batch->traces.empty()) {
            co_return std::move(*failure);
        }
        const std::size_t spans = spans_in(batch->traces);
        auto take = [&collector, &batch, &descent] {
            collector.take(std::move(*batch), descent.query(), descent.is_again());
            return true;
        };
        co_await offload(plan.judge ? workers : nullptr, spans, std::move(take));
        if (failure && plan.limited_rights && collector.nothing()) {
            co_return std::move(*failure);
        }
    } while (!collector.enough() && collector.more_below() && descent.go_on(collector));
    co_return std::move(collector).finish();
}

}  // namespace meshscope::business
