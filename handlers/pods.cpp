#include "business/mesh.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"
#include "handlers/workload_json.hpp"

#include <array>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::array<ParameterRule, 1> kRules{{
    {"clusterName", ParameterType::kText, 0, 253},
}};

Result<business::ObjectQuery> read_query(const Request& request) {
    business::ObjectQuery query;
    query.ns = request.path_parameter("namespace");
    query.name = request.path_parameter("pod");
    auto error = check_name("namespace", query.ns, false);
    if (!error) {
        error = check_name("pod", query.name, true);
    }
    if (error) {
        return std::move(*error);
    }
    const auto parameters = Parameters::read(request.query, kRules);
    if (!parameters) {
        return parameters.error();
    }
    query.cluster = parameters->text("clusterName").value_or("");
    return query;
}

Awaitable<Response> pod(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_query(request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto call = parts.mesh->pod(context, std::move(*query));
    const Result<business::PodDetail> detail = co_await std::move(call);
    if (!detail) {
        co_return error_response(detail.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    write_pod(json, detail->pod, detail->app, detail->version);
    co_return with_meta(Response::json(std::move(body)), detail->meta);
}

}  // namespace

void add_pod_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet,
        "/api/namespaces/{namespace}/pods/{pod}",
        bind(parts, Entry::kSignedIn, pod)
    );
}

}  // namespace meshscope::handlers
