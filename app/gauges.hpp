#pragma once

#include "async/governor.hpp"
#include "clients/cluster.hpp"
#include "clients/prometheus/prometheus_store.hpp"
#include "clients/trace_cache.hpp"
#include "clients/trace_store.hpp"
#include "core/clock.hpp"
#include "telemetry/metrics.hpp"

#include <string>

namespace meshscope::app {

// Values that are read at each scrape. What they are of is used as long as the metrics are asked.

void add_governor_gauges(
    telemetry::MetricsRegistry& metrics, const std::string& upstream, const Governor& governor
);

void add_store_gauges(
    telemetry::MetricsRegistry& metrics,
    const clients::TraceStore& store,
    const clients::CachingTraceStore& cache
);

void add_metric_store_gauges(
    telemetry::MetricsRegistry& metrics, const clients::prometheus::PrometheusStore& store
);

// Also how many objects of each kind are known, and how old that is.
void add_cluster_gauges(
    telemetry::MetricsRegistry& metrics, const clients::Cluster& cluster, const Clock& clock
);

}  // namespace meshscope::app
