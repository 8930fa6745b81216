#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::clients {

// An http or https URL. Userinfo is kept apart and never printed.
struct Url {
    bool https = false;
    std::string host;        // no brackets around IPv6
    std::uint16_t port = 0;  // 0: not given
    std::string path;        // "" or "/jaeger"; no trailing slash
    std::string userinfo;

    [[nodiscard]] std::uint16_t port_or_default() const {
        return port != 0 ? port : https ? 443 : 80;
    }
    [[nodiscard]] std::string host_header(
    ) const;                                      // host[:port], brackets for IPv6, no default port
    [[nodiscard]] std::string to_string() const;  // without userinfo
};

// kInvalidArgument with what is wrong: other scheme, no host, bad port, spaces.
Result<Url> parse_url(std::string_view text);

}  // namespace meshscope::clients
