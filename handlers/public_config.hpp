#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {
struct MeshFacts;
struct MetricFacts;
}  // namespace meshscope::business

namespace meshscope::handlers {

// The part of the configuration that callers may read: no credentials, nothing of the inside of the
// process. Filled once by the composition root. Defaults are those of an empty configuration file.

struct PublicTempoConfig {
    bool cache_enabled = true;
    std::int64_t cache_capacity = 200;
    std::string datasource_uid;
    std::string name;
    std::string name_space;
    std::string org_id;
    std::string tenant;
    std::string url_format;
};

struct PublicTracing {
    bool enabled = false;
    bool integration = false;  // the server itself can ask the backend
    std::string
        internal_url;  // shown to callers with mesh-wide rights only; without user information
    std::string external_url;
    std::string
        external_problem;  // the setting and why no links are made, or not as it is written; ""
    std::string provider = "jaeger";
    std::string reason;  // why there is no integration though tracing is enabled; "" otherwise
    bool namespace_selector = true;
    bool use_waypoint_name = false;
    std::vector<std::string> whitelist_istio_system{"jaeger-query", "istio-ingressgateway"};
    PublicTempoConfig tempo;
};

struct PublicTolerance {
    std::string code;
    std::int64_t degraded = 0;  // percent
    std::int64_t failure = 0;   // percent
    std::string protocol;
    std::string direction;
};

struct PublicHealthRate {
    std::string name_space;
    std::string kind;
    std::string name;
    std::vector<PublicTolerance> tolerance;
};

struct PublicHealth {
    std::string duration = "5m";
    std::string refresh_interval = "3m";
    std::string timeout = "10m";
    std::vector<PublicHealthRate> rates;  // the user's; the built-in default is added behind them
};

struct PublicFindOption {
    bool auto_select = false;
    std::string description;
    std::string expression;
};

struct PublicAggregation {
    std::string display_name;
    std::string label;
};

struct PublicTraffic {
    std::string ambient = "total";
    std::string grpc = "requests";
    std::string http = "requests";
    std::string tcp = "sent";
};

struct PublicUiDefaults {
    std::vector<PublicFindOption> graph_find;
    std::vector<PublicFindOption> graph_hide;
    std::string graph_animation = "point";
    PublicTraffic traffic;
    std::string language = "en";
    bool show_language_selector = false;
    bool list_include_health = true;
    bool list_include_istio_resources = true;
    bool list_include_validations = true;
    bool list_show_include_toggles = false;
    std::vector<PublicFindOption> mesh_find;
    std::vector<PublicFindOption> mesh_hide;
    std::string metrics_per_refresh = "1m";
    std::vector<PublicAggregation> inbound_aggregations;
    std::vector<PublicAggregation> outbound_aggregations;
    std::vector<std::string> namespaces;
    std::string refresh_interval = "1m";
    std::int64_t trace_limit = 100;
};

struct PublicConfig {
    std::string version;  // "v0.1.0"
    std::string commit;   // "" when unknown
    std::string auth_strategy = "anonymous";
    std::string cluster_name = "Kubernetes";
    bool cluster_wide_access = true;
    bool view_only = true;  // writing is not offered
    bool ignore_home_cluster = false;
    std::string installation_tag;
    std::string identity_domain = "svc.cluster.local";
    std::string app_label;  // "" automatic
    std::string version_label;
    bool component_status = true;
    bool istio_api = true;
    std::string log_level = "info";
    std::string run_mode = "app";
    std::vector<std::string> disabled_features;
    std::vector<std::string> custom_workload_types;
    std::vector<std::string> ignored_validations{"KIA1301"};
    bool skip_wildcard_gateway_hosts = false;
    bool require_namespace_get = false;
    bool enable_exec_provider = false;
    bool injection_action = true;
    bool annotation_action = true;
    bool upgrade_action = false;
    PublicTracing tracing;
    PublicHealth health;
    PublicUiDefaults ui;
};

// The bodies of /api/config and /api/tracing.
std::string config_json(
    const PublicConfig& config,
    const business::MeshFacts& mesh,
    const business::MetricFacts& metrics
);
std::string tracing_json(const PublicConfig& config, bool show_internal_url);

// The `tempoConfig` object of several bodies, as a JSON value.
std::string tempo_json(const PublicTempoConfig& tempo);

}  // namespace meshscope::handlers
