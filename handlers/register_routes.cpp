#include "handlers/register_routes.hpp"

#include "handlers/grafana_routes.hpp"
#include "handlers/measured_routes.hpp"
#include "handlers/reconcile_routes.hpp"
#include "handlers/routes.hpp"
#include "handlers/safe_text.hpp"

namespace meshscope::handlers {

void register_routes(server::Router& router, const Parts& parts) {
    use_for_safe_text(parts.masker);
    add_auth_routes(router, parts);
    add_subject_routes(router, parts);
    add_app_routes(router, parts);
    add_trace_routes(router, parts);
    add_span_routes(router, parts);
    add_forensics_routes(router, parts);
    add_heatmap_routes(router, parts);
    add_metric_stats_routes(router, parts);
    add_overlay_routes(router, parts);
    add_compare_routes(router, parts);
    add_tracing_info_routes(router, parts);
    add_tracing_explain_routes(router, parts);
    add_tracing_diagnose_routes(router, parts);
    add_pod_routes(router, parts);
    add_pod_log_routes(router, parts);
    add_workload_log_routes(router, parts);
    add_namespace_routes(router, parts);
    add_workload_routes(router, parts);
    add_mesh_app_routes(router, parts);
    add_service_routes(router, parts);
    add_metric_routes(router, parts);
    add_dashboard_routes(router, parts);
    add_overview_routes(router, parts);
    add_graph_routes(router, parts);
    add_trace_graph_routes(router, parts);
    add_cluster_health_routes(router, parts);
    add_reconcile_routes(router, parts);
    add_permission_routes(router, parts);
    add_config_routes(router, parts);
    add_status_routes(router, parts);
    add_grafana_routes(router, parts);
    add_health_routes(router, parts);
    add_openapi_routes(router);
}

}  // namespace meshscope::handlers
