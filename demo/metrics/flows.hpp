#pragma once

#include "demo/mesh/event_stream.hpp"
#include "demo/metrics/report.hpp"

#include <vector>

namespace meshscope::demo {

// Traffic that proxies count and nobody traces: connections, and calls that were not sampled. Only
// scenario graph-zoo has any. A pure function of scenario, seed and start, like the requests.
class Flows {
 public:
    explicit Flows(const EventStream& stream) : stream_(stream) {}

    // What ends in (from, to], in no order.
    [[nodiscard]] std::vector<Report> between(SystemTime from, SystemTime to) const;

 private:
    const EventStream& stream_;
};

}  // namespace meshscope::demo
