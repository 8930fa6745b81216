#pragma once

#include "async/governor.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "telemetry/logger.hpp"

#include <string_view>

namespace meshscope {
class WorkerPool;
}
namespace meshscope::telemetry {
class MetricsRegistry;
class Tracer;
}  // namespace meshscope::telemetry

namespace meshscope::app {

// What a store over an upstream is made with; all of it outlives the store.
struct UpstreamParts {
    Governor* governor = nullptr;
    const Clock* clock = nullptr;
    WorkerPool* workers = nullptr;
    telemetry::Logger* logger = nullptr;
    telemetry::MetricsRegistry* metrics = nullptr;
    telemetry::Tracer* tracer = nullptr;  // null: calls leave no span
};

void log_unreachable(telemetry::Logger& logger, std::string_view upstream, const Error& reason);

}  // namespace meshscope::app
