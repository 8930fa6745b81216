#pragma once

#include "business/graphs.hpp"
#include "business/health_rules.hpp"
#include "business/trace_graphs.hpp"
#include "config/load.hpp"
#include "models/cluster_builder.hpp"

#include <memory>

namespace meshscope::app {

// The use case of traffic graphs over `parts`, in which what follows from the configuration and the
// appenders are filled in here.
std::shared_ptr<const business::Graphs> make_graphs(
    const config::Config& config,
    const models::DiscoveryRules& rules,
    const business::HealthRules& health,
    business::Graphs::Parts parts
);
// Traces laid over them; `parts` as of the graphs.
std::shared_ptr<const business::TraceGraphs> make_trace_graphs(
    const config::Config& config,
    const business::Graphs::Parts& parts,
    std::shared_ptr<const business::Traces> traces,
    std::shared_ptr<const business::Graphs> graphs
);

}  // namespace meshscope::app
