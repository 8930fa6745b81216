#include "handlers/gate.hpp"

#include "handlers/error_response.hpp"

namespace meshscope::handlers {

Awaitable<std::optional<server::Response>> enter(
    const Parts& parts, Entry entry, RequestContext& context, const server::Request& /*request*/
) {
    context.caller = entry == Entry::kOpen ? Caller() : parts.everybody;
    if (entry == Entry::kSignedIn && context.caller.name.empty()) {
        const Error error(ErrorKind::kUnauthenticated, "you are not signed in");
        co_return error_response(error, context.request_id);
    }
    co_return std::nullopt;
}

}  // namespace meshscope::handlers
