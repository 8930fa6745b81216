#include "business/trace_graphs.hpp"

#include "async/fan_out.hpp"
#include "async/worker_pool.hpp"
#include "business/offload.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_set>
#include <utility>

namespace meshscope::business {

namespace {

using models::TracePtr;

// Metrics of a moment are there when they were scraped after it.
constexpr std::chrono::seconds kScraped{60};

// Only what decides which nodes there are.
GraphRequest bare(GraphRequest request) {
    GraphPartSet parts;
    for (const GraphPart part :
         {GraphPart::kServiceEntry, GraphPart::kDeadNode, GraphPart::kAmbient}) {
        if (request.parts.has(part)) {
            parts.add(part);
        }
    }
    request.parts = parts;
    return request;
}

// A window with all of the trace in it, unless the caller names one.
void set_window(const models::Trace& trace, SystemTime now, TraceGraphQuery& query) {
    GraphRequest& graph = query.graph;
    if (!graph.at) {
        const SystemTime end = from_micros(trace.end_ns() / 1000) + kScraped;
        graph.at = std::chrono::floor<std::chrono::seconds>(std::min(end, now));
    }
    if (!query.duration_given) {
        const auto begin = from_micros(trace.start_ns() / 1000) - kScraped;
        const auto needed = std::chrono::ceil<std::chrono::seconds>(*graph.at - begin);
        constexpr std::chrono::hours kLongest{24};
        graph.duration = std::clamp<std::chrono::seconds>(needed, graph.duration, kLongest);
    }
}

// What is said of the graph is said of the answer, too.
void add_graph(const GraphWork& graph, Meta& meta) {
    meta.used.start = graph.meta.used.start;
    meta.used.end = graph.meta.used.end;
    meta.warnings.insert(
        meta.warnings.end(), graph.meta.warnings.begin(), graph.meta.warnings.end()
    );
    meta.cluster = graph.meta.cluster;
}

std::vector<std::string> names_of(const GraphWork& graph) {
    std::vector<std::string> names;
    for (const GraphNamespace& one : graph.namespaces) {
        names.push_back(one.name);
    }
    return names;
}

std::vector<TraceId> each_once(const std::vector<TraceId>& ids) {
    std::unordered_set<TraceId> seen;
    std::vector<TraceId> out;
    std::ranges::copy_if(ids, std::back_inserter(out), [&](const TraceId& id) {
        return seen.insert(id).second;
    });
    return out;
}

}  // namespace

models::ClusterSnapshotPtr TraceGraphs::snapshot() const {
    return parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
}

std::vector<std::string> TraceGraphs::namespaces_of(const Caller& caller, const LaidTrace& laid)
    const {
    const TraceIdentities& identities = *laid.identities;
    std::vector<bool> shown(identities.distinct.size());
    for (std::size_t span = 0; span < identities.of_span.size(); ++span) {
        shown[identities.of_span[span]] = shown[identities.of_span[span]] || !laid.view.hides(span);
    }
    const models::ClusterSnapshotPtr& cluster = identities.snapshot;
    std::set<std::string, std::less<>> names;
    for (std::size_t i = 0; i < shown.size() && names.size() < kMostNamespaces; ++i) {
        const std::string_view ns = identities.distinct[i].ns;
        if (!shown[i] || ns.empty() || !parts_.access->visible(caller, ns)) {
            continue;
        }
        const models::NamespaceView* view = cluster ? cluster->find(ns) : nullptr;
        if (!cluster || (view != nullptr && parts_.discovery.shows(*view))) {
            names.emplace(ns);
        }
    }
    return {names.begin(), names.end()};
}

Awaitable<Result<LaidTrace>> TraceGraphs::of(
    RequestContext context, TraceId id, TraceGraphQuery query
) const {
    auto single = co_await parts_.traces->by_id(context, id);
    if (!single) {
        co_return single.error();
    }
    LaidTrace out;
    out.view = std::move(single->view);
    out.meta = std::move(single->meta);
    const models::Trace& trace = *out.view.trace;
    const std::size_t spans = trace.spans.size();
    auto identify = [this, &trace] { return identities_of(trace, snapshot()); };
    out.identities = co_await offload(parts_.workers, spans, std::move(identify));
    set_window(trace, parts_.clock->now(), query);
    if (query.graph.namespaces.empty()) {
        query.graph.namespaces = namespaces_of(context.caller, out);
    }
    GraphRequest request = bare(std::move(query.graph));
    auto graph = co_await parts_.graphs->of(context, std::move(request));
    if (!graph) {
        co_return graph.error();
    }
    out.graph = std::move(*graph);
    const bool sees_all = parts_.access->sees_all(context.caller);
    auto lay = [&out, sees_all] {
        const GraphWork& work = *out.graph;
        const GraphIndex index(work.graph, work.request.type, names_of(work));
        return lay_trace(index, out.view, *out.identities, sees_all);
    };
    out.laid = co_await offload(parts_.workers, spans, std::move(lay));
    add_graph(*out.graph, out.meta);
    out.meta.returned = out.laid.hops.size();
    out.meta.scanned = spans;
    out.meta.order = "calls:preorder,startTime:asc";
    if (sees_all) {  // the bill may tell of what is hidden
        out.meta.upstream = context.bill->by_name;
    }
    co_return out;
}

// Touched by one thread at a time: that of the caller, or a worker that the caller waits for.
struct TraceGraphs::Counting {
    Counting(const GraphWork& work, std::vector<std::string> names, bool all)
        : index(work.graph, work.request.type, std::move(names)), flow(work.graph), sees_all(all) {}

