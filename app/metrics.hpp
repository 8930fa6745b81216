#pragma once

#include "app/upstream_parts.hpp"
#include "clients/prometheus/prometheus_store.hpp"
#include "config/load.hpp"
#include "core/result.hpp"

#include <memory>

namespace meshscope::app {

// The store that the configuration names; null when metrics are disabled. The error
// (kInvalidArgument) says which key cannot be used and why.
Result<std::unique_ptr<clients::prometheus::PrometheusStore>> make_metric_store(
    const config::Loaded& loaded, const UpstreamParts& parts
);

}  // namespace meshscope::app
