#include "app/metric_uses.hpp"

#include "app/discovery.hpp"
#include "app/public_config.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meshscope::app {

std::shared_ptr<const business::Metrics> metric_series(
    const config::Config& config, const MetricUses& uses
) {
    business::Metrics::Parts parts;
    parts.store = uses.store;
    parts.cluster = uses.cluster;
    parts.access = uses.access;
    parts.clock = uses.clock;
    parts.discovery = discovery(config);
    parts.home_cluster = home_cluster(config);
    return std::make_shared<const business::Metrics>(std::move(parts));
}

std::shared_ptr<const business::MeshHealth> make_health(
    const config::Config& config, const business::HealthRules& rules, const MetricUses& uses
) {
    const config::HealthCompute& compute = config.health_config.compute;
    business::MeshHealth::Parts parts;
    parts.store = uses.store;
    parts.cluster = uses.cluster;
    parts.clock = uses.clock;
    parts.rules = rules;
    parts.interval = std::chrono::floor<std::chrono::seconds>(compute.duration);
    parts.keep = compute.refresh_interval;
    parts.patience = std::min(compute.timeout, parts.patience);
    parts.home_cluster = home_cluster(config);
    return std::make_shared<const business::MeshHealth>(std::move(parts));
}

}  // namespace meshscope::app
