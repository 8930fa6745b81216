#include "business/login.hpp"
#include "core/json_writer.hpp"
#include "core/time_text.hpp"
#include "handlers/bind.hpp"
#include "handlers/client_address.hpp"
#include "handlers/error_response.hpp"
#include "handlers/public_config.hpp"
#include "handlers/routes.hpp"
#include "handlers/safe_text.hpp"
#include "handlers/session_cookie.hpp"

#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::Presented;
using business::SignedIn;
using server::Request;
using server::Response;
using What = AuditEvent::What;

// Who is logged in is nobody else's to keep.
Response unkept(Response response) {
    response.headers.set("Cache-Control", "no-store");
    return response;
}

void audit(
    const Parts& parts,
    const RequestContext& context,
    const Request& request,
    What what,
    std::string user,
    std::string reason = {}
) {
    if (!parts.login->audit) {
        return;
    }
    AuditEvent event;
    event.what = what;
    event.user = std::move(user);
    event.reason = std::move(reason);
    event.peer = client_address(request, parts.login->trusted_proxies);
    event.request_id = context.request_id;
    parts.login->audit(event);
}

// Asks nobody.
Awaitable<Response> info(const Parts& parts, RequestContext /*context*/, const Request& request) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("sessionInfo").begin_object();
    Response ends;
    if (parts.login) {
        const Presented presented = presented_of(parts, request);
        const auto session = parts.login->login->peek(presented);
        if (session) {
            json.key("clusterInfo").begin_object().key(session->cluster).begin_object();
            json.field("name", session->cluster).end_object().end_object();
            json.field("expiresOn", format_rfc1123(session->expires));
            json.field("username", safe_text(session->subject));
        } else {
            end_session(parts, request, ends);
        }
    }
    json.end_object().field("strategy", parts.config->auth_strategy).end_object();
    Response response = Response::json(std::move(body));
    response.headers = std::move(ends.headers);
    co_return unkept(std::move(response));
}

Response signed_in(
    const Parts& parts,
    const RequestContext& context,
    const Request& request,
    const SignedIn& made,
    What what
) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("expiresOn", format_rfc3339(made.session.expires));
    json.field("username", safe_text(made.caller.name)).end_object();
    Response response = Response::json(std::move(body));
    const Result<> written = write_session(parts, request, made.session, response);
    if (!written) {
        return error_response(written.error(), context.request_id);
    }
    audit(parts, context, request, what, made.caller.name);
    return unkept(std::move(response));
}

// Begins a session with what `form_token` or the headers hold, or (a GET) extends the one there is.
Awaitable<Response> authenticate(
    const Parts& parts, RequestContext context, const Request& request
) {
    if (!parts.login) {
        co_return Response::text("");
    }
    const business::Login& login = *parts.login->login;
    const bool begins = request.method == server::Method::kPost;
    Presented presented = presented_of(parts, request);
    if (begins) {
        presented.form_token = server::parse_query(request.body).first("token").value_or("");
    }
    auto call = begins ? login.sign_in(context, presented) : login.extend(context, presented);
    const Result<SignedIn> made = co_await std::move(call);
    if (!made) {
        const Error& error = made.error();
        audit(parts, context, request, What::kRefusal, "", error.message());
        Response response = refusal(parts, request, presented, error, context);
        if (error.kind() == ErrorKind::kInvalidArgument) {
            end_session(parts, request, response);
        }
        co_return unkept(std::move(response));
    }
    co_return signed_in(parts, context, request, *made, begins ? What::kLogin : What::kExtension);
}

Awaitable<Response> logout(const Parts& parts, RequestContext context, const Request& request) {
    Response response = Response::empty(204);
    if (parts.login) {
        const Presented presented = presented_of(parts, request);
        if (const auto session = parts.login->login->peek(presented)) {
            audit(parts, context, request, What::kLogout, session->subject);
        }
        parts.login->login->sign_out(presented);
        end_session(parts, request, response);
    }
    co_return unkept(std::move(response));
}

}  // namespace

void add_auth_routes(server::Router& router, const Parts& parts) {
    using server::Method;
    router.add(Method::kGet, "/api/auth/info", bind(parts, Entry::kOpen, info));
    router.add(Method::kPost, "/api/authenticate", bind(parts, Entry::kLogin, authenticate));
    router.add(Method::kGet, "/api/authenticate", bind(parts, Entry::kLogin, authenticate));
    router.add(Method::kGet, "/api/logout", bind(parts, Entry::kLogin, logout));
}

}  // namespace meshscope::handlers
