#pragma once

#include "clients/http/http_client.hpp"
#include "core/error.hpp"

#include <string>

namespace meshscope::clients {

// Of a 401 or 403: who answers so, and what there is to say about it.
struct Denied {
    std::string upstream;
    std::string url;             // that was asked
    std::string setting_prefix;  // whose `auth` would change it: "external_services.tracing"
    std::string said;            // by the answer, printable; becomes the detail
    std::string advice = {};  // where no scheme is asked for that is known here; "" the usual one
};

// kUpstreamAuth, with the scheme that is asked for and whether a token has expired.
[[nodiscard]] Error error_of(const HttpResponse& response, Denied denied);

}  // namespace meshscope::clients
