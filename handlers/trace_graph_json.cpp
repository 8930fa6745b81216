#include "handlers/trace_graph_json.hpp"

#include "business/graph_listing.hpp"
#include "handlers/envelope.hpp"
#include "handlers/meta_json.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using business::GraphListing;
using business::GraphWork;

// Of one answer; what is beyond is counted.
constexpr std::size_t kMostHops = 20'000;
constexpr std::size_t kMostUnplaced = 20'000;

std::string_view text_of(business::GraphType type) {
    switch (type) {
        case business::GraphType::kApp:
            return "app";
        case business::GraphType::kVersionedApp:
            return "versionedApp";
        case business::GraphType::kService:
            return "service";
        case business::GraphType::kWorkload:
            break;
    }
    return "workload";
}

void write_graph_asked(JsonWriter& json, const GraphWork& work) {
    json.key("graphType").plain_string(text_of(work.request.type));
    json.key("namespaces").begin_array();
    for (const business::GraphNamespace& one : work.namespaces) {
        json.string(one.name);
    }
    json.end_array();
}

void write_hop(
    JsonWriter& json,
    const GraphListing& listing,
    const models::Trace& trace,
    const business::Hop& hop,
    std::size_t order
) {
    const models::Span& span = trace.spans[hop.span];
    json.begin_object().field("order", order);
    json.key("spanID").plain_string(span.id.to_hex());
    json.key("node").plain_string(listing.id_of_node(hop.own));
    json.key("nodes").begin_array();
    for (const models::NodeIndex node : hop.path()) {
        json.plain_string(listing.id_of_node(node));
    }
    json.end_array().key("edge");
    if (hop.links().empty()) {
        json.null();
    } else {
        json.plain_string(listing.id_of_edge(hop.links().back()));
    }
    json.key("edges").begin_array();
    for (const models::EdgeIndex edge : hop.links()) {
        json.plain_string(listing.id_of_edge(edge));
    }
    json.end_array();
    json.field("offset", models::nanos_between(trace.start_ns(), span.start_ns) / 1000);
    json.field("duration", span.duration_ns / 1000);
    json.field("error", hop.error).field("repeats", hop.repeats).end_object();
}

void write_left_out(JsonWriter& json, const models::Trace& trace, const business::LeftOut& one) {
    json.begin_object();
    json.key("spanID").plain_string(trace.spans[one.span].id.to_hex());
    json.key("reason").plain_string(business::to_string(one.reason));
    text_or_null(json, "namespace", one.ns);
    text_or_null(json, "workload", one.workload);
    json.end_object();
}

void write_durations(JsonWriter& json, const business::FlowDurations& durations) {
    json.key("durations").begin_object().field("min", durations.min / 1000);
    json.field("median", durations.median / 1000).field("p95", durations.p95 / 1000);
    json.field("max", durations.max / 1000).field("avg", durations.average / 1000).end_object();
}

// In the order of their ids, which are the same from one graph to the next.
template <class IdOf>
std::vector<std::pair<std::string_view, const business::FlowPart*>> by_id(
    const std::vector<business::FlowPart>& parts, const IdOf& id_of
) {
    std::vector<std::pair<std::string_view, const business::FlowPart*>> out;
    for (const business::FlowPart& part : parts) {
        out.emplace_back(id_of(part.index), &part);
    }
    std::ranges::sort(out);
    return out;
}

void write_nodes(
    JsonWriter& json, const GraphListing& listing, const std::vector<business::FlowPart>& nodes
) {
    json.key("nodes").begin_array();
    for (const auto& [id, part] :
         by_id(nodes, [&](std::uint32_t index) { return listing.id_of_node(index); })) {
        json.begin_object().key("node").plain_string(id);
        json.field("traces", part->traces).field("spans", part->spans);
        json.field("errors", part->errors).end_object();
    }
    json.end_array();
}

