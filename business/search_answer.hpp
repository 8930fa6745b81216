#pragma once

#include "async/request_context.hpp"
#include "business/meta.hpp"
#include "business/trace_search.hpp"
#include "business/trace_view.hpp"
#include "clients/trace_store.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace meshscope::business {

// What the use cases over searches share: what a caller gets of a search, and what an answer may
// say about itself. A caller with limited rights must not learn from either what hidden spans hold.

// Whether one visible span passes all of `query` at once. A store matches by any span, so a trace
// that only a hidden one matched would tell by being there what that span says.
[[nodiscard]] bool shows_match(const TraceView& view, const clients::TraceQuery& query);

// For SearchPlan::judge: keeps what `passes` by what the caller sees; of callers with limited
// rights only what shows_match. `views` must outlive it.
template <class Passes>
auto judge_by(CallersViews& views, clients::TraceQuery query, Passes passes) {
    return [&views, query = std::move(query), passes](const models::TracePtr& trace) {
        const TraceView& view = views.of(trace);
        const bool keep = (views.all() || shows_match(view, query)) && passes(view);
        if (!keep) {
            views.forget(trace);
        }
        return keep;
    };
}

// The views of what was kept, in that order; notes in `meta` how many of their spans are hidden.
std::vector<TraceView> take_views(
    CallersViews& views, const std::vector<models::TracePtr>& traces, Meta& meta
);

std::size_t spans_in(const std::vector<TraceView>& views);

// What the tracing backend said beside its traces.
struct SourceNotes {
    std::vector<clients::Dropped> dropped;
    std::vector<clients::StoreWarning> warnings;
    std::vector<clients::StoreError> errors;
};

// Puts that and the bill into an answer whose `meta` says already why it ended. All of it may be
// about hidden traces: callers with limited rights learn only that something was cut or wrong.
void describe_source(
    bool sees_all,
    const RequestContext& context,
    SourceNotes notes,
    Meta& meta,
    std::vector<clients::StoreError>& errors
);

// The same for a search, with how it ended. `outcome` keeps its traces.
void describe_outcome(
    bool sees_all,
    const RequestContext& context,
    SearchOutcome& outcome,
    Meta& meta,
    std::vector<clients::StoreError>& errors
);

// What the answer to a caller with limited rights says of itself: no more looked at than returned,
// no bill, and never that it is complete.
void tell_of_visible_only(Meta& meta);

// An answer that was cut says so among its errors too, where clients of old look.
void add_partial_error(const Meta& meta, std::vector<clients::StoreError>& errors);

}  // namespace meshscope::business
