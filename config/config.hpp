#pragma once

#include "config/external_services.hpp"
#include "config/feature_flags.hpp"
#include "config/kiali_settings.hpp"
#include "config/meshscope_settings.hpp"
#include "config/server_settings.hpp"

#include <string>
#include <vector>

namespace meshscope::config {

// The whole configuration, as loaded: a plain value, copied freely, never changed after the start.
// A member is named as its key in the file, with '_' after words that C++ keeps for itself.
struct Config {
    std::vector<DisplayDetail> additional_display_details;
    Auth auth;
    ChatAi chat_ai;
    Clustering clustering;
    std::vector<CustomDashboard> custom_dashboards;
    Deployment deployment;
    std::vector<Extension> extensions;
    ExternalServices external_services;
    HealthConfig health_config;
    Identity identity;
    std::string installation_tag;
    IstioLabels istio_labels;
    FeatureFlags kiali_feature_flags;
    KialiInternal kiali_internal;
    KubernetesConfig kubernetes_config;
    LoginToken login_token;
    Meshscope meshscope;
    std::string runMode = "app";
    Server server;
};

}  // namespace meshscope::config
