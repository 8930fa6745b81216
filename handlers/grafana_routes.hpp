#pragma once

#include "handlers/parts.hpp"
#include "server/router.hpp"

namespace meshscope::handlers {

void add_grafana_routes(server::Router& router, const Parts& parts);  // /api/grafana

}  // namespace meshscope::handlers
