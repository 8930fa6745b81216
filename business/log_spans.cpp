#include "business/log_spans.hpp"

#include "business/attributes.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

namespace meshscope::business {
namespace {

std::vector<LogEntry> entries_of(
    const std::vector<SelectedSpans>& spans, std::int64_t from_ns, const std::string& request_id
) {
    std::vector<LogEntry> entries;
    AttributeSet attributes;
    for (std::size_t trace = 0; trace < spans.size(); ++trace) {
        const TraceView& view = spans[trace].view;
        for (const std::uint32_t index : spans[trace].spans) {
            const models::Span& span = view.trace->spans[index];
            if (view.hides(index) || span.start_ns < from_ns) {
                continue;
            }
            if (!request_id.empty()) {
                attributes.read(span.tags);
                if (attributes.text(Concept::kRequestId) != request_id) {
                    continue;
                }
            }
            LogEntry entry;
            entry.time_ns = span.start_ns;
            entry.what = SpanEntry{static_cast<std::uint32_t>(trace), index};
            entries.push_back(std::move(entry));
        }
    }
    std::sort(entries.begin(), entries.end(), [](const LogEntry& a, const LogEntry& b) {
        const auto& x = std::get<SpanEntry>(a.what);
        const auto& y = std::get<SpanEntry>(b.what);
        return std::tie(a.time_ns, x.trace, x.span) < std::tie(b.time_ns, y.trace, y.span);
    });
    return entries;
}

}  // namespace

std::vector<LogEntry> weave(
    std::vector<models::LogLine> lines,
    const std::vector<SelectedSpans>& spans,
    std::int64_t from_ns,
    const std::string& request_id,
    std::size_t tail
) {
    const LogJoin join(spans);
    std::vector<LogEntry> told;
    told.reserve(lines.size());
    for (models::LogLine& line : lines) {
        LogEntry entry;
        entry.time_ns = line.time_ns;
        entry.link = join.find(line);
        entry.what = std::move(line);
        told.push_back(std::move(entry));
    }
    std::vector<LogEntry> of_spans = entries_of(spans, from_ns, request_id);
    std::vector<LogEntry> woven;
    if (of_spans.empty()) {
        woven = std::move(told);
    } else {
        woven.reserve(told.size() + of_spans.size());
        std::merge(
            std::make_move_iterator(told.begin()),
            std::make_move_iterator(told.end()),
            std::make_move_iterator(of_spans.begin()),
            std::make_move_iterator(of_spans.end()),
            std::back_inserter(woven),
            [](const LogEntry& a, const LogEntry& b) { return a.time_ns < b.time_ns; }
        );
    }
    if (woven.size() > tail) {
        woven.erase(woven.begin(), woven.end() - static_cast<std::ptrdiff_t>(tail));
    }
    return woven;
}

}  // namespace meshscope::business
