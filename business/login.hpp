#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/rights.hpp"
#include "clients/cluster.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

enum class Strategy : std::uint8_t { kAnonymous, kToken, kHeader };
std::string_view to_string(Strategy strategy);  // "anonymous", "token", "header"

// What a session cookie holds, opened. Its token is a secret.
struct Session {
    std::string strategy;  // as to_string(Strategy) writes it
    std::string cluster;
    std::string session_id;  // UUID v4, from the system's random numbers
    SystemTime expires{};
    std::string token;
    std::string subject;  // of strategy header; "" with strategy token, whose token says it
};

// What a request brings. Nothing here is believed yet.
struct Presented {
    std::optional<Session> session;  // of the cookie, when it could be opened
    bool broken_session = false;     // there is a cookie that could not
    std::string bearer;              // Authorization: Bearer
    std::string form_token;          // POST /api/authenticate only
    // Strategy header only, passed over else.
    std::string impersonate_user;
    bool several_users = false;  // more than one was named: whom is meant cannot be known
    std::vector<std::string> impersonate_groups;
    std::vector<std::pair<std::string, std::string>> impersonate_extra;
    std::string peer;  // address, for the limit of attempts
};

struct SignedIn {
    Caller caller;    // complete: name, credentials, rights
    Session session;  // to be sealed
};

struct LoginOptions {
    Strategy strategy = Strategy::kToken;
    std::string cluster = "Kubernetes";  // the home cluster's name: sessions are for it
    std::chrono::seconds session_life{86'400};
    std::chrono::seconds review_life{60};   // of a TokenReview, by hash of the token
    std::chrono::seconds refusal_life{10};  // of one that said no
    std::size_t failures_a_minute = 30;     // of one address, see LoginAttempts
    std::size_t largest_token =
        40UL * 1024;  // bytes: its cookies have to fit into 64 KiB of headers
};

// Who a caller is. Usable from every thread; outlives its calls. Errors everywhere:
// kUnauthenticated (no, bad or expired token; another strategy's session; impersonation of a
// privileged identity; at sign_in also no visible namespace), kForbidden (Kubernetes' 403 to an
// impersonation), kRateLimited (without a call), kInvalidArgument (a token beyond `largest_token`;
// at sign_in also none), and the cluster's own when it cannot be asked: an outage must not log
// people out.
class Login {
 public:
    // `cluster` and `rights` may be null with strategy anonymous only.
    Login(clients::Cluster* cluster, RightsBook* rights, const Clock& clock, LoginOptions options);
    ~Login();

    // Of a request to a protected route. With strategy token a session wins over a bearer token;
    // with strategy header the bearer token is demanded on every request, and a session has to be
    // of the same subject. Strategy anonymous: anonymous_caller().
    Awaitable<Result<Caller>> caller_of(RequestContext context, Presented presented) const;

    // Who it is as far as that is known without a call; nullopt: nobody. Rights are those that are
    // remembered, else none.
    [[nodiscard]] std::optional<Caller> known_caller(const Presented& presented) const;

    // A session to begin with the token of the form (strategy token) or the bearer token (header).
    Awaitable<Result<SignedIn>> sign_in(RequestContext context, Presented presented) const;

    // The same session with a new expiry, its token checked again. Strategy header: as sign_in.
    Awaitable<Result<SignedIn>> extend(RequestContext context, Presented presented) const;

    // The session, if it can be used, its subject filled in. Asks nobody.
    [[nodiscard]] std::optional<Session> peek(const Presented& presented) const;

    // Ends the session, copies of its cookies with it, as far as this process goes: the last 10 000
    // are remembered. Forgets what is remembered of its caller.
    void sign_out(const Presented& presented) const;

    [[nodiscard]] Strategy strategy() const;
    // After kRateLimited.
    [[nodiscard]] std::chrono::seconds retry_after(const Presented& presented) const;

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::business
