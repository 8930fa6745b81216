#pragma once

#include <map>
#include <string>
#include <vector>

namespace meshscope::test {

// For each operation of the contract the targets that the marker scan (marker_scan_test) asks for:
// those of a namespace once in bookinfo and once in travel, which hold the same things but for
// their markers. One line a route; a route without one fails the scan. An operation that is no GET
// has none: its answers hold nothing of the mesh, or its own test looks for the markers.
inline std::map<std::string, std::vector<std::string>> route_targets() {
    const auto both = [](const std::string& rest) {
        return std::vector<std::string>{
            "/api/namespaces/bookinfo/" + rest, "/api/namespaces/travel/" + rest
        };
    };
    const std::string ns = "get /api/namespaces/{namespace}/";
    return {
        {"get /api", {"/api"}},
        {"get /api/auth/info", {"/api/auth/info"}},
        {"get /api/authenticate", {"/api/authenticate"}},
        {"post /api/authenticate", {}},
        {"get /api/logout", {"/api/logout"}},
        {"get /api/config", {"/api/config"}},
        {"get /api/clusters/apps", {"/api/clusters/apps"}},
        {"get /api/clusters/health",
         {"/api/clusters/health", "/api/clusters/health?namespaces=bookinfo,travel"}},
        {"get /api/clusters/metrics",
         {"/api/clusters/metrics", "/api/clusters/metrics?namespaces=bookinfo,travel"}},
        {"get /api/clusters/services", {"/api/clusters/services"}},
        {"get /api/clusters/workloads", {"/api/clusters/workloads"}},
        {"get /api/istio/permissions", {"/api/istio/permissions?namespaces=bookinfo,travel"}},
        {"get /api/grafana", {"/api/grafana"}},
        {"get /api/istio/status", {"/api/istio/status"}},
        {"get /api/overview/metrics/apps/rates", {"/api/overview/metrics/apps/rates"}},
        {"get /api/overview/metrics/services/latency",
         {"/api/overview/metrics/services/latency",
          "/api/overview/metrics/services/latency?namespaces=bookinfo,travel"}},
        {"get /api/overview/metrics/services/rates", {"/api/overview/metrics/services/rates"}},
        {"get /api/overview/metrics/services/throughput",
         {"/api/overview/metrics/services/throughput"}},
        {"get /api/namespaces", {"/api/namespaces"}},
        {ns + "info", both("info")},
        {ns + "apps/{app}", both("apps/web")},
        {ns + "aggregates/{aggregate}/{value}/metrics",
         both("aggregates/request_operation/a/metrics")},
        {ns + "apps/{app}/dashboard", both("apps/web/dashboard")},
        {ns + "apps/{app}/errortraces", both("apps/web/errortraces?duration=60")},
        {ns + "apps/{app}/metrics", both("apps/web/metrics")},
        {ns + "apps/{app}/spans", both("apps/web/spans")},
        {ns + "apps/{app}/traces", both("apps/web/traces")},
        {ns + "metrics", both("metrics")},
        {"get /api/namespaces/graph",
         {"/api/namespaces/graph?namespaces=bookinfo",
          "/api/namespaces/graph?namespaces=travel",
          "/api/namespaces/graph?namespaces=bookinfo,travel&graphType=app"}},
        {ns + "aggregates/{aggregate}/{aggregateValue}/graph", both("aggregates/kind/any/graph")},
        {ns + "aggregates/{aggregate}/{aggregateValue}/{service}/graph",
         both("aggregates/kind/any/web/graph")},
        {ns + "applications/{app}/graph", both("applications/web/graph")},
        {ns + "applications/{app}/versions/{version}/graph",
         both("applications/web/versions/v1/graph")},
        {ns + "services/{service}/graph", both("services/web/graph")},
        {ns + "workloads/{workload}/graph", both("workloads/web/graph")},
        {ns + "pods/{pod}", both("pods/sleep")},
        {ns + "pods/{pod}/logs", both("pods/sleep/logs")},
        {ns + "services/{service}", both("services/web")},
        {ns + "services/{service}/dashboard", both("services/web/dashboard?direction=inbound")},
        {ns + "services/{service}/metrics", both("services/web/metrics?direction=inbound")},
        {ns + "services/{service}/spans", both("services/web/spans")},
        {ns + "services/{service}/traces", both("services/web/traces")},
        {ns + "workloads/{workload}", both("workloads/sleep")},
        {ns + "workloads/{workload}/dashboard", both("workloads/web/dashboard")},
        {ns + "workloads/{workload}/logs", both("workloads/sleep/logs?spans=true&since=600s")},
        {ns + "workloads/{workload}/metrics", both("workloads/web/metrics")},
        {ns + "workloads/{workload}/reconcile", both("workloads/web/reconcile")},
        {ns + "workloads/{workload}/spans", both("workloads/web/spans")},
        {ns + "workloads/{workload}/traces", both("workloads/web/traces")},
        {"get /api/openapi.json", {"/api/openapi.json"}},
        {"get /api/status", {"/api/status"}},
        {"get /api/traces", {"/api/traces", "/api/traces?errors=true", "/api/traces?limit=1"}},
        {"get /api/traces/{traceID}", {"/api/traces/2a", "/api/traces/2b", "/api/traces/2c"}},
        {ns + "apps/{app}/overlay", both("apps/web/overlay")},
        {ns + "services/{service}/overlay", both("services/web/overlay?maxPoints=0")},
        {ns + "workloads/{workload}/overlay", both("workloads/web/overlay")},
        {"get /api/traces/{a}/compare/{b}",
         {"/api/traces/2a/compare/2a",
          "/api/traces/2a/compare/2b",
          "/api/traces/2b/compare/2a",
          "/api/traces/2c/compare/2b"}},
        {"get /api/traces/{traceID}/heatmap",
         {"/api/traces/2a/heatmap",
          "/api/traces/2b/heatmap?mode=kiali",
          "/api/traces/2c/heatmap?workload=web&namespace=travel&at=now"}},
        {"post /api/traces/heatmaps", {}},
        {"post /api/stats/metrics", {}},
        {"get /api/traces/{traceID}/forensics",
         {"/api/traces/2a/forensics", "/api/traces/2b/forensics", "/api/traces/2c/forensics"}},
        {"get /api/traces/{traceID}/graph",
         {"/api/traces/2a/graph",
          "/api/traces/2b/graph?graphType=app",
          "/api/traces/2c/graph?injectServiceNodes=true"}},
        {"post /api/traces/graph", {}},
        {"get /api/traces/{traceID}/spans",
         {"/api/traces/2a/spans", "/api/traces/2b/spans", "/api/traces/2c/spans"}},
        {"get /api/tracing", {"/api/tracing"}},
        {"post /api/tracing/check", {}},
        {"get /api/tracing/diagnose", {"/api/tracing/diagnose"}},
        {"get /api/tracing/explain",
         {"/api/tracing/explain?namespace=bookinfo&workload=web",
          "/api/tracing/explain?namespace=travel&workload=web"}},
        {"get /api/tracing/services", {"/api/tracing/services"}},
        {"get /api/tracing/services/{service}/operations",
         {"/api/tracing/services/web.bookinfo/operations",
          "/api/tracing/services/web.travel/operations"}},
        {"get /healthz", {"/healthz"}},
        {"get /readyz", {"/readyz"}},
    };
}

}  // namespace meshscope::test
