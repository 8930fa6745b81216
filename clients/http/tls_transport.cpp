#include "clients/http/tls_transport.hpp"

#include "clients/http/tls_peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

namespace meshscope::clients {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

class TlsTransport final : public Transport {
 public:
    // Takes `connection` over.
    TlsTransport(Socket socket, std::unique_ptr<TlsPeer> peer, SSL* connection, bool identity)
        : peer_(std::move(peer)), stream_(std::move(socket), connection), identity_(identity) {}

    Awaitable<error_code> handshake() {
        error_code error;
        co_await stream_.async_handshake(
            asio::ssl::stream_base::client, asio::redirect_error(use_awaitable, error)
        );
        co_return error;
    }

    Awaitable<Received> read_some(std::span<char> into) override {
        Received received;
        received.size = co_await stream_.async_read_some(
            asio::buffer(into.data(), into.size()),
            asio::redirect_error(use_awaitable, received.error)
        );
        co_return received;
    }

    Awaitable<error_code> write(std::string_view head, std::string_view body) override {
        const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
        error_code error;
        co_await asio::async_write(stream_, parts, asio::redirect_error(use_awaitable, error));
        co_return error;
    }

    // Session tickets come with the first response; later bytes are an alert or nothing of ours.
    bool is_quiet() override {
        return SSL_pending(stream_.native_handle()) == 0 && clients::is_quiet(stream_.next_layer());
    }
    bool is_orderly_end(const error_code& error) const override {
        return error == asio::error::eof;
    }
    Fault explain(const error_code& error) const override {
        if (error == asio::ssl::error::stream_truncated) {
            return explain_socket(asio::error::eof);
        }
        if (error.category() == asio::error::get_ssl_category()) {
            return peer_->explain(static_cast<unsigned long>(error.value()), identity_);
        }
        return explain_socket(error);
    }
    bool is_tls() const override { return true; }

    Fault explain_handshake(const error_code& error) const {
        Fault fault = explain(error);
        if (error == asio::ssl::error::stream_truncated || error == asio::error::eof ||
            error == asio::error::connection_reset) {
            fault.cause = "the server closed the connection during the TLS handshake";
            fault.setting = kUrlSetting;
            fault.advice = "check that the port speaks TLS";
        }
        return fault;
    }

 private:
    std::unique_ptr<TlsPeer> peer_;  // outlives the stream that points to it
    asio::ssl::stream<Socket> stream_;
    bool identity_;
};

}  // namespace

Awaitable<std::variant<TransportPtr, Fault>> start_tls(
    Socket socket, TlsContext::Current context, std::string host, bool skip_verify
) {
    Fault broken;
    broken.kind = ErrorKind::kInternal;
    broken.cause = "TLS cannot be set up for this host";
    auto peer = std::make_unique<TlsPeer>();
    SSL* connection = SSL_new(context.context.get());
    if (connection == nullptr) {
        co_return broken;
    }
    TlsPeer& attached = *peer;
    auto transport = std::make_unique<TlsTransport>(
        std::move(socket), std::move(peer), connection, context.has_identity
    );
    if (!attached.attach(connection, host, skip_verify)) {
        ERR_clear_error();
        co_return broken;
    }
    const error_code error = co_await transport->handshake();
    if (error) {
        co_return transport->explain_handshake(error);
    }
    co_return TransportPtr(std::move(transport));
}

}  // namespace meshscope::clients
