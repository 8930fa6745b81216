#include "business/mesh_items.hpp"
#include "business/status.hpp"
#include "core/json_writer.hpp"
#include "handlers/public_config.hpp"
#include "handlers/safe_text.hpp"

#include <string_view>

namespace meshscope::handlers {

namespace {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name).begin_array();
    for (const std::string& text : texts) {
        json.string(text);
    }
    json.end_array();
}

// Members that are left out when they say nothing.
void optional_text(JsonWriter& json, std::string_view name, std::string_view text) {
    if (!text.empty()) {
        json.field(name, text);
    }
}

void optional_flag(JsonWriter& json, std::string_view name, bool flag) {
    if (flag) {
        json.field(name, flag);
    }
}

void write_clusters(JsonWriter& json, const PublicConfig& config, bool accessible) {
    json.key("clusters").begin_object().key(config.cluster_name).begin_object();
    json.field("accessible", accessible).field("apiEndpoint", "").field("isKialiHome", true);
    json.key("kialiInstances").null();
    json.field("name", config.cluster_name).field("secretName", "");
    json.end_object().end_object();
}

void write_rate(JsonWriter& json, const PublicHealthRate& rate) {
    json.begin_object();
    optional_text(json, "namespace", rate.name_space);
    optional_text(json, "kind", rate.kind);
    optional_text(json, "name", rate.name);
    json.key("tolerance").begin_array();
    for (const PublicTolerance& item : rate.tolerance) {
        json.begin_object().field("code", item.code).field("degraded", item.degraded);
        json.field("failure", item.failure).field("protocol", item.protocol);
        json.field("direction", item.direction).end_object();
    }
    json.end_array().end_object();
}

PublicHealthRate built_in_rate() {
    PublicHealthRate rate;
    rate.name_space = rate.kind = rate.name = ".*";
    rate.tolerance.push_back({"^5\\d\\d$", 0, 10, "http", ".*"});
    rate.tolerance.push_back({"^4\\d\\d$", 10, 20, "http", ".*"});
    rate.tolerance.push_back({"^[1-9]$|^1[0-6]$", 0, 10, "grpc", ".*"});
    rate.tolerance.push_back({"^-$", 0, 10, "http|grpc", ".*"});
    return rate;
}

void write_health(JsonWriter& json, const PublicHealth& health) {
    json.key("healthConfig").begin_object().key("compute").begin_object();
    json.field("duration", health.duration).field("refreshInterval", health.refresh_interval);
    json.field("timeout", health.timeout).end_object().key("rate").begin_array();
    for (const PublicHealthRate& rate : health.rates) {
        write_rate(json, rate);
    }
    write_rate(json, built_in_rate());
    json.end_array().end_object();
}

void write_options(
    JsonWriter& json, std::string_view name, const std::vector<PublicFindOption>& options
) {
    json.key(name).begin_array();
    for (const PublicFindOption& option : options) {
        json.begin_object().field("autoSelect", option.auto_select);
        json.field("description", option.description).field("expression", option.expression);
        json.end_object();
    }
    json.end_array();
}

void write_aggregations(
    JsonWriter& json, std::string_view name, const std::vector<PublicAggregation>& aggregations
) {
    json.key(name).begin_object();
    if (!aggregations.empty()) {
        json.key("aggregations").begin_array();
        for (const PublicAggregation& item : aggregations) {
            json.begin_object().field("displayName", item.display_name);
            json.field("label", item.label).end_object();
        }
        json.end_array();
    }
    json.end_object();
}

void write_ui_defaults(JsonWriter& json, const PublicUiDefaults& ui) {
    json.key("uiDefaults").begin_object().key("graph").begin_object();
    write_options(json, "findOptions", ui.graph_find);
    write_options(json, "hideOptions", ui.graph_hide);
    json.key("settings").begin_object().field("animation", ui.graph_animation).end_object();
    json.key("traffic").begin_object().field("ambient", ui.traffic.ambient);
    json.field("grpc", ui.traffic.grpc).field("http", ui.traffic.http);
    json.field("tcp", ui.traffic.tcp).end_object().end_object();
    json.key("i18n").begin_object().field("language", ui.language);
    json.field("showSelector", ui.show_language_selector).end_object();
    json.key("list").begin_object().field("includeHealth", ui.list_include_health);
    json.field("includeIstioResources", ui.list_include_istio_resources);
    json.field("includeValidations", ui.list_include_validations);
    json.field("showIncludeToggles", ui.list_show_include_toggles).end_object();
    json.key("mesh").begin_object();
    write_options(json, "findOptions", ui.mesh_find);
    write_options(json, "hideOptions", ui.mesh_hide);
    json.end_object().field("metricsPerRefresh", ui.metrics_per_refresh);
    write_aggregations(json, "metricsInbound", ui.inbound_aggregations);
    write_aggregations(json, "metricsOutbound", ui.outbound_aggregations);
    if (!ui.namespaces.empty()) {
        write_texts(json, "namespaces", ui.namespaces);
    }
    json.field("refreshInterval", ui.refresh_interval);
    json.key("tracing").begin_object().field("limit", ui.trace_limit).end_object();
    json.end_object();
}

