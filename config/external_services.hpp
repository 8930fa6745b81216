#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// `external_services`: the upstreams. Members are named as the keys of the file; defaults are the
// server's. A std::optional is a key for which "absent" differs from every value.
// A credential holds a literal, or a path when it begins with '/' (see secrets.hpp).
namespace meshscope::config {

using TextMap = std::map<std::string, std::string>;
using TextList = std::vector<std::string>;

struct OAuth2 {
    std::string token_url;
    std::string client_id;
    std::string client_secret;  // credential
    TextList scopes;
    std::string audience;
    std::string auth_style;  // "", "header" or "params"
};

struct ServiceAuth {
    std::string type = "none";  // none, basic, bearer, oauth2
    std::string username;       // credential
    std::string password;       // credential
    std::string token;          // credential; the server's token file with use_kiali_token
    bool use_kiali_token = false;
    bool insecure_skip_verify = false;
    std::string ca_file;
    std::string cert_file;  // credential: PEM text or a path
    std::string key_file;   // credential: PEM text or a path
    OAuth2 oauth2;
};

struct TempoConfig {
    bool cache_enabled = true;
    std::int64_t cache_capacity = 200;
    std::string datasource_uid;
    std::string org_id;
    std::string url_format;
    std::string name;
    std::string namespace_;
    std::string tenant;
};

// The four URL keys and `enabled` are read through resolve_tracing() of tracing_urls.hpp only.
struct Tracing {
    std::optional<bool> enabled;
    std::string provider = "jaeger";
    std::optional<std::string> internal_url;
    std::optional<std::string> external_url;
    std::optional<std::string> in_cluster_url;
    std::optional<std::string> url;
    std::optional<bool> use_grpc;
    std::int64_t grpc_port = 9095;
    bool namespace_selector = true;
    TextMap query_scope;
    std::chrono::seconds query_timeout{5};  // 0: the deadline of the request alone
    std::string health_check_url;
    TextMap custom_headers;  // values are secret
    bool disable_version_check = false;
    bool is_core = false;
    bool use_waypoint_name = false;
    TextList whitelist_istio_system{"jaeger-query", "istio-ingressgateway"};
    TempoConfig tempo_config;
    ServiceAuth auth;
};

struct ThanosProxy {
    bool enabled = false;
    std::chrono::nanoseconds retention_period = std::chrono::hours(24 * 7);
    std::chrono::nanoseconds scrape_interval = std::chrono::seconds(30);
};

struct Prometheus {
    bool enabled = true;
    std::string url = "http://prometheus.istio-system:9090";
    ServiceAuth auth;
    TextMap custom_headers;  // values are secret
    TextMap query_scope;
    std::string health_check_url;
    bool cache_enabled = true;
    std::chrono::seconds cache_duration{7};
    std::chrono::seconds cache_expiration{300};
    bool is_core = false;
    ThanosProxy thanos_proxy;
};

inline Prometheus prometheus_without_url() {
    Prometheus service;
    service.url.clear();
    return service;
}

struct CustomDashboardsService {
    bool enabled = true;
    std::string discovery_enabled = "auto";
    std::int64_t discovery_auto_threshold = 10;  // pods
    bool is_core = false;
    std::string namespace_label = "namespace";
    Prometheus prometheus = prometheus_without_url();  // empty url: the main Prometheus
};

struct DashboardVariables {
    std::string app;
    std::string datasource;
    std::string namespace_;
    std::string service;
    std::string version;
    std::string workload;
};

struct LinkedDashboard {
    std::string name;
    DashboardVariables variables;
};

struct Grafana {
    bool enabled = true;
    std::optional<std::string> internal_url;  // left out: http://grafana.istio-system:3000
    std::optional<std::string> external_url;
    std::optional<std::string> in_cluster_url;
    std::optional<std::string> url;
    std::string datasource_uid;
    std::vector<LinkedDashboard> dashboards;
    std::string health_check_url;
    bool is_core = false;
    ServiceAuth auth;
};

struct Perses {
    bool enabled = false;
    std::string internal_url;
    std::string external_url;
    std::string project = "istio";
    std::string url_format;
    std::vector<LinkedDashboard> dashboards;
    std::string health_check_url;
    bool is_core = false;
    ServiceAuth auth;
};

struct StatusComponent {
    std::string app_label;
    bool is_core = false;
    bool is_proxy = false;
    bool is_multicluster = false;
    std::string namespace_;
};

struct ComponentStatus {
    bool enabled = true;
    std::vector<StatusComponent> components;
};

struct GatewayApiClass {
    std::string name;
    std::string class_name;
};

struct Istio {
    ComponentStatus component_status;
    bool istio_api_enabled = true;
    std::chrono::seconds istiod_polling_interval_seconds{20};
    std::string istio_identity_domain;
    std::vector<GatewayApiClass> gateway_api_classes;
    std::string gateway_api_classes_label_selector;
    bool validation_change_detection_enabled = true;
    std::chrono::nanoseconds validation_reconcile_interval = std::chrono::minutes(1);  // <= 0: off
};

struct ExternalServices {
    CustomDashboardsService custom_dashboards;
    Grafana grafana;
    Istio istio;
    Perses perses;
    Prometheus prometheus;
    Tracing tracing;
};

}  // namespace meshscope::config
