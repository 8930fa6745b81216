#pragma once

#include "business/graph_appender.hpp"
#include "models/cluster_snapshot.hpp"
#include "models/graph.hpp"

#include <vector>

namespace meshscope::business {

// Objects of the cluster that nodes of a graph stand for. Of other clusters than the home one, and
// of namespaces that the caller may not see, nothing is known.

// Null: not known. A node whose cluster the metrics do not tell is taken as of the home one.
[[nodiscard]] const models::NamespaceView* view_of(
    const GraphWork& work, const models::GraphNode& node
);
// Of a workload, a version or an application; empty for other nodes.
[[nodiscard]] std::vector<const models::Workload*> workloads_of(
    const GraphWork& work, const models::GraphNode& node
);
// Of a service node; null where there is none.
[[nodiscard]] const models::Service* service_of(
    const GraphWork& work, const models::GraphNode& node
);

// The namespaces that the caller may see and this server shows, ascending. Points into the
// snapshot.
[[nodiscard]] std::vector<const models::NamespaceView*> visible_views(const GraphWork& work);

// Visits the nodes that are there, boxes left out. `visit(index)` may add and take out nodes; those
// that it adds are not visited.
template <class Visit>
void each_node(models::Graph& graph, const Visit& visit) {
    const auto count = static_cast<models::NodeIndex>(graph.nodes().size());
    for (models::NodeIndex index = 0; index < count; ++index) {
        const models::GraphNode& node = graph.node(index);
        if (!node.removed && node.type != models::NodeType::kBox) {
            visit(index);
        }
    }
}

}  // namespace meshscope::business
