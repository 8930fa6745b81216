#include "business/graphs.hpp"
#include "business/offload.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/graph_json.hpp"
#include "handlers/graph_parameters.hpp"
#include "handlers/routes.hpp"

#include <memory>
#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

template <GraphRoute kRoute>
Awaitable<Response> graph(const Parts& parts, RequestContext context, const Request& request) {
    auto asked = read_graph_request(request, kRoute);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    const auto made = co_await parts.graphs->of(context, std::move(*asked));
    if (!made) {
        co_return error_response(made.error(), context.request_id);
    }
    const std::shared_ptr<const business::GraphWork> work = *made;
    auto list = [&] { return graph_body(work, parts.masker); };
    const std::size_t elements = work->graph.node_count() + work->graph.edge_count();
    auto body = co_await business::offload(parts.workers, elements, std::move(list));
    co_return Response::stream(std::move(body));
}

}  // namespace

void add_graph_routes(server::Router& router, const Parts& parts) {
    const auto add = [&](const std::string& path, Operation operation) {
        router.add(server::Method::kGet, path, bind(parts, Entry::kSignedIn, operation));
    };
    const std::string ns = "/api/namespaces/{namespace}";
    const std::string app = ns + "/applications/{app}";
    const std::string aggregate = ns + "/aggregates/{aggregate}/{aggregateValue}";
    add("/api/namespaces/graph", graph<GraphRoute::kNamespaces>);
    add(app + "/graph", graph<GraphRoute::kApp>);
    add(app + "/versions/{version}/graph", graph<GraphRoute::kAppVersion>);
    add(ns + "/workloads/{workload}/graph", graph<GraphRoute::kWorkload>);
    add(ns + "/services/{service}/graph", graph<GraphRoute::kService>);
    add(aggregate + "/graph", graph<GraphRoute::kAggregate>);
    add(aggregate + "/{service}/graph", graph<GraphRoute::kAggregateService>);
}

}  // namespace meshscope::handlers
