#include "business/offload.hpp"
#include "business/trace_graphs.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/graph_parameters.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"
#include "handlers/trace_graph_json.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

Result<business::TraceGraphQuery> read_query(const Request& request, NamespacesOfGraph namespaces) {
    auto graph = read_graph_request(request.query, namespaces);
    if (!graph) {
        return graph.error();
    }
    business::TraceGraphQuery query;
    query.graph = std::move(*graph);
    query.duration_given = !request.query.first("duration").value_or("").empty();
    return query;
}

Error bad_body() {
    return Error(
        ErrorKind::kInvalidArgument,
        "the body must be {\"traceIDs\":[\"...\"]} with 1 to " +
            std::to_string(business::TraceGraphs::kMostTraces) +
            " trace ids (1 to 32 hexadecimal digits)"
    );
}

Result<std::vector<TraceId>> read_ids(const std::string& body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    const auto list = json.is_object() ? json.find("traceIDs") : json.end();
    if (!json.is_object() || json.size() != 1 || list == json.end() || !list->is_array() ||
        list->empty() || list->size() > business::TraceGraphs::kMostTraces) {
        return bad_body();
    }
    std::vector<TraceId> ids;
    for (const auto& item : *list) {
        const auto* text = item.get_ptr<const std::string*>();
        const auto id = text == nullptr ? std::nullopt : TraceId::from_hex(*text);
        if (!id || id->is_zero()) {
            return bad_body();
        }
        ids.push_back(*id);
    }
    return ids;
}

Awaitable<Response> one(const Parts& parts, RequestContext context, const Request& request) {
    const auto id = read_trace_id(request.path_parameter("traceID"));
    if (!id) {
        co_return error_response(id.error(), context.request_id);
    }
    auto query = read_query(request, NamespacesOfGraph::kOptional);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    const auto laid = co_await parts.trace_graphs->of(context, *id, std::move(*query));
    if (!laid) {
        co_return error_response(laid.error(), context.request_id);
    }
    auto write = [&] {
        std::string body;
        JsonWriter json(body);
        write_laid_trace(json, *laid);
        return body;
    };
    const std::size_t elements = laid->view.trace->spans.size() + laid->graph->graph.edge_count();
    std::string body = co_await business::offload(parts.workers, elements, std::move(write));
    co_return Response::json(std::move(body));
}

Awaitable<Response> many(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_query(request, NamespacesOfGraph::kRequired);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto ids = read_ids(request.body);
    if (!ids) {
        co_return error_response(ids.error(), context.request_id);
    }
    const auto laid =
        co_await parts.trace_graphs->flow(context, std::move(*ids), std::move(*query));
    if (!laid) {
        co_return error_response(laid.error(), context.request_id);
    }
    auto write = [&] {
        std::string body;
        JsonWriter json(body);
        write_laid_traces(json, *laid);
        return body;
    };
    const std::size_t elements = laid->graph->graph.edge_count() + laid->traces.size();
    std::string body = co_await business::offload(parts.workers, elements, std::move(write));
    co_return Response::json(std::move(body));
}

}  // namespace

void add_trace_graph_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet, "/api/traces/{traceID}/graph", bind(parts, Entry::kSignedIn, one)
    );
    router.add(server::Method::kPost, "/api/traces/graph", bind(parts, Entry::kSignedIn, many));
}

}  // namespace meshscope::handlers
