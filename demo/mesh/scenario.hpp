#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::demo {

// What the mesh does, apart from its seed. Chances are out of a thousand.
struct Scenario {
    std::string name = "normal";
    std::int64_t interval_us = 4'000'000;  // between two requests
    std::uint32_t ratings_slow = 25;
    std::uint32_t ratings_fail = 30;
    std::uint32_t details_every = 23;  // every so many requests details has no healthy pod; 0 never
    std::uint32_t travel_fail = 60;
    std::string reset_app;  // connections to it are reset under so many requests
    std::uint32_t resets = 0;
    std::int64_t skew_us = 0;
    std::size_t extra_workloads = 0;
    std::size_t big_trace_spans = 0;  // one more trace of that many spans
    bool gateways = false;            // every request comes through another kind of API gateway
    bool zoo = false;                 // every class of traffic that a graph may have to show
    bool fixture = false;             // the fixed traces A to G; time stands still
    // Not "": whatever belongs to a namespace carries "<marker>-<namespace>", so that a test finds
    // what has come to the wrong reader.
    std::string marker;

    [[nodiscard]] std::string marker_of(std::string_view ns) const {
        return marker.empty() ? std::string() : marker + "-" + std::string(ns);
    }
};

// normal, slow-ratings, ratings-errors, clock-skew, big-trace, many-workloads, krakend, graph-zoo,
// gaps, fixture; kInvalidArgument with the list for any other name.
Result<Scenario> scenario_named(std::string_view name);

}  // namespace meshscope::demo
