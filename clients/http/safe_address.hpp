#pragma once

#include <string>

namespace meshscope::clients {

// Whether an address that somebody else chose may be called: not loopback, link-local (where cloud
// metadata is), multicast, unspecified or broadcast, nor the metadata addresses outside of those;
// the same for IPv4 written within IPv6. False for what is no address.
[[nodiscard]] bool is_safe_address(const std::string& address);

}  // namespace meshscope::clients
