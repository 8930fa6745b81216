#pragma once

#include "business/status.hpp"
#include "clients/grafana/grafana.hpp"
#include "config/load.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "telemetry/logger.hpp"

#include <memory>

namespace meshscope::app {

// Grafana as the configuration names it; null when it is disabled or has no address that was
// written down: the address that Kiali takes then is looked for in no cluster unasked. The error
// (kInvalidArgument) says which key cannot be used and why. What is given outlives it.
Result<std::unique_ptr<clients::grafana::Grafana>> make_grafana(
    const config::Loaded& loaded, const Clock& clock, telemetry::Logger& logger
);

// What is linked to, out of the configuration.
business::DashboardSettings dashboard_settings(const config::Grafana& grafana);

}  // namespace meshscope::app
