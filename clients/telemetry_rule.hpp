#pragma once

#include "models/cluster.hpp"

#include <optional>
#include <string>

namespace meshscope::clients {

// What a Telemetry resource of Istio says of tracing the requests that workloads get.
struct TelemetryRule {
    models::LabelSet selector;       // ascending; empty: all workloads of the namespace
    bool targeted = false;           // it is for gateways, waypoints or services only
    std::optional<double> sampling;  // percent, 0 to 100; nullopt: as those above it
    std::optional<bool> disabled;    // whether no spans are sent; nullopt likewise
};

// `json`: the whole object. What is not understood is as if it were not there.
[[nodiscard]] TelemetryRule read_telemetry(const std::string& json);

}  // namespace meshscope::clients
