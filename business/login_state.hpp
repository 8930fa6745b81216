#pragma once

#include "business/credential_key.hpp"
#include "business/expiring_map.hpp"
#include "business/login.hpp"
#include "business/login_attempts.hpp"
#include "business/token_reviews.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

// Private to login*.cpp.
namespace meshscope::business {

using CredentialsPtr = std::shared_ptr<const CallerCredentials>;

struct Login::State {
    State(clients::Cluster* cluster, RightsBook* rights_in, const Clock& clock_in, LoginOptions in)
        : rights(rights_in),
          clock(clock_in),
          options(std::move(in)),
          attempts(clock_in, options.failures_a_minute),
          impersonations(clock_in, kImpersonations * options.failures_a_minute),
          good(clock_in, kMostGoodTokens),
          ended(clock_in, kMostEndedSessions) {
        if (cluster != nullptr) {
            reviews.emplace(*cluster, clock, options.review_life, options.refusal_life);
        }
    }

    static constexpr std::size_t kMostGoodTokens = 10'000;
    static constexpr std::size_t kMostEndedSessions = 10'000;
    // Everybody behind a proxy comes with its token: many may be new at once.
    static constexpr std::size_t kImpersonations = 10;

    RightsBook* rights;
    const Clock& clock;
    const LoginOptions options;
    CredentialKeys keys;
    LoginAttempts attempts;           // by address
    LoginAttempts impersonations;     // by hash of the token that wants to be somebody else
    ExpiringMap<bool> good;           // credentials that were accepted lately
    mutable ExpiringMap<bool> ended;  // sessions that were logged out of, by id
    std::optional<TokenReviews> reviews;

    [[nodiscard]] std::optional<Error> refuse_session(const Session& session) const;
    [[nodiscard]] std::optional<Error> refuse_token(std::string_view token) const;
    [[nodiscard]] CredentialsPtr of_token(std::string token) const;
    [[nodiscard]] Result<CredentialsPtr> of_headers(const Presented& presented) const;
    // What names the session or the bearer token of strategy token; "" when there is neither.
    [[nodiscard]] Result<std::string> presented_token(const Presented& presented) const;
    // No try for what is `proven`; else one of what has this key, which may be refused.
    Result<std::optional<LoginAttempts::Try>> begin_try(
        const std::string& key, std::string_view peer, bool proven
    );
    // Likewise of a token that was reviewed, in the name of somebody else.
    Result<std::optional<LoginAttempts::Try>> begin_impersonation(
        const CallerCredentials& credentials
    );
    [[nodiscard]] Session new_session(std::string token, std::string subject) const;
    [[nodiscard]] SystemTime expiry(std::string_view token) const;

    // Finds out the rights that go with the credentials. `proven`: Kubernetes took them before.
    Awaitable<Result<Caller>> admit(
        RequestContext context,
        CredentialsPtr credentials,
        std::string name,
        std::string peer,
        bool proven
    );
    Awaitable<Result<Caller>> by_headers(RequestContext context, Presented presented);
    Awaitable<Result<std::string>> subject_of(
        RequestContext context, CredentialsPtr credentials, std::string peer, bool proven
    );
};

namespace login_detail {

Error nobody(std::string text);  // kUnauthenticated
Caller caller_with(
    std::string name, CredentialsPtr credentials, const std::optional<Rights>& rights
);

}  // namespace login_detail

}  // namespace meshscope::business