void write_features(JsonWriter& json, const PublicConfig& config) {
    json.key("kialiFeatureFlags").begin_object().key("authz").begin_object();
    optional_flag(json, "requireNamespaceGet", config.require_namespace_get);
    json.end_object().key("clustering").begin_object();
    json.field("enable_exec_provider", config.enable_exec_provider).end_object();
    if (!config.custom_workload_types.empty()) {
        write_texts(json, "customWorkloadTypes", config.custom_workload_types);
    }
    if (!config.disabled_features.empty()) {
        write_texts(json, "disabledFeatures", config.disabled_features);
    }
    json.field("istioAnnotationAction", config.annotation_action);
    json.field("istioInjectionAction", config.injection_action);
    json.field("istioUpgradeAction", config.upgrade_action);
    write_ui_defaults(json, config.ui);
    json.key("validations").begin_object();
    write_texts(json, "ignore", config.ignored_validations);
    json.field("SkipWildcardGatewayHosts", config.skip_wildcard_gateway_hosts);
    json.end_object().end_object();
}

void write_prometheus(JsonWriter& json, const business::MetricFacts& metrics) {
    json.key("prometheus").begin_object().field("enabled", metrics.enabled);
    optional_text(json, "disabledReason", safe_text(metrics.disabled_reason));
    json.field("globalScrapeInterval", metrics.scrape_interval.count());
    json.field("storageTsdbRetention", metrics.retention.count()).end_object();
}

// The parts that say nothing yet but that clients read without asking first.
void write_fixed_parts(JsonWriter& json) {
    json.key("chatAI").begin_object().field("enabled", false).field("defaultProvider", "");
    json.key("providers").begin_array().end_array();
    json.key("store").begin_object().field("enabled", false).end_object().end_object();
    json.key("istioAnnotations").begin_object();
    json.field("ambientAnnotation", "ambient.istio.io/redirection");
    json.field("ambientAnnotationEnabled", "enabled");
    json.field("istioInjectionAnnotation", "sidecar.istio.io/inject").end_object();
}

}  // namespace

std::string config_json(
    const PublicConfig& config,
    const business::MeshFacts& mesh,
    const business::MetricFacts& metrics
) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("authStrategy", config.auth_strategy);
    optional_flag(json, "ambientEnabled", mesh.ambient);
    write_clusters(json, config, mesh.accessible);
    optional_flag(json, "clusterWideAccess", config.cluster_wide_access);
    if (!mesh.control_plane.empty()) {
        json.key("controlPlanes").begin_object();
        json.field(config.cluster_name, mesh.control_plane).end_object();
    }
    json.key("deployment").begin_object();
    optional_flag(json, "viewOnlyMode", config.view_only);
    json.end_object();
    optional_flag(json, "gatewayAPIEnabled", mesh.gateway_api);
    write_health(json, config.health);
    optional_flag(json, "ignoreHomeCluster", config.ignore_home_cluster);
    optional_text(json, "installationTag", config.installation_tag);
    write_fixed_parts(json);
    optional_flag(json, "istioAPIInstalled", mesh.istio_api);
    optional_flag(json, "istioGatewayInstalled", mesh.istio_gateway);
    optional_text(json, "istioIdentityDomain", config.identity_domain);
    json.key("istioLabels").begin_object().field("appLabelName", config.app_label);
    json.field("versionLabelName", config.version_label).end_object();
    optional_flag(json, "istioStatusEnabled", config.component_status);
    write_features(json, config);
    optional_text(json, "logLevel", config.log_level);
    write_prometheus(json, metrics);
    optional_text(json, "runMode", config.run_mode);
    json.end_object();
    return body;
}

std::string tempo_json(const PublicTempoConfig& tempo) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("cacheCapacity", tempo.cache_capacity);
    json.field("cacheEnabled", tempo.cache_enabled);
    optional_text(json, "datasourceUID", tempo.datasource_uid);
    optional_text(json, "name", tempo.name);
    optional_text(json, "namespace", tempo.name_space);
    optional_text(json, "orgID", tempo.org_id);
    optional_text(json, "tenant", tempo.tenant);
    optional_text(json, "urlFormat", tempo.url_format);
    json.end_object();
    return body;
}

std::string tracing_json(const PublicConfig& config, bool show_internal_url) {
    const PublicTracing& tracing = config.tracing;
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("enabled", tracing.enabled);
    if (!tracing.enabled) {
        json.field("integration", false).field("internalURL", "").field("provider", "");
        json.key("tempoConfig").raw("{}").field("url", "").field("namespaceSelector", false);
        json.field("useWaypointName", false).key("whiteListIstioSystem").null();
    } else {
        const bool internal = tracing.integration && show_internal_url;
        json.field("integration", tracing.integration);
        json.field("internalURL", internal ? std::string_view(tracing.internal_url) : "");
        json.field("provider", tracing.provider);
        json.key("tempoConfig").raw(tempo_json(tracing.tempo)).field("url", tracing.external_url);
        json.field("namespaceSelector", tracing.namespace_selector);
        json.field("useWaypointName", tracing.use_waypoint_name);
        write_texts(json, "whiteListIstioSystem", tracing.whitelist_istio_system);
    }
    optional_text(json, "reason", tracing.reason);
    json.end_object();
    return body;
}

}  // namespace meshscope::handlers
