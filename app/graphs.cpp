#include "app/graphs.hpp"

#include "app/discovery.hpp"
#include "business/graph_appenders.hpp"
#include "business/no_metrics.hpp"

#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

// The built-in ones alone where an expression of the configuration is bad.
business::HealthRules health_rules(const config::HealthConfig& config) {
    std::vector<business::HealthRateSetting> rates;
    for (const config::HealthRate& rate : config.rate) {
        business::HealthRateSetting one{rate.namespace_, rate.kind, rate.name, {}};
        for (const config::Tolerance& tolerance : rate.tolerance) {
            one.tolerance.push_back(
                {tolerance.code,
                 tolerance.protocol,
                 tolerance.direction,
                 tolerance.degraded,
                 tolerance.failure}
            );
        }
        rates.push_back(std::move(one));
    }
    auto rules = business::HealthRules::make(rates);
    return rules ? std::move(*rules) : business::HealthRules();
}

}  // namespace

std::shared_ptr<const business::Graphs> make_graphs(
    const config::Config& config, const models::DiscoveryRules& rules, business::Graphs::Parts parts
) {
    parts.unavailable = business::no_metrics();
    parts.discovery = discovery(config);
    parts.appenders = business::graph_appenders(rules, health_rules(config.health_config));
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
