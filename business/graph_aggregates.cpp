#include "business/graph_appenders.hpp"
#include "business/graph_edge_rows.hpp"
#include "business/traffic_ends.hpp"
#include "business/traffic_queries.hpp"
#include "business/traffic_said.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

namespace meshscope::business {

namespace {

using clients::VectorAnswerPtr;
using clients::promql::Expr;
using clients::promql::Label;
using clients::promql::Matcher;
using clients::promql::Pattern;
using models::EdgeIndex;
using models::EdgeResponse;
using models::Graph;
using models::kNoIndex;
using models::NodeIndex;
using models::NodeKey;
using models::Protocol;

// The answers to the requests of an edge by the node that is to stand for them, as the graph keeps
// them.
using Classes = std::map<NodeIndex, std::vector<EdgeResponse>>;
using ClassifiedEdges = std::map<EdgeIndex, Classes>;

bool is_same(const EdgeResponse& a, const EdgeResponse& b) {
    return a.code == b.code && a.flags == b.flags && a.host == b.host;
}

// Adds answers to an edge and to what its ends show, so far as they are told of.
struct Ends {
    bool source = false;
    bool target = false;
};
void carry(Graph& graph, EdgeIndex index, const std::vector<EdgeResponse>& responses, Ends ends) {
    for (const EdgeResponse& one : responses) {
        models::GraphEdge& edge = graph.edge(index);
        const models::TrafficRates rates = rates_of(edge.protocol, one.code, one.rate);
        const auto protocol = static_cast<std::size_t>(edge.protocol);
        edge.rates.add(rates);
        if (ends.source) {
            graph.node(edge.source).out[protocol] += rates.total;
        }
        if (ends.target) {
            graph.node(edge.target).in[protocol].add(rates);
        }
        graph.add_response(index, one.code, one.flags, one.host, one.rate);
    }
}

// What of an edge no class tells. The answers of the store may be some seconds apart: what is less
// than a hundredth is nothing.
std::vector<EdgeResponse> left_of(const Graph& graph, EdgeIndex edge, const Classes& classes) {
    constexpr double kNothing = 0.01;
    std::vector<EdgeResponse> left;
    std::vector<double> all;
    graph.each_response(edge, [&](const EdgeResponse& one) {
        left.push_back(one);
        all.push_back(one.rate);
    });
    for (const auto& [node, responses] : classes) {
        for (const EdgeResponse& response : responses) {
            const auto same = std::ranges::find_if(left, [&](const EdgeResponse& one) {
                return is_same(one, response);
            });
            if (same != left.end()) {
                same->rate -= response.rate;
            }
        }
    }
    std::size_t at = 0;
    std::erase_if(left, [&](const EdgeResponse& one) { return one.rate <= kNothing * all[at++]; });
    return left;
}

// Puts the nodes of its classes in the place of an edge, or beside it where they do not tell all.
void lead_over(Graph& graph, EdgeIndex direct, const Classes& classes) {
    const NodeIndex source = graph.edge(direct).source;
    const NodeIndex target = graph.edge(direct).target;
    const std::string_view protocol = graph.edge(direct).protocol_name;
    const std::vector<EdgeResponse> left = left_of(graph, direct, classes);
    graph.remove_edge(direct);
    const auto copy_security = [&](EdgeIndex to) {
        const models::GraphEdge& from = graph.edge(direct);
        graph.edge(to).mtls_percent = from.mtls_percent;
        graph.edge(to).source_principal = from.source_principal;
        graph.edge(to).target_principal = from.target_principal;
    };
    const auto copy_values = [&](EdgeIndex to) {
        graph.edge(to).response_time_ms = graph.edge(direct).response_time_ms;
        graph.edge(to).throughput = graph.edge(direct).throughput;
    };
    for (const auto& [between, responses] : classes) {
        const EdgeIndex to = graph.add(source, between, protocol);
        carry(graph, to, responses, {false, true});
        carry(graph, graph.add(between, target, protocol), responses, {true, false});
        copy_security(to);
        if (left.empty() && classes.size() == 1) {
            copy_values(to);
        }
    }
    if (!left.empty()) {
        const EdgeIndex rest = graph.add(source, target, protocol);
        carry(graph, rest, left, {});
        copy_security(rest);
        copy_values(rest);
    }
}

class AggregateNodes final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "aggregateNode"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        const GraphRequest& request = work.request;
        return request.parts.has(GraphPart::kAggregateNode) &&
               request.type != GraphType::kService &&
               (request.http == TrafficRate::kRequests || request.grpc == TrafficRate::kRequests);
    }

