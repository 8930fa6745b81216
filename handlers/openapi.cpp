#include "handlers/openapi.hpp"

#include "handlers/routes.hpp"

#include <string>

namespace meshscope::handlers {

namespace {

Awaitable<server::Response> openapi(RequestContext /*context*/) {
    co_return server::Response::json(std::string(openapi_json()));
}

}  // namespace

void add_openapi_routes(server::Router& router) {
    server::Handler handler = [](RequestContext context, const server::Request& /*request*/) {
        return openapi(std::move(context));
    };
    router.add(server::Method::kGet, "/api/openapi.json", std::move(handler));
}

}  // namespace meshscope::handlers
