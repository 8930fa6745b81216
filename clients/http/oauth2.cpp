#include "clients/http/oauth2.hpp"

#include "async/governor.hpp"

#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

namespace meshscope::clients {

namespace {

constexpr std::chrono::seconds kFetchTimeout{10};
constexpr std::chrono::seconds kTryAgain{10};  // after a failed fetch, while the old token is good
// What a call waits for a new token while the old one is good.
constexpr std::chrono::seconds kPatienceWhileGood{2};
// After a failed fetch its error stands that long; refused tokens are exchanged no more often.
constexpr std::chrono::seconds kBackOff{3};
constexpr const char* kBearer = "Bearer ";

HttpClientOptions client_options(
    const OAuth2Options& options, const TokenPlace& place, TlsSettings tls, bool use_proxy
) {
    HttpClientOptions out;
    out.upstream = "the token endpoint";
    out.setting_prefix = options.setting_prefix;
    out.url_setting = "auth.oauth2.token_url";
    out.base = place.origin;
    out.tls = std::move(tls);
    out.tls.insecure_skip_verify = false;
    out.limits.max_body_bytes = 1024UL * 1024;
    out.use_proxy_environment = use_proxy;
    return out;
}

class OAuth2Authorizer final : public Authorizer,
                               public std::enable_shared_from_this<OAuth2Authorizer> {
 public:
    OAuth2Authorizer(
        OAuth2Options options, TokenPlace place, TlsSettings tls, const Clock& clock, bool use_proxy
    )
        : options_(std::move(options)),
          place_(std::move(place)),
          clock_(clock),
          client_(client_options(options_, place_, std::move(tls), use_proxy), clock),
          how_(options_.auth_style == "params" ? ClientAuth::kParams : ClientAuth::kHeader),
          how_is_known_(!options_.auth_style.empty()) {}

    Awaitable<Result<std::string>> authorization(RequestContext context) override;
    void rejected(const std::string& value) override;

 private:
    using Self = std::shared_ptr<OAuth2Authorizer>;
    struct Failure {
        Error error;
        std::string secret;  // it was seen with; another one is tried at once
        SteadyTime until;
    };
    static Awaitable<Result<std::string>> fetch(Self self, RequestContext context);
    Awaitable<Result<OAuth2Token>> ask(RequestContext context, ClientAuth how);
    [[nodiscard]] std::optional<std::string> good_token(bool also_when_due);
    [[nodiscard]] std::optional<Error> recent_failure() const;
    void put_off();
    void note(const Error& error, const Result<std::string>& secret);

    const OAuth2Options options_;
    const TokenPlace place_;
    const Clock& clock_;
    HttpClient client_;
    Governor flights_{
        "the token endpoint",
        {.max_in_flight = 1, .max_waiting = std::numeric_limits<std::size_t>::max()}
    };

    mutable std::mutex mutex_;
    std::optional<OAuth2Token> token_;
    SteadyTime not_before_{};  // of the next fetch while the token is good
    SteadyTime no_exchange_before_{};
    std::optional<Failure> failure_;  // of the last fetch
    ClientAuth how_;
    bool how_is_known_;
};

std::optional<std::string> OAuth2Authorizer::good_token(bool also_when_due) {
    const SteadyTime now = clock_.steady_now();
    const std::scoped_lock lock(mutex_);
    if (!token_ || is_expired(*token_, now)) {
        return std::nullopt;
    }
    if (!also_when_due && is_due(*token_, now) && now >= not_before_) {
        return std::nullopt;
    }
    return kBearer + token_->value;
}

std::optional<Error> OAuth2Authorizer::recent_failure() const {
    const Result<std::string> secret = options_.client_secret.current();
    const SteadyTime now = clock_.steady_now();
    const std::scoped_lock lock(mutex_);
    if (!failure_ || now >= failure_->until || !secret || *secret != failure_->secret) {
        return std::nullopt;
    }
    return failure_->error;
}

void OAuth2Authorizer::note(const Error& error, const Result<std::string>& secret) {
    if (!secret || error.kind() == ErrorKind::kCancelled) {
        return;
    }
    const std::scoped_lock lock(mutex_);
    failure_ = Failure{error, *secret, clock_.steady_now() + kBackOff};
}

void OAuth2Authorizer::put_off() {
    const std::scoped_lock lock(mutex_);
    not_before_ = clock_.steady_now() + kTryAgain;
}

void OAuth2Authorizer::rejected(const std::string& value) {
    const SteadyTime now = clock_.steady_now();
    const std::scoped_lock lock(mutex_);
    if (token_ && value == kBearer + token_->value && now >= no_exchange_before_) {
        token_.reset();
        no_exchange_before_ = now + kBackOff;
    }
}

Awaitable<Result<std::string>> OAuth2Authorizer::authorization(RequestContext context) {
    const Self self = shared_from_this();
    if (auto token = good_token(false)) {
        co_return std::move(*token);
    }
    // Nothing of the request goes to the token endpoint, and nothing is billed to it.
    RequestContext own;
    own.deadline = context.deadline;
    own.priority = context.priority;
    if (good_token(true)) {
        const SteadyTime now = std::chrono::steady_clock::now();
        own.deadline = own.deadline.earlier(Deadline::after(now, kPatienceWhileGood));
    } else if (const auto failure = recent_failure()) {
        co_return failure->with_upstream("");
    }
    std::function<Awaitable<Result<std::string>>(RequestContext)> operation =
        [self](RequestContext inner) { return fetch(self, std::move(inner)); };
    auto fetched = co_await flights_.call<std::string>(
        std::move(own), "token", kFetchTimeout, std::move(operation)
    );
    if (fetched) {
        co_return std::string(**fetched);
    }
    if (auto token = good_token(true)) {
        put_off();
        co_return std::move(*token);
    }
    co_return fetched.error().with_upstream("");
}

Awaitable<Result<std::string>> OAuth2Authorizer::fetch(Self self, RequestContext context) {
    ClientAuth how = ClientAuth::kHeader;
    bool known = true;
    {
        const std::scoped_lock lock(self->mutex_);
        how = self->how_;
        known = self->how_is_known_;
    }
    const Result<std::string> secret = self->options_.client_secret.current();
    auto token = co_await self->ask(context, how);
    if (!token && !known && token.error().kind() == ErrorKind::kUpstreamAuth) {
        auto other = co_await self->ask(std::move(context), ClientAuth::kParams);
        if (other) {
            how = ClientAuth::kParams;
            token = std::move(other);
        }
    }
    if (!token) {
        self->note(token.error(), secret);
        co_return token.error();
    }
    const std::scoped_lock lock(self->mutex_);
    self->failure_.reset();
    self->how_ = how;
    self->how_is_known_ = true;
    self->token_ = *token;
    self->not_before_ = {};
    co_return kBearer + token->value;
}

Awaitable<Result<OAuth2Token>> OAuth2Authorizer::ask(RequestContext context, ClientAuth how) {
    Result<std::string> secret = options_.client_secret.current();
    for (bool again = false; secret; again = true) {
        auto response =
            co_await client_.send(context, token_request(options_, place_, *secret, how));
        if (!response) {
            co_return response.error();
        }
        if (response->status == 401 && !again) {
            options_.client_secret.recheck();
            Result<std::string> newer = options_.client_secret.current();
            if (newer && *newer != *secret) {
                secret = std::move(newer);
                continue;
            }
        }
        co_return read_token(*response, options_, *secret, clock_.steady_now());
    }
    co_return secret.error().with_hint(
        {options_.setting_prefix + ".auth.oauth2.client_secret", "check the file it names"}
    );
}

}  // namespace

Result<std::shared_ptr<Authorizer>> make_oauth2(
    OAuth2Options options, TlsSettings tls, const Clock& clock, bool use_proxy_environment
) {
    auto place = parse_token_url(options.token_url);
    if (!place) {
        return Error(
                   ErrorKind::kInvalidArgument,
                   "the token URL cannot be used: " + place.error().message()
        )
            .with_hint(
                {options.setting_prefix + ".auth.oauth2.token_url", "write it as https://host/path"}
            );
    }
    return std::shared_ptr<Authorizer>(std::make_shared<OAuth2Authorizer>(
        std::move(options), std::move(*place), std::move(tls), clock, use_proxy_environment
    ));
}

}  // namespace meshscope::clients
