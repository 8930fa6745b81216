#include "app/public_config.hpp"

#include "clients/http/url.hpp"
#include "config/duration.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

using handlers::PublicConfig;

// The URL without user and password; what is no URL is not shown at all.
std::string without_userinfo(const std::string& text) {
    const Result<clients::Url> url = clients::parse_url(text);
    return url ? url->to_string() : std::string();
}

handlers::PublicTracing tracing_of(
    const config::Tracing& from, const config::TracingTarget& target
) {
    handlers::PublicTracing to;
    to.enabled = target.enabled;
    to.integration = target.integration;
    to.internal_url = without_userinfo(target.internal_url);
    to.external_url = target.external_url;
    if (!target.external_problem.empty()) {
        const bool older = from.url.value_or("").find_first_not_of(" \t\r\n") != std::string::npos;
        to.external_problem = std::string("external_services.tracing.") +
                              (older ? "url " : "external_url ") + target.external_problem;
    }
    to.provider = from.provider;
    to.reason = target.off_reason;
    to.namespace_selector = from.namespace_selector;
    to.use_waypoint_name = from.use_waypoint_name;
    to.whitelist_istio_system = from.whitelist_istio_system;
    to.tempo.cache_enabled = from.tempo_config.cache_enabled;
    to.tempo.cache_capacity = from.tempo_config.cache_capacity;
    to.tempo.datasource_uid = from.tempo_config.datasource_uid;
    to.tempo.name = from.tempo_config.name;
    to.tempo.name_space = from.tempo_config.namespace_;
    to.tempo.org_id = from.tempo_config.org_id;
    to.tempo.tenant = from.tempo_config.tenant;
    to.tempo.url_format = from.tempo_config.url_format;
    return to;
}

handlers::PublicHealth health_of(const config::HealthConfig& from) {
    handlers::PublicHealth to;
    to.duration = config::format_duration(from.compute.duration);
    to.refresh_interval = config::format_duration(from.compute.refresh_interval);
    to.timeout = config::format_duration(from.compute.timeout);
    for (const config::HealthRate& rate : from.rate) {
        handlers::PublicHealthRate out{rate.namespace_, rate.kind, rate.name, {}};
        for (const config::Tolerance& item : rate.tolerance) {
            out.tolerance.push_back(
                {item.code,
                 std::llround(item.degraded),
                 std::llround(item.failure),
                 item.protocol,
                 item.direction}
            );
        }
        to.rates.push_back(std::move(out));
    }
    return to;
}

std::vector<handlers::PublicFindOption> find_options(
    const std::vector<config::GraphExpression>& from
) {
    std::vector<handlers::PublicFindOption> to;
    to.reserve(from.size());
    for (const config::GraphExpression& item : from) {
        to.push_back({item.auto_select, item.description, item.expression});
    }
    return to;
}

std::vector<handlers::PublicAggregation> aggregations(const config::MetricDefaults& from) {
    std::vector<handlers::PublicAggregation> to;
    to.reserve(from.aggregations.size());
    for (const config::Aggregation& item : from.aggregations) {
        to.push_back({item.display_name, item.label});
    }
    return to;
}

handlers::PublicUiDefaults ui_of(const config::UiDefaults& from) {
    handlers::PublicUiDefaults to;
    to.graph_find = find_options(from.graph.find_options);
    to.graph_hide = find_options(from.graph.hide_options);
    to.graph_animation = from.graph.settings.animation;
    to.traffic = {
        from.graph.traffic.ambient,
        from.graph.traffic.grpc,
        from.graph.traffic.http,
        from.graph.traffic.tcp
    };
    to.language = from.i18n.language;
    to.show_language_selector = from.i18n.show_selector;
    to.list_include_health = from.list.include_health;
    to.list_include_istio_resources = from.list.include_istio_resources;
    to.list_include_validations = from.list.include_validations;
    to.list_show_include_toggles = from.list.show_include_toggles;
    to.mesh_find = find_options(from.mesh.find_options);
    to.mesh_hide = find_options(from.mesh.hide_options);
    to.metrics_per_refresh = from.metrics_per_refresh;
    to.inbound_aggregations = aggregations(from.metrics_inbound);
    to.outbound_aggregations = aggregations(from.metrics_outbound);
    to.namespaces = from.namespaces;
    to.refresh_interval = from.refresh_interval;
    to.trace_limit = from.tracing.limit;
    return to;
}

void copy_feature_flags(const config::FeatureFlags& from, PublicConfig& to) {
    to.disabled_features = from.disabled_features;
    for (const config::WorkloadType& type : from.custom_workload_types) {
        to.custom_workload_types.push_back(type.kind);
    }
    to.ignored_validations = from.validations.ignore;
    to.skip_wildcard_gateway_hosts = from.validations.skip_wildcard_gateway_hosts;
    to.require_namespace_get = from.authz.require_namespace_get;
    to.injection_action = from.istio_injection_action;
    to.annotation_action = from.istio_annotation_action;
    to.upgrade_action = from.istio_upgrade_action;
    to.ui = ui_of(from.ui_defaults);
}

}  // namespace

handlers::PublicConfig public_config(
    const config::Config& config,
    const config::TracingTarget& tracing,
    const Build& build,
    const std::string& log_level
) {
    PublicConfig to;
    to.version = "v" + build.version;
    to.commit = build.commit;
    to.auth_strategy = config.auth.strategy;
    to.cluster_name = home_cluster(config);
    to.cluster_wide_access = config.deployment.cluster_wide_access;
    to.ignore_home_cluster = config.clustering.ignore_home_cluster;
    to.installation_tag = config.installation_tag;
    to.identity_domain = identity_domain(config);
    to.app_label = config.istio_labels.app_label_name;
    to.version_label = config.istio_labels.version_label_name;
    to.component_status = config.external_services.istio.component_status.enabled;
    to.istio_api = config.external_services.istio.istio_api_enabled;
    to.log_level = log_level;
    to.run_mode = config.runMode;
    to.enable_exec_provider = config.clustering.enable_exec_provider ||
                              config.kiali_feature_flags.clustering.enable_exec_provider;
    copy_feature_flags(config.kiali_feature_flags, to);
    to.tracing = tracing_of(config.external_services.tracing, tracing);
    to.health = health_of(config.health_config);
    return to;
}

std::string home_cluster(const config::Config& config) {
    const std::string& name = config.kubernetes_config.cluster_name;
    return name.empty() ? "Kubernetes" : name;
}

std::string identity_domain(const config::Config& config) {
    const std::string& domain = config.external_services.istio.istio_identity_domain;
    return domain.empty() ? "svc.cluster.local" : domain;
}

}  // namespace meshscope::app
