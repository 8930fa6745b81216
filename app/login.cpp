#include "app/login.hpp"

#include "app/public_config.hpp"
#include "app/signing_keys.hpp"
#include "business/login.hpp"
#include "core/text.hpp"
#include "server/sealed_cookies.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

using business::Strategy;

clients::Secret secret_of(const std::string& text, const Clock& clock) {
    return text.starts_with('/') ? clients::Secret::file(text, clock)
                                 : clients::Secret::literal(text);
}

std::shared_ptr<const server::SealedCookies> make_cookies(
    const config::Config& config, std::shared_ptr<SigningKeys> keys
) {
    const std::string cluster = percent_encode(home_cluster(config));
    server::CookieOptions options;
    options.name = "kiali-token-" + cluster;
    options.count_name = "kiali-token-chunks-" + cluster;
    options.path = config.server.web_root;
    return std::make_shared<const server::SealedCookies>(
        std::move(options), [keys = std::move(keys)] { return keys->all(); }
    );
}

constexpr std::chrono::seconds kPause{1};

// A line each kPause at most: in an outage everybody's requests end here.
auto trouble_writer(telemetry::Logger& logger, const Clock& clock) {
    auto last = std::make_shared<std::atomic<SteadyTime>>(clock.steady_now() - kPause);
    return [&logger, &clock, last](const Error& error, std::string_view request_id) {
        const SteadyTime now = clock.steady_now();
        SteadyTime before = last->load();
        if (now - before < kPause || !last->compare_exchange_strong(before, now)) {
            return;
        }
        logger.warn(
            "Kubernetes cannot be asked who calls",
            {{"reason", std::string_view(error.message())},
             {"detail", std::string_view(error.detail())},
             {"advice", std::string_view(error.hint().advice)},
             {"request_id", request_id}}
        );
    };
}

Error no_cluster(const std::string& strategy) {
    return Error(
               ErrorKind::kUnavailable,
               "auth.strategy is " + strategy +
                   ", which asks Kubernetes who a token belongs to, and no cluster is configured: "
                   "set it "
                   "to anonymous and keep the server behind something that checks who enters"
    )
        .with_hint({"auth.strategy", "Set it to anonymous and check who enters before the server."}
        );
}

Error no_key(const std::string& key) {
    return Error(
               ErrorKind::kUnavailable,
               "login_token.signing_key: " +
                   (key.starts_with('/') ? "the file " + key + " cannot be read or holds no key"
                                         : std::string("this is no key")) +
                   "; sessions need 16, 24 or 32 bytes (for example from: openssl rand -hex 16)"
    )
        .with_hint({"login_token.signing_key", "Give it a key of 16, 24 or 32 bytes."});
}

}  // namespace

Result<LoginSet> make_login(
    const config::Loaded& loaded,
    clients::Cluster* cluster,
    const Clock& clock,
    telemetry::Logger& logger
) {
    const config::Config& config = loaded.config;
    const std::string& strategy = config.auth.strategy;
    if (strategy == "anonymous") {
        return LoginSet();
    }
    if (const auto refused = config::refuse_to_start(loaded)) {
        return *refused;
    }
    if (cluster == nullptr) {
        return no_cluster(strategy);
    }
    const config::LoginToken& token = config.login_token;
    std::vector<clients::Secret> previous;
    for (const std::string& key : config.meshscope.previous_signing_keys) {
        previous.push_back(secret_of(key, clock));
    }
    auto keys = std::make_shared<SigningKeys>(
        secret_of(token.signing_key, clock),
        std::move(previous),
        token.expiration_seconds,
        clock,
        [&logger](const std::string& text) { logger.warn(text); }
    );
    if (keys->all().empty()) {
        return no_key(token.signing_key);
    }
    LoginSet made;
    business::RightsOptions rights;
    rights.time_to_live = config.kubernetes_config.cache_token_namespace_duration;
    rights.require_namespace_get = config.kiali_feature_flags.authz.require_namespace_get;
    made.rights = std::make_shared<business::RightsBook>(*cluster, clock, rights);
    business::LoginOptions options;
    options.strategy = strategy == "header" ? Strategy::kHeader : Strategy::kToken;
    options.cluster = home_cluster(config);
    options.session_life = token.expiration_seconds;
    auto parts = std::make_shared<handlers::LoginParts>();
    parts->login = std::make_shared<const business::Login>(
        cluster, made.rights.get(), clock, std::move(options)
    );
    parts->cookies = make_cookies(config, std::move(keys));
    for (const std::string& proxy : config.meshscope.trusted_proxies) {
        parts->trusted_proxies.push_back(*AddressRange::parse(proxy)
        );  // the configuration was checked
    }
    parts->require_auth = config.server.require_auth;
    if (config.server.audit_log) {
        made.audit = std::make_shared<AuditLog>(logger, clock, strategy);
        parts->audit = [log = made.audit](const handlers::AuditEvent& event) { log->write(event); };
    }
    parts->trouble = trouble_writer(logger, clock);
    made.parts = std::move(parts);
    return made;
}

}  // namespace meshscope::app
