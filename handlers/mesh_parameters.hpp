#pragma once

#include "business/health.hpp"
#include "business/mesh.hpp"
#include "core/result.hpp"
#include "models/cluster.hpp"
#include "server/http_types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::handlers {

// What the routes of workloads, applications and services have in common. `validate` is checked and
// has no effect.
struct MeshRequest {
    business::ListQuery list;
    std::optional<models::Kind> kind;  // `gvk`; version "": any group and version
    bool health = true;
    business::HealthQuery look;  // when it is true: `queryTime`, `rateInterval`
};

enum class MeshRoute { kWorkloads, kApps, kServices, kService };
// The query parameters of one such route. kInvalidArgument, naming the parameter.
Result<MeshRequest> read_mesh_request(const server::Query& query, MeshRoute route);

struct HealthKinds {
    bool apps = true;
    bool services = true;
    bool workloads = true;
};
struct HealthRequest {
    std::vector<std::string> namespaces;  // empty: all
    std::string cluster;                  // "" home
    HealthKinds kinds;
    business::HealthQuery query;
};
// Likewise of /api/clusters/health.
Result<HealthRequest> read_health_request(const server::Query& query);
// Likewise of /api/overview/metrics/..., which are of all kinds.
Result<HealthRequest> read_overview_request(const server::Query& query);

// "bookinfo,travel", as it stands; at most 200 names.
Result<std::vector<std::string>> read_namespaces(std::string_view text);

// "apps/v1, Kind=Deployment", "/v1, Kind=Pod", or a kind alone.
Result<models::Kind> read_kind(std::string_view text);
std::string kind_text(const models::Kind& kind);  // the first form

}  // namespace meshscope::handlers
