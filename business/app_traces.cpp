#include "business/search_answer.hpp"
#include "business/service_name.hpp"
#include "business/trace_filters.hpp"
#include "business/traces.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoppedBy;

constexpr std::uint32_t kErrorCountDepth = 1000;

}  // namespace

struct Traces::AppSearch {
    ResolvedName name;
    std::string service;
    std::vector<TraceView> traces;
    std::vector<clients::StoreError> errors;
    Meta meta;
};

Awaitable<Result<Traces::AppSearch>> Traces::search_app(RequestContext context, AppQuery query)
    const {
    if (auto refused = refuse(context.caller, query.name_space)) {
        co_return std::move(*refused);
    }
    auto completed = complete(query.request, parts_.settings, parts_.clock->now());
    if (!completed) {
        co_return completed.error();
    }
    AppSearch search;
    search.name = resolve_app(query.name_space, query.app);
    search.service = store_service(search.name, parts_.settings.naming);
    describe_limits(search.meta, query.request, *completed);
    SearchPlan plan;
    plan.query = std::move(*completed);
    plan.query.service = search.service;
    plan.max_bytes = parts_.search_bytes;
    CallersViews views(*parts_.access, context.caller);
    const ResolvedName& name = search.name;
    plan.limited_rights = !views.all();
    if (plan.limited_rights || name.lookup != name.app) {
        plan.judge = judge_by(views, plan.query, [&name](const TraceView& view) {
            return name.lookup == name.app ||
                   any_names_service(view, name.own_namespace(), name.app);
        });
    }
    auto outcome = co_await search_traces(
        *parts_.store, *parts_.clock, parts_.workers, context, std::move(plan)
    );
    if (!outcome) {
        co_return outcome.error();
    }
    describe_outcome(views.all(), context, *outcome, search.meta, search.errors);
    search.traces = take_views(views, outcome->traces, search.meta);
    co_return search;
}

Awaitable<Result<TraceList>> Traces::of_app(RequestContext context, AppQuery query) const {
    auto found = co_await search_app(std::move(context), std::move(query));
    if (!found) {
        co_return found.error();
    }
    TraceList list;
    list.service = std::move(found->service);
    list.meta = std::move(found->meta);
    list.errors = std::move(found->errors);
    list.traces = std::move(found->traces);
    add_partial_error(list.meta, list.errors);
    co_return list;
}

Awaitable<Result<SpanList>> Traces::spans_of_app(RequestContext context, AppQuery query) const {
    auto found = co_await search_app(context, std::move(query));
    if (!found) {
        co_return found.error();
    }
    SpanList list;
    list.meta = std::move(found->meta);
    list.meta.order = "trace startTime:desc,span startTime:asc";
    list.meta.returned = 0;
    for (TraceView& view : found->traces) {
        SelectedSpans selected;
        selected.view = std::move(view);
        selected.spans = spans_of(*selected.view.trace, found->name, found->service);
        std::erase_if(selected.spans, [&](std::uint32_t i) { return selected.view.hides(i); });
        if (!selected.spans.empty()) {
            list.meta.returned += selected.spans.size();
            list.traces.push_back(std::move(selected));
        }
    }
    co_return list;
}

Awaitable<Result<TraceCount>> Traces::count_errors(RequestContext context, ErrorCountQuery asked)
    const {
    AppQuery query;
    query.name_space = std::move(asked.name_space);
    query.app = std::move(asked.app);
    query.request.cluster_name = std::move(asked.cluster_name);
    const SystemTime now = parts_.clock->now();
    query.request.end = now;
    query.request.start = std::max(from_micros(0), now - asked.duration);
    query.request.limit = kErrorCountDepth;
    query.request.tags["error"] = "true";
    auto found = co_await search_app(context, std::move(query));
    if (!found) {
        co_return found.error();
    }
    TraceCount count;
    count.meta = std::move(found->meta);
    count.meta.asked.limit.reset();
    count.count = found->traces.size();
    if (count.meta.stopped_by != StoppedBy::kComplete) {
        count.meta.warn("at_least", "there may be more traces with errors than were counted");
    }
    co_return count;
}

}  // namespace meshscope::business