    GraphIndex index;
    TraceFlow flow;
    bool sees_all;
    std::vector<FlowTrace> traces;
    std::vector<TraceId> missing;
    std::vector<FailedTrace> failed;
};

Awaitable<bool> TraceGraphs::count(RequestContext context, TraceId id, Counting* counting) const {
    auto single = co_await parts_.traces->by_id(context, id);
    if (!single) {
        const ErrorKind kind = single.error().kind();
        if (kind == ErrorKind::kNotFound) {
            counting->missing.push_back(id);
        } else {
            counting->failed.push_back({id, single.error()});
        }
        co_return kind != ErrorKind::kCancelled&& kind != ErrorKind::kDeadline;
    }
    const TraceView& view = single->view;
    auto lay = [this, counting, &view] {
        const auto identities = identities_of(*view.trace, snapshot());
        return std::pair(
            lay_trace(counting->index, view, *identities, counting->sees_all), identities
        );
    };
    const std::size_t spans = view.trace->spans.size();
    const auto laid = co_await offload(parts_.workers, spans, std::move(lay));
    counting->flow.add(*view.trace, laid.first);
    counting->traces.push_back({id, laid.first.hops.size(), spans});
    co_return true;
}

Awaitable<Result<LaidTraces>> TraceGraphs::flow(
    RequestContext context, std::vector<TraceId> ids, TraceGraphQuery query
) const {
    ids = each_once(ids);
    if (ids.empty() || ids.size() > kMostTraces) {
        co_return Error(
            ErrorKind::kInvalidArgument,
            "'traceIDs' must hold 1 to " + std::to_string(kMostTraces) + " trace ids"
        );
    }
    GraphRequest request = bare(std::move(query.graph));
    auto graph = co_await parts_.graphs->of(context, std::move(request));
    if (!graph) {
        co_return graph.error();
    }
    const std::shared_ptr<const GraphWork> work = std::move(*graph);
    Counting counting(*work, names_of(*work), parts_.access->sees_all(context.caller));
    std::function<Awaitable<bool>(std::size_t)> one = [&](std::size_t i) {
        return count(context, ids[i], &counting);
    };
    static_cast<void>(co_await fan_out(ids.size(), kTracesAtOnce, std::move(one)));
    if (counting.traces.empty() && !counting.failed.empty()) {
        co_return counting.failed.front().error;
    }
    LaidTraces out{work, std::move(counting.flow), {}, {}, std::move(counting.failed), {}};
    for (const TraceId& id : ids) {
        const auto found = std::ranges::find(counting.traces, id, &FlowTrace::id);
        if (found != counting.traces.end()) {
            out.traces.push_back(*found);
        } else if (std::ranges::find(counting.missing, id) != counting.missing.end()) {
            out.missing.push_back(id);
        } else if (std::ranges::find(out.failed, id, &FailedTrace::id) == out.failed.end()) {
            out.failed.push_back(
                {id, Error(ErrorKind::kDeadline, "there was no time left to read it")}
            );
        }
    }
    add_graph(*work, out.meta);
    out.meta.asked.limit = ids.size();
    out.meta.returned = out.traces.size();
    out.meta.scanned = out.flow.total();
    out.meta.order = "nodes, edges: id";
    if (!out.failed.empty()) {
        out.meta.stopped_by = clients::StoppedBy::kBackend;
        out.meta.warn(
            "traces_failed",
            std::to_string(out.failed.size()) +
                " traces could not be read: " + out.failed.front().error.message()
        );
    } else if (!counting.sees_all) {
        out.meta.stopped_by = clients::StoppedBy::kRights;
    }
    if (counting.sees_all) {
        out.meta.upstream = context.bill->by_name;
    }
    co_return out;
}

}  // namespace meshscope::business
