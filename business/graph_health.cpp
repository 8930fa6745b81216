#include "business/graph_appenders.hpp"
#include "business/graph_objects.hpp"
#include "business/traffic_direction.hpp"

#include <algorithm>
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

 private:
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
        work.graph.each_in(index, [&](EdgeIndex edge) {
            add_responses(work.graph, edge, health.requests.inbound);
        });
        work.graph.each_out(index, [&](EdgeIndex edge) {
            add_responses(work.graph, edge, health.requests.outbound);
        });
        Tolerances tolerances = rules_.of(node.ns, kind, name, health.annotation);
        std::vector<HealthStatus> replicas;
        for (const auto& [workload, counts] : health.workloads) {
            replicas.push_back(judge(counts));
        }
        health.status = merged(tolerances.judge(health.requests), true, replicas);
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
