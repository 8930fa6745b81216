#pragma once

#include "core/address_range.hpp"
#include "server/http_types.hpp"

#include <string>
#include <vector>

namespace meshscope::handlers {

// Who sent a request: the other end of the connection, unless that is one of `trusted`. Then what
// X-Forwarded-For says, read from the right as long as it names trusted ones: only what those have
// added counts, never what a client wrote itself.
std::string client_address(
    const server::Request& request, const std::vector<AddressRange>& trusted
);

}  // namespace meshscope::handlers
