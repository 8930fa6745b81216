#pragma once

#include "core/error.hpp"
#include "handlers/login_parts.hpp"
#include "server/http_types.hpp"

#include <optional>
#include <string>

namespace meshscope::handlers {

// As a browser sees this server: what is configured, else X-Forwarded-Proto, -Host and -Port where
// they are there once, else the request. "https://host[:port]", lower case, without a default port.
std::string public_origin(const PublicAddress& address, const server::Request& request);

// What a request that changes something has to say of itself (GET, HEAD and OPTIONS: nothing): a
// body of JSON, and that it comes from a page of this server, where a browser tells. With `session`
// the body is a form or nothing, and GET has to come from here, too: it extends or ends a session.
// kUnsupportedMedia, kForbidden; nullopt when it is fine.
std::optional<Error> refuse_cross_site(
    const PublicAddress& address, const server::Request& request, bool session
);

}  // namespace meshscope::handlers
