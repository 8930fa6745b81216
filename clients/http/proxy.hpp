#pragma once

#include "clients/http/url.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>

namespace meshscope::clients {

// What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say (upper or lower case; lower case wins).
struct ProxySettings {
    std::string http;
    std::string https;
    std::string no_proxy;

    static ProxySettings from_environment();
};

// The proxy for `target`; nullopt when it is reached directly. Loopback targets are never proxied.
// NO_PROXY is a comma-separated list of "*", host names (which stand for their sub-domains too,
// with or without a dot in front), addresses, and networks (10.0.0.0/8), each with an optional
// port. kInvalidArgument: the variable holds something else than an http:// URL (a missing scheme
// means that).
Result<std::optional<Url>> proxy_for(const Url& target, const ProxySettings& settings);

}  // namespace meshscope::clients
