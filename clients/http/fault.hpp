#pragma once

#include "clients/http/http_client.hpp"
#include "core/error.hpp"

#include <string>

namespace meshscope::clients {

// Why a call failed, before the upstream's name and URL are known. Nothing in it is secret.
struct Fault {
    ErrorKind kind = ErrorKind::kUpstreamUnavailable;
    std::string cause;    // "connection refused"
    std::string setting;  // below the setting prefix, "auth.ca_file"; kUrlSetting; "" for none
    std::string advice;   // one sentence
    std::string where;    // addresses and the like, for the detail only
    bool connection_lost = false;  // the peer closed or reset it
    std::string code = {};         // of the error; "" its kind's
    Cause known = Cause::kNone;    // of the error
};

inline constexpr const char* kUrlSetting = "<url>";  // the setting that holds the URL

// `url` without query and userinfo.
Error to_error(
    const Fault& fault,
    const HttpClientOptions& options,
    const std::string& method,
    const std::string& url
);

Fault cancelled_fault();
Fault grpc_port_fault();
Fault tls_on_plain_fault();  // we sent plain text, the server speaks TLS
Fault plain_on_tls_fault();  // we began TLS, the server does not speak it

}  // namespace meshscope::clients
