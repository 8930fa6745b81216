#pragma once

#include "app/metric_uses.hpp"
#include "config/config.hpp"

namespace meshscope {
class WorkerPool;
}
namespace meshscope::handlers {
struct Parts;
}

namespace meshscope::app {

// Adds what holds metrics, traces and lines against each other, and what looks for the holes of one
// trace, to the parts, which have their traces and logs.
void add_reconcile(
    const config::Config& config,
    const MetricUses& uses,
    WorkerPool* workers,
    handlers::Parts& parts
);

}  // namespace meshscope::app
