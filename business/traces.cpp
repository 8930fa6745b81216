#include "business/traces.hpp"

#include "business/offload.hpp"
#include "business/service_name.hpp"
#include "business/span_facts.hpp"
#include "business/trace_filters.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoppedBy;

constexpr std::string_view kTraceOrder = "startTime:desc,traceID:asc";
constexpr std::uint32_t kErrorCountDepth = 1000;

// Judges by what the caller sees: hidden when that is nothing, else kept when `passes` holds.
template <class Passes>
auto judge_by(CallersViews& views, Passes passes) {
    return [&views, passes](const models::TracePtr& trace) {
        const TraceView& view = views.of(trace);
        if (view.all_hidden()) {
            return Verdict::kHidden;
        }
        return passes(view) ? Verdict::kKeep : Verdict::kNoMatch;
    };
}

std::vector<TraceView> take_views(
    CallersViews& views, const std::vector<models::TracePtr>& traces, Meta& meta
) {
    std::vector<TraceView> out;
    out.reserve(traces.size());
    std::uint64_t hidden = 0;
    for (const models::TracePtr& trace : traces) {
        out.push_back(views.of(trace));
        hidden += out.back().hidden_spans();
    }
    meta.drop("hidden_spans", hidden);
    return out;
}

std::size_t spans_in(const std::vector<TraceView>& views) {
    std::size_t spans = 0;
    for (const TraceView& view : views) {
        spans += view.trace->spans.size();
    }
    return spans;
}

void describe_outcome(Meta& meta, SearchOutcome& outcome, const RequestContext& context) {
    meta.returned = outcome.traces.size();
    meta.scanned = outcome.scanned;
    meta.stopped_by = outcome.stopped_by;
    meta.covered = outcome.covered;
    meta.order = kTraceOrder;
    for (clients::Dropped& entry : outcome.dropped) {
        meta.drop(entry.reason, entry.count);
    }
    meta.drop("hidden_traces", outcome.hidden);
    for (clients::StoreWarning& warning : outcome.warnings) {
        meta.warnings.push_back(std::move(warning));
    }
    meta.upstream = context.bill->by_name;
}

// An answer that was cut says so among its errors too, where clients of old look.
void add_partial_error(const Meta& meta, std::vector<clients::StoreError>& errors) {
    std::string why;
    switch (meta.stopped_by) {
        case StoppedBy::kTime:
            why = "the time was up";
            break;
        case StoppedBy::kBytes:
            why = "the answer of the backend is too large";
            break;
        case StoppedBy::kBackend:
            why = "the backend broke off";
            break;
        case StoppedBy::kComplete:
        case StoppedBy::kLimit:
        case StoppedBy::kRights:
            return;
    }
    if (!meta.warnings.empty()) {
        why = meta.warnings.back().message;
    }
    errors.push_back({0, "partial result: " + why, ""});
}

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

Error not_found(TraceId id) {
    return Error(ErrorKind::kNotFound, "Trace " + id.to_hex() + " not found");
}

}  // namespace

struct Traces::AppSearch {
    ResolvedName name;
    std::string service;
    std::vector<TraceView> traces;
    std::vector<clients::StoreError> errors;
    Meta meta;
};

std::optional<Error> Traces::refuse(const Caller& caller, const std::string& name_space) const {
    if (!name_space.empty()) {
        if (auto refused = refuse_namespace(*parts_.access, caller, name_space)) {
            return refused;
        }
    }
    if (parts_.store == nullptr) {
        return parts_.unavailable;
    }
    return std::nullopt;
}

bool Traces::may_see_service(const Caller& caller, std::string_view service) const {
    if (parts_.access->sees_all(caller)) {
        return true;
    }
    const std::string_view name_space = namespace_of_service(service);
    return !name_space.empty() && parts_.access->visible(caller, name_space);
}

