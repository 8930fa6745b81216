#include "business/graph_appenders.hpp"
#include "business/graph_objects.hpp"
#include "business/mesh_references.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::business {

namespace {

using models::GraphNode;
using models::MeshObject;
using models::NodeIndex;
using models::NodeType;
using Gateway = models::NodeDetails::Gateway;

constexpr std::string_view kGatewayName = "gateway.networking.k8s.io/gateway-name";

void sort_unique(std::vector<std::string>& names) {
    std::ranges::sort(names);
    const auto twice = std::ranges::unique(names);
    names.erase(twice.begin(), twice.end());
}

// "reviews.bookinfo" is what a Gateway's "bookinfo/reviews" is in namespace bookinfo.
std::string_view host_of_server(std::string_view host) {
    const std::size_t slash = host.find('/');
    return slash == std::string_view::npos ? host : host.substr(slash + 1);
}

class Istio final : public GraphAppender {
 public:
    explicit Istio(models::DiscoveryRules rules) : rules_(std::move(rules)) {}
    [[nodiscard]] std::string_view name() const override { return "istio"; }
    [[nodiscard]] bool finishes() const override { return true; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kIstio);
    }

    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        const Views views = visible_views(work);
        const References references(views);
        const std::vector<const MeshObject*> gateways = gateways_in(views);
        each_node(work.graph, [&](NodeIndex index) {
            GraphNode& node = work.graph.node(index);
            if (node.is_inaccessible) {
                return;
            }
            if (node.type == NodeType::kService) {
                name_app(work, node);
                route(references.of_service(node.ns, node.service), node);
            } else {
                break_circuits(work, references, index);
                mark_gateway(work, gateways, node);
            }
        });
    }

 private:
    // As its selector names it, else as all workloads that it selects are called.
    void name_app(GraphWork& work, GraphNode& node) const {
        const models::Service* service = service_of(work, node);
        if (service == nullptr || !node.app.empty()) {
            return;
        }
        for (const std::string& label : rules_.app_labels) {
            if (const auto app = models::label(*service->selector, label); !app.empty()) {
                node.app = work.graph.keep(app);
                return;
            }
        }
        std::string_view only;
        for (const models::WorkloadPtr& workload : view_of(work, node)->workloads) {
            if (!models::selects(*service->selector, *workload->labels)) {
                continue;
            }
            if (!only.empty() && only != workload->canonical_name) {
                return;
            }
            only = workload->canonical_name;
        }
        node.app = work.graph.keep(only);
    }

    static void route(const std::vector<models::MeshObjectPtr>& objects, GraphNode& node) {
        for (const models::MeshObjectPtr& object : objects) {
            const auto has = [&](models::MeshTrait trait) { return (object->traits & trait) != 0; };
            node.has_circuit_breaker = node.has_circuit_breaker || has(models::kCircuitBreaker);
            if (object->kind.kind != "VirtualService") {
                continue;
            }
            auto& routed = node.more().virtual_service;
            routed = routed ? std::move(routed) : models::NodeDetails::Hostnames();
            auto& names = routed->names;
            names.insert(names.end(), object->hosts.begin(), object->hosts.end());
            sort_unique(names);
            const auto mark = [&](bool& flag, models::MeshTrait trait) {
                flag = flag || has(trait);
            };
            mark(node.has_fault_injection, models::kFaultInjection);
            mark(node.has_mirroring, models::kMirroring);
            mark(node.has_request_routing, models::kRequestRouting);
            mark(node.has_request_timeout, models::kRequestTimeout);
            mark(node.has_traffic_shifting, models::kTrafficShifting);
            mark(node.has_tcp_traffic_shifting, models::kTcpTrafficShifting);
        }
    }

    // What is reached through a service that has a breaker is behind it.
    static void break_circuits(GraphWork& work, const References& references, NodeIndex index) {
        bool broken = false;
        work.graph.each_service(index, [&](const models::ServiceName& called) {
            for (const auto& object : references.of_service(called.ns, called.name)) {
                broken = broken || (object->traits & models::kCircuitBreaker) != 0;
            }
        });
        work.graph.node(index).has_circuit_breaker = broken;
    }

    static std::vector<const MeshObject*> gateways_in(const Views& views) {
        std::vector<const MeshObject*> out;
        for (const models::NamespaceView* view : views) {
            for (const models::MeshObjectPtr& object : view->mesh_objects) {
                if (object->kind.kind == "Gateway") {
                    out.push_back(object.get());
                }
            }
        }
        return out;
    }

    static bool serves(const MeshObject& gateway, const models::Workload& workload) {
        if (gateway.kind.group == "networking.istio.io") {
            return models::selects(*gateway.selector, *workload.labels);
        }
        return gateway.meta.ns == workload.ns &&
               models::label(*workload.labels, kGatewayName) == gateway.meta.name;
    }

    static Gateway::Role role_of(const models::Workload& workload) {
        if (models::has_label(*workload.labels, kGatewayName)) {
            return Gateway::Role::kGatewayApi;
        }
        return models::label(*workload.labels, "istio") == "egressgateway"
                   ? Gateway::Role::kEgress
                   : Gateway::Role::kIngress;
    }

    static void mark_gateway(
        GraphWork& work, const std::vector<const MeshObject*>& gateways, GraphNode& node
    ) {
        for (const models::Workload* workload : workloads_of(work, node)) {
            if (!workload->gateway || workload->waypoint) {
                continue;
            }
            node.is_gateway_api =
                node.is_gateway_api || models::has_label(*workload->labels, kGatewayName);
            auto& gateway = node.more().gateway;
            gateway = gateway ? std::move(gateway) : Gateway{role_of(*workload), {}};
            for (const MeshObject* object : gateways) {
                if (serves(*object, *workload)) {
                    for (const std::string& host : object->hosts) {
                        gateway->hostnames.emplace_back(host_of_server(host));
                    }
                }
            }
            sort_unique(gateway->hostnames);
        }
    }

    models::DiscoveryRules rules_;
};

