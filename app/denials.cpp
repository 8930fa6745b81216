#include "app/denials.hpp"

#include "business/login.hpp"
#include "core/json_object.hpp"
#include "handlers/client_address.hpp"
#include "handlers/session_cookie.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace meshscope::app {

namespace {

using server::Request;
using server::Response;

struct Teller {
    handlers::Parts parts;
    std::shared_ptr<AuditLog> audit;
};

// The sentence of an error's body.
std::string reason_in(const Response& response) {
    const auto* body = std::get_if<std::string>(&response.body);
    const auto object = body == nullptr ? std::nullopt : JsonObject::parse(*body);
    return std::string(object ? object->text("error").value_or("") : "");
}

void tell(
    const Teller& teller,
    const std::string& request_id,
    const Request& request,
    const Response& response
) {
    if (response.status != 401 && response.status != 403 && response.status != 429) {
        return;
    }
    const business::Presented who = handlers::presented_of(teller.parts, request);
    if (response.status == 401 && !who.session && !who.broken_session && who.bearer.empty()) {
        return;
    }
    Denial denial;
    if (response.status == 403) {
        const auto caller = teller.parts.login->login->known_caller(who);
        denial.user = caller ? caller->name : "";
    }
    denial.peer = handlers::client_address(request, teller.parts.login->trusted_proxies);
    denial.method = server::to_string(request.method);
    denial.path = request.path;
    denial.status = response.status;
    denial.reason = reason_in(response);
    denial.request_id = request_id;
    teller.audit->write(denial);
}

Awaitable<Response> watched(
    std::shared_ptr<const Teller> teller,
    server::Handler handler,
    RequestContext context,
    const Request& request
) {
    const std::string request_id = context.request_id;
    auto answer = handler(std::move(context), request);
    Response response = co_await std::move(answer);
    tell(*teller, request_id, request, response);
    co_return response;
}

}  // namespace

std::shared_ptr<const server::Router> telling_denials(
    const server::Router& routes, const handlers::Parts& parts, std::shared_ptr<AuditLog> audit
) {
    const auto teller = std::make_shared<const Teller>(Teller{parts, std::move(audit)});
    auto told = std::make_shared<server::Router>();
    for (const server::Route* route : routes.routes()) {
        const bool login = route->pattern == "/api/authenticate" || route->pattern == "/api/logout";
        server::Handler handler = route->handler;
        if (!login) {
            handler = [teller, inner = route->handler](
                          RequestContext context, const Request& request
                      ) { return watched(teller, inner, std::move(context), request); };
        }
        told->add(route->method, route->pattern, std::move(handler), route->options);
    }
    return told;
}

}  // namespace meshscope::app
