#include "app/graphs.hpp"

#include "app/discovery.hpp"
#include "business/graph_appenders.hpp"
#include "business/no_metrics.hpp"

#include <utility>

namespace meshscope::app {

std::shared_ptr<const business::Graphs> make_graphs(
    const config::Config& config,
    const models::DiscoveryRules& rules,
    const business::HealthRules& health,
    business::Graphs::Parts parts
) {
    parts.unavailable = business::no_metrics();
    parts.discovery = discovery(config);
    parts.appenders = business::graph_appenders(rules, health);
    return std::make_shared<const business::Graphs>(std::move(parts));
}

std::shared_ptr<const business::TraceGraphs> make_trace_graphs(
    const config::Config& config,
    const business::Graphs::Parts& parts,
    std::shared_ptr<const business::Traces> traces,
    std::shared_ptr<const business::Graphs> graphs
) {
    business::TraceGraphs::Parts laid;
    laid.traces = std::move(traces);
    laid.graphs = std::move(graphs);
    laid.cluster = parts.cluster;
    laid.access = parts.access;
    laid.clock = parts.clock;
    laid.discovery = discovery(config);
    laid.workers = parts.workers;
    return std::make_shared<const business::TraceGraphs>(std::move(laid));
}

}  // namespace meshscope::app
