#pragma once

#include "clients/http/http_client.hpp"
#include "clients/http/resolve.hpp"
#include "clients/http/tls_context.hpp"
#include "clients/http/transport.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace meshscope::clients {

// Where a call is at the moment, for the error of one that takes too long. Texts are literals.
struct Progress {
    const char* stage = "before the call";
};

struct DialPlan {
    Url target;
    std::optional<Url> proxy;
    std::optional<TlsContext::Current> tls;  // set when the target is https
    bool skip_verify = false;
    std::string server_name;  // to check and to send in place of the target's host; "" that
    HttpLimits limits;
    Lookup lookup;
    std::function<bool(const std::string& address)> may_connect;  // null: all may be
    std::shared_ptr<Progress> progress;
};

using Dialled = std::variant<TransportPtr, Fault>;

// A new connection: look-up, one address after the other, the proxy's tunnel and TLS where needed.
// Each step but the look-up is bounded by connect_timeout.
Awaitable<Dialled> dial(DialPlan plan);

// The value for Proxy-Authorization, "" when the URL has no userinfo.
std::string basic_from_userinfo(const Url& url);

}  // namespace meshscope::clients
