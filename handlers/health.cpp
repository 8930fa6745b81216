#include "business/status.hpp"
#include "core/json_writer.hpp"
#include "handlers/bind.hpp"
#include "handlers/routes.hpp"

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

Awaitable<Response> alive(
    const Parts& /*parts*/, RequestContext /*context*/, const Request& /*request*/
) {
    co_return Response::text("");
}

// Names no address: it is answered to everybody. An upstream that is down does not make the server
// unready, so that it is not restarted or left out for the fault of another.
Awaitable<Response> ready(
    const Parts& parts, RequestContext /*context*/, const Request& /*request*/
) {
    const bool is_ready = parts.ready();
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("ready", is_ready).key("upstreams").begin_array();
    for (const business::ComponentStatus& component : parts.status->components()) {
        json.begin_object().field("name", component.name);
        json.field("status", business::to_string(component.health)).end_object();
    }
    json.end_array().end_object();
    co_return Response::json(std::move(body), is_ready ? 200 : 503);
}

}  // namespace

void add_health_routes(server::Router& router, const Parts& parts) {
    const server::RouteOptions probe{.quiet = true};
    router.add(server::Method::kGet, "/healthz", bind(parts, Entry::kOpen, alive), probe);
    router.add(server::Method::kGet, "/readyz", bind(parts, Entry::kOpen, ready), probe);
}

}  // namespace meshscope::handlers
