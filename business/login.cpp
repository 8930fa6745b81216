#include "business/login.hpp"

#include "business/access.hpp"
#include "business/login_state.hpp"
#include "business/token_claims.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

using login_detail::caller_with;
using login_detail::nobody;

namespace {

constexpr std::chrono::hours kLongestEnded{24 * 365};

bool sees_nothing(const Caller& caller) {
    return !caller.cluster_wide && (!caller.visible || caller.visible->names.empty());
}

Error no_namespace() {
    return nobody("this token sees no namespace")
        .with_hint({"", "Let its owner get a namespace (Kubernetes RBAC), then log in again."});
}

}  // namespace

std::string_view to_string(Strategy strategy) {
    switch (strategy) {
        case Strategy::kAnonymous:
            return "anonymous";
        case Strategy::kToken:
            return "token";
        case Strategy::kHeader:
            return "header";
    }
    return "";
}

Login::Login(
    clients::Cluster* cluster, RightsBook* rights, const Clock& clock, LoginOptions options
)
    : state_(std::make_shared<State>(cluster, rights, clock, std::move(options))) {}

Login::~Login() = default;

Strategy Login::strategy() const { return state_->options.strategy; }

std::chrono::seconds Login::retry_after(const Presented& presented) const {
    return std::max(
        state_->attempts.wait(presented.peer),
        state_->impersonations.wait(state_->keys.of_token(presented.bearer))
    );
}

Awaitable<Result<Caller>> Login::caller_of(RequestContext context, Presented presented) const {
    const std::shared_ptr<State> state = state_;
    if (state->options.strategy == Strategy::kAnonymous) {
        co_return anonymous_caller();
    }
    if (state->options.strategy == Strategy::kHeader) {
        auto by_headers = state->by_headers(std::move(context), std::move(presented));
        co_return co_await std::move(by_headers);
    }
    Result<std::string> token = state->presented_token(presented);
    if (!token) {
        co_return token.error();
    }
    if (token->empty()) {
        co_return nobody("you are not signed in");
    }
    if (auto refused = state->refuse_token(*token)) {
        co_return *refused;
    }
    const bool proven = presented.session && presented.session->token == *token &&
                        !state->refuse_session(*presented.session);
    std::string name = name_in_token(*token);
    auto admitted = state->admit(
        std::move(context),
        state->of_token(std::move(*token)),
        std::move(name),
        std::move(presented.peer),
        proven
    );
    co_return co_await std::move(admitted);
}

std::optional<Caller> Login::known_caller(const Presented& presented) const {
    const State& state = *state_;
    if (state.options.strategy == Strategy::kAnonymous) {
        return anonymous_caller();
    }
    if (state.options.strategy == Strategy::kToken) {
        Result<std::string> token = state.presented_token(presented);
        if (!token || state.refuse_token(*token)) {
            return std::nullopt;
        }
        const CredentialsPtr credentials = state.of_token(*token);
        const std::optional<Rights> rights = state.rights->known(*credentials);
        if (!rights && !peek(presented)) {
            return std::nullopt;
        }
        return caller_with(name_in_token(*token), credentials, rights);
    }
    const Result<CredentialsPtr> credentials = state.of_headers(presented);
    if (!credentials) {
        return std::nullopt;
    }
    const auto owner = state.reviews->known(state.keys.of_token(presented.bearer));
    if (!owner || !owner->authenticated) {
        return std::nullopt;
    }
    const std::string& user =
        presented.impersonate_user.empty() ? owner->username : presented.impersonate_user;
    return caller_with(display_name(user), *credentials, state.rights->known(**credentials));
}

Awaitable<Result<SignedIn>> Login::sign_in(RequestContext context, Presented presented) const {
    const std::shared_ptr<State> state = state_;
    SignedIn made;
    if (state->options.strategy == Strategy::kAnonymous) {
        made.caller = anonymous_caller();
        co_return made;
    }
    std::string token = presented.bearer;
    presented.session.reset();
    presented.broken_session = false;
    if (state->options.strategy == Strategy::kToken) {
        token = trim(presented.form_token);
        if (token.empty()) {
            co_return Error(
                ErrorKind::kInvalidArgument, "the form field token is missing or empty"
            );
        }
        presented.bearer = token;
    }
    auto admitted = caller_of(std::move(context), std::move(presented));
    Result<Caller> caller = co_await std::move(admitted);
    if (!caller) {
        co_return caller.error();
    }
    if (sees_nothing(*caller)) {
        co_return no_namespace();
    }
    const bool by_header = state->options.strategy == Strategy::kHeader;
    made.session = state->new_session(std::move(token), by_header ? caller->name : "");
    made.caller = std::move(*caller);
    co_return made;
}

Awaitable<Result<SignedIn>> Login::extend(RequestContext context, Presented presented) const {
    const std::shared_ptr<State> state = state_;
    if (state->options.strategy != Strategy::kToken) {
        auto signed_in = sign_in(std::move(context), std::move(presented));
        co_return co_await std::move(signed_in);
    }
    if (!presented.session) {
        co_return nobody("there is no session that could be extended; log in");
    }
    SignedIn made;
    made.session = *presented.session;
    presented.bearer.clear();
    auto admitted = caller_of(std::move(context), std::move(presented));
    Result<Caller> caller = co_await std::move(admitted);
    if (!caller) {
        co_return caller.error();
    }
    if (sees_nothing(*caller)) {
        co_return no_namespace();
    }
    made.session.expires = state->expiry(made.session.token);
    made.caller = std::move(*caller);
    co_return made;
}

std::optional<Session> Login::peek(const Presented& presented) const {
    if (state_->options.strategy == Strategy::kAnonymous || !presented.session ||
        state_->refuse_session(*presented.session)) {
        return std::nullopt;
    }
    Session session = *presented.session;
    if (session.subject.empty()) {
        session.subject = name_in_token(session.token);
    }
    return session;
}

void Login::sign_out(const Presented& presented) const {
    if (state_->rights == nullptr || !presented.session) {
        return;
    }
    const Session& session = *presented.session;
    if (!session.session_id.empty() && !state_->refuse_session(session)) {
        // A copy of it could be extended until its token ends, if nobody says when that is.
        const SystemTime now = state_->clock.now();
        const SystemTime latest = now + kLongestEnded;
        const SystemTime end = std::min(expiry_in_token(session.token).value_or(latest), latest);
        state_->ended.put(session.session_id, true, state_->clock.steady_now() + (end - now));
    }
    CallerCredentials credentials;
    credentials.token = session.token;
    if (state_->options.strategy == Strategy::kHeader) {
        credentials.impersonate_user = presented.impersonate_user;
        credentials.impersonate_groups = presented.impersonate_groups;
        credentials.impersonate_extra = presented.impersonate_extra;
    }
    credentials.key = state_->keys.of(credentials);
    state_->rights->forget(credentials);
    state_->good.erase(credentials.key);
}

}  // namespace meshscope::business
