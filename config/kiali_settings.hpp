#pragma once

#include "config/external_services.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

// Clusters, labels, inner workings and health thresholds.
namespace meshscope::config {

struct KubernetesConfig {
    double qps = 175;
    std::int64_t burst = 200;
    std::chrono::seconds cache_duration{300};
    std::chrono::seconds cache_token_namespace_duration{10};
    std::string cluster_name;  // empty: detected, else "Kubernetes"
    TextList excluded_workloads{"CronJob", "DeploymentConfig", "Job", "ReplicationController"};
};

struct IstioLabels {
    std::string app_label_name;
    std::string version_label_name;
};

struct Cluster {
    std::string name;
    std::string secret_name;
};

struct KialiUrl {
    std::string cluster_name;
    std::string instance_name;
    std::string namespace_;
    std::string url;
};

struct Clustering {
    std::vector<Cluster> clusters;
    std::vector<KialiUrl> kiali_urls;
    bool enable_exec_provider = false;
    bool ignore_home_cluster = false;
};

struct DisplayDetail {
    std::string title;
    std::string annotation;
    std::string icon_annotation;
};

struct Extension {
    std::string name;
    bool enabled = false;
};

struct CustomDashboard {
    std::string name;
    std::string title;
    std::string runtime;
};

struct ChatAi {
    bool enabled = false;
};

struct CacheExpiration {
    std::chrono::nanoseconds ambient_check = std::chrono::minutes(10);
    std::chrono::nanoseconds istio_status = std::chrono::seconds(30);
    std::chrono::nanoseconds gateway = std::chrono::minutes(4);
    std::chrono::nanoseconds mesh = std::chrono::seconds(20);
    std::chrono::nanoseconds waypoint = std::chrono::minutes(4);
    std::chrono::nanoseconds ztunnel_config = std::chrono::minutes(2);
};

struct GraphCache {
    bool enabled = true;
    std::chrono::nanoseconds inactivity_timeout = std::chrono::minutes(10);
    std::int64_t max_cache_memory_mb = 1000;
    std::chrono::nanoseconds refresh_interval = std::chrono::seconds(60);
};

struct HealthCache {
    bool enabled = true;
};

struct KialiInternal {
    CacheExpiration cache_expiration;
    GraphCache graph_cache;
    HealthCache health_cache;
    std::chrono::nanoseconds metric_log_duration_limit = std::chrono::seconds(3);
    std::string url_service_version;
};

struct HealthCompute {
    std::chrono::nanoseconds duration = std::chrono::minutes(5);
    std::chrono::nanoseconds refresh_interval = std::chrono::minutes(3);
    std::chrono::nanoseconds timeout = std::chrono::minutes(10);
};

struct Tolerance {
    std::string code;  // regular expression
    std::string protocol;
    std::string direction;  // regular expression
    double degraded = 0;    // percent
    double failure = 0;     // percent
};

struct HealthRate {
    std::string namespace_;  // regular expressions, as kind and name
    std::string kind;
    std::string name;
    std::vector<Tolerance> tolerance;
};

struct HealthConfig {
    HealthCompute compute;
    std::vector<HealthRate> rate;  // the user's; the built-in tolerances come after them
};

}  // namespace meshscope::config
