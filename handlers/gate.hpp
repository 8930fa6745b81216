#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/login.hpp"
#include "core/error.hpp"
#include "handlers/parts.hpp"
#include "server/http_types.hpp"

#include <cstdint>
#include <optional>

namespace meshscope::handlers {

// Who may call a route. Every route names one where it is added; there is no default.
enum class Entry : std::uint8_t {
    kOpen,      // everybody, no caller is looked for
    kLogin,     // likewise; begins, extends or ends a session: refused to pages of other sites with
                // every method; its body is a form, not JSON
    kOptional,  // everybody; a caller who can be known without a call is told more (kSignedIn with
                // server.require_auth)
    kSignedIn,  // 401 without a caller
};

// Fills context.caller, or returns the answer instead of the handler's: 401, 403, 415, 429, or that
// Kubernetes could not be asked, which leaves the session as it is.
Awaitable<std::optional<server::Response>> enter(
    const Parts& parts, Entry entry, RequestContext& context, const server::Request& request
);

// The answer to a caller who cannot be let in: a session that cannot be used (401) is ended,
// whoever tried too often (429) is told how long to wait. Why Kubernetes could not be asked is for
// `parts.login->trouble` only. `parts.login` is not null.
server::Response refusal(
    const Parts& parts,
    const server::Request& request,
    const business::Presented& presented,
    const Error& error,
    const RequestContext& context
);

}  // namespace meshscope::handlers
