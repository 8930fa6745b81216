#pragma once

#include "business/graph_appender.hpp"

namespace meshscope::business {

// What is done to every graph once its traffic is known, in this order.

// Which nodes are of other namespaces than those asked for, and which ones the caller may not see:
// those of namespaces that are hidden from the caller, those of no known namespace, and what leaves
// the mesh.
void mark_outside(GraphWork& work);
// Nodes that the caller may not see keep their names and their traffic, nothing else, and no edge
// tells who they prove to be.
void strip_inaccessible(models::Graph& graph);
// Nodes that call and are not called.
void mark_roots(models::Graph& graph);
// Workloads between services become edges between those; what else is left are roots that call
// services.
void reduce_to_services(models::Graph& graph);
// Boxes around the nodes of one application, namespace or cluster, the inner ones first; only where
// they hold at least two, and of namespaces and clusters only when there are several.
void add_boxes(models::Graph& graph, const GraphRequest& request);

}  // namespace meshscope::business
