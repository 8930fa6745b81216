#include "business/trace_view.hpp"

#include "business/identity.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace meshscope::business {

std::uint64_t TraceView::hidden_spans() const {
    return hidden ? static_cast<std::uint64_t>(std::count(hidden->begin(), hidden->end(), true))
                  : 0;
}

bool TraceView::all_hidden() const { return hidden && hidden_spans() == trace->spans.size(); }

TraceView view_for(
    const Access& access,
    const Caller& caller,
    models::TracePtr trace,
    const models::ClusterSnapshotPtr& snapshot
) {
    TraceView view;
    view.trace = std::move(trace);
    if (access.sees_all(caller)) {
        return view;
    }
    const auto identities = identities_of(*view.trace, snapshot);
    std::vector<bool> forbidden;
    forbidden.reserve(identities->distinct.size());
    for (const SpanIdentity& identity : identities->distinct) {
        const bool seen = !identity.rights_ns.empty() &&
                          access.visible(caller, identity.rights_ns) &&
                          (identity.also_ns.empty() || access.visible(caller, identity.also_ns));
        forbidden.push_back(!seen);
    }
    std::vector<bool> hidden(view.trace->spans.size());
    bool any = false;
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        hidden[i] = forbidden[identities->of_span[i]];
        any = any || hidden[i];
    }
    if (any) {
        view.hidden = std::make_shared<const std::vector<bool>>(std::move(hidden));
    }
    return view;
}

const TraceView& CallersViews::of(const models::TracePtr& trace) {
    if (all_) {
        last_.trace = trace;
        return last_;
    }
    const auto found = made_.find(trace.get());
    if (found != made_.end()) {
        return found->second;
    }
    return made_.emplace(trace.get(), view_for(access_, caller_, trace, snapshot_)).first->second;
}

void CallersViews::forget(const models::TracePtr& trace) {
    if (all_) {
        last_ = {};
    } else {
        made_.erase(trace.get());
    }
}

}  // namespace meshscope::business
