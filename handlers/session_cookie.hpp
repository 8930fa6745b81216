#pragma once

#include "business/login.hpp"
#include "handlers/parts.hpp"
#include "server/http_types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::handlers {

// A session as it stands in the cookie, before it is sealed:
// {"cluster","expiresOn","payload":{"subject"?,"token"},"sessionId","strategy"}.
std::string session_text(const business::Session& session);
std::optional<business::Session> parse_session(std::string_view text);

// What the request says of who sends it. `parts.login` is not null.
business::Presented presented_of(const Parts& parts, const server::Request& request);

// Puts the session into cookies of the answer. Errors of SealedCookies::seal.
Result<> write_session(
    const Parts& parts,
    const server::Request& request,
    const business::Session& session,
    server::Response& response
);
// Ends the session's cookies that the request sent.
void end_session(const Parts& parts, const server::Request& request, server::Response& response);

}  // namespace meshscope::handlers
