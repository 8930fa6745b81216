#pragma once

#include "async/governor.hpp"
#include "clients/prometheus/prometheus_store.hpp"
#include "config/load.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "telemetry/logger.hpp"

#include <memory>

namespace meshscope {
class WorkerPool;
}
namespace meshscope::telemetry {
class MetricsRegistry;
class Tracer;
}  // namespace meshscope::telemetry

namespace meshscope::app {

// What the metric store is made with; all of it outlives the store.
struct MetricStoreParts {
    Governor* governor = nullptr;
    const Clock* clock = nullptr;
    WorkerPool* workers = nullptr;
    telemetry::Logger* logger = nullptr;
    telemetry::MetricsRegistry* metrics = nullptr;
    telemetry::Tracer* tracer = nullptr;  // null: calls leave no span
};

// The store that the configuration names; null when metrics are disabled. The error
// (kInvalidArgument) says which key cannot be used and why.
Result<std::unique_ptr<clients::prometheus::PrometheusStore>> make_metric_store(
    const config::Loaded& loaded, const MetricStoreParts& parts
);

}  // namespace meshscope::app
