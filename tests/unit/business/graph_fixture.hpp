#pragma once

#include "business/trace_graph_index.hpp"
#include "models/graph.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace meshscope::tests {

// Makes nodes and edges of a graph as a test writes them down.
class GraphMaker {
 public:
    using Kind = models::NodeKey::Kind;

    models::NodeIndex workload(
        std::string_view ns,
        std::string_view name,
        std::string_view app = "",
        std::string_view cluster = "Kubernetes"
    ) {
        const auto node = graph.add({Kind::kWorkload, cluster, ns, name, {}, {}});
        graph.node(node).app = graph.keep(app);
        return node;
    }
    models::NodeIndex app(
        std::string_view ns, std::string_view name, std::string_view cluster = "Kubernetes"
    ) {
        return graph.add({Kind::kApp, cluster, ns, name, {}, {}});
    }
    // A version of an application, known by its workload.
    models::NodeIndex version(
        std::string_view ns,
        std::string_view workload,
        std::string_view app,
        std::string_view version
    ) {
        const auto node = graph.add({Kind::kAppWorkload, "Kubernetes", ns, workload, {}, {}});
        graph.node(node).app = graph.keep(app);
        graph.node(node).version = graph.keep(version);
        return node;
    }
    models::NodeIndex service(
        std::string_view ns, std::string_view name, std::string_view cluster = "Kubernetes"
    ) {
        return graph.add({Kind::kService, cluster, ns, name, {}, {}});
    }
    models::EdgeIndex edge(
        models::NodeIndex source, models::NodeIndex target, std::string_view protocol = "http"
    ) {
        return graph.add(source, target, protocol);
    }
    // An edge to a workload that was called as a service of its namespace.
    models::EdgeIndex serves(
        models::NodeIndex source, models::NodeIndex target, std::string_view service
    ) {
        const models::GraphNode& node = graph.node(target);
        graph.add_service(target, {node.cluster, node.ns, service});
        return graph.add(source, target, "http");
    }

    models::Graph graph;
};

}  // namespace meshscope::tests
