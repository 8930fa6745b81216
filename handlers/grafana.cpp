#include "business/status.hpp"
#include "core/json_writer.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/grafana_routes.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/safe_text.hpp"

#include <string>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

void write_link(JsonWriter& json, const business::DashboardLink& link) {
    json.begin_object().field("url", safe_text(link.url)).field("name", link.name);
    json.key("variables").begin_object();
    for (const auto& [variable, name] : link.variables) {
        json.field(variable, name);
    }
    json.end_object().end_object();
}

// What the prober found: starts no call.
Awaitable<Response> grafana(
    const Parts& parts, RequestContext context, const Request& /*request*/
) {
    const business::DashboardLinks found = parts.status->dashboard_links();
    if (!found.enabled) {
        co_return Response::empty(204);
    }
    if (found.unavailable) {
        co_return error_response(*found.unavailable, context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (!found.datasource_uid.empty()) {
        json.field("datasourceUID", found.datasource_uid);
    }
    json.key("externalLinks").begin_array();
    for (const business::DashboardLink& link : found.links) {
        write_link(json, link);
    }
    json.end_array();
    business::Meta meta = found.meta;
    write_meta(json.key("meta"), meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

}  // namespace

void add_grafana_routes(server::Router& router, const Parts& parts) {
    router.add(server::Method::kGet, "/api/grafana", bind(parts, Entry::kSignedIn, grafana));
}

}  // namespace meshscope::handlers
