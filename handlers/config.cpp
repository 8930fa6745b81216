#include "business/mesh.hpp"
#include "handlers/bind.hpp"
#include "handlers/public_config.hpp"
#include "handlers/routes.hpp"

namespace meshscope::handlers {

namespace {

// Parameters are ignored.
Awaitable<server::Response> config(
    const Parts& parts, RequestContext context, const server::Request& /*request*/
) {
    co_return server::Response::json(config_json(*parts.config, parts.mesh->facts(context)));
}

}  // namespace

void add_config_routes(server::Router& router, const Parts& parts) {
    router.add(server::Method::kGet, "/api/config", bind(parts, Entry::kSignedIn, config));
}

}  // namespace meshscope::handlers
