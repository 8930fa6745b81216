#include "demo/mesh/scenario.hpp"

#include <array>

namespace meshscope::demo {

Result<Scenario> scenario_named(std::string_view name) {
    Scenario scenario;
    scenario.name = name;
    if (name == "slow-ratings") {
        scenario.ratings_slow = 700;
    } else if (name == "ratings-errors") {
        scenario.ratings_fail = 500;
    } else if (name == "clock-skew") {
        scenario.skew_us = -180'000;
    } else if (name == "big-trace") {
        scenario.big_trace_spans = 50'000;
    } else if (name == "many-workloads") {
        scenario.extra_workloads = 1'000;
    } else if (name == "krakend") {
        scenario.gateways = true;
        scenario.travel_fail = 150;
    } else if (name == "graph-zoo") {
        scenario.zoo = true;
    } else if (name == "gaps") {
        scenario.interval_us = 1'000'000;
        scenario.ratings_slow = 0;
        scenario.ratings_fail = 0;
        scenario.details_every = 0;
        scenario.travel_fail = 0;
        scenario.reset_app = "details";
        scenario.resets = 80;
    } else if (name == "fixture") {
        scenario.interval_us = 6'000'000;
        scenario.ratings_slow = 0;
        scenario.ratings_fail = 0;
        scenario.details_every = 0;
        scenario.travel_fail = 0;
        scenario.fixture = true;
    } else if (name != "normal") {
        return Error(
            ErrorKind::kInvalidArgument,
            "unknown scenario '" + std::string(name) +
                "'; there are normal, slow-ratings, ratings-errors, clock-skew, big-trace, "
                "many-workloads, krakend, graph-zoo, gaps, fixture"
        );
    }
    return scenario;
}

}  // namespace meshscope::demo
