#pragma once

#include "business/mesh.hpp"
#include "core/result.hpp"
#include "models/cluster.hpp"
#include "server/http_types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::handlers {

// What the routes of workloads, applications and services have in common. `queryTime` and
// `rateInterval` are checked and have no effect without metrics, `validate` likewise.
struct MeshRequest {
    business::ListQuery list;
    std::optional<models::Kind> kind;  // `gvk`; version "": any group and version
    bool health = true;
};

enum class MeshRoute { kWorkloads, kApps, kServices, kService };
// The query parameters of one such route. kInvalidArgument, naming the parameter.
Result<MeshRequest> read_mesh_request(const server::Query& query, MeshRoute route);

// "bookinfo,travel", as it stands; at most 200 names.
Result<std::vector<std::string>> read_namespaces(std::string_view text);

// "apps/v1, Kind=Deployment", "/v1, Kind=Pod", or a kind alone.
Result<models::Kind> read_kind(std::string_view text);
std::string kind_text(const models::Kind& kind);  // the first form

}  // namespace meshscope::handlers
