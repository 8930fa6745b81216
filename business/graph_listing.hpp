#pragma once

#include "models/graph.hpp"

#include <array>
#include <memory>
#include <string_view>
#include <vector>

namespace meshscope::business {

// What clients see of a graph: ids that stay the same from one graph to the next, and an order.
// Made once when the graph is complete; the graph outlives it and does not change.
class GraphListing {
 public:
    explicit GraphListing(const models::Graph& graph);

    // 64 hex digits: SHA-256 of the node's key as text; of "<source>.<target>.<protocol>". For what
    // was taken out too, where an edge that is shown tells of it.
    [[nodiscard]] std::string_view id_of_node(models::NodeIndex index) const;
    [[nodiscard]] std::string_view id_of_edge(models::EdgeIndex index) const;

    // What was not taken out. Boxes before what they hold, then by cluster, namespace, application,
    // version, service, workload; edges by the ids of source and target, then protocol.
    [[nodiscard]] const std::vector<models::NodeIndex>& nodes() const { return nodes_; }
    [[nodiscard]] const std::vector<models::EdgeIndex>& edges() const { return edges_; }

 private:
    using Id = std::array<char, 64>;
    void name(const models::Graph& graph);
    void order_nodes(const models::Graph& graph);
    void order_edges(const models::Graph& graph);

    std::vector<Id> node_ids_;
    std::vector<Id> edge_ids_;
    std::vector<models::NodeIndex> nodes_;
    std::vector<models::EdgeIndex> edges_;
};

}  // namespace meshscope::business
