#include "business/mesh.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/health_json.hpp"
#include "handlers/mesh_json.hpp"
#include "handlers/mesh_parameters.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"
#include "handlers/workload_json.hpp"

#include <memory>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

Awaitable<Response> workloads(const Parts& parts, RequestContext context, const Request& request) {
    const auto asked = read_mesh_request(request.query, MeshRoute::kWorkloads);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    auto found = parts.mesh->workloads(context, asked->list);
    if (!found) {
        co_return error_response(found.error(), context.request_id);
    }
    const auto view = co_await look_at_health(parts, context, *asked, "", found->meta);
    const auto list = std::make_shared<const business::WorkloadList>(std::move(*found));
    std::string head = R"({"cluster":)";
    append_json_string(head, list->snapshot->cluster);
    head += R"(,"workloads":[)";
    std::string tail = R"(],"validations":{},"meta":)";
    JsonWriter json(tail);
    write_meta(json, list->meta);
    tail += '}';
    auto write = [list, view](JsonWriter& out, std::size_t i) {
        write_workload_item(out, list->items[i], list->snapshot->cluster, view.get());
    };
    co_return Response::stream(
        list_body(std::move(head), list->items.size(), std::move(write), std::move(tail))
    );
}

Awaitable<Response> workload(const Parts& parts, RequestContext context, const Request& request) {
    business::ObjectQuery query;
    query.ns = request.path_parameter("namespace");
    query.name = request.path_parameter("workload");
    auto error = check_name("namespace", query.ns, false);
    if (!error) {
        error = check_name("workload", query.name, true);
    }
    if (error) {
        co_return error_response(*error, context.request_id);
    }
    const auto asked = read_mesh_request(request.query, MeshRoute::kWorkloads);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    query.cluster = asked->list.cluster;
    query.references = asked->list.references;
    auto detail = parts.mesh->workload(context, query, asked->kind);
    if (!detail) {
        co_return error_response(detail.error(), context.request_id);
    }
    const auto view = co_await look_at_health(parts, context, *asked, query.ns, detail->meta);
    std::string body;
    JsonWriter json(body);
    write_workload_detail(json, *detail, view.get());
    co_return Response::json(std::move(body));
}

}  // namespace

void add_workload_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet, "/api/clusters/workloads", bind(parts, Entry::kSignedIn, workloads)
    );
    router.add(
        server::Method::kGet,
        "/api/namespaces/{namespace}/workloads/{workload}",
        bind(parts, Entry::kSignedIn, workload)
    );
}

}  // namespace meshscope::handlers
