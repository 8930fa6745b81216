#include "business/trace_page.hpp"

#include <unordered_set>

namespace meshscope::business {

namespace {

bool derived_from_another_span(const PeerFact& peer) {
    return peer.rule == "child server span" || peer.rule == "parent client span";
}

// Blanks the facts of hidden spans but for what their times and place say anyway.
void take_out_hidden(const TraceView& view, TraceFacts& facts) {
    for (std::size_t i = 0; i < facts.spans.size(); ++i) {
        SpanFacts& span = facts.spans[i];
        if (!view.hides(i)) {
            if (derived_from_another_span(span.peer)) {
                span.peer = {};
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

}  // namespace

TracePage make_page(const TraceView& view, const Masker& masker, const PageRequest& request) {
    TracePage page;
    page.facts = trace_facts(*view.trace, masker);
    if (view.hidden) {
        take_out_hidden(view, page.facts);
    }
    for (const SpanFacts& span : page.facts.spans) {
        page.visible_errors += span.error.is_error ? 1 : 0;
    }
    const std::unordered_set<SpanId> folded(request.collapse.begin(), request.collapse.end());
    const TraceShape& shape = page.facts.shape;
    for (std::size_t at = 0; at < shape.preorder.size();) {
        const std::uint32_t span = shape.preorder[at];
        const bool collapsed =
            shape.subtree[span] > 1 && folded.contains(view.trace->spans[span].id);
        if (page.total_rows >= request.from && page.rows.size() < request.count) {
            page.rows.push_back({span, collapsed});
        }
        ++page.total_rows;
        at += collapsed ? shape.subtree[span] : 1;
    }
    return page;
}

}  // namespace meshscope::business
