#include "business/mesh.hpp"
#include "business/status.hpp"
#include "handlers/bind.hpp"
#include "handlers/public_config.hpp"
#include "handlers/routes.hpp"

namespace meshscope::handlers {

namespace {

// Parameters are ignored.
Awaitable<server::Response> config(
    const Parts& parts, RequestContext context, const server::Request& /*request*/
) {
    const business::MeshFacts mesh = parts.mesh->facts(context);
    co_return server::Response::json(config_json(*parts.config, mesh, parts.status->metric_facts())
    );
}

}  // namespace

void add_config_routes(server::Router& router, const Parts& parts) {
    router.add(server::Method::kGet, "/api/config", bind(parts, Entry::kSignedIn, config));
}

}  // namespace meshscope::handlers
