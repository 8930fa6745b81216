#pragma once

#include "business/span_facts.hpp"
#include "business/trace_columns.hpp"
#include "business/trace_view.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace meshscope::business {

inline constexpr std::uint32_t kDefaultPageRows = 1000;
inline constexpr std::uint32_t kMaxPageRows = 10'000;

// Which rows of a waterfall are wanted. Rows are spans, parents before children, siblings by start;
// the descendants of a folded span have no row.
struct PageRequest {
    std::uint64_t from = 0;  // first row, counted after folding
    std::uint32_t count = kDefaultPageRows;
    std::vector<SpanId> collapse;  // spans to fold; ids that are not in the trace are ignored
};

struct PageRow {
    std::uint32_t span = 0;  // index into Trace::spans
    bool collapsed = false;  // folded, with at least one descendant
};

struct TracePage {
    std::shared_ptr<const TraceColumns> columns;  // of the whole trace, shared by all its viewers
    std::vector<PageRow> rows;
    RowFacts facts;                    // parallel to rows
    std::uint64_t total_rows = 0;      // of the whole trace after folding
    std::uint32_t visible_errors = 0;  // error spans that the caller sees
};

// The rows asked for and their facts. What a visible span says about a hidden one only because that
// one is its parent or child is taken out. The first page of a trace costs about 1.5 µs for each of
// its spans, which then stay beside the trace; each page about 1.5 µs a row, and memory for its
// rows only.
TracePage make_page(const TraceView& view, const Masker& masker, const PageRequest& request);

}  // namespace meshscope::business
