#pragma once

#include "handlers/parts.hpp"
#include "server/router.hpp"

namespace meshscope::handlers {

// .../workloads/{workload}/reconcile
void add_reconcile_routes(server::Router& router, const Parts& parts);

}  // namespace meshscope::handlers
