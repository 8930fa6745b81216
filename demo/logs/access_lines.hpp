#pragma once

#include "demo/mesh/events.hpp"
#include "demo/mesh/topology.hpp"

#include <cstdint>
#include <string>

namespace meshscope::demo {

enum class Side : std::uint8_t { kCaller, kCallee };

// What the proxy of one side writes about a call when it has ended: Istio's default text, in
// namespace travel-agency Istio's JSON with the trace id in it.
std::string access_line(
    const Request& request, const Call& call, const Topology& topology, Side side
);

// What the application says that has served the call.
std::string application_line(const Request& request, const Call& call, const Topology& topology);

// When that side has seen the end, by the mesh's time.
SystemTime end_of(const Request& request, const Call& call, Side side);

}  // namespace meshscope::demo
