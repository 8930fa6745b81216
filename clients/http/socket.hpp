#pragma once

#include "async/awaitable.hpp"
#include "clients/http/fault.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

namespace meshscope::clients {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// Nothing to read and not closed.
[[nodiscard]] bool is_quiet(Socket& socket);
// The words for an error of a socket.
[[nodiscard]] Fault explain_socket(const boost::system::error_code& error);

}  // namespace meshscope::clients
