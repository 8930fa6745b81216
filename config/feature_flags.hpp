#pragma once

#include "config/external_services.hpp"

#include <cstdint>
#include <string>
#include <vector>

// `kiali_feature_flags`: what the console offers and how its pages begin.
namespace meshscope::config {

struct Authz {
    bool require_namespace_get = false;
};

struct WorkloadType {
    std::string group;
    std::string version;
    std::string kind;
};

struct FeatureClustering {
    bool enable_exec_provider = false;
};

struct Validations {
    TextList ignore{"KIA1301"};
    bool skip_wildcard_gateway_hosts = false;
};

struct Aggregation {
    std::string label;
    std::string display_name;
    bool single_selection = false;
};

struct MetricDefaults {
    std::vector<Aggregation> aggregations;
};

struct GraphExpression {
    bool auto_select = false;
    std::string description;
    std::string expression;
};

struct GraphSettings {
    std::string animation = "point";
};

struct GraphTraffic {
    std::string ambient = "total";
    std::string grpc = "requests";
    std::string http = "requests";
    std::string tcp = "sent";
};

struct GraphDefaults {
    std::vector<GraphExpression> find_options{
        {.description = "Slow edges (response time above 1 s)", .expression = "rt > 1000"},
        {.description = "Nodes that are not healthy", .expression = "! healthy"},
        {.description = "Nodes without a known source", .expression = "name = unknown"},
        {.description = "Nodes of the two highest ranks", .expression = "rank <= 2"},
    };
    std::vector<GraphExpression> hide_options{
        {.description = "Healthy nodes", .expression = "healthy"},
        {.description = "Nodes without a known source", .expression = "name = unknown"},
        {.description = "Nodes below the second rank", .expression = "rank > 2"},
    };
    GraphSettings settings;
    GraphTraffic traffic;
};

struct MeshDefaults {
    std::vector<GraphExpression> find_options{
        {.description = "Nodes that are not healthy", .expression = "! healthy"},
    };
    std::vector<GraphExpression> hide_options{
        {.description = "Healthy nodes", .expression = "healthy"},
    };
};

struct I18n {
    std::string language = "en";
    bool show_selector = false;
};

struct ListDefaults {
    bool include_health = true;
    bool include_istio_resources = true;
    bool include_validations = true;
    bool show_include_toggles = false;
};

struct TracingDefaults {
    std::int64_t limit = 100;
};

struct UiDefaults {
    GraphDefaults graph;
    I18n i18n;
    ListDefaults list;
    MeshDefaults mesh;
    MetricDefaults metrics_inbound;
    MetricDefaults metrics_outbound;
    std::string metrics_per_refresh = "1m";
    TextList namespaces;
    std::string refresh_interval = "1m";
    TracingDefaults tracing;
};

struct FeatureFlags {
    Authz authz;
    FeatureClustering clustering;
    std::vector<WorkloadType> custom_workload_types;
    TextList disabled_features;
    bool istio_annotation_action = true;
    bool istio_injection_action = true;
    bool istio_upgrade_action = false;
    UiDefaults ui_defaults;
    Validations validations;
};

}  // namespace meshscope::config
