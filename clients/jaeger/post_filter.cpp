#include "clients/jaeger/post_filter.hpp"

#include "clients/span_match.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using models::Span;
using models::Trace;

// A store that caps the spans of a trace says so in a warning.
bool is_incomplete(const Trace& trace) {
    const auto capped = [](std::string_view text) {
        return text.find("showing first") != std::string_view::npos;
    };
    return std::any_of(trace.warnings.begin(), trace.warnings.end(), capped) ||
           std::any_of(trace.spans.begin(), trace.spans.end(), [&](const Span& span) {
               return std::any_of(span.warnings.begin(), span.warnings.end(), capped);
           });
}

}  // namespace

bool may_match(const Trace& trace, const TraceQuery& query) {
    const bool found = std::any_of(trace.spans.begin(), trace.spans.end(), [&](const Span& span) {
        return span_matches(trace, span, query, Strictness::kMay);
    });
    return found || is_incomplete(trace);
}

namespace {

bool comes_before(const Trace& a, const Trace& b) {
    return a.start_ns() != b.start_ns() ? a.start_ns() > b.start_ns() : a.id < b.id;
}

TracePlace place_of(const Trace& trace) { return {trace.start_ns(), trace.id}; }

// nullopt when there is none but `incomplete`.
std::optional<TracePlace> oldest_of(
    const std::vector<models::TracePtr>& traces, const models::TracePtr& incomplete
) {
    const Trace* oldest = nullptr;
    for (const models::TracePtr& trace : traces) {
        if (trace != incomplete && (oldest == nullptr || comes_before(*oldest, *trace))) {
            oldest = trace.get();
        }
    }
    return oldest == nullptr ? std::nullopt : std::optional(place_of(*oldest));
}

}  // namespace

void sort_newest_first(std::vector<models::TracePtr>& traces) {
    std::sort(traces.begin(), traces.end(), [](const auto& a, const auto& b) {
        return comes_before(*a, *b);
    });
}

void finish_search(TraceBatch& batch, const TraceQuery& query, std::uint32_t asked) {
    auto& traces = batch.traces;
    const std::size_t depth = asked == 0 ? query.limit : asked;
    if (batch.stopped_by == StoppedBy::kComplete && traces.size() >= depth) {
        batch.stopped_by = StoppedBy::kLimit;
    }
    const bool cut =
        batch.stopped_by != StoppedBy::kComplete && batch.stopped_by != StoppedBy::kLimit;
    const models::TracePtr last = cut && !traces.empty() ? traces.back() : nullptr;
    batch.depth = static_cast<std::uint32_t>(depth);
    batch.oldest = oldest_of(traces, last);
    std::erase_if(traces, [&](const models::TracePtr& trace) {
        return trace != last && !may_match(*trace, query);
    });
    sort_newest_first(traces);
    if (traces.size() > query.limit) {
        traces.resize(query.limit);
        batch.oldest = place_of(*traces.back());
        if (!cut) {
            batch.stopped_by = StoppedBy::kLimit;
        }
    }
}

}  // namespace meshscope::clients::jaeger
