#include "business/mesh.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/mesh_parameters.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"

#include <array>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::array<ParameterRule, 2> kRules{{
    {"clusterName", ParameterType::kText, 0, 253},
    {"namespaces", ParameterType::kText, 0, 8192},
}};

// Ascending, as members of the answer are.
constexpr std::array<std::string_view, 8> kKinds{
    "gateway.networking.k8s.io/v1, Kind=Gateway",
    "gateway.networking.k8s.io/v1beta1, Kind=ReferenceGrant",
    "networking.istio.io/v1, Kind=Gateway",
    "networking.istio.io/v1, Kind=ServiceEntry",
    "networking.istio.io/v1, Kind=Sidecar",
    "security.istio.io/v1, Kind=AuthorizationPolicy",
    "security.istio.io/v1, Kind=PeerAuthentication",
    "security.istio.io/v1, Kind=RequestAuthentication",
};

// This server changes nothing, whatever the caller's rights are.
void write_permissions(JsonWriter& json) {
    json.begin_object();
    for (const std::string_view kind : kKinds) {
        json.key(kind).begin_object().field("create", false).field("update", false);
        json.field("delete", false).end_object();
    }
    json.end_object();
}

Awaitable<Response> permissions(
    const Parts& parts, RequestContext context, const Request& request
) {
    const auto parameters = Parameters::read(request.query, kRules);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    auto namespaces = read_namespaces(parameters->text("namespaces").value_or(""));
    if (!namespaces) {
        co_return error_response(namespaces.error(), context.request_id);
    }
    const auto list = parts.mesh->visible_among(
        context, std::move(*namespaces), parameters->text("clusterName").value_or("")
    );
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    for (const std::string& name : list->names) {
        write_permissions(json.key(name));
    }
    json.end_object();
    co_return with_meta(Response::json(std::move(body)), list->meta);
}

}  // namespace

void add_permission_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet, "/api/istio/permissions", bind(parts, Entry::kSignedIn, permissions)
    );
}

}  // namespace meshscope::handlers
