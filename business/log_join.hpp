#pragma once

#include "business/trace_view.hpp"
#include "core/ids.hpp"
#include "models/log_line.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace meshscope::business {

// The span that a line tells of.
struct SpanLink {
    enum class By : std::uint8_t { kTraceId, kRequestId };
    TraceId trace;
    SpanId span;
    By by = By::kTraceId;
};

// Leads lines to spans: by the trace id of the line, else by its request id. Of several spans the
// one that was under way at the line's time and began last; of none under way the one that began
// nearest. Only what was given is ever found: spans that the caller may see.
class LogJoin {
 public:
    explicit LogJoin(const std::vector<SelectedSpans>& spans);  // they outlive it

    [[nodiscard]] std::optional<SpanLink> find(const models::LogLine& line) const;

 private:
    struct Entry {
        TraceId trace;
        std::string_view request_id;
        SpanId span;
        std::int64_t start_ns = 0;
        std::int64_t end_ns = 0;
    };
    using Iterator = std::vector<Entry>::const_iterator;
    static std::optional<SpanLink> nearest(
        Iterator begin, Iterator end, std::int64_t time_ns, SpanLink::By by
    );

    std::vector<Entry> by_trace_;       // ascending by trace, then start
    std::vector<Entry> by_request_id_;  // likewise, those that have one
};

}  // namespace meshscope::business
