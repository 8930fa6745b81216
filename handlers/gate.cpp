#include "handlers/gate.hpp"

#include "handlers/cross_site.hpp"
#include "handlers/error_response.hpp"
#include "handlers/session_cookie.hpp"

#include <memory>
#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

// Nobody logs in: all are the same.
std::optional<server::Response> enter_without_login(
    const Parts& parts, Entry entry, RequestContext& context
) {
    context.caller = parts.everybody;
    if (entry == Entry::kSignedIn && context.caller.name.empty()) {
        const Error error(ErrorKind::kUnauthenticated, "you are not signed in");
        return error_response(error, context.request_id);
    }
    return std::nullopt;
}

// Of trouble with Kubernetes callers whom nobody knows yet read neither addresses nor the names of
// the server's own accounts: those are in the log. What it says of the caller's own token is
// theirs.
Error told_to_strangers(
    const LoginParts& login, const Error& error, const RequestContext& context
) {
    const bool of_caller =
        error.kind() == ErrorKind::kUnauthenticated || error.kind() == ErrorKind::kForbidden;
    if (of_caller || (error.upstream().empty() && status_of(error.kind()) < 500)) {
        return error;
    }
    if (login.trouble) {
        login.trouble(error, context.request_id);
    }
    return Error(error.kind(), "Kubernetes cannot be asked who you are; try again")
        .with_code(error.code())
        .with_upstream("kubernetes")
        .with_hint({"", "If this goes on: the server's log tells why."});
}

}  // namespace

server::Response refusal(
    const Parts& parts,
    const server::Request& request,
    const business::Presented& presented,
    const Error& error,
    const RequestContext& context
) {
    server::Response response =
        error_response(told_to_strangers(*parts.login, error, context), context.request_id);
    if (error.kind() == ErrorKind::kUnauthenticated) {
        end_session(parts, request, response);
    }
    if (error.kind() == ErrorKind::kRateLimited) {
        const auto wait = parts.login->login->retry_after(presented);
        response.headers.set("Retry-After", std::to_string(wait.count()));
    }
    return response;
}

Awaitable<std::optional<server::Response>> enter(
    const Parts& parts, Entry entry, RequestContext& context, const server::Request& request
) {
    context.caller = Caller();
    if (auto refused = refuse_cross_site(parts.address, request, entry == Entry::kLogin)) {
        co_return error_response(*refused, context.request_id);
    }
    if (entry == Entry::kOpen || entry == Entry::kLogin) {
        co_return std::nullopt;
    }
    if (!parts.login) {
        co_return enter_without_login(parts, entry, context);
    }
    const LoginParts& login = *parts.login;
    business::Presented presented = presented_of(parts, request);
    if (entry == Entry::kOptional && !login.require_auth) {
        context.caller = login.login->known_caller(presented).value_or(Caller());
        co_return std::nullopt;
    }
    // Not on the answer's bill: how many questions it takes tells how many namespaces there are.
    RequestContext asking = context;
    asking.bill = std::make_shared<UpstreamBill>();
    Awaitable<Result<Caller>> call = login.login->caller_of(std::move(asking), presented);
    Result<Caller> caller = co_await std::move(call);
    if (!caller) {
        co_return refusal(parts, request, presented, caller.error(), context);
    }
    context.caller = std::move(*caller);
    co_return std::nullopt;
}

}  // namespace meshscope::handlers
