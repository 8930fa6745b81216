#pragma once

#include "clients/credentials/secret.hpp"
#include "clients/http/http_client.hpp"
#include "clients/http/url.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::clients::kubernetes {

// Where a cluster's API is and how the server proves itself there.
struct Connection {
    std::string source;   // for messages: "service account", "kubeconfig /path, context demo"
    std::string setting;  // that names it: "meshscope.kubernetes.kubeconfig"; "" none
    Url server;           // with its path prefix
    TlsSettings tls;      // client certificate included
    Credentials
        credentials;  // token (a file is read again when it changes and after a 401) or basic
    std::shared_ptr<Authorizer> authorizer;  // in place of `credentials`; null: those
    std::optional<Url> proxy;
    std::vector<std::pair<std::string, std::string>>
        impersonation;  // Impersonate-* of the server's own account
    telemetry::Tracer* tracer = nullptr;
};

// For calls with the server's own account.
[[nodiscard]] HttpClientOptions server_options(const Connection& connection);
// For calls on behalf of callers: same place and trust, but no credentials, no impersonation and no
// client certificate, whatever the connection has. With mutual TLS the connection itself is an
// identity that an API server puts before a token.
[[nodiscard]] HttpClientOptions caller_options(const Connection& connection);

}  // namespace meshscope::clients::kubernetes
