#include "config/describe.hpp"

// The top level, clusters, labels, feature flags and health, one line a key.
// clang-format off
namespace meshscope::config {

namespace {

const Check kCount = Check{}.range(0, 1'000'000'000);

}  // namespace

void describe(Visitor& v, Config& s) {
    v.list(parsed("additional_display_details", "Annotations shown with workloads."), s.additional_display_details);
    v.section(used("auth", "Who may enter."), s.auth);
    v.section(parsed("chat_ai", "Assistant of the console; always off here."), s.chat_ai);
    v.section(used("clustering", "Further clusters."), s.clustering);
    v.list(parsed("custom_dashboards", "Dashboards of your own; they replace built-in ones of the same name."), s.custom_dashboards);
    v.section(used("deployment", "Where and how the server runs."), s.deployment);
    v.list(parsed("extensions", "Extensions of the console."), s.extensions);
    v.section(used("external_services", "The upstreams."), s.external_services);
    v.section(used("health_config", "When something counts as unhealthy."), s.health_config);
    v.section(used("identity", "The server's own certificate."), s.identity);
    v.value(used("installation_tag", "Text beside the console's title."), s.installation_tag);
    v.section(used("istio_labels", "Labels that name applications and versions."), s.istio_labels);
    v.section(used("kiali_feature_flags", "What the console offers and how it begins."), s.kiali_feature_flags);
    v.section(parsed("kiali_internal", "Inner workings."), s.kiali_internal);
    v.section(used("kubernetes_config", "How the cluster is asked."), s.kubernetes_config);
    v.section(used("login_token", "Sessions."), s.login_token);
    v.section(used("meshscope", "Settings that only Meshscope has."), s.meshscope);
    v.value(used("runMode", "Internal; always `app` here."), s.runMode);
    v.section(used("server", "The listener."), s.server);
    v.dropped(retired("api", "Retired in v2.0: namespaces to include and exclude, now `deployment.discovery_selectors`."));
    v.dropped(retired("istio_namespace", "Retired in v2.14: the control plane is found."));
    v.dropped(retired("runConfig", "Internal to other run modes."));
    v.installer({"skipResources", "version"});
}

void describe(Visitor& v, DisplayDetail& s) {
    v.value(parsed("title", "Shown name."), s.title);
    v.value(parsed("annotation", "Annotation whose value is shown."), s.annotation);
    v.value(parsed("icon_annotation", "Annotation that names an icon."), s.icon_annotation);
}

void describe(Visitor& v, ChatAi& s) {
    v.value(parsed("enabled", "Whether the assistant is wanted."), s.enabled);
    for (const char* name : {"default_provider", "providers", "store_config"}) {
        v.dropped(retired(name, "Settings of the assistant, never read."));
    }
}

void describe(Visitor& v, Clustering& s) {
    v.list(used("clusters", "Clusters besides the home cluster."), s.clusters);
    v.list(parsed("kiali_urls", "Consoles of other clusters."), s.kiali_urls);
    v.value(used("enable_exec_provider", "Run the credential programs that a kubeconfig names."), s.enable_exec_provider);
    v.value(used("ignore_home_cluster", "The cluster this server runs in is not part of the mesh."), s.ignore_home_cluster);
    v.installer({"autodetect_secrets"});
}

void describe(Visitor& v, Cluster& s) {
    v.value(parsed("name", "Name of the cluster."), s.name);
    v.value(parsed("secret_name", "Secret that holds its kubeconfig."), s.secret_name);
}

void describe(Visitor& v, KialiUrl& s) {
    v.value(parsed("cluster_name", "Name of the cluster."), s.cluster_name);
    v.value(parsed("instance_name", "Name of the installation there."), s.instance_name);
    v.value(parsed("namespace", "Namespace of the installation there."), s.namespace_);
    v.value(parsed("url", "Address of the console there."), s.url);
}

void describe(Visitor& v, CustomDashboard& s) {
    v.value(parsed("name", "Name of the dashboard."), s.name);
    v.value(parsed("title", "Shown title."), s.title);
    v.value(parsed("runtime", "Runtime it belongs to."), s.runtime);
    for (const char* name : {"discoverOn", "externalLinks", "items", "namespace", "rows", "template"}) {
        v.dropped(retired(name, "Content of the dashboard, not read yet."));
    }
}

void describe(Visitor& v, Extension& s) {
    v.value(parsed("name", "Name of the extension."), s.name);
    v.value(parsed("enabled", "Whether it is on."), s.enabled);
}

void describe(Visitor& v, HealthConfig& s) {
    v.section(used("compute", "How often health is computed, and over how long."), s.compute);
    v.list(used("rate", "Tolerated errors; the first entry that matches holds, the built-in ones come last."), s.rate);
}

void describe(Visitor& v, HealthCompute& s) {
    v.value(used("duration", "Window of requests looked at; at least `1m`.", Check{}.lenient(std::chrono::minutes(1))), s.duration);
    v.value(used("refresh_interval", "Time between two computations.", Check{}.lenient()), s.refresh_interval);
    v.value(used("timeout", "Longest time of one computation.", Check{}.lenient()), s.timeout);
}

void describe(Visitor& v, HealthRate& s) {
    v.value(used("namespace", "Namespaces it is for, a regular expression."), s.namespace_);
    v.value(used("kind", "Kinds it is for, a regular expression."), s.kind);
    v.value(used("name", "Names it is for, a regular expression."), s.name);
    v.list(used("tolerance", "Tolerated shares."), s.tolerance);
}

void describe(Visitor& v, Tolerance& s) {
    v.value(used("code", "Response codes, a regular expression; `X` is any digit."), s.code);
    v.value(used("protocol", "Protocol, a regular expression."), s.protocol);
    v.value(used("direction", "`inbound`, `outbound` or both, a regular expression."), s.direction);
    v.value(used("degraded", "Percent from which it is degraded."), s.degraded);
    v.value(used("failure", "Percent from which it is a failure."), s.failure);
}

void describe(Visitor& v, IstioLabels& s) {
    v.value(used("app_label_name", "Label that names the application; empty: the usual ones, in order."), s.app_label_name);
    v.value(used("version_label_name", "Label that names the version; empty: the usual ones, in order."), s.version_label_name);
    for (const char* name : {"egress_gateway_label", "ingress_gateway_label", "injection_label_name", "injection_label_rev"}) {
        v.dropped(retired(name, "Retired: found without being told."));
    }
}

void describe(Visitor& v, FeatureFlags& s) {
    v.section(used("authz", "Rights asked of users."), s.authz);
    v.section(used("clustering", "Older place of `clustering`."), s.clustering);
    v.list(used("custom_workload_types", "Further kinds of workloads."), s.custom_workload_types);
    v.value(used("disabled_features", "Features that are off; only `logs-tab` exists."), s.disabled_features);
    v.value(used("istio_annotation_action", "Offer to change annotations."), s.istio_annotation_action);
    v.value(used("istio_injection_action", "Offer to switch sidecar injection."), s.istio_injection_action);
    v.value(used("istio_upgrade_action", "Offer to move to another control plane revision."), s.istio_upgrade_action);
    v.section(used("ui_defaults", "How pages begin."), s.ui_defaults);
    v.section(used("validations", "Checks of configuration objects."), s.validations);
    v.dropped(retired("certificates_information_indicators", "Retired."));
}

void describe(Visitor& v, Authz& s) {
    v.value(used("require_namespace_get", "A namespace is visible only to who may get it."), s.require_namespace_get);
}

void describe(Visitor& v, FeatureClustering& s) {
    v.value(used("enable_exec_provider", "The same as `clustering.enable_exec_provider`; one of the two is enough."), s.enable_exec_provider);
    for (const char* name : {"autodetect_secrets", "clusters", "kiali_urls"}) {
        v.dropped(retired(name, "Retired, now under `clustering`."));
    }
}

void describe(Visitor& v, WorkloadType& s) {
    v.value(parsed("group", "API group."), s.group);
    v.value(parsed("version", "API version."), s.version);
    v.value(used("kind", "Kind."), s.kind);
}

void describe(Visitor& v, UiDefaults& s) {
    v.section(used("graph", "The graph page."), s.graph);
    v.section(used("i18n", "Languages."), s.i18n);
    v.section(used("list", "List pages."), s.list);
    v.section(used("mesh", "The mesh page."), s.mesh);
    v.section(used("metrics_inbound", "Pages of inbound metrics."), s.metrics_inbound);
    v.section(used("metrics_outbound", "Pages of outbound metrics."), s.metrics_outbound);
    v.value(used("metrics_per_refresh", "Length of time shown."), s.metrics_per_refresh);
    v.value(used("namespaces", "Namespaces selected at first."), s.namespaces);
    v.value(used("refresh_interval", "Time between refreshes, `manual` or `pause`."), s.refresh_interval);
    v.section(used("tracing", "Pages of traces."), s.tracing);
}

void describe(Visitor& v, GraphDefaults& s) {
    v.list(used("find_options", "Expressions offered in the find box."), s.find_options);
    v.list(used("hide_options", "Expressions offered in the hide box."), s.hide_options);
    v.section(used("settings", "Drawing."), s.settings);
    v.section(used("traffic", "Rates drawn for each protocol."), s.traffic);
}

void describe(Visitor& v, GraphExpression& s) {
    v.value(used("auto_select", "Applied at once."), s.auto_select);
    v.value(used("description", "Shown text."), s.description);
    v.value(used("expression", "The expression."), s.expression);
}

void describe(Visitor& v, GraphSettings& s) {
    v.value(used("animation", "Style of traffic animation: `point` or `dash`."), s.animation);
    for (const char* name : {"font_label", "min_font_badge", "min_font_label"}) {
        v.dropped(retired(name, "Retired: the page scales by itself."));
    }
}

void describe(Visitor& v, GraphTraffic& s) {
    v.value(used("ambient", "`none`, `total`, `waypoint` or `ztunnel`."), s.ambient);
    v.value(used("grpc", "`none`, `requests`, `sent`, `received` or `total`."), s.grpc);
    v.value(used("http", "`none` or `requests`."), s.http);
    v.value(used("tcp", "`none`, `sent`, `received` or `total`."), s.tcp);
}

void describe(Visitor& v, I18n& s) {
    v.value(used("language", "Language of the console."), s.language);
    v.value(used("show_selector", "Offer other languages."), s.show_selector);
}

void describe(Visitor& v, ListDefaults& s) {
    v.value(used("include_health", "Show health in lists."), s.include_health);
    v.value(used("include_istio_resources", "Show Istio's objects in lists."), s.include_istio_resources);
    v.value(used("include_validations", "Show checks in lists."), s.include_validations);
    v.value(used("show_include_toggles", "Offer switches for the three."), s.show_include_toggles);
}

void describe(Visitor& v, MeshDefaults& s) {
    v.list(used("find_options", "Expressions offered in the find box."), s.find_options);
    v.list(used("hide_options", "Expressions offered in the hide box."), s.hide_options);
}

void describe(Visitor& v, MetricDefaults& s) {
    v.list(used("aggregations", "Further labels to split metrics by."), s.aggregations);
}

void describe(Visitor& v, Aggregation& s) {
    v.value(used("label", "Name of the label."), s.label);
    v.value(used("display_name", "Shown name."), s.display_name);
    v.value(parsed("single_selection", "One value at a time."), s.single_selection);
}

void describe(Visitor& v, TracingDefaults& s) {
    v.value(used("limit", "Traces asked for at first.", Check{}.range(10, 1000)), s.limit);
}

void describe(Visitor& v, Validations& s) {
    v.value(used("ignore", "Checks that are not shown."), s.ignore);
    v.value(used("skip_wildcard_gateway_hosts", "Do not compare hosts that are all wildcard."), s.skip_wildcard_gateway_hosts);
}

void describe(Visitor& v, KialiInternal& s) {
    v.section(parsed("cache_expiration", "Ages of cached answers; bare numbers are nanoseconds."), s.cache_expiration);
    v.section(parsed("graph_cache", "Cache of graphs."), s.graph_cache);
    v.section(parsed("health_cache", "Cache of health."), s.health_cache);
    v.value(parsed("metric_log_duration_limit", "Calls slower than this are logged; 0: all."), s.metric_log_duration_limit);
    v.value(parsed("url_service_version", "For developers."), s.url_service_version);
}

void describe(Visitor& v, CacheExpiration& s) {
    v.value(parsed("ambient_check", "Whether the mesh is ambient."), s.ambient_check);
    v.value(parsed("istio_status", "Health of components."), s.istio_status);
    v.value(parsed("gateway", "Gateways."), s.gateway);
    v.value(parsed("mesh", "The mesh."), s.mesh);
    v.value(parsed("waypoint", "Waypoints."), s.waypoint);
    v.value(parsed("ztunnel_config", "Configuration of ztunnel."), s.ztunnel_config);
}

void describe(Visitor& v, GraphCache& s) {
    v.value(parsed("enabled", "Whether it is on."), s.enabled);
    v.value(parsed("inactivity_timeout", "Unread graphs are dropped after this.", Check{}.lenient()), s.inactivity_timeout);
    v.value(parsed("max_cache_memory_mb", "Its size in MiB.", kCount), s.max_cache_memory_mb);
    v.value(parsed("refresh_interval", "Time between refreshes.", Check{}.lenient()), s.refresh_interval);
}

void describe(Visitor& v, HealthCache& s) {
    v.value(parsed("enabled", "Whether it is on."), s.enabled);
}

void describe(Visitor& v, KubernetesConfig& s) {
    v.value(parsed("qps", "Calls a second to the cluster's API."), s.qps);
    v.value(parsed("burst", "Calls at once to the cluster's API.", kCount), s.burst);
    v.value(parsed("cache_duration", "Kept for old files.", kCount), s.cache_duration);
    v.value(used("cache_token_namespace_duration", "How long it is remembered what a user may see.", kCount), s.cache_token_namespace_duration);
    v.value(used("cluster_name", "Name of the home cluster; empty: `Kubernetes`. As spans and proxies name it (`istio.cluster_id`)."), s.cluster_name);
    v.value(used("excluded_workloads", "Kinds of workloads that are left out."), s.excluded_workloads);
}

}  // namespace meshscope::config
