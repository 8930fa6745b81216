#include "business/trace_collector.hpp"

#include "clients/span_match.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoppedBy;
using clients::TraceBatch;
using clients::TraceQuery;

constexpr std::size_t kMaxNotes = 20;  // errors and warnings of all rounds

// The place of the latest span that made a store find the trace.
TracePosition match_position(const models::Trace& trace, const TraceQuery& query) {
    for (std::size_t i = trace.spans.size(); i-- > 1;) {
        const models::Span& span = trace.spans[i];
        if (span.start_ns > trace.start_ns() &&
            clients::span_matches(trace, span, query, clients::Strictness::kMay)) {
            return {span.start_ns, TraceId{}};
        }
    }
    return position_of(trace);
}

void keep_older(std::optional<TracePosition>& oldest, const TracePosition& position) {
    if (!oldest || comes_before(*oldest, position)) {
        oldest = position;
    }
}

template <class Note>
void append(std::vector<Note>& notes, std::vector<Note> more) {
    const std::size_t room = kMaxNotes - std::min(kMaxNotes, notes.size());
    more.resize(std::min(more.size(), room));
    std::move(more.begin(), more.end(), std::back_inserter(notes));
}

void append_new(
    std::vector<clients::StoreWarning>& warnings, std::vector<clients::StoreWarning> more
) {
    std::erase_if(more, [&](const clients::StoreWarning& warning) {
        return std::any_of(warnings.begin(), warnings.end(), [&](const auto& known) {
            return known.code == warning.code;
        });
    });
    append(warnings, std::move(more));
}

}  // namespace

void TraceCollector::take(TraceBatch batch, const TraceQuery& query, bool again) {
    depth_ = batch.depth == 0 ? query.limit : std::min(query.limit, batch.depth);
    unordered_ = unordered_ || batch.unordered;
    weigh(batch);
    const std::size_t seen_before = seen_.size();
    std::uint64_t twice = 0;
    for (const models::TracePtr& trace : batch.traces) {
        if (seen_.insert(trace->id).second) {
            note(trace);
        } else {
            ++twice;
        }
    }
    look_down(batch, query);
    rounds_without_news_ = seen_.size() > seen_before ? 0 : rounds_without_news_ + 1;
    outcome_.stopped_by = batch.stopped_by;
    // A store that stops at the limit has looked at that many, whatever its own filter left.
    const std::uint64_t here = more_below() ? depth_ : twice + seen_.size() - seen_before;
    if (again) {
        looked_at_ = here;
        outcome_.warnings = std::move(batch.warnings);
        outcome_.errors = std::move(batch.errors);
        outcome_.dropped = std::move(batch.dropped);
        return;
    }
    looked_at_ += here - std::min(here, twice);
    append_new(outcome_.warnings, std::move(batch.warnings));
    append(outcome_.errors, std::move(batch.errors));
    append(outcome_.dropped, std::move(batch.dropped));
}

void TraceCollector::take_failure(const Error& error) {
    outcome_.stopped_by =
        error.kind() == ErrorKind::kDeadline ? StoppedBy::kTime : StoppedBy::kBackend;
    outcome_.warnings.push_back(
        {"search_cut", "a deeper search failed, so more traces may match: " + error.message()}
    );
}

void TraceCollector::out_of_time() {
    outcome_.stopped_by = StoppedBy::kTime;
    outcome_.warnings.push_back(
        {"partial_timeout", "the time was up before enough matching traces were found"}
    );
}

void TraceCollector::out_of_bytes() {
    outcome_.stopped_by = StoppedBy::kBytes;
    cut_by_us_ = true;
    outcome_.warnings.push_back(
        {"search_bytes",
         "a search looks through " + std::to_string(plan_.max_bytes >> 20U) +
             " MiB of traces at most, and fewer matched than were asked for"}
    );
}

std::uint64_t TraceCollector::traces_in(std::size_t bytes) const {
    const std::uint64_t one =
        std::max<std::uint64_t>(1, bytes_ / std::max<std::uint64_t>(1, received_));
    return std::max<std::uint64_t>(1, bytes / one);
}

std::optional<SystemTime> TraceCollector::older_end(SystemTime end) const {
    if (!frontier_ || !oldest_) {
        return std::nullopt;
    }
    // The later the end, the less can be left out; the earlier, the more is new.
    const std::int64_t frontier = frontier_->start_ns / 1000;
    const std::array<std::int64_t, 3> places{
        frontier + skew_us_, frontier, oldest_->start_ns / 1000
    };
    for (std::size_t i = static_cast<std::size_t>(std::min(rounds_without_news_, 2)); i < 3; ++i) {
        if (places[i] + 1 < to_micros(end)) {
            return from_micros(places[i] + 1);
        }
    }
    return std::nullopt;
}

