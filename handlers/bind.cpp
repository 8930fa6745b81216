#include "handlers/bind.hpp"

#include <memory>
#include <utility>

namespace meshscope::handlers {

namespace {

Awaitable<server::Response> guarded(
    std::shared_ptr<const Parts> parts,
    Entry entry,
    Operation operation,
    RequestContext context,
    const server::Request& request
) {
    auto refused = co_await enter(*parts, entry, context, request);
    if (refused) {
        co_return std::move(*refused);
    }
    co_return co_await operation(*parts, std::move(context), request);
}

}  // namespace

server::Handler bind(const Parts& parts, Entry entry, Operation operation) {
    return [shared = std::make_shared<const Parts>(parts), entry, operation](
               RequestContext context, const server::Request& request
           ) { return guarded(shared, entry, operation, std::move(context), request); };
}

}  // namespace meshscope::handlers
