#include "business/forensics.hpp"

#include "async/pause.hpp"
#include "business/offload.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

// Whether some of the trace is not in the answer, rights aside.
bool is_cut(const Meta& meta) {
    const bool dropped = std::ranges::any_of(meta.dropped, [](const clients::Dropped& one) {
        return one.reason != "hidden_spans" && one.count > 0;
    });
    return dropped || meta.stopped_by != clients::StoppedBy::kComplete;
}

}  // namespace

// What the last read gave, and how it came to that.
struct Forensics::Reading {
    SingleTrace single;
    std::uint32_t reads = 1;
    std::uint64_t arrived = 0;
    bool growing = false;  // the last read still brought spans
    bool quiet = false;    // nothing came for long enough
};

bool Forensics::is_young(const models::Trace& trace) const {
    return from_micros(trace.end_ns() / 1000) > parts_.clock->now() - kYoungTrace;
}

Awaitable<Result<Forensics::Reading>> Forensics::read(RequestContext context, ForensicsQuery query)
    const {
    auto first = co_await parts_.traces->by_id(context, query.id);
    if (!first) {
        co_return first.error();
    }
    Reading reading;
    reading.single = std::move(*first);
    const std::size_t at_first = reading.single.view.trace->spans.size();
    std::chrono::milliseconds waited{0};
    std::chrono::milliseconds unchanged{0};
    while (reading.reads < kMostTraceReads && !reading.quiet && is_young(*reading.single.view.trace)
    ) {
        const std::chrono::milliseconds pause = parts_.pauses[reading.reads - 1];
        const auto left = context.deadline.remaining(parts_.clock->steady_now());
        if (waited + pause > query.wait || pause >= left / 2) {
            break;
        }
        const std::size_t before = reading.single.view.trace->spans.size();
        reading.single.view = {};  // who holds a trace is given it again for a while
        const bool rested = co_await pause_for(pause);
        if (!rested) {
            co_return Error(ErrorKind::kCancelled, "the request was cancelled");
        }
        auto again = co_await parts_.traces->by_id(context, query.id);
        if (!again) {
            co_return again.error();
        }
        reading.single = std::move(*again);
        const std::size_t now = reading.single.view.trace->spans.size();
        ++reading.reads;
        waited += pause;
        reading.growing = now > before;
        unchanged = now == before ? unchanged + pause : std::chrono::milliseconds(0);
        reading.quiet = unchanged >= parts_.quiet;
    }
    const std::size_t at_last = reading.single.view.trace->spans.size();
    reading.arrived = at_last - std::min(at_first, at_last);
    co_return reading;
}

Awaitable<Result<ForensicsAnswer>> Forensics::of(RequestContext context, ForensicsQuery query)
    const {
    auto reading = co_await read(context, query);
    if (!reading) {
        co_return reading.error();
    }
    ForensicsAnswer answer;
    answer.view = std::move(reading->single.view);
    answer.meta = std::move(reading->single.meta);
    answer.reads = reading->reads;
    answer.arrived = reading->arrived;
    answer.young = !reading->quiet && is_young(*answer.view.trace);
    GapContext about;
    about.cut = is_cut(answer.meta);
    about.growing = reading->growing && answer.young;
    about.young = answer.young;
    about.hidden = answer.view.hidden.get();
    auto work = [this, &answer, &about] {
        const models::Trace& trace = *answer.view.trace;
        const auto snapshot = parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
        const auto identities = identities_of(trace, snapshot);
        answer.gaps = trace_gaps(trace, *identities, about);
        answer.clocks = clock_offsets(trace, *identities, about.hidden);
        answer.hosts = spans_of_hosts(trace, *identities, about.hidden, answer.clocks);
        return true;
    };
    co_await offload(parts_.workers, answer.view.trace->spans.size(), std::move(work));
    answer.meta.returned = answer.gaps.gaps.size();
    answer.meta.scanned = answer.view.trace->spans.size();
    answer.meta.order = "gaps: startTime:asc; clocks: from:asc,to:asc";
    answer.meta.drop("more_gaps", answer.gaps.unlisted);
    if (answer.gaps.unlisted > 0 && answer.meta.stopped_by == clients::StoppedBy::kComplete) {
        answer.meta.stopped_by = clients::StoppedBy::kLimit;
    }
    co_return answer;
}

}  // namespace meshscope::business
