#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace meshscope::clients {

// Credentials and headers that somebody gives for one try. Never files.
struct GivenSettings {
    std::string auth_type = "none";  // none, basic, bearer, oauth2
    std::string username;
    std::string password;
    std::string token;
    bool insecure_skip_verify = false;
    std::map<std::string, std::string> custom_headers;
};

// Settings of a trace store to try.
struct StoreTarget {
    enum class Transport : std::uint8_t { kGrpcThenHttp, kGrpc, kHttp };
    // kConfigured: the server's own credentials and headers; they are sent only to the configured
    // scheme, host and port, elsewhere nothing is.
    enum class With : std::uint8_t { kNothing, kConfigured, kGiven };

    std::string url;
    Transport transport = Transport::kGrpcThenHttp;
    With with = With::kNothing;
    GivenSettings given;  // used with kGiven
};

}  // namespace meshscope::clients
