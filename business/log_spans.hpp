#pragma once

#include "business/log_join.hpp"
#include "business/trace_view.hpp"
#include "models/log_line.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace meshscope::business {

// A span in a timeline.
struct SpanEntry {
    std::uint32_t trace = 0;  // index into LogTimeline::traces
    std::uint32_t span = 0;   // index into its spans; visible to the caller
};

struct LogEntry {
    std::int64_t time_ns = 0;
    std::variant<models::LogLine, SpanEntry> what;
    std::optional<SpanLink> link;  // of a line: the span that it tells of
};

// Lines ascending by time and spans become one list, ascending by time, lines before spans of the
// same moment; the newest `tail` stay. Every line is led to its span, also to one that is no entry:
// entries are only spans that began at `from` or later, with `request_id` if that is given.
std::vector<LogEntry> weave(
    std::vector<models::LogLine> lines,
    const std::vector<SelectedSpans>& spans,
    std::int64_t from_ns,
    const std::string& request_id,
    std::size_t tail
);

}  // namespace meshscope::business
