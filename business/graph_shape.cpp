#include "business/graph_shape.hpp"

#include "business/traffic_identity.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace meshscope::business {

namespace {

using models::EdgeIndex;
using models::Graph;
using models::GraphEdge;
using models::GraphNode;
using models::kNoIndex;
using models::NodeIndex;
using models::NodeKey;
using models::NodeType;

// The worse of two; "" is the best.
std::string_view worse(std::string_view a, std::string_view b) {
    constexpr std::array<std::string_view, 3> kWorst{"Failure", "Degraded", "Healthy"};
    for (const std::string_view status : kWorst) {
        if (a == status || b == status) {
            return status;
        }
    }
    return {};
}

bool is_hidden(const GraphWork& work, const GraphNode& node) {
    if (node.type == NodeType::kUnknown) {
        return true;
    }
    if (node.type == NodeType::kService && (node.ns == kUnknownName || node.is_egress_cluster)) {
        return true;
    }
    return !work.visible(node.ns);
}

// What one edge carries, on top of what another one already does.
void merge(Graph& graph, EdgeIndex from, EdgeIndex into) {
    std::vector<models::EdgeResponse> responses;
    graph.each_response(from, [&](const models::EdgeResponse& one) { responses.push_back(one); });
    for (const models::EdgeResponse& one : responses) {
        graph.add_response(into, one.code, one.flags, one.host, one.rate);
    }
    const GraphEdge& carried = graph.edge(from);
    GraphEdge& edge = graph.edge(into);
    const auto take = [](std::optional<double>& own, const std::optional<double>& other) {
        own = own ? own : other;
    };
    edge.rates.add(carried.rates);
    take(edge.response_time_ms, carried.response_time_ms);
    take(edge.mtls_percent, carried.mtls_percent);
    if (carried.throughput) {
        edge.throughput = edge.throughput.value_or(0) + *carried.throughput;
    }
    if (edge.source_principal.empty()) {
        edge.source_principal = carried.source_principal;
        edge.target_principal = carried.target_principal;
    }
    edge.health_status = worse(edge.health_status, carried.health_status);
}

struct Call {
    NodeIndex source;
    EdgeIndex carried;
};

// From services, through the workloads behind them, to services.
std::vector<Call> calls_between_services(const Graph& graph) {
    const auto is_service = [&](NodeIndex node) {
        return graph.node(node).type == NodeType::kService;
    };
    std::vector<Call> calls;
    for (NodeIndex service = 0; service < graph.nodes().size(); ++service) {
        if (graph.node(service).removed || !is_service(service)) {
            continue;
        }
        std::vector<NodeIndex> behind;
        graph.each_out(service, [&](EdgeIndex edge) {
            const NodeIndex target = graph.edge(edge).target;
            if (!is_service(target) && std::ranges::find(behind, target) == behind.end()) {
                behind.push_back(target);
            }
        });
        for (const NodeIndex workload : behind) {
            graph.each_out(workload, [&](EdgeIndex edge) {
                if (is_service(graph.edge(edge).target)) {
                    calls.push_back({service, edge});
                }
            });
        }
    }
    return calls;
}

void count_out(Graph& graph, NodeIndex index) {
    graph.node(index).out = {};
    graph.each_out(index, [&](EdgeIndex at) {
        const GraphEdge& edge = graph.edge(at);
        if (edge.protocol != models::Protocol::kOther) {
            graph.node(index).out[static_cast<std::size_t>(edge.protocol)] += edge.rates.total;
        }
    });
}

// Nodes that go into one box.
struct Group {
    NodeIndex first;
    std::size_t size = 0;
    NodeIndex box = kNoIndex;
};

NodeKey box_key(const GraphNode& node, NodeKey::Kind kind) {
    NodeKey key{kind, node.cluster, {}, {}, {}, {}};
    if (kind != NodeKey::Kind::kClusterBox) {
        key.ns = node.ns;
    }
    if (kind == NodeKey::Kind::kAppBox) {
        key.name = node.app;
    }
    return key;
}

bool goes_into(const NodeKey& box) {
    switch (box.kind) {
        case NodeKey::Kind::kAppBox:
            return is_known(box.name);
        case NodeKey::Kind::kNamespaceBox:
            return is_known(box.ns);
        default:
            return is_known(box.cluster);
    }
}

void put_into(Graph& graph, NodeIndex box, NodeIndex member, NodeKey::Kind kind) {
    GraphNode& inside = graph.node(member);
    inside.parent = box;
    if (kind == NodeKey::Kind::kAppBox) {
        GraphNode& around = graph.node(box);
        around.is_out_of_mesh |= inside.is_out_of_mesh;
        around.is_inaccessible |= inside.is_inaccessible;
        around.is_outside |= inside.is_outside;
    }
}

void add_boxes_of(Graph& graph, NodeKey::Kind kind) {
    const auto count = static_cast<NodeIndex>(graph.nodes().size());
    std::vector<Group> groups;
    std::vector<std::uint32_t> group_of(count, kNoIndex);
    models::DenseIndex index;
    for (NodeIndex at = 0; at < count; ++at) {
        const GraphNode& node = graph.node(at);
        const NodeKey key = box_key(node, kind);
        if (node.removed || node.parent != kNoIndex || !goes_into(key)) {
            continue;
        }
        const std::uint64_t hash = key.hash();
        std::uint32_t group = index.find(hash, [&](std::uint32_t one) {
            return box_key(graph.node(groups[one].first), kind) == key;
        });
        if (group == kNoIndex) {
            group = static_cast<std::uint32_t>(groups.size());
            groups.push_back({at});
            index.add(hash, group);
        }
        ++groups[group].size;
        group_of[at] = group;
    }
    if (kind != NodeKey::Kind::kAppBox && groups.size() < 2) {
        return;
    }
    for (Group& group : groups) {
        if (group.size > 1) {
            group.box = graph.add(box_key(graph.node(group.first), kind));
        }
    }
    for (NodeIndex at = 0; at < count; ++at) {
        if (group_of[at] != kNoIndex && groups[group_of[at]].box != kNoIndex) {
            put_into(graph, groups[group_of[at]].box, at, kind);
        }
    }
}

}  // namespace

