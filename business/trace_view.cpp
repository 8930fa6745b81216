#include "business/trace_view.hpp"

#include "business/trace_columns.hpp"

#include <algorithm>
#include <string_view>
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
    const auto column = namespaces_of(*view.trace);
    std::vector<bool> forbidden;
    forbidden.reserve(column->names.size());
    for (const std::string_view name_space : column->names) {
        forbidden.push_back(name_space.empty() || !access.visible(caller, name_space));
    }
    std::vector<bool> hidden(view.trace->spans.size());
    bool any = false;
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        hidden[i] = forbidden[column->of_span[i]];
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

void CallersViews::forget(const models::TracePtr& trace) {
    if (all_) {
        last_ = {};
    } else {
        made_.erase(trace.get());
    }
}

}  // namespace meshscope::business
