#include "app/upstream_auth.hpp"

#include "clients/http/oauth2.hpp"
#include "config/tls_versions.hpp"

#include <string_view>
#include <utility>

namespace meshscope::app {

clients::Secret secret_of(const std::string& configured, const Clock& clock) {
    if (configured.empty()) {
        return clients::Secret::none();
    }
    return configured.front() == '/' ? clients::Secret::file(configured, clock)
                                     : clients::Secret::literal(configured);
}

clients::Credentials credentials_of(const config::ServiceAuth& auth, const Clock& clock) {
    clients::Credentials out;
    if (auth.type == "basic") {
        out.type = clients::AuthType::kBasic;
        out.username = secret_of(auth.username, clock);
        out.password = secret_of(auth.password, clock);
    } else if (auth.type == "bearer") {
        out.type = clients::AuthType::kBearer;
        out.token = secret_of(auth.token, clock);
    }
    return out;
}

clients::TlsSettings tls_of(
    const config::Loaded& loaded,
    const config::ServiceAuth& auth,
    const Clock& clock,
    telemetry::Logger& logger
) {
    clients::TlsSettings out;
    out.ca_files = loaded.paths.ca_bundle;
    if (!auth.ca_file.empty()) {
        out.ca_files.push_back(auth.ca_file);
    }
    if (!auth.cert_file.empty() && !auth.key_file.empty()) {
        out.client_certificate = secret_of(auth.cert_file, clock);
        out.client_key = secret_of(auth.key_file, clock);
    }
    out.insecure_skip_verify = auth.insecure_skip_verify;
    const config::TlsVersions versions = config::tls_versions(loaded.config.deployment.tls_config);
    out.min_version = versions.min;
    out.max_version = versions.max;
    out.on_warning = [&logger](const std::string& warning) {
        logger.warn("a CA file is not used as it is", {{"reason", std::string_view(warning)}});
    };
    return out;
}

Result<std::shared_ptr<clients::Authorizer>> authorizer_of(
    const config::Loaded& loaded,
    const config::ServiceAuth& auth,
    const std::string& section,
    const Clock& clock,
    telemetry::Logger& logger
) {
    if (auth.type != "oauth2") {
        return std::shared_ptr<clients::Authorizer>();
    }
    clients::OAuth2Options options;
    options.token_url = auth.oauth2.token_url;
    options.client_id = auth.oauth2.client_id;
    options.client_secret = secret_of(auth.oauth2.client_secret, clock);
    options.scopes = auth.oauth2.scopes;
    options.audience = auth.oauth2.audience;
    options.auth_style = auth.oauth2.auth_style;
    options.setting_prefix = section;
    return clients::make_oauth2(std::move(options), tls_of(loaded, auth, clock, logger), clock);
}

}  // namespace meshscope::app
