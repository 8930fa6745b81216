#pragma once

#include "demo/mesh/events.hpp"
#include "demo/mesh/gaps.hpp"
#include "demo/mesh/scenario.hpp"
#include "demo/mesh/topology.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace meshscope::demo {

// Everything that happens in the mesh, from an hour before `start` on without end. A pure function
// of scenario, seed and start: request n is the same whenever and however often it is asked for.
// Immutable, so usable from every thread.
class EventStream {
 public:
    static constexpr std::chrono::microseconds kHistory = std::chrono::hours(1);

    EventStream(Scenario scenario, std::uint64_t seed, SystemTime start);

    // Request `number`; 0 is the first at or after `start`, negative ones are history.
    [[nodiscard]] Request request(std::int64_t number) const;

    // Likewise, of what happens in the namespaces in ambient mode: the numbers are the same.
    [[nodiscard]] Request ambient_request(std::int64_t number) const;

    [[nodiscard]] std::int64_t first_number() const;
    // The number of the latest request that starts at or before `time`.
    [[nodiscard]] std::int64_t last_number(SystemTime time) const;

    // Requests outside the steady flow, all in the history: the big trace, one for each of the
    // extra workloads, the fixed traces.
    [[nodiscard]] std::vector<Request> singles() const;

    // What does not get to the tracing backend; shared by all copies of the stream.
    [[nodiscard]] Gaps& gaps() const { return *gaps_; }

    [[nodiscard]] const Topology& topology() const { return topology_; }
    [[nodiscard]] const Scenario& scenario() const { return scenario_; }
    [[nodiscard]] SystemTime start() const { return start_; }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }

 private:
    void cut_off(std::uint64_t key, Request& request) const;
    [[nodiscard]] Request blank(std::uint64_t key, SystemTime start) const;
    [[nodiscard]] Request big_request() const;
    [[nodiscard]] std::vector<Request> crowd_requests() const;

    Scenario scenario_;
    std::uint64_t seed_;
    SystemTime start_;
    Topology topology_;
    std::shared_ptr<Gaps> gaps_ = std::make_shared<Gaps>();
};

}  // namespace meshscope::demo