// Edges to and from waypoints.
class Ambient final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "ambient"; }
    [[nodiscard]] bool finishes() const override { return true; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kAmbient);
    }

    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        mark_entrances(work);
        if (work.request.waypoints) {
            direct(work.graph);
        } else {
            remove(work.graph);
        }
    }

 private:
    // Gateways of the Gateway API that send to a waypoint.
    static void mark_entrances(GraphWork& work) {
        models::Graph& graph = work.graph;
        each_node(graph, [&](NodeIndex index) {
            bool waypoint = false;
            graph.each_out(index, [&](models::EdgeIndex edge) {
                waypoint = waypoint || graph.node(graph.edge(edge).target).is_waypoint;
            });
            if (waypoint && !graph.node(index).is_waypoint) {
                const auto workloads = workloads_of(work, graph.node(index));
                graph.node(index).has_ingress_waypoint =
                    std::ranges::any_of(workloads, [](const auto* workload) {
                        return models::has_label(*workload->labels, kGatewayName);
                    });
            }
        });
    }

    static void direct(models::Graph& graph) {
        each_node(graph, [&](NodeIndex index) {
            if (!graph.node(index).is_waypoint) {
                return;
            }
            graph.each_out(index, [&](models::EdgeIndex edge) {
                graph.edge(edge).waypoint = models::WaypointDirection::kFrom;
            });
            graph.each_in(index, [&](models::EdgeIndex at) {
                models::GraphEdge& edge = graph.edge(at);
                edge.waypoint = models::WaypointDirection::kTo;
                const models::EdgeIndex back =
                    graph.find(edge.target, edge.source, edge.protocol_name);
                if (back != models::kNoIndex && back != at) {
                    edge.waypoint_back = back;
                    graph.remove_edge(back);
                }
            });
        });
    }

    static void remove(models::Graph& graph) {
        each_node(graph, [&](NodeIndex index) {
            if (graph.node(index).is_waypoint) {
                graph.remove_node(index);
            }
        });
        each_node(graph, [&](NodeIndex index) {
            if (!graph.has_in(index) && !graph.has_out(index) && !graph.node(index).is_idle) {
                graph.remove_node(index);
            }
        });
    }
};

}  // namespace

GraphAppenderPtr make_istio(models::DiscoveryRules rules) {
    return std::make_shared<const Istio>(std::move(rules));
}
GraphAppenderPtr make_ambient() { return std::make_shared<const Ambient>(); }

}  // namespace meshscope::business
