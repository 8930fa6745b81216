#pragma once

#include "clients/http/socket.hpp"
#include "clients/http/transport.hpp"

namespace meshscope::clients {

// `socket` is connected.
TransportPtr make_plain_transport(Socket socket);

}  // namespace meshscope::clients
