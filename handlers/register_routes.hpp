#pragma once

#include "handlers/parts.hpp"
#include "server/router.hpp"

namespace meshscope::handlers {

// Adds every route of api/openapi.yaml that the server answers.
void register_routes(server::Router& router, const Parts& parts);

}  // namespace meshscope::handlers
