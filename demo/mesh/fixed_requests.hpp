#pragma once

#include "demo/mesh/events.hpp"
#include "demo/mesh/topology.hpp"

#include <cstdint>
#include <vector>

namespace meshscope::demo {

struct FixedRequest {
    std::uint64_t letter = 0;  // 'A' to 'G'
    std::int64_t minutes_ago = 0;
    std::vector<Call> calls;
};

// Seven requests with known numbers, for tests and screenshots (demo/README.md lists them).
std::vector<FixedRequest> fixed_requests(const Topology& topology);

}  // namespace meshscope::demo
