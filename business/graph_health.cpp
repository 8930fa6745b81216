#include "business/graph_appenders.hpp"
#include "business/graph_objects.hpp"
#include "business/traffic_direction.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

namespace {

using models::EdgeIndex;
using models::Graph;
using models::GraphNode;
using models::HealthStatus;
using models::NodeHealth;
using models::NodeIndex;
using models::NodeType;

constexpr std::string_view kAnnotation = "health.kiali.io/rate";

void add_responses(const Graph& graph, EdgeIndex edge, models::RatesByCode& rates) {
    const models::GraphEdge& one = graph.edge(edge);
    if (one.protocol != models::Protocol::kHttp && one.protocol != models::Protocol::kGrpc) {
        return;
    }
    graph.each_response(edge, [&](const models::EdgeResponse& response) {
        auto& by_code = rates[std::string(one.protocol_name)];
        const auto known = by_code.find(response.code);
        if (known == by_code.end()) {
            by_code.emplace(response.code, response.rate);
        } else {
            known->second += response.rate;
        }
    });
}

bool has_health(const GraphNode& node) {
    return !node.is_inaccessible &&
           (node.type == NodeType::kWorkload || node.type == NodeType::kApp ||
            node.type == NodeType::kService);
}

// Whether what nodes and edges carried went well, and the pods of workloads are there.
class HealthOfGraph final : public GraphAppender {
 public:
    explicit HealthOfGraph(HealthRules rules) : rules_(std::move(rules)) {}
    [[nodiscard]] std::string_view name() const override { return "health"; }
    [[nodiscard]] bool finishes() const override { return true; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kHealth);
    }

    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        std::vector<Tolerances> tolerances;
        tolerances.reserve(work.graph.nodes().size());
        for (NodeIndex index = 0; index < work.graph.nodes().size(); ++index) {
            tolerances.push_back(judge_node(work, index));
        }
        for (EdgeIndex index = 0; index < work.graph.edges().size(); ++index) {
            if (!work.graph.edge(index).removed) {
                judge_edge(work.graph, index, tolerances);
            }
        }
    }

    // An application as a whole: the requests and pods of its versions together.
    void apply_to_boxes(GraphWork& work) const override {
        const Graph& graph = work.graph;
        std::map<NodeIndex, std::vector<NodeIndex>> members;
        for (NodeIndex index = 0; index < graph.nodes().size(); ++index) {
            const GraphNode& node = graph.node(index);
            const bool counts = node.type == NodeType::kApp || node.type == NodeType::kWorkload;
            if (!node.removed && counts && node.parent != models::kNoIndex &&
                graph.node(node.parent).key.kind == models::NodeKey::Kind::kAppBox) {
                members[node.parent].push_back(index);
            }
        }
        for (const auto& [box, inside] : members) {
            if (!graph.node(box).is_inaccessible) {
                judge_box(work, box, inside);
            }
        }
    }

 private:
    void judge_box(GraphWork& work, NodeIndex box, const std::vector<NodeIndex>& inside) const {
        NodeHealth health;
        std::set<std::string_view> seen;
        for (const NodeIndex index : inside) {
            for (const models::Workload* workload : workloads_of(work, work.graph.node(index))) {
                if (seen.insert(workload->name).second) {
                    add_workload(*workload, false, health);
                }
            }
            add_requests(work.graph, index, health);
        }
        std::ranges::sort(health.workloads, {}, &Pods::first);
        GraphNode& node = work.graph.node(box);
        judge_all(rules_.of(node.ns, "app", node.app, {}), health);
        node.more().health = std::move(health);
    }

    using Pods = std::pair<std::string, models::Replicas>;

    static void add_requests(const Graph& graph, NodeIndex index, NodeHealth& health) {
        graph.each_in(index, [&](EdgeIndex edge) {
            add_responses(graph, edge, health.requests.inbound);
        });
        graph.each_out(index, [&](EdgeIndex edge) {
            add_responses(graph, edge, health.requests.outbound);
        });
    }

    static void judge_all(const Tolerances& tolerances, NodeHealth& health) {
        std::vector<HealthStatus> replicas;
        for (const auto& [workload, counts] : health.workloads) {
            replicas.push_back(judge(counts));
        }
        health.status = merged(tolerances.judge(health.requests), true, replicas);
    }

    Tolerances judge_node(GraphWork& work, NodeIndex index) const {
        GraphNode& node = work.graph.node(index);
        if (node.removed || !has_health(node)) {
            return rules_.of(node.ns, "workload", node.workload, {});
        }
        NodeHealth health;
        std::string_view kind = "service";
        std::string_view name = node.service;
        if (node.type == NodeType::kService) {
            if (const models::Service* service = service_of(work, node)) {
                health.annotation = models::label(*service->meta.annotations, kAnnotation);
            }
        } else {
            const bool app = node.type == NodeType::kApp;
            kind = app ? "app" : "workload";
            name = app ? node.app : node.workload;
            for (const models::Workload* workload : workloads_of(work, node)) {
                add_workload(*workload, !app, health);
            }
        }
        add_requests(work.graph, index, health);
        Tolerances tolerances = rules_.of(node.ns, kind, name, health.annotation);
        judge_all(tolerances, health);
        work.graph.node(index).more().health = std::move(health);
        return tolerances;
    }

    static void add_workload(const models::Workload& workload, bool annotated, NodeHealth& health) {
        models::Replicas replicas;
        replicas.desired = workload.desired;
        replicas.current = workload.current;
        replicas.available = workload.available;
        health.workloads.emplace_back(workload.name, replicas);
        if (annotated) {
            health.annotation = models::label(*workload.annotations, kAnnotation);
        }
    }

    // As the stricter of its ends sees it.
    static void judge_edge(
        Graph& graph, EdgeIndex index, const std::vector<Tolerances>& tolerances
    ) {
        models::RatesByCode rates;
        add_responses(graph, index, rates);
        if (rates.empty()) {
            return;
        }
        models::GraphEdge& edge = graph.edge(index);
        const HealthStatus worst = std::max(
            {tolerances[edge.source].judge(rates, TrafficDirection::kOutbound).status,
             tolerances[edge.target].judge(rates, TrafficDirection::kInbound).status,
             HealthStatus::kHealthy}
        );
        edge.health_status = to_string(worst);
    }

    HealthRules rules_;
};

}  // namespace

GraphAppenderPtr make_health(HealthRules rules) {
    return std::make_shared<const HealthOfGraph>(std::move(rules));
}

}  // namespace meshscope::business