void mark_outside(GraphWork& work) {
    models::Graph& graph = work.graph;
    for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
        GraphNode& node = graph.node(at);
        if (!node.removed) {
            node.is_inaccessible = is_hidden(work, node);
            node.is_outside = node.ns != kUnknownName && !work.asked_for(node.ns);
        }
    }
}

void strip_inaccessible(models::Graph& graph) {
    bool any = false;
    for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
        GraphNode& node = graph.node(at);
        if (!node.is_inaccessible || node.type == NodeType::kBox) {
            continue;
        }
        any = true;
        node.details.reset();
        node.has_circuit_breaker = node.has_fault_injection = node.has_ingress_waypoint = false;
        node.has_mirroring = node.has_request_routing = node.has_request_timeout = false;
        node.has_tcp_traffic_shifting = node.has_traffic_shifting = false;
        node.is_ambient = node.is_dead = node.is_idle = node.is_gateway_api = false;
        node.is_out_of_mesh = node.is_waypoint = false;
    }
    for (EdgeIndex at = 0; any && at < graph.edges().size(); ++at) {
        GraphEdge& edge = graph.edge(at);
        if (graph.node(edge.source).is_inaccessible) {
            edge.source_principal = {};
        }
        if (graph.node(edge.target).is_inaccessible) {
            edge.target_principal = {};
        }
    }
}

void mark_roots(models::Graph& graph) {
    for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
        graph.node(at).is_root = !graph.node(at).removed && graph.has_out(at) && !graph.has_in(at);
    }
}

void reduce_to_services(models::Graph& graph) {
    const std::vector<Call> calls = calls_between_services(graph);
    const auto old_edges = static_cast<EdgeIndex>(graph.edges().size());
    const auto is_service = [&](NodeIndex node) {
        return graph.node(node).type == NodeType::kService;
    };
    for (EdgeIndex at = 0; at < old_edges; ++at) {
        const GraphEdge& edge = graph.edge(at);
        const bool stays =
            graph.node(edge.source).is_root && !is_service(edge.source) && is_service(edge.target);
        if (!edge.removed && !stays) {
            graph.remove_edge(at);
        }
    }
    for (const Call& call : calls) {
        const GraphEdge& carried = graph.edge(call.carried);
        const NodeIndex target = carried.target;
        const EdgeIndex edge = graph.add(call.source, target, carried.protocol_name);
        merge(graph, call.carried, edge);
    }
    for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
        if (!is_service(at) && !graph.has_out(at)) {
            graph.remove_node(at);
        }
        count_out(graph, at);
    }
}

void add_boxes(models::Graph& graph, const GraphRequest& request) {
    const bool apps = request.type == GraphType::kApp || request.type == GraphType::kVersionedApp;
    if (request.box_app || apps) {
        add_boxes_of(graph, NodeKey::Kind::kAppBox);
    }
    if (request.box_namespace) {
        add_boxes_of(graph, NodeKey::Kind::kNamespaceBox);
    }
    if (request.box_cluster) {
        add_boxes_of(graph, NodeKey::Kind::kClusterBox);
    }
}

}  // namespace meshscope::business
