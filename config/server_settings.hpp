#pragma once

#include "config/external_services.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

// How the server listens, who may enter, and where it is deployed.
namespace meshscope::config {

struct HealthStatusMetrics {
    bool enabled = false;
    std::int64_t max_consecutive_na = 3;
};

struct OwnMetrics {
    bool enabled = true;
    std::int64_t port = 9090;
    HealthStatusMetrics health_status;
};

struct OtelCollector {
    std::string protocol = "http";  // http, https, grpc
    bool tls_enabled = false;       // for grpc
    bool skip_verify = false;
};

struct OwnTracing {
    bool enabled = false;
    std::string collector_type = "otel";
    std::string collector_url = "jaeger-collector.istio-system:4318";  // host:port[/path]
    OtelCollector otel;
    double sampling_rate = 0.5;  // >= 1 always, <= 0 never
};

struct Observability {
    OwnMetrics metrics;
    OwnTracing tracing;
};

struct Profiler {
    bool enabled = false;
};

struct Server {
    std::string address;  // empty: all interfaces
    std::int64_t port = 20001;
    std::string web_root = "/";  // no trailing slash unless "/"
    std::string web_fqdn;
    std::string web_port;  // text: an empty one is "not said"
    std::string web_schema;
    std::string web_history_mode = "browser";
    bool cors_allow_all = false;
    bool gzip_enabled = true;
    bool audit_log = true;
    Profiler profiler;
    bool require_auth = false;
    std::chrono::nanoseconds write_timeout = std::chrono::seconds(30);
    Observability observability;
};

struct DiscoveryOverride {
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string userinfo_endpoint;
    std::string jwks_uri;
    std::string end_session_endpoint;
};

struct OpenId {
    std::string client_id;
    std::string issuer_uri;
    std::string username_claim = "sub";
    TextList scopes{"openid", "profile", "email"};
    std::string api_token = "id_token";
    bool disable_rbac = false;
    TextList allowed_domains;
    TextMap additional_request_params;
    std::chrono::seconds authentication_timeout{300};
    std::string api_proxy;
    std::string api_proxy_ca_data;
    std::string http_proxy;
    std::string https_proxy;
    bool insecure_skip_verify_tls = false;
    std::string authorization_endpoint;
    DiscoveryOverride discovery_override;
    std::string post_logout_redirect_uri;
};

struct Impersonation {
    bool enabled = false;
    TextList allowed_users;
    TextList allowed_groups;
};

struct OpenShift {
    bool insecure_skip_verify_tls = false;
    std::string ca_file;
    Impersonation impersonation;
};

struct Auth {
    std::string strategy = "token";  // anonymous, token, openid, openshift, header
    OpenId openid;
    OpenShift openshift;
};

struct LoginToken {
    std::string signing_key = "kiali";  // credential; this default is too short on purpose
    std::chrono::seconds expiration_seconds{86400};
};

struct Identity {
    std::string cert_file;         // path
    std::string private_key_file;  // path
};

struct SelectorExpression {
    std::string key;
    std::string operator_;
    TextList values;
};

struct LabelSelector {
    TextMap matchLabels;
    std::vector<SelectorExpression> matchExpressions;
};

struct DiscoverySelectors {
    std::vector<LabelSelector> default_;                          // OR-ed
    std::map<std::string, std::vector<LabelSelector>> overrides;  // by cluster
};

struct TlsPolicy {
    std::string source = "config";  // auto or config
    std::string min_version;        // empty: TLS 1.2
    std::string max_version;        // empty: no bound
    TextList cipher_suites;
    TextList groups;
};

struct Deployment {
    bool cluster_wide_access = true;
    DiscoverySelectors discovery_selectors;
    TextMap cluster_name_overrides;
    std::string instance_name = "kiali";
    std::string namespace_ = "istio-system";
    bool view_only_mode = false;
    TlsPolicy tls_config;
};

}  // namespace meshscope::config
