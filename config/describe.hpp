#pragma once

#include "config/keys.hpp"

// One description a section: its keys, in the order of the reference page.
namespace meshscope::config {

void describe(Visitor& v, Config& s);
void describe(Visitor& v, DisplayDetail& s);
void describe(Visitor& v, Auth& s);
void describe(Visitor& v, OpenId& s);
void describe(Visitor& v, DiscoveryOverride& s);
void describe(Visitor& v, OpenShift& s);
void describe(Visitor& v, Impersonation& s);
void describe(Visitor& v, ChatAi& s);
void describe(Visitor& v, Clustering& s);
void describe(Visitor& v, Cluster& s);
void describe(Visitor& v, KialiUrl& s);
void describe(Visitor& v, CustomDashboard& s);
void describe(Visitor& v, Deployment& s);
void describe(Visitor& v, DiscoverySelectors& s);
void describe(Visitor& v, LabelSelector& s);
void describe(Visitor& v, SelectorExpression& s);
void describe(Visitor& v, TlsPolicy& s);
void describe(Visitor& v, Extension& s);
void describe(Visitor& v, ExternalServices& s);
void describe(Visitor& v, CustomDashboardsService& s);
void describe(Visitor& v, Prometheus& s);
void describe(Visitor& v, ThanosProxy& s);
void describe(Visitor& v, ServiceAuth& s);
void describe(Visitor& v, OAuth2& s);
void describe(Visitor& v, Grafana& s);
void describe(Visitor& v, LinkedDashboard& s);
void describe(Visitor& v, DashboardVariables& s);
void describe(Visitor& v, Perses& s);
void describe(Visitor& v, Istio& s);
void describe(Visitor& v, ComponentStatus& s);
void describe(Visitor& v, StatusComponent& s);
void describe(Visitor& v, GatewayApiClass& s);
void describe(Visitor& v, Tracing& s);
void describe(Visitor& v, TempoConfig& s);
void describe(Visitor& v, HealthConfig& s);
void describe(Visitor& v, HealthCompute& s);
void describe(Visitor& v, HealthRate& s);
void describe(Visitor& v, Tolerance& s);
void describe(Visitor& v, Identity& s);
void describe(Visitor& v, IstioLabels& s);
void describe(Visitor& v, FeatureFlags& s);
void describe(Visitor& v, Authz& s);
void describe(Visitor& v, FeatureClustering& s);
void describe(Visitor& v, WorkloadType& s);
void describe(Visitor& v, UiDefaults& s);
void describe(Visitor& v, GraphDefaults& s);
void describe(Visitor& v, GraphExpression& s);
void describe(Visitor& v, GraphSettings& s);
void describe(Visitor& v, GraphTraffic& s);
void describe(Visitor& v, I18n& s);
void describe(Visitor& v, ListDefaults& s);
void describe(Visitor& v, MeshDefaults& s);
void describe(Visitor& v, MetricDefaults& s);
void describe(Visitor& v, Aggregation& s);
void describe(Visitor& v, TracingDefaults& s);
void describe(Visitor& v, Validations& s);
void describe(Visitor& v, KialiInternal& s);
void describe(Visitor& v, CacheExpiration& s);
void describe(Visitor& v, GraphCache& s);
void describe(Visitor& v, HealthCache& s);
void describe(Visitor& v, KubernetesConfig& s);
void describe(Visitor& v, LoginToken& s);
void describe(Visitor& v, Meshscope& s);
void describe(Visitor& v, ErrorPolicy& s);
void describe(Visitor& v, KubernetesAccess& s);
void describe(Visitor& v, Server& s);
void describe(Visitor& v, Profiler& s);
void describe(Visitor& v, Observability& s);
void describe(Visitor& v, OwnMetrics& s);
void describe(Visitor& v, HealthStatusMetrics& s);
void describe(Visitor& v, OwnTracing& s);
void describe(Visitor& v, OtelCollector& s);

}  // namespace meshscope::config
