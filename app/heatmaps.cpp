#include "app/heatmaps.hpp"

#include "app/discovery.hpp"
#include "app/public_config.hpp"
#include "business/no_metrics.hpp"
#include "config/duration.hpp"
#include "handlers/parts.hpp"

#include <utility>

namespace meshscope::app {

namespace {

business::HeatmapSettings heatmap_settings(const config::Config& config) {
    business::HeatmapSettings settings;
    settings.home_cluster = home_cluster(config);
    settings.several_clusters = !config.clustering.clusters.empty();
    for (const std::string& row : config.meshscope.heatmap_rows) {
        const auto length = config::parse_prometheus_duration(row);
        if (length && *length >= std::chrono::seconds(1)) {
            settings.intervals.push_back(
                {row, std::chrono::duration_cast<std::chrono::seconds>(*length)}
            );
        }
    }
    return settings;
}

}  // namespace

void add_measured(const config::Config& config, const MeasuredParts& with, handlers::Parts& parts) {
    business::Heatmaps::Parts of_heatmaps;
    of_heatmaps.traces = parts.traces.get();
    of_heatmaps.access = with.access;
    of_heatmaps.metrics = with.metrics;
    of_heatmaps.unavailable = business::no_metrics();
    of_heatmaps.cluster = with.cluster;
    of_heatmaps.clock = with.clock;
    of_heatmaps.settings = heatmap_settings(config);
    parts.heatmaps = std::make_shared<const business::Heatmaps>(std::move(of_heatmaps));
    business::ResponseStats::Parts of_stats;
    of_stats.metrics = with.metrics;
    of_stats.cluster = with.cluster;
    of_stats.access = with.access;
    of_stats.clock = with.clock;
    of_stats.discovery = discovery(config);
    parts.response_stats = std::make_shared<const business::ResponseStats>(std::move(of_stats));
}

}  // namespace meshscope::app
