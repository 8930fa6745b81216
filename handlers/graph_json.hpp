#pragma once

#include "business/graph_appender.hpp"
#include "core/json_writer.hpp"

#include <string>

namespace meshscope::business {
class Masker;
}

namespace meshscope::handlers {

// {"timestamp","duration","graphType","elements":{"nodes","edges"},"meta"} of a graph that is
// complete.
void write_graph(JsonWriter& json, const business::GraphWork& work, const business::Masker& masker);

// A rate as clients read it: at least two decimals, as many as it takes to show the first digit
// that is not zero, five at most.
void append_rate(std::string& out, double rate);

}  // namespace meshscope::handlers
