#pragma once

#include "business/health.hpp"
#include "business/metrics.hpp"
#include "config/config.hpp"

#include <memory>

namespace meshscope::app {

// What the use cases over metrics share; everything outlives them.
struct MetricUses {
    clients::MetricStore* store = nullptr;  // null: there are no metrics
    clients::Cluster* cluster = nullptr;
    const business::Access* access = nullptr;
    const Clock* clock = nullptr;
};

std::shared_ptr<const business::Metrics> metric_series(
    const config::Config& config, const MetricUses& uses
);

std::shared_ptr<const business::MeshHealth> make_health(
    const config::Config& config, const business::HealthRules& rules, const MetricUses& uses
);

}  // namespace meshscope::app
