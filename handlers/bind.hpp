#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "handlers/parts.hpp"
#include "server/http_types.hpp"
#include "server/router.hpp"

#include <memory>
#include <utility>

namespace meshscope::handlers {

using Operation = Awaitable<server::Response> (*)(
    const Parts& parts, RequestContext context, const server::Request& request
);

// A handler of the router that calls `operation`; its parts live as long as the handler.
inline server::Handler bind(const Parts& parts, Operation operation) {
    return [shared = std::make_shared<const Parts>(parts), operation](
               RequestContext context, const server::Request& request
           ) { return operation(*shared, std::move(context), request); };
}

}  // namespace meshscope::handlers