SearchOutcome TraceCollector::finish() && {
    outcome_.scanned = std::max<std::uint64_t>(seen_.size(), looked_at_);
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
    if (more_below() || cut_by_us_) {
        next_page(cut);
    } else if (outcome_.stopped_by == StoppedBy::kComplete && plan_.limited_rights) {
        outcome_.stopped_by = StoppedBy::kRights;
    }
    cover();
    return std::move(outcome_);
}

// Storages are shared by the traces of one answer: each counts once.
void TraceCollector::weigh(const TraceBatch& batch) {
    std::unordered_set<const models::Storage*> storages;
    for (const models::TracePtr& trace : batch.traces) {
        const bool is_new = storages.insert(trace->storage.get()).second;
        bytes_ += trace->memory_bytes();
        if (!is_new && trace->storage) {
            bytes_ -= trace->storage->memory_bytes();
        }
    }
    received_ += batch.traces.size();
}

void TraceCollector::look_down(const TraceBatch& batch, const TraceQuery& query) {
    const bool goes_on = batch.stopped_by == StoppedBy::kLimit && !enough();
    std::optional<TracePosition> reached;
    bool has_oldest = false;
    for (const models::TracePtr& trace : batch.traces) {
        const TracePosition match = goes_on ? match_position(*trace, query) : position_of(*trace);
        skew_us_ = std::max(skew_us_, match.start_ns / 1000 - trace->start_ns() / 1000);
        keep_older(reached, match);
        keep_older(oldest_, position_of(*trace));
        has_oldest = has_oldest || (batch.oldest && trace->id == batch.oldest->id);
    }
    if (batch.oldest && !has_oldest) {
        keep_older(reached, {batch.oldest->start_ns, batch.oldest->id});
        keep_older(oldest_, {batch.oldest->start_ns, batch.oldest->id});
    }
    if (reached) {
        frontier_ = reached;
    }
}

void TraceCollector::note(const models::TracePtr& trace) {
    if (plan_.after && !comes_before(*plan_.after, position_of(*trace))) {
        return;
    }
    if (!plan_.judge || plan_.judge(trace)) {
        outcome_.traces.push_back(trace);
    }
}

void TraceCollector::next_page(bool cut) {
    if (cut || enough()) {
        outcome_.next = position_of(*outcome_.traces.back());
        return;
    }
    outcome_.next = frontier_;
    if (plan_.after && frontier_ && !comes_before(*plan_.after, *frontier_)) {
        // More start in this microsecond than a search can reach: past it, or no page would end.
        outcome_.next = TracePosition{plan_.after->start_ns / 1000 * 1000 - 1, TraceId{}};
    }
    std::string looked_at = "not all traces of the window";
    if (outcome_.next && plan_.limited_rights) {
        outcome_.next = rounded(*outcome_.next);
    } else {
        looked_at = "the newest " + std::to_string(outcome_.scanned) + " traces";
    }
    if (outcome_.next && !nothing()) {
        const TracePosition kept = position_of(*outcome_.traces.back());
        outcome_.next = comes_before(*outcome_.next, kept) ? kept : *outcome_.next;
    }
    outcome_.warnings.push_back(
        {std::string(kScanLimit), looked_at + " were looked at; older ones may match too"}
    );
}

// Where to go on for a caller who must not learn when a hidden trace began: at a whole second above
// it, or what is finer when that is no progress.
TracePosition TraceCollector::rounded(const TracePosition& at) const {
    const std::int64_t end =
        plan_.after ? plan_.after->start_ns : to_micros(plan_.query.window.end) * 1000;
    for (const std::int64_t unit : {1'000'000'000, 1'000'000}) {
        if (at.start_ns < end - unit) {
            return {at.start_ns - at.start_ns % unit + unit, TraceId{}};
        }
    }
    return at;
}

void TraceCollector::cover() {
    const TimeRange window = plan_.query.window;
    if (outcome_.stopped_by == StoppedBy::kComplete || outcome_.stopped_by == StoppedBy::kRights) {
        outcome_.covered = window;
        return;
    }
    const auto reached = outcome_.next || plan_.limited_rights ? outcome_.next : frontier_;
    if (reached) {
        const SystemTime start = from_micros(reached->start_ns / 1000);
        outcome_.covered = TimeRange{std::clamp(start, window.start, window.end), window.end};
    }
}

}  // namespace meshscope::business
