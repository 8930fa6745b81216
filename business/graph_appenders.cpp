#include "business/graph_appenders.hpp"

namespace meshscope::business {

std::vector<GraphAppenderPtr> graph_appenders(
    const models::DiscoveryRules& rules, const HealthRules& health
) {
    return {
        make_service_entries(),
        make_dead_nodes(),
        make_workload_entries(rules),
        make_response_times(),
        make_security(),
        make_throughput(),
        make_aggregate_nodes(),
        make_idle_nodes(),
        make_mesh_check(),
        make_istio(rules),
        make_ambient(),
        make_health(health),
        make_labels(rules),
    };
}

}  // namespace meshscope::business
