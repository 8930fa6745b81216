#include "business/trace_page.hpp"

#include <unordered_set>

namespace meshscope::business {

namespace {

bool derived_from_another_span(const PeerFact& peer) {
    return peer.rule == "child server span" || peer.rule == "parent client span";
}

void take_out_pair(SpanFacts& span) {
    if (derived_from_another_span(span.peer)) {
        span.peer = {};
    }
    span.pair = {};
}

// Blanks the facts of hidden spans but for what their times and place say anyway, and what visible
// ones say about the other side of their call when that is hidden.
void take_out_hidden(const TraceView& view, TracePage& page) {
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
        SpanFacts& span = page.facts.spans[i];
        if (!view.hides(page.rows[i].span)) {
            if (span.pair.other != models::kNoSpan && view.hides(span.pair.other)) {
                take_out_pair(span);
            }
            continue;
        }
        SpanFacts blank;
        blank.depth = span.depth;
        blank.relative_start_ns = span.relative_start_ns;
        blank.self_ns = span.self_ns;
        blank.critical_ns = span.critical_ns;
        blank.critical_share = span.critical_share;
        span = std::move(blank);
    }
}

std::uint32_t count_visible_errors(const TraceView& view, const TraceColumns& columns) {
    if (!view.hidden) {
        return columns.errors;
    }
    std::uint32_t errors = 0;
    for (std::size_t i = 0; i < columns.error.size(); ++i) {
        errors += columns.error[i] && !view.hides(i) ? 1 : 0;
    }
    return errors;
}

void choose_rows(const models::Trace& trace, const PageRequest& request, TracePage& page) {
    const std::unordered_set<SpanId> folded(request.collapse.begin(), request.collapse.end());
    const TraceShape& shape = page.columns->shape;
    for (std::size_t at = 0; at < shape.preorder.size();) {
        const std::uint32_t span = shape.preorder[at];
        const bool collapsed =
            !folded.empty() && shape.subtree[span] > 1 && folded.contains(trace.spans[span].id);
        if (page.total_rows >= request.from && page.rows.size() < request.count) {
            page.rows.push_back({span, collapsed});
        }
        ++page.total_rows;
        at += collapsed ? shape.subtree[span] : 1;
    }
}

}  // namespace

TracePage make_page(const TraceView& view, const Masker& masker, const PageRequest& request) {
    TracePage page;
    page.columns = columns_of(*view.trace);
    page.visible_errors = count_visible_errors(view, *page.columns);
    choose_rows(*view.trace, request, page);
    std::vector<std::uint32_t> spans;
    spans.reserve(page.rows.size());
    for (const PageRow& row : page.rows) {
        spans.push_back(row.span);
    }
    page.facts = row_facts(*view.trace, *page.columns, masker, spans);
    if (view.hidden) {
        take_out_hidden(view, page);
    }
    return page;
}

}  // namespace meshscope::business
