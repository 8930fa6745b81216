#pragma once

#include "core/json_writer.hpp"
#include "models/graph_parts.hpp"

namespace meshscope::handlers {

// Members of a node of a graph; those that it has not are left out.
void write_node_labels(JsonWriter& json, const models::GraphNode& node);
// Null where there is none. `asked_for`: of what the caller may not see the shape is there, empty.
void write_node_health(JsonWriter& json, const models::GraphNode& node, bool asked_for);
void write_node_marks(JsonWriter& json, const models::GraphNode& node);  // hasVS, isRoot...

}  // namespace meshscope::handlers
