#include "business/mesh_names.hpp"
#include "business/search_answer.hpp"
#include "business/service_name.hpp"
#include "business/subject_filter.hpp"
#include "business/traces.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoppedBy;

constexpr std::uint32_t kErrorCountDepth = 1000;

Result<ResolvedName> resolve_name(
    const models::ClusterSnapshot* cluster,
    const SubjectQuery& query,
    const TracingSettings& settings
) {
    const bool waypoint = settings.use_waypoint_name;
    switch (query.what) {
        case Subject::What::kService:
            return name_of_service(
                cluster, query.name_space, query.name, settings.naming, waypoint
            );
        case Subject::What::kWorkload:
            return name_of_workload(
                cluster, query.name_space, query.name, settings.naming, waypoint
            );
        case Subject::What::kApp:
            break;
    }
    return name_of_app(cluster, query.name_space, query.name, settings.naming, waypoint);
}

}  // namespace

struct Traces::SubjectSearch {
    SubjectFilter filter;
    std::string service;
    std::vector<TraceView> traces;
    std::vector<clients::StoreError> errors;
    Meta meta;
};

Awaitable<Result<Traces::SubjectSearch>> Traces::search_subject(
    RequestContext context, SubjectQuery query
) const {
    if (auto refused = refuse(context.caller, query.name_space)) {
        co_return std::move(*refused);
    }
    auto completed = complete(query.request, parts_.settings, parts_.clock->now());
    if (!completed) {
        co_return completed.error();
    }
    const models::ClusterSnapshotPtr cluster = snapshot();
    auto name = resolve_name(cluster.get(), query, parts_.settings);
    if (!name) {
        co_return name.error();
    }
    const std::string service = store_service(*name, parts_.settings.naming);
    SubjectFilter::Parts parts{
        query.what, query.name_space, query.name, std::move(*name), service, cluster
    };
    SubjectSearch search{SubjectFilter(std::move(parts)), service, {}, {}, {}};
    describe_limits(search.meta, query.request, *completed);
    SearchPlan plan;
    plan.query = std::move(*completed);
    plan.query.service = service;
    plan.max_bytes = parts_.search_bytes;
    CallersViews views(*parts_.access, context.caller, cluster);
    plan.limited_rights = !views.all();
    if (plan.limited_rights || !search.filter.keeps_all()) {
        plan.judge = judge_by(views, plan.query, [&search](const TraceView& view) {
            return search.filter.keeps(view);
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

Awaitable<Result<TraceList>> Traces::of(RequestContext context, SubjectQuery query) const {
    auto found = co_await search_subject(std::move(context), std::move(query));
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

Awaitable<Result<SpanList>> Traces::spans_of(RequestContext context, SubjectQuery query) const {
    auto found = co_await search_subject(context, std::move(query));
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
        selected.spans = found->filter.spans_of(selected.view);
        if (!selected.spans.empty()) {
            list.meta.returned += selected.spans.size();
            list.traces.push_back(std::move(selected));
        }
    }
    co_return list;
}

Awaitable<Result<TraceCount>> Traces::count_errors(RequestContext context, ErrorCountQuery asked)
    const {
    SubjectQuery query;
    query.name_space = std::move(asked.name_space);
    query.name = std::move(asked.app);
    query.request.cluster_name = std::move(asked.cluster_name);
    const SystemTime now = parts_.clock->now();
    query.request.end = now;
    query.request.start = std::max(from_micros(0), now - asked.duration);
    query.request.limit = kErrorCountDepth;
    query.request.tags["error"] = "true";
    auto found = co_await search_subject(context, std::move(query));
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
