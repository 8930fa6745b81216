#include "clients/http/plain_transport.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <sys/socket.h>
#include <utility>

namespace meshscope::clients {
namespace asio = boost::asio;
using boost::system::error_code;

bool is_quiet(Socket& socket) {
    char byte = 0;
    const ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Fault explain_socket(const error_code& error) {
    Fault fault;
    if (error == asio::error::operation_aborted) {
        return cancelled_fault();
    }
    if (error == asio::error::connection_refused) {
        fault.cause = "connection refused";
        fault.known = Cause::kRefused;
        fault.setting = kUrlSetting;
        fault.advice = "nothing listens there: check host and port, and that the server runs";
    } else if (error == asio::error::eof || error == asio::error::connection_reset ||
               error == asio::error::broken_pipe) {
        fault.cause = "the server closed the connection";
        fault.connection_lost = true;
    } else if (error == asio::error::timed_out) {
        fault.cause = "the connection timed out";
        fault.known = Cause::kSilent;
    } else if (error == asio::error::host_unreachable ||
               error == asio::error::network_unreachable) {
        fault.cause = "no route to the server";
        fault.known = Cause::kNoRoute;
        fault.setting = kUrlSetting;
        fault.advice = "check the host and the network policies on the way";
    } else {
        fault.cause = error.message();
    }
    return fault;
}

namespace {

class PlainTransport final : public Transport {
 public:
    explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {}

    Awaitable<Received> read_some(std::span<char> into) override {
        Received received;
        received.size = co_await socket_.async_read_some(
            asio::buffer(into.data(), into.size()),
            asio::redirect_error(use_awaitable, received.error)
        );
        co_return received;
    }

    Awaitable<error_code> write(std::string_view head, std::string_view body) override {
        const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
        error_code error;
        co_await asio::async_write(socket_, parts, asio::redirect_error(use_awaitable, error));
        co_return error;
    }

    bool is_quiet() override { return clients::is_quiet(socket_); }
    bool is_orderly_end(const error_code& error) const override {
        return error == asio::error::eof;
    }
    Fault explain(const error_code& error) const override { return explain_socket(error); }
    bool is_tls() const override { return false; }

 private:
    Socket socket_;
};

}  // namespace

TransportPtr make_plain_transport(Socket socket) {
    return std::make_unique<PlainTransport>(std::move(socket));
}

}  // namespace meshscope::clients
