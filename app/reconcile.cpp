#include "app/reconcile.hpp"

#include "app/discovery.hpp"
#include "app/public_config.hpp"
#include "business/forensics.hpp"
#include "business/reconcile.hpp"
#include "handlers/parts.hpp"

#include <memory>
#include <utility>

namespace meshscope::app {

void add_reconcile(
    const config::Config& config,
    const MetricUses& uses,
    WorkerPool* workers,
    handlers::Parts& parts
) {
    business::Reconcile::Parts of_reconcile;
    of_reconcile.metrics = uses.store;
    of_reconcile.traces = parts.traces.get();
    of_reconcile.logs = parts.logs.get();
    of_reconcile.cluster = uses.cluster;
    of_reconcile.access = uses.access;
    of_reconcile.clock = uses.clock;
    of_reconcile.discovery = discovery(config);
    of_reconcile.home_cluster = home_cluster(config);
    of_reconcile.workers = workers;
    parts.reconcile = std::make_shared<const business::Reconcile>(std::move(of_reconcile));
    business::Forensics::Parts of_forensics;
    of_forensics.traces = parts.traces.get();
    of_forensics.cluster = uses.cluster;
    of_forensics.clock = uses.clock;
    of_forensics.workers = workers;
    parts.forensics = std::make_shared<const business::Forensics>(of_forensics);
}

}  // namespace meshscope::app
