#include "business/log_join.hpp"

#include "business/attributes.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <tuple>

namespace meshscope::business {
namespace {

// Of the spans that began before a line: a retry storm has more, but the line's is among the last.
constexpr std::ptrdiff_t kMostLookedAt = 64;

std::int64_t end_of(const models::Span& span) {
    const std::int64_t room = std::numeric_limits<std::int64_t>::max() - span.duration_ns;
    return span.start_ns > room ? std::numeric_limits<std::int64_t>::max()
                                : span.start_ns + span.duration_ns;
}

}  // namespace

LogJoin::LogJoin(const std::vector<SelectedSpans>& spans) {
    AttributeSet attributes;
    for (const SelectedSpans& selected : spans) {
        const models::Trace& trace = *selected.view.trace;
        for (const std::uint32_t index : selected.spans) {
            if (selected.view.hides(index)) {
                continue;
            }
            const models::Span& span = trace.spans[index];
            attributes.read(span.tags);
            Entry entry;
            entry.trace = trace.id;
            entry.request_id = attributes.text(Concept::kRequestId);
            entry.span = span.id;
            entry.start_ns = span.start_ns;
            entry.end_ns = end_of(span);
            by_trace_.push_back(entry);
            if (!entry.request_id.empty()) {
                by_request_id_.push_back(entry);
            }
        }
    }
    std::sort(by_trace_.begin(), by_trace_.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.trace, a.start_ns, a.span) < std::tie(b.trace, b.start_ns, b.span);
    });
    std::sort(by_request_id_.begin(), by_request_id_.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.request_id, a.start_ns, a.span) <
               std::tie(b.request_id, b.start_ns, b.span);
    });
}

std::optional<SpanLink> LogJoin::nearest(
    Iterator begin, Iterator end, std::int64_t time_ns, SpanLink::By by
) {
    if (begin == end) {
        return std::nullopt;
    }
    const Iterator later =
        std::upper_bound(begin, end, time_ns, [](std::int64_t time, const Entry& entry) {
            return time < entry.start_ns;
        });
    const auto looked_at = std::min<std::ptrdiff_t>(later - begin, kMostLookedAt);
    for (Iterator it = later; it != later - looked_at;) {
        --it;
        if (time_ns <= it->end_ns) {
            return SpanLink{it->trace, it->span, by};
        }
    }
    Iterator best = later;
    if (later == end ||
        (later != begin && models::nanos_between(std::prev(later)->start_ns, time_ns) <=
                               models::nanos_between(time_ns, later->start_ns))) {
        best = std::prev(later);
    }
    return SpanLink{best->trace, best->span, by};
}

std::optional<SpanLink> LogJoin::find(const models::LogLine& line) const {
    if (by_trace_.empty()) {
        return std::nullopt;
    }
    if (!line.trace_id.empty()) {
        if (const auto id = TraceId::from_hex(line.trace_id)) {
            const auto [begin, end] = std::ranges::equal_range(by_trace_, *id, {}, &Entry::trace);
            if (auto link = nearest(begin, end, line.time_ns, SpanLink::By::kTraceId)) {
                return link;
            }
        }
    }
    if (line.request_id.empty()) {
        return std::nullopt;
    }
    const auto [begin, end] =
        std::ranges::equal_range(by_request_id_, line.request_id, {}, &Entry::request_id);
    return nearest(begin, end, line.time_ns, SpanLink::By::kRequestId);
}

}  // namespace meshscope::business
