#pragma once

#include "demo/logs/access_lines.hpp"

#include <string>

namespace meshscope::demo {

// What the ztunnel of one side's node writes about a connection when it has ended; that side is in
// ambient mode.
std::string ztunnel_line(
    const Request& request, const Call& call, const Topology& topology, Side side
);

}  // namespace meshscope::demo
