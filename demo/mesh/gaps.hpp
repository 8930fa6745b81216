#pragma once

#include "demo/mesh/events.hpp"
#include "demo/mesh/topology.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace meshscope::demo {

// What of the requests never gets to the tracing backend; metrics and access lines know of none of
// it. Which requests, is the same whenever one asks.
struct GapRules {
    std::uint32_t sampled = 10'000;              // of ten thousand traces
    std::map<std::string, std::uint32_t> drops;  // percent of its spans that a workload's exporter
                                                 // loses, by workload
    // Applications that do not forward the trace headers (but the request id): each call that one
    // makes begins a trace, for which sampling is decided anew.
    std::set<std::string> unforwarded;

    [[nodiscard]] bool none() const {
        return sampled == 10'000 && drops.empty() && unforwarded.empty();
    }
};

// The traces that a request becomes, at least one: all its calls are in them, those whose spans are
// lost say so.
std::vector<Request> traces_of(
    const Request& request, const Topology& topology, const GapRules& rules
);

// The rules that hold, for all parts of the mesh. Thread-safe.
class Gaps {
 public:
    [[nodiscard]] std::shared_ptr<const GapRules> rules() const;
    void set(GapRules rules);

 private:
    mutable std::mutex mutex_;
    std::shared_ptr<const GapRules> rules_ = std::make_shared<const GapRules>();
};

}  // namespace meshscope::demo
