#include "business/login_state.hpp"

#include "business/impersonation.hpp"
#include "business/token_claims.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meshscope::business {

using clients::TokenOwner;
using login_detail::caller_with;
using login_detail::nobody;

namespace {

constexpr std::chrono::minutes kGoodFor{10};

Error bad_token() { return nobody("token is not valid or is expired"); }

Error too_many() {
    return {
        ErrorKind::kRateLimited,
        "too many tokens that are not valid came from this address; wait and try again"
    };
}

// It goes into a header line of ours.
bool is_one_word(std::string_view token) {
    return std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

namespace login_detail {

Error nobody(std::string text) { return {ErrorKind::kUnauthenticated, std::move(text)}; }

Caller caller_with(
    std::string name, CredentialsPtr credentials, const std::optional<Rights>& rights
) {
    Caller caller;
    caller.name = std::move(name);
    caller.credentials = std::move(credentials);
    if (rights) {
        caller.cluster_wide = rights->cluster_wide;
        caller.visible = rights->visible;
    }
    return caller;
}

}  // namespace login_detail

std::optional<Error> Login::State::refuse_session(const Session& session) const {
    if (session.strategy != to_string(options.strategy) || session.cluster != options.cluster ||
        session.token.empty()) {
        return nobody("this session is not of this server as it is configured now; log in again");
    }
    if (session.expires <= clock.now()) {
        return nobody("the session has expired; log in again");
    }
    if (ended.find(session.session_id)) {
        return nobody("the session was ended; log in again");
    }
    return std::nullopt;
}

std::optional<Error> Login::State::refuse_token(std::string_view token) const {
    if (token.size() > options.largest_token) {
        return Error(
            ErrorKind::kInvalidArgument,
            "the token has more than " + std::to_string(options.largest_token) + " bytes"
        );
    }
    const std::optional<SystemTime> end = expiry_in_token(token);
    if (token.empty() || !is_one_word(token) || (end && *end <= clock.now())) {
        return bad_token();
    }
    return std::nullopt;
}

CredentialsPtr Login::State::of_token(std::string token) const {
    auto credentials = std::make_shared<CallerCredentials>();
    credentials->token = std::move(token);
    credentials->key = keys.of(*credentials);
    return credentials;
}

Result<CredentialsPtr> Login::State::of_headers(const Presented& presented) const {
    if (presented.bearer.empty()) {
        return nobody("there is no bearer token in the Authorization header");
    }
    if (auto refused = refuse_token(presented.bearer)) {
        return *refused;
    }
    if (presented.several_users) {
        return nobody("impersonation is refused: there are several Impersonate-User headers");
    }
    auto credentials = std::make_shared<CallerCredentials>();
    credentials->token = presented.bearer;
    credentials->impersonate_user = presented.impersonate_user;
    credentials->impersonate_groups = presented.impersonate_groups;
    credentials->impersonate_extra = presented.impersonate_extra;
    if (auto refused = refuse_impersonation(*credentials)) {
        return *refused;
    }
    credentials->key = keys.of(*credentials);
    return CredentialsPtr(std::move(credentials));
}

Result<std::string> Login::State::presented_token(const Presented& presented) const {
    std::optional<Error> refused;
    if (presented.session) {
        refused = refuse_session(*presented.session);
        if (!refused) {
            return presented.session->token;
        }
    } else if (presented.broken_session) {
        refused = nobody("the session cannot be read; log in again");
    }
    if (!presented.bearer.empty() || !refused) {
        return presented.bearer;
    }
    return *refused;
}

Result<std::optional<LoginAttempts::Try>> Login::State::begin_try(
    const std::string& key, std::string_view peer, bool proven
) {
    std::optional<LoginAttempts::Try> attempt;
    if (!proven) {
        attempt.emplace(attempts.begin(peer, key));
        if (!*attempt) {
            return too_many();
        }
    }
    return attempt;
}

Result<std::optional<LoginAttempts::Try>> Login::State::begin_impersonation(
    const CallerCredentials& credentials
) {
    std::optional<LoginAttempts::Try> attempt;
    if (!good.find(credentials.key)) {
        attempt.emplace(impersonations.begin(keys.of_token(credentials.token), credentials.key));
        if (!*attempt) {
            return Error(
                ErrorKind::kRateLimited,
                "this token was not allowed to impersonate too often; wait and try again"
            );
        }
    }
    return attempt;
}

SystemTime Login::State::expiry(std::string_view token) const {
    const SystemTime by_age = clock.now() + options.session_life;
    return std::min(by_age, expiry_in_token(token).value_or(by_age));
}

Session Login::State::new_session(std::string token, std::string subject) const {
    Session session;
    session.strategy = to_string(options.strategy);
    session.cluster = options.cluster;
    session.session_id = random_uuid();
    session.expires = expiry(token);
    session.token = std::move(token);
    session.subject = std::move(subject);
    return session;
}

Awaitable<Result<Caller>> Login::State::admit(
    RequestContext context,
    CredentialsPtr credentials,
    std::string name,
    std::string peer,
    bool proven
) {
    proven = proven || good.find(credentials->key).has_value();
    const bool impersonates = !credentials->impersonate_user.empty();
    Result<std::optional<LoginAttempts::Try>> attempt =
        impersonates ? begin_impersonation(*credentials)
                     : begin_try(credentials->key, peer, proven);
    if (!attempt) {
        co_return attempt.error();
    }
    context.caller = caller_with(name, credentials, std::nullopt);
    Awaitable<Result<Rights>> call = rights->of(std::move(context));
    const Result<Rights> found = co_await std::move(call);
    if (!found) {
        const bool bad = found.error().kind() == ErrorKind::kUnauthenticated;
        const bool not_allowed = impersonates && found.error().kind() == ErrorKind::kForbidden;
        if (*attempt && (bad || not_allowed)) {
            (*attempt)->failed();
        }
        if (!bad) {
            co_return found.error();
        }
        good.erase(credentials->key);
        co_return bad_token();
    }
    good.put(credentials->key, true, clock.steady_now() + kGoodFor);
    co_return caller_with(std::move(name), std::move(credentials), *found);
}

// Who Kubernetes says the bearer token belongs to.
Awaitable<Result<std::string>> Login::State::subject_of(
    RequestContext context, CredentialsPtr credentials, std::string peer, bool proven
) {
    const std::string key = keys.of_token(credentials->token);
    proven = proven || good.find(credentials->key) || reviews->known(key);
    Result<std::optional<LoginAttempts::Try>> attempt = begin_try(key, peer, proven);
    if (!attempt) {
        co_return attempt.error();
    }
    auto call = reviews->of(std::move(context), credentials->token, key);
    const Result<TokenOwner> owner = co_await std::move(call);
    if (!owner) {
        co_return owner.error();
    }
    if (!owner->authenticated) {
        if (*attempt) {
            (*attempt)->failed();
        }
        co_return bad_token();
    }
    std::string name = display_name(
        credentials->impersonate_user.empty() ? owner->username : credentials->impersonate_user
    );
    co_return name.empty() ? "token" : std::move(name);
}

Awaitable<Result<Caller>> Login::State::by_headers(RequestContext context, Presented presented) {
    if (presented.broken_session) {
        co_return nobody("the session cannot be read; log in again");
    }
    if (presented.session) {
        if (auto refused = refuse_session(*presented.session)) {
            co_return *refused;
        }
    }
    Result<CredentialsPtr> credentials = of_headers(presented);
    if (!credentials) {
        co_return credentials.error();
    }
    const bool proven = presented.session && presented.session->token == presented.bearer;
    auto asked = subject_of(context, *credentials, presented.peer, proven);
    const Result<std::string> subject = co_await std::move(asked);
    if (!subject) {
        co_return subject.error();
    }
    if (presented.session && presented.session->subject != *subject) {
        co_return nobody("the session belongs to somebody else; log in again");
    }
    auto admitted = admit(
        std::move(context), std::move(*credentials), *subject, std::move(presented.peer), true
    );
    co_return co_await std::move(admitted);
}

}  // namespace meshscope::business
