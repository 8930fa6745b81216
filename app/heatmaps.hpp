#pragma once

#include "business/heatmap.hpp"
#include "business/response_stats.hpp"
#include "config/config.hpp"

#include <memory>

namespace meshscope::handlers {
struct Parts;
}

namespace meshscope::app {

// What is held against the mesh's own measurements; everything outlives it.
struct MeasuredParts {
    clients::MetricStore* metrics = nullptr;  // null: they are off
    clients::Cluster* cluster = nullptr;
    const business::Access* access = nullptr;
    const Clock* clock = nullptr;
};

// Adds heatmaps and statistics of response times to the parts, which have their traces.
void add_measured(const config::Config& config, const MeasuredParts& with, handlers::Parts& parts);

}  // namespace meshscope::app
