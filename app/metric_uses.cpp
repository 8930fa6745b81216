#include "app/metric_uses.hpp"

#include "app/discovery.hpp"
#include "app/public_config.hpp"

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

}  // namespace meshscope::app
