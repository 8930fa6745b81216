#pragma once

#include "clients/http/socket.hpp"
#include "clients/http/tls_context.hpp"
#include "clients/http/transport.hpp"
#include "core/result.hpp"

#include <string>
#include <variant>

namespace meshscope::clients {

// Runs the handshake over a connected socket; a fault says which check failed. `host` is a name
// (sent as SNI, matched against the certificate's names) or an address (matched against its
// addresses).
Awaitable<std::variant<TransportPtr, Fault>> start_tls(
    Socket socket, TlsContext::Current context, std::string host, bool skip_verify
);

}  // namespace meshscope::clients
