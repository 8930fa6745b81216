#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "handlers/gate.hpp"
#include "handlers/parts.hpp"
#include "server/http_types.hpp"
#include "server/router.hpp"

namespace meshscope::handlers {

using Operation = Awaitable<server::Response> (*)(
    const Parts& parts, RequestContext context, const server::Request& request
);

// A handler of the router that lets in who may call it and then calls `operation`; its parts live
// as long as the handler.
server::Handler bind(const Parts& parts, Entry entry, Operation operation);

}  // namespace meshscope::handlers
