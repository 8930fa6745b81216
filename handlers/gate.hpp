#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "handlers/parts.hpp"
#include "server/http_types.hpp"

#include <cstdint>
#include <optional>

namespace meshscope::handlers {

// Who may call a route. Every route names one where it is added; there is no default.
enum class Entry : std::uint8_t {
    kOpen,      // everybody, no caller is looked for
    kOptional,  // everybody; a caller who is known is told more
    kSignedIn,  // 401 without a caller
};

// Fills context.caller, or returns the answer instead of the handler's.
Awaitable<std::optional<server::Response>> enter(
    const Parts& parts, Entry entry, RequestContext& context, const server::Request& request
);

}  // namespace meshscope::handlers
