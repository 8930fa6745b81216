#pragma once

#include "demo/mesh/events.hpp"
#include "demo/mesh/random.hpp"
#include "demo/mesh/scenario.hpp"
#include "demo/mesh/topology.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::demo {

// Plays one request through the mesh. The outcome depends on the random numbers given and on
// nothing else.
class RequestMaker {
 public:
    RequestMaker(const Topology& topology, const Scenario& scenario, Random& random)
        : topology_(topology), scenario_(scenario), random_(random) {}

    // Makes an application unreachable for this request; `app` outlives it.
    void without(std::string_view app) { down_ = app; }

    // From outside through `gateway` to `path` of `app`.
    std::vector<Call> enter(std::string_view gateway, std::string_view app, std::string_view path);

 private:
    struct Outcome {
        std::int64_t duration_us = 0;
        bool failed = false;
    };

    // Appends the call and everything it causes; returns how it looked to the caller.
    Outcome call(
        std::uint32_t parent, WorkloadIndex callee, std::string_view path, std::int64_t start_us
    );
    Outcome unreachable(std::uint32_t index);
    void serve(std::uint32_t index);
    void fail_sometimes(Call& call, std::string_view app);
    [[nodiscard]] WorkloadIndex pick(std::string_view app);
    [[nodiscard]] std::int64_t own_time(std::string_view app);

    const Topology& topology_;
    const Scenario& scenario_;
    Random& random_;
    std::vector<Call> calls_;
    std::string_view down_;
};

}  // namespace meshscope::demo
