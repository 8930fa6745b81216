#pragma once

#include "clients/credentials/secret.hpp"
#include "clients/http/authorizer.hpp"
#include "config/load.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "telemetry/logger.hpp"

#include <memory>
#include <string>

// Credentials and trust towards an upstream, as its `auth` section says.
namespace meshscope::app {

// A value that begins with '/' is a file.
clients::Secret secret_of(const std::string& configured, const Clock& clock);

// None for "oauth2".
clients::Credentials credentials_of(const config::ServiceAuth& auth, const Clock& clock);

clients::TlsSettings tls_of(
    const config::Loaded& loaded,
    const config::ServiceAuth& auth,
    const Clock& clock,
    telemetry::Logger& logger
);

// For "oauth2"; null for other types. `section` is above `auth`, for error texts.
Result<std::shared_ptr<clients::Authorizer>> authorizer_of(
    const config::Loaded& loaded,
    const config::ServiceAuth& auth,
    const std::string& section,
    const Clock& clock,
    telemetry::Logger& logger
);

}  // namespace meshscope::app
