#pragma once

#include "business/explain_facts.hpp"
#include "clients/store_target.hpp"
#include "models/cluster_snapshot.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Where a trace store may be, and how it may be spoken to. Pure.
namespace meshscope::business {

inline constexpr std::size_t kMostPlaces = 24;   // of a plan: hosts and ports
inline constexpr std::size_t kMostServices = 5;  // of the cluster that look like Jaeger

// One host and port; the tries one after the other until one works or the port is out of reach.
struct PlannedPlace {
    std::string place;  // "http://jaeger-query.observability:16685"
    std::vector<clients::StoreTarget> tries;
};

// The configured URL as it stands (with the configured credentials), then ports 16685, 16686, 80
// and 443 of its host, then those ports of services of the cluster that look like Jaeger by name,
// labels or ports; over gRPC, and over HTTP without a path, with /jaeger and with the configured
// one. Each transport tries its newer protocol, then its older one. `cluster` may be null. Nothing
// when no URL is configured and no service looks like one.
[[nodiscard]] std::vector<PlannedPlace> plan_diagnosis(
    const StoreSetup& setup, const models::ClusterSnapshot* cluster
);

[[nodiscard]] bool looks_like_jaeger(const models::Service& service);

// What to put into the configuration for settings that work.
struct PastedSettings {
    std::string url;
    std::string url_key;
    bool use_grpc = false;
    bool namespace_selector = true;
    std::string auth_type;  // "" or "none": nothing is said of it
};
[[nodiscard]] std::string to_yaml(const PastedSettings& settings);

}  // namespace meshscope::business
