#include "business/mesh.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/mesh_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"

#include <array>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::array<ParameterRule, 1> kInfoRules{{
    {"clusterName", ParameterType::kText, 0, 253},
}};

Awaitable<Response> namespaces(
    const Parts& parts, RequestContext context, const Request& /*request*/
) {
    const auto list = parts.mesh->namespaces(context);
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_array();
    for (const business::NamespaceItem& item : list->items) {
        write_namespace(json, item, list->snapshot->cluster);
    }
    json.end_array();
    co_return with_meta(Response::json(std::move(body)), list->meta);
}

Awaitable<Response> namespace_info(
    const Parts& parts, RequestContext context, const Request& request
) {
    const std::string_view name = request.path_parameter("namespace");
    if (const auto error = check_name("namespace", name, false)) {
        co_return error_response(*error, context.request_id);
    }
    const auto parameters = Parameters::read(request.query, kInfoRules);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    const std::string_view cluster = parameters->text("clusterName").value_or("");
    const auto info = parts.mesh->namespace_info(context, name, cluster);
    if (!info) {
        co_return error_response(info.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    write_namespace(json, info->item, info->snapshot->cluster);
    co_return with_meta(Response::json(std::move(body)), info->meta);
}

}  // namespace

void add_namespace_routes(server::Router& router, const Parts& parts) {
    const std::string base = "/api/namespaces";
    router.add(server::Method::kGet, base, bind(parts, Entry::kSignedIn, namespaces));
    router.add(
        server::Method::kGet,
        base + "/{namespace}/info",
        bind(parts, Entry::kSignedIn, namespace_info)
    );
}

}  // namespace meshscope::handlers