void write_edges(
    JsonWriter& json,
    const models::Graph& graph,
    const GraphListing& listing,
    const std::vector<business::FlowPart>& edges
) {
    json.key("edges").begin_array();
    for (const auto& [id, part] :
         by_id(edges, [&](std::uint32_t index) { return listing.id_of_edge(index); })) {
        const models::GraphEdge& edge = graph.edge(part->index);
        json.begin_object().key("edge").plain_string(id);
        json.key("source").plain_string(listing.id_of_node(edge.source));
        json.key("target").plain_string(listing.id_of_node(edge.target));
        json.field("traces", part->traces).field("spans", part->spans);
        json.field("calls", part->calls).field("errors", part->errors);
        if (part->calls > 0) {
            write_durations(json, part->durations);
        } else {
            json.key("durations").null();
        }
        json.end_object();
    }
    json.end_array();
}

void write_traces(JsonWriter& json, const business::LaidTraces& laid) {
    json.key("traces").begin_array();
    for (const business::FlowTrace& one : laid.traces) {
        json.begin_object().key("traceID").plain_string(one.id.to_hex());
        json.field("placed", one.placed).field("total", one.total).end_object();
    }
    json.end_array().key("missing").begin_array();
    for (const TraceId& id : laid.missing) {
        json.plain_string(id.to_hex());
    }
    json.end_array().key("failed").begin_array();
    for (const business::FailedTrace& one : laid.failed) {
        json.begin_object().key("traceID").plain_string(one.id.to_hex());
        json.field("error", one.error.message()).end_object();
    }
    json.end_array();
}

}  // namespace

void write_laid_trace(JsonWriter& json, const business::LaidTrace& laid) {
    const models::Trace& trace = *laid.view.trace;
    const auto& hops = laid.laid.hops;
    const auto& left_out = laid.laid.left_out;
    const std::size_t shown = std::min(hops.size(), kMostHops);
    const std::size_t listed = std::min(left_out.size(), kMostUnplaced);
    const GraphListing listing(laid.graph->graph);
    json.begin_object().key("traceID").plain_string(trace.id.to_hex());
    write_graph_asked(json, *laid.graph);
    json.key("hops").begin_array();
    for (std::size_t i = 0; i < shown; ++i) {
        write_hop(json, listing, trace, hops[i], i + 1);
    }
    json.end_array().key("unplaced").begin_array();
    for (std::size_t i = 0; i < listed; ++i) {
        write_left_out(json, trace, left_out[i]);
    }
    json.end_array().field("placed", hops.size()).field("total", trace.spans.size());
    business::Meta meta = laid.meta;
    meta.drop("hops_over_limit", hops.size() - shown);
    meta.drop("unplaced_over_limit", left_out.size() - listed);
    if (shown < hops.size() || listed < left_out.size()) {
        meta.stopped_by = clients::StoppedBy::kLimit;
    }
    write_meta(json.key("meta"), meta);
    json.end_object();
}

void write_laid_traces(JsonWriter& json, const business::LaidTraces& laid) {
    const GraphListing listing(laid.graph->graph);
    json.begin_object();
    write_graph_asked(json, *laid.graph);
    write_traces(json, laid);
    write_nodes(json, listing, laid.flow.nodes());
    write_edges(json, laid.graph->graph, listing, laid.flow.edges());
    json.key("unplaced").begin_array();
    for (const business::FlowLeftOut& one : laid.flow.left_out()) {
        json.begin_object().key("reason").plain_string(business::to_string(one.reason));
        text_or_null(json, "namespace", one.ns);
        text_or_null(json, "workload", one.workload);
        json.field("spans", one.spans).end_object();
    }
    json.end_array().field("unplacedMore", laid.flow.left_out_more());
    json.field("placed", laid.flow.placed()).field("total", laid.flow.total());
    write_meta(json.key("meta"), laid.meta);
    json.end_object();
}

}  // namespace meshscope::handlers