Awaitable<Result<Traces::AppSearch>> Traces::search_app(
    RequestContext context, AppQuery query, bool visible_errors
) const {
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
    CallersViews views(*parts_.access, context.caller);
    const ResolvedName& name = search.name;
    const bool seen_error = visible_errors && !views.all();
    if (!views.all() || name.lookup != name.app) {
        plan.judge = judge_by(views, [&name, seen_error](const TraceView& view) {
            const bool named = name.lookup == name.app ||
                               any_names_service(*view.trace, name.name_space, name.app);
            return named && (!seen_error || has_visible_error(view));
        });
    }
    auto outcome = co_await search_traces(
        *parts_.store, *parts_.clock, parts_.workers, context, std::move(plan)
    );
    if (!outcome) {
        co_return outcome.error();
    }
    describe_outcome(search.meta, *outcome, context);
    search.traces = take_views(views, outcome->traces, search.meta);
    search.errors = std::move(outcome->errors);
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
    auto found = co_await search_app(context, std::move(query), true);
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
    CallersViews views(*parts_.access, context.caller);
    const bool only_errors = query.errors;
    if (!views.all() || only_errors) {
        plan.judge = judge_by(views, [only_errors](const TraceView& view) {
            return !only_errors || has_visible_error(view);
        });
    }
    auto outcome = co_await search_traces(
        *parts_.store, *parts_.clock, parts_.workers, context, std::move(plan)
    );
    if (!outcome) {
        co_return outcome.error();
    }
    describe_outcome(list.meta, *outcome, context);
    if (const auto next = outcome->next) {
        list.cursor = next->to_cursor();
    }
    list.errors = std::move(outcome->errors);
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

Awaitable<Result<SingleTrace>> Traces::by_id(RequestContext context, TraceId id) const {
    if (auto refused = refuse(context.caller, "")) {
        co_return std::move(*refused);
    }
    auto batch = co_await parts_.store->get_trace(context, id, std::nullopt);
    if (!batch) {
        const bool missing = batch.error().kind() == ErrorKind::kNotFound;
        co_return missing ? not_found(id) : batch.error();
    }
    if (auto error = emptiness_error(*batch)) {
        co_return std::move(*error);
    }
    if (batch->traces.empty()) {
        co_return not_found(id);
    }
    SingleTrace single;
    const bool sees_all = parts_.access->sees_all(context.caller);
    const std::size_t spans = sees_all ? 0 : batch->traces.front()->spans.size();
    auto look = [this, &context, &batch] {
        return view_for(*parts_.access, context.caller, std::move(batch->traces.front()));
    };
    single.view = co_await offload(parts_.workers, spans, std::move(look));
    if (single.view.all_hidden()) {
        co_return not_found(id);
    }
    single.meta.returned = 1;
    single.meta.scanned = 1;
    single.meta.stopped_by = batch->stopped_by;
    single.meta.order = "startTime:asc,spanID:asc";
    single.meta.covered = TimeRange{
        from_micros(single.view.trace->start_ns() / 1000),
        from_micros(single.view.trace->end_ns() / 1000)
    };
    single.meta.warnings = std::move(batch->warnings);
    for (const clients::Dropped& entry : batch->dropped) {
        single.meta.drop(entry.reason, entry.count);
    }
    single.meta.drop("hidden_spans", single.view.hidden_spans());
    single.meta.upstream = context.bill->by_name;
    single.errors = std::move(batch->errors);
    add_partial_error(single.meta, single.errors);
    co_return single;
}

Awaitable<Result<TraceRows>> Traces::rows(RequestContext context, TraceId id, PageRequest request)
    const {
    auto single = co_await by_id(std::move(context), id);
    if (!single) {
        co_return single.error();
    }
    TraceRows rows;
    rows.meta = std::move(single->meta);
    rows.view = std::move(single->view);
    rows.meta.asked.limit = request.count;
    request.count = std::clamp(request.count, 1U, kMaxPageRows);
    rows.request = std::move(request);
    auto work = [&rows, masker = parts_.masker] {
        return make_page(rows.view, *masker, rows.request);
    };
    const std::size_t spans = rows.view.trace->spans.size();
    rows.page = co_await offload(parts_.workers, spans, std::move(work));
    rows.meta.used.limit = rows.request.count;
    rows.meta.returned = rows.page.rows.size();
    rows.meta.scanned = rows.view.trace->spans.size();
    rows.meta.order = "tree:preorder,startTime:asc";
    const bool last = rows.request.from + rows.page.rows.size() >= rows.page.total_rows;
    if (!last && rows.meta.stopped_by == StoppedBy::kComplete) {
        rows.meta.stopped_by = StoppedBy::kLimit;
    }
    co_return rows;
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
    const auto hidden = std::erase_if(list.names, [&](const std::string& name) {
        return !may_see_service(context.caller, name);
    });
    list.meta.drop("hidden_services", hidden);
    list.meta.stopped_by = hidden > 0 ? StoppedBy::kRights : StoppedBy::kComplete;
    list.meta.returned = list.names.size();
    list.meta.order = "name:asc";
    list.meta.upstream = context.bill->by_name;
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