    // None around an aggregate: all that is on the graph is of it.
    [[nodiscard]] std::vector<Expr> questions(const GraphWork& work) const override {
        std::vector<Expr> out;
        if (is_around_one(work.request)) {
            return out;
        }
        const Label& label = work.request.aggregate;
        std::vector<Label> by = end_labels();
        for (const Label& one :
             {Label("request_protocol"),
              Label("response_code"),
              Label("grpc_response_status"),
              Label("response_flags"),
              label}) {
            if (std::ranges::find(by, one) == by.end()) {
                by.push_back(one);
            }
        }
        Pattern nothing;
        nothing.any_of({std::string(kUnknownName), ""});  // not there is empty
        for (EdgeSelector& selector : edge_selectors(work, Reports::kTargets)) {
            selector.matchers.push_back(Matcher::mismatches(label, nothing));
            out.push_back(
                above_zero(sum(rate("istio_requests_total", selector.matchers, selector.range), by))
            );
        }
        return out;
    }

    void apply(GraphWork& work, std::span<const VectorAnswerPtr> answers) const override {
        const ClassifiedEdges edges =
            is_around_one(work.request) ? all_of_one(work) : by_label(work, answers);
        for (const auto& [edge, classes] : edges) {
            lead_over(work.graph, edge, classes);
        }
    }

 private:
    static bool is_around_one(const GraphRequest& request) {
        return request.focus && request.focus->aggregate;
    }

    // Every edge but those that leave a service's node: over these a class was led already.
    static ClassifiedEdges all_of_one(GraphWork& work) {
        const GraphFocus& focus = *work.request.focus;
        Graph& graph = work.graph;
        ClassifiedEdges edges;
        for (EdgeIndex at = 0; at < graph.edges().size(); ++at) {
            const models::GraphEdge& edge = graph.edge(at);
            if (edge.removed || graph.node(edge.source).type == models::NodeType::kService) {
                continue;
            }
            const NodeIndex between = graph.add(
                {NodeKey::Kind::kAggregate,
                 graph.node(edge.target).cluster,
                 focus.ns,
                 work.request.aggregate.name(),
                 focus.aggregate_value,
                 focus.service}
            );
            std::vector<EdgeResponse>& responses = edges[at][between];  // of an idle edge none
            graph.each_response(at, [&](const EdgeResponse& response) {
                responses.push_back(response);
            });
        }
        return edges;
    }

    static ClassifiedEdges by_label(GraphWork& work, std::span<const VectorAnswerPtr> answers) {
        const std::string_view label = work.request.aggregate.name();
        TrafficReader reader(label);
        TrafficEnds ends(work, reader.texts(), TrafficEnds::Missing::kLeave);
        const TrafficSayings sayings(reader.texts());
        ClassifiedEdges edges;
        for (const VectorAnswerPtr& answer : answers) {
            const auto ahead = [&](const TrafficRow& row) { ends.fetch(row); };
            reader.read(answer->data.labels, ahead, [&](const TrafficRow& row) {
                const TrafficSaid said = sayings.of(TrafficMetric::kRequests, row, work.request);
                const std::string_view value = reader.texts().text(row[TrafficLabel::kAggregate]);
                const double rate = answer->data.values[row.index];
                if (said.kind == TrafficSaid::Kind::kTraffic && is_known(value) && rate > 0) {
                    add(work, ends.of(row), {reader.texts(), said, label, value, rate}, edges);
                }
            });
        }
        return edges;
    }

    struct Request {
        const TrafficTexts& texts;
        TrafficSaid said;
        std::string_view label, value;
        double rate;
    };
    static void add(
        GraphWork& work, const RowEnds& ends, const Request& request, ClassifiedEdges& edges
    ) {
        Graph& graph = work.graph;
        const NodeIndex target = ends.service != kNoIndex ? ends.service : ends.target;
        if (ends.fault != RowFault::kNone || ends.source == kNoIndex || target == kNoIndex) {
            return;
        }
        const EdgeIndex edge =
            graph.find(ends.source, target, request.texts.text(request.said.protocol));
        if (edge == kNoIndex || graph.edge(edge).protocol == Protocol::kOther) {
            return;
        }
        const models::GraphNode& called = graph.node(target);
        const models::ServiceName& service = ends.called->service;
        const bool named = !service.name.empty();
        const std::string_view ns = named ? service.ns : called.ns;
        if (!work.visible(ns)) {
            return;  // what a service is asked for is its own
        }
        const NodeIndex between = graph.add(
            {NodeKey::Kind::kAggregate,
             named ? service.cluster : called.cluster,
             ns,
             request.label,
             request.value,
             named ? service.name : std::string_view()}
        );
        EdgeResponse response;
        response.code = graph.keep(request.texts.text(request.said.code));
        response.flags = graph.keep(request.texts.text(request.said.flags));
        response.host = graph.keep(ends.called->host);
        response.rate = request.rate;
        edges[edge][between].push_back(response);
    }
};

}  // namespace

GraphAppenderPtr make_aggregate_nodes() { return std::make_shared<const AggregateNodes>(); }

}  // namespace meshscope::business
