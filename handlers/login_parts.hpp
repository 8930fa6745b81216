#pragma once

#include "core/address_range.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope {
class Error;
}
namespace meshscope::business {
class Login;
}
namespace meshscope::server {
class SealedCookies;
}

namespace meshscope::handlers {

// What of a login is worth a line in the log. Names are as callers or Kubernetes gave them; never a
// token.
struct AuditEvent {
    enum class What { kLogin, kExtension, kRefusal, kLogout } what = What::kLogin;
    std::string user;    // "" not known
    std::string reason;  // of a refusal
    std::string peer;
    std::string request_id;
};

// How callers log in. Thread-safe.
struct LoginParts {
    std::shared_ptr<const business::Login> login;
    std::shared_ptr<const server::SealedCookies> cookies;
    std::vector<AddressRange> trusted_proxies;     // may say on whose behalf they ask
    bool require_auth = false;                     // also for what would be open to everybody
    std::function<void(const AuditEvent&)> audit;  // may be empty
    // Why Kubernetes could not be asked who calls; may be empty.
    std::function<void(const Error&, std::string_view request_id)> trouble;
};

// Where browsers find this server, as it was configured; "" is what the request says.
struct PublicAddress {
    std::string scheme;
    std::string host;
    std::string port;
};

}  // namespace meshscope::handlers
