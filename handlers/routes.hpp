#pragma once

#include "handlers/parts.hpp"
#include "server/router.hpp"

namespace meshscope::handlers {

// One function for each resource; register_routes calls them all. The handlers they add are usable
// from every thread and live as long as the router.

// .../{apps,services,workloads}/{name}/{traces,spans}
void add_subject_routes(server::Router& router, const Parts& parts);
void add_app_routes(server::Router& router, const Parts& parts);    // .../apps/{app}/errortraces
void add_trace_routes(server::Router& router, const Parts& parts);  // /api/traces...
void add_span_routes(server::Router& router, const Parts& parts);   // /api/traces/{traceID}/spans
void add_forensics_routes(server::Router& router, const Parts& parts);     // .../forensics
void add_tracing_info_routes(server::Router& router, const Parts& parts);  // /api/tracing...
void add_namespace_routes(server::Router& router, const Parts& parts);     // /api/namespaces...
void add_workload_routes(server::Router& router, const Parts& parts);      // workloads
void add_mesh_app_routes(server::Router& router, const Parts& parts);      // applications
void add_metric_routes(server::Router& router, const Parts& parts);        // .../metrics
void add_dashboard_routes(server::Router& router, const Parts& parts);     // .../dashboard
void add_service_routes(server::Router& router, const Parts& parts);       // services
void add_graph_routes(server::Router& router, const Parts& parts);         // .../graph
void add_trace_graph_routes(server::Router& router, const Parts& parts);   // /api/traces/.../graph
void add_cluster_health_routes(server::Router& router, const Parts& parts);  // /api/clusters/health
void add_tracing_explain_routes(server::Router& router, const Parts& parts);   // .../explain
void add_tracing_diagnose_routes(server::Router& router, const Parts& parts);  // .../diagnose
void add_permission_routes(server::Router& router, const Parts& parts);  // /api/istio/permissions
void add_pod_routes(server::Router& router, const Parts& parts);         // .../pods/{pod}
void add_pod_log_routes(server::Router& router, const Parts& parts);     // .../pods/{pod}/logs
void add_workload_log_routes(
    server::Router& router, const Parts& parts
);                                                                 // .../workloads/{workload}/logs
void add_auth_routes(server::Router& router, const Parts& parts);  // /api/authenticate, ...
void add_config_routes(server::Router& router, const Parts& parts);  // /api/config
void add_status_routes(server::Router& router, const Parts& parts);  // /api, /api/status, ...
void add_health_routes(server::Router& router, const Parts& parts);  // /healthz, /readyz
void add_openapi_routes(server::Router& router);                     // /api/openapi.json

}  // namespace meshscope::handlers
