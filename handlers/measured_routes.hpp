#pragma once

#include "handlers/parts.hpp"
#include "server/router.hpp"

namespace meshscope::handlers {

// As routes.hpp: what holds traces against each other and against the mesh's metrics.

// .../heatmap, /api/traces/heatmaps
void add_heatmap_routes(server::Router& router, const Parts& parts);
void add_metric_stats_routes(server::Router& router, const Parts& parts);  // /api/stats/metrics
void add_overlay_routes(server::Router& router, const Parts& parts);       // .../overlay
void add_compare_routes(server::Router& router, const Parts& parts);  // /api/traces/{a}/compare/{b}
void add_overview_routes(server::Router& router, const Parts& parts);  // /api/overview/metrics/...

}  // namespace meshscope::handlers
