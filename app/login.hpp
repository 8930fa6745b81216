#pragma once

#include "app/audit_log.hpp"
#include "business/rights.hpp"
#include "clients/cluster.hpp"
#include "config/load.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "handlers/login_parts.hpp"
#include "telemetry/logger.hpp"

#include <memory>

namespace meshscope::app {

// What lets callers in. All null with strategy anonymous. `parts` uses `rights`, which outlives
// it.
struct LoginSet {
    std::shared_ptr<business::RightsBook> rights;
    std::shared_ptr<const handlers::LoginParts> parts;
    std::shared_ptr<AuditLog> audit;  // null: the configuration wants none
};

// As the configuration says. The error tells which key keeps the server from starting: a strategy
// that this version lacks, no cluster (`cluster` null) to ask whose a token is, no signing key.
// Everything given outlives what is made.
Result<LoginSet> make_login(
    const config::Loaded& loaded,
    clients::Cluster* cluster,
    const Clock& clock,
    telemetry::Logger& logger
);

}  // namespace meshscope::app
