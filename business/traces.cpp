#include "business/traces.hpp"

#include "business/offload.hpp"
#include "business/search_answer.hpp"
#include "business/span_facts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace meshscope::business {

namespace {

std::string_view namespace_of_service(std::string_view service) {
    const std::size_t dot = service.find('.');
    if (dot == std::string_view::npos) {
        return {};
    }
    service.remove_prefix(dot + 1);
    return service.substr(0, service.find('.'));
}

bool has_visible_error(const TraceView& view) {
    const std::vector<ErrorFact> errors = error_facts(*view.trace);
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (errors[i].is_error && !view.hides(i)) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<Error> Traces::refuse(const Caller& caller, const std::string& name_space) const {
    if (!name_space.empty()) {
        if (auto refused = refuse_namespace(*parts_.access, caller, name_space)) {
            return refused;
        }
        const models::ClusterSnapshotPtr cluster = snapshot();
        if (cluster != nullptr) {
            if (auto refused = parts_.discovery.refuse(*cluster, name_space)) {
                return refused;
            }
        }
    }
    if (parts_.store == nullptr) {
        return parts_.unavailable;
    }
    return std::nullopt;
}

models::ClusterSnapshotPtr Traces::snapshot() const {
    return parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
}

bool Traces::may_see_service(const Caller& caller, std::string_view service) const {
    if (parts_.access->sees_all(caller)) {
        return true;
    }
    const std::string_view name_space = namespace_of_service(service);
    return !name_space.empty() && parts_.access->visible(caller, name_space);
}

Awaitable<Result<SummaryList>> Traces::search(RequestContext context, SearchQuery query) const {
    if (auto refused = refuse(context.caller, "")) {
        co_return std::move(*refused);
    }
    auto completed = complete(query.request, parts_.settings, parts_.clock->now());
    if (!completed) {
        co_return completed.error();
    }
    SummaryList list;
    describe_limits(list.meta, query.request, *completed);
    SearchPlan plan;
    plan.query = std::move(*completed);
    plan.query.service = std::move(query.service);
    plan.query.operation = std::move(query.operation);
    plan.after = query.after;
    plan.max_bytes = parts_.search_bytes;
    CallersViews views(*parts_.access, context.caller, snapshot());
    const bool only_errors = query.errors;
    plan.limited_rights = !views.all();
    if (plan.limited_rights || only_errors) {
        plan.judge = judge_by(views, plan.query, [only_errors](const TraceView& view) {
            return !only_errors || has_visible_error(view);
        });
    }
    auto outcome = co_await search_traces(
        *parts_.store, *parts_.clock, parts_.workers, context, std::move(plan)
    );
    if (!outcome) {
        co_return outcome.error();
    }
    describe_outcome(views.all(), context, *outcome, list.meta, list.errors);
    if (const auto next = outcome->next) {
        list.cursor = next->to_cursor();
    }
    const std::vector<TraceView> traces = take_views(views, outcome->traces, list.meta);
    auto work = [&traces] {
        std::vector<TraceSummary> summaries;
        summaries.reserve(traces.size());
        std::transform(traces.begin(), traces.end(), std::back_inserter(summaries), summarize);
        return summaries;
    };
    list.traces = co_await offload(parts_.workers, spans_in(traces), std::move(work));
    add_partial_error(list.meta, list.errors);
    co_return list;
}

Awaitable<Result<ServiceList>> Traces::services(RequestContext context) const {
    if (auto refused = refuse(context.caller, "")) {
        co_return std::move(*refused);
    }
    auto names = co_await parts_.store->services(context);
    if (!names) {
        co_return names.error();
    }
    ServiceList list;
    list.names = std::move(*names);
    list.meta.scanned = list.names.size();
    std::erase_if(list.names, [&](const std::string& name) {
        return !may_see_service(context.caller, name);
    });
    list.meta.returned = list.names.size();
    list.meta.order = "name:asc";
    list.meta.upstream = context.bill->by_name;
    if (!parts_.access->sees_all(context.caller)) {
        tell_of_visible_only(list.meta);
    }
    co_return list;
}

Awaitable<Result<OperationList>> Traces::operations(
    RequestContext context, std::string service, std::string span_kind
) const {
    if (auto refused = refuse(context.caller, "")) {
        co_return std::move(*refused);
    }
    if (!may_see_service(context.caller, service)) {
        co_return Error(
            ErrorKind::kForbidden, "service '" + service + "' is not accessible to you"
        );
    }
    auto operations =
        co_await parts_.store->operations(context, std::move(service), std::move(span_kind));
    if (!operations) {
        co_return operations.error();
    }
    OperationList list;
    list.operations = std::move(*operations);
    list.meta.scanned = list.operations.size();
    list.meta.returned = list.operations.size();
    list.meta.order = "name:asc,spanKind:asc";
    list.meta.upstream = context.bill->by_name;
    co_return list;
}

}  // namespace meshscope::business
