#pragma once

#include "core/json_writer.hpp"
#include "models/graph_parts.hpp"

#include <string>
#include <string_view>

namespace meshscope::handlers {

void append_fixed(std::string& out, double value, int decimals);
// A rate as clients read it: at least two decimals, as many as it takes to show the first digit
// that is not zero, five at most.
void append_rate(std::string& out, double rate);

// Members and items of a graph; numbers are texts.
void write_fixed(JsonWriter& json, std::string_view name, double value, int decimals);
// What a node gets and sends by that protocol; nothing where there is none.
void write_node_rates(JsonWriter& json, const models::GraphNode& node, models::Protocol protocol);
// "rates" of an edge; `sent`: all that its source sends by that protocol.
void write_edge_rates(JsonWriter& json, const models::GraphEdge& edge, double sent);

}  // namespace meshscope::handlers
