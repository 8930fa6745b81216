#include "business/trace_view.hpp"

#include "business/masking.hpp"
#include "business/span_facts.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

std::uint64_t TraceView::hidden_spans() const {
    return hidden ? static_cast<std::uint64_t>(std::count(hidden->begin(), hidden->end(), true))
                  : 0;
}

bool TraceView::all_hidden() const { return hidden && hidden_spans() == trace->spans.size(); }

TraceView view_for(const Access& access, const Caller& caller, models::TracePtr trace) {
    TraceView view;
    view.trace = std::move(trace);
    if (access.sees_all(caller)) {
        return view;
    }
    const TraceFacts facts = trace_facts(*view.trace, Masker());
    std::vector<bool> hidden(view.trace->spans.size());
    bool any = false;
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        const std::string_view name_space = facts.spans[i].identity.ns;
        hidden[i] = name_space.empty() || !access.visible(caller, name_space);
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
    return made_.emplace(trace.get(), view_for(access_, caller_, trace)).first->second;
}

}  // namespace meshscope::business
