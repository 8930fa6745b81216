#include "config/describe.hpp"

// `external_services`, one line a key.
// clang-format off
namespace meshscope::config {

namespace {

const Check kSecret = Check{}.secret();
const Check kCount = Check{}.range(0, 1'000'000'000);
const Check kPort = Check{}.range(1, 65535);

}  // namespace

void describe(Visitor& v, ExternalServices& s) {
    v.section(parsed("custom_dashboards", "Dashboards of applications, drawn from their own metrics."), s.custom_dashboards);
    v.section(used("grafana", "Links to Grafana, and its state."), s.grafana);
    v.section(used("istio", "The mesh's control plane."), s.istio);
    v.section(parsed("perses", "Links to Perses."), s.perses);
    v.section(used("prometheus", "The metric store."), s.prometheus);
    v.section(used("tracing", "The trace store."), s.tracing);
}

void describe(Visitor& v, ServiceAuth& s) {
    v.value(used("type", "How the server shows who it is.", Check{}.one_of("none|basic|bearer|oauth2")), s.type);
    v.value(used("username", "Name for `basic`: a literal, a file or `secret:<name>:<key>`.", kSecret), s.username);
    v.value(used("password", "Password for `basic`: a literal, a file or `secret:<name>:<key>`.", kSecret), s.password);
    v.value(used("token", "Token for `bearer`: a literal, a file or `secret:<name>:<key>`.", kSecret), s.token);
    v.value(used("use_kiali_token", "With `bearer`: send the server's own service account token."), s.use_kiali_token);
    v.value(used("insecure_skip_verify", "Accept any server certificate."), s.insecure_skip_verify);
    v.value(used("ca_file", "PEM file of further authorities to trust for this service."), s.ca_file);
    v.value(used("cert_file", "Client certificate: PEM text, a file or `secret:<name>:<key>`. Needs `key_file`.", kSecret), s.cert_file);
    v.value(used("key_file", "Key of the client certificate: PEM text, a file or `secret:<name>:<key>`.", kSecret), s.key_file);
    v.section(used("oauth2", "Client credentials, for `type: oauth2` (over HTTP)."), s.oauth2);
}

void describe(Visitor& v, OAuth2& s) {
    v.value(used("token_url", "Where tokens are fetched; `https` unless `insecure_skip_verify`. Its certificate is always checked."), s.token_url);
    v.value(used("client_id", "Client name at the token endpoint.", kSecret), s.client_id);
    v.value(used("client_secret", "Client secret: a literal, a file or `secret:<name>:<key>`.", kSecret), s.client_secret);
    v.value(used("scopes", "Scopes to ask for."), s.scopes);
    v.value(used("audience", "Audience to ask for."), s.audience);
    v.value(used("auth_style", "Where the client credentials travel; empty: `header`, then `params` when that is refused.", Check{}.one_of("|header|params")), s.auth_style);
}

void describe(Visitor& v, Tracing& s) {
    v.value(used("enabled", "Whether traces are served. Left out: true when any of the four URLs is not empty."), s.enabled);
    v.value(used("provider", "Kind of store, `jaeger` or `tempo`. With `tempo` tracing is off in this version."), s.provider);
    v.value(used("internal_url", "Address the server calls. An explicit empty one means links only. Left out: `http://tracing.istio-system:16685/jaeger`, or empty when `url` is given."), s.internal_url);
    v.value(used("external_url", "Address for links in the browser; http or https."), s.external_url);
    v.value(used("in_cluster_url", "Older name of `internal_url`; when not empty it wins."), s.in_cluster_url);
    v.value(used("url", "Older name of `external_url`; when not empty it wins."), s.url);
    v.value(used("use_grpc", "Fixes the transport: gRPC or HTTP. Left out: gRPC, then HTTP; with `oauth2` HTTP alone."), s.use_grpc);
    v.value(parsed("grpc_port", "Tempo's gRPC port.", kPort), s.grpc_port);
    v.value(used("namespace_selector", "Services are named `<app>.<namespace>` in traces, not `<app>`."), s.namespace_selector);
    v.value(used("query_scope", "Tags that every search must match."), s.query_scope);
    v.value(used("query_timeout", "Longest time of one call to the store; 0 leaves it to the request's deadline.", kCount), s.query_timeout);
    v.value(parsed("health_check_url", "Address probed for reachability instead of the store's service list."), s.health_check_url);
    v.value(used("custom_headers", "Headers (HTTP) or metadata (gRPC) sent with every call, for instance `x-tenant`.", kSecret), s.custom_headers);
    v.value(used("disable_version_check", "Do not ask for the store's version."), s.disable_version_check);
    v.value(used("is_core", "An outage is an error in the status, not a warning."), s.is_core);
    v.value(used("use_waypoint_name", "Ambient mesh: search under the waypoint's name."), s.use_waypoint_name);
    v.value(used("whitelist_istio_system", "Services shown although they live in the control plane's namespace."), s.whitelist_istio_system);
    v.section(used("tempo_config", "Settings for Tempo, passed on to the console."), s.tempo_config);
    v.section(used("auth", "Credentials towards the store."), s.auth);
    v.dropped(retired("namespace", "Retired in v1.10: service discovery."));
    v.dropped(retired("service", "Retired in v1.10: service discovery."));
    v.dropped(retired("port", "Retired in v1.10: service discovery."));
    v.dropped(retired("is_core_component", "Retired in v1.33, now `is_core`."));
}

void describe(Visitor& v, TempoConfig& s) {
    v.value(used("cache_enabled", "Cache of traces by id."), s.cache_enabled);
    v.value(used("cache_capacity", "Traces in that cache.", kCount), s.cache_capacity);
    v.value(used("datasource_uid", "Grafana data source in links."), s.datasource_uid);
    v.value(used("org_id", "Grafana organisation in links; for tenants use `custom_headers`."), s.org_id);
    v.value(used("url_format", "Style of links: `grafana`, `jaeger` or `openshift`."), s.url_format);
    v.value(used("name", "Name of the Tempo resource, for `openshift` links."), s.name);
    v.value(used("namespace", "Namespace of the Tempo resource, for `openshift` links."), s.namespace_);
    v.value(used("tenant", "Tenant, for `openshift` links and the gateway's path."), s.tenant);
}

void describe(Visitor& v, Prometheus& s) {
    v.value(used("enabled", "Whether metrics are served."), s.enabled);
    v.value(used("url", "Address of the metric store, path prefix allowed."), s.url);
    v.section(used("auth", "Credentials towards the metric store."), s.auth);
    v.value(used("custom_headers", "Headers sent with every call.", kSecret), s.custom_headers);
    v.value(used("query_scope", "Labels that every query must match."), s.query_scope);
    v.value(used("health_check_url", "Address probed for reachability; empty: `<url>/-/healthy`."), s.health_check_url);
    v.value(used("cache_enabled", "Whether answers are kept for a while."), s.cache_enabled);
    v.value(used("cache_duration", "So long an answer about now is given again.", kCount), s.cache_duration);
    v.value(used("cache_expiration", "So long an answer about a moment in the past is.", kCount), s.cache_expiration);
    v.value(used("is_core", "An outage is an error in the status, not a warning."), s.is_core);
    v.section(used("thanos_proxy", "For stores that do not tell their configuration."), s.thanos_proxy);
}

void describe(Visitor& v, ThanosProxy& s) {
    v.value(used("enabled", "Take scrape interval and retention from here instead of asking."), s.enabled);
    v.value(used("retention_period", "How far back samples reach."), s.retention_period);
    v.value(used("scrape_interval", "Time between samples."), s.scrape_interval);
}

void describe(Visitor& v, CustomDashboardsService& s) {
    v.value(parsed("enabled", "Whether such dashboards are offered."), s.enabled);
    v.value(parsed("discovery_enabled", "`true`, `false` or `auto`."), s.discovery_enabled);
    v.value(parsed("discovery_auto_threshold", "With `auto`: most pods of a workload that are looked through.", kCount), s.discovery_auto_threshold);
    v.value(parsed("is_core", "An outage is an error in the status, not a warning."), s.is_core);
    v.value(parsed("namespace_label", "Label that holds a sample's namespace; empty is `namespace`."), s.namespace_label);
    v.section(parsed("prometheus", "A metric store of their own; empty `url`: the main one."), s.prometheus);
}

void describe(Visitor& v, Grafana& s) {
    v.value(used("enabled", "Whether links are offered."), s.enabled);
    v.value(used("internal_url", "Address the server calls. Left out: Grafana is not asked and not listed."), s.internal_url);
    v.value(used("external_url", "Address for links in the browser."), s.external_url);
    v.value(used("in_cluster_url", "Older name of `internal_url`; when not empty it wins."), s.in_cluster_url);
    v.value(used("url", "Older name of `external_url`; when not empty it wins."), s.url);
    v.value(used("datasource_uid", "Data source in links."), s.datasource_uid);
    v.list(used("dashboards", "Dashboards to link to."), s.dashboards);
    v.value(used("health_check_url", "Address probed for reachability."), s.health_check_url);
    v.value(used("is_core", "An outage is an error in the status, not a warning."), s.is_core);
    v.section(used("auth", "Credentials towards Grafana."), s.auth);
}

void describe(Visitor& v, LinkedDashboard& s) {
    v.value(used("name", "Title of the dashboard."), s.name);
    v.section(used("variables", "Names of the dashboard's URL variables."), s.variables);
}

void describe(Visitor& v, DashboardVariables& s) {
    v.value(used("app", "Variable of the application."), s.app);
    v.value(used("datasource", "Variable of the data source."), s.datasource);
    v.value(used("namespace", "Variable of the namespace."), s.namespace_);
    v.value(used("service", "Variable of the service."), s.service);
    v.value(used("version", "Variable of the version."), s.version);
    v.value(used("workload", "Variable of the workload."), s.workload);
}

void describe(Visitor& v, Perses& s) {
    v.value(parsed("enabled", "Whether links are offered."), s.enabled);
    v.value(parsed("internal_url", "Address the server calls."), s.internal_url);
    v.value(parsed("external_url", "Address for links in the browser."), s.external_url);
    v.value(parsed("project", "Project of the dashboards."), s.project);
    v.value(parsed("url_format", "Style of links: empty or `openshift`."), s.url_format);
    v.list(parsed("dashboards", "Dashboards to link to."), s.dashboards);
    v.value(parsed("health_check_url", "Address probed for reachability."), s.health_check_url);
    v.value(parsed("is_core", "An outage is an error in the status, not a warning."), s.is_core);
    v.section(parsed("auth", "Credentials towards Perses."), s.auth);
}

void describe(Visitor& v, Istio& s) {
    v.section(used("component_status", "Health of the mesh's components."), s.component_status);
    v.value(used("istio_api_enabled", "Whether the control plane is asked at all."), s.istio_api_enabled);
    v.value(parsed("istiod_polling_interval_seconds", "Time between two polls of the control plane.", kCount), s.istiod_polling_interval_seconds);
    v.value(used("istio_identity_domain", "Domain of service names; empty: `svc.cluster.local` unless the mesh says otherwise."), s.istio_identity_domain);
    v.list(parsed("gateway_api_classes", "Gateway classes offered in wizards."), s.gateway_api_classes);
    v.value(parsed("gateway_api_classes_label_selector", "Gateway classes found by label."), s.gateway_api_classes_label_selector);
    v.value(parsed("validation_change_detection_enabled", "Validate only what has changed."), s.validation_change_detection_enabled);
    v.value(parsed("validation_reconcile_interval", "Time between validations; zero or less: never."), s.validation_reconcile_interval);
    for (const char* name : {"config_map_name", "egress_gateway_namespace", "envoy_admin_local_port", "gateway_api_class_name", "ingress_gateway_namespace", "istio_canary_revision",
                             "istio_injection_annotation", "istio_sidecar_annotation", "istio_sidecar_injector_config_map_name", "istiod_deployment_name",
                             "istiod_pod_monitoring_port", "root_namespace", "url_service_version"}) {
        v.dropped(retired(name, "Retired: found without being told."));
    }
}

void describe(Visitor& v, ComponentStatus& s) {
    v.value(used("enabled", "Whether the health of components is shown."), s.enabled);
    v.list(used("components", "Components to look at in place of control planes; empty: found by themselves."), s.components);
}

void describe(Visitor& v, StatusComponent& s) {
    v.value(used("app_label", "Value of the component's `app` label."), s.app_label);
    v.value(used("is_core", "Its absence is an error, not a warning."), s.is_core);
    v.value(parsed("is_proxy", "It is a proxy."), s.is_proxy);
    v.value(parsed("is_multicluster", "It may live in another cluster."), s.is_multicluster);
    v.value(used("namespace", "Its namespace; empty: the control plane's."), s.namespace_);
}

void describe(Visitor& v, GatewayApiClass& s) {
    v.value(parsed("name", "Shown name."), s.name);
    v.value(parsed("class_name", "Name of the class resource."), s.class_name);
}

}  // namespace meshscope::config
