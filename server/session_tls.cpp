#include "server/session_impl.hpp"
#include "server/tls_context.hpp"

#include <boost/asio/ssl/stream.hpp>

#include <sys/socket.h>

namespace meshscope::server {
namespace {

constexpr std::string_view kNotTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 48\r\n"
    "Connection: close\r\n\r\n"
    "This port speaks HTTPS; the request was HTTP.   ";

constexpr unsigned char kTlsHandshake = 0x16;

class TlsTransport {
 public:
    TlsTransport(
        Shared& shared, std::shared_ptr<boost::asio::ssl::context> context, TcpSocket socket
    )
        : shared_(shared), context_(std::move(context)), stream_(std::move(socket), *context_) {}

    Awaitable<bool> open() {
        auto [error] = co_await socket().async_wait(
            TcpSocket::wait_read, boost::asio::as_tuple(use_awaitable)
        );
        if (error || !begins_with_handshake()) {
            co_return false;
        }
        auto [failed] = co_await stream_.async_handshake(
            boost::asio::ssl::stream_base::server, boost::asio::as_tuple(use_awaitable)
        );
        if (failed) {
            refused("handshake_failed", failed.message());
            co_return false;
        }
        co_return true;
    }

    void close_sending(std::shared_ptr<void> keep) {
        stream_.async_shutdown([keep = std::move(keep)](boost::system::error_code) {});
    }

    TcpSocket& socket() { return stream_.next_layer(); }
    boost::asio::ssl::stream<TcpSocket>& stream() { return stream_; }

 private:
    // A request in plain text gets a plain "no" and nothing else.
    bool begins_with_handshake() {
        unsigned char first = 0;
        const auto count = ::recv(socket().native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
        if (count != 1) {
            return false;
        }
        if (first == kTlsHandshake) {
            return true;
        }
        refused("not_tls", "the first byte is not that of a TLS handshake");
        boost::system::error_code ignored;
        if (first >= 'A' && first <= 'Z') {
            discard_waiting();
            socket().send(boost::asio::buffer(kNotTls.data(), kNotTls.size()), 0, ignored);
            socket().shutdown(TcpSocket::shutdown_both, ignored);
        }
        return false;
    }

    // Unread bytes would turn the close into a reset, which can overtake the answer.
    void discard_waiting() {
        std::array<char, 4096> bytes{};
        for (int i = 0; i < 16; ++i) {
            if (::recv(socket().native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT) <= 0) {
                return;
            }
        }
    }

    void refused(std::string_view reason, std::string_view detail) {
        shared_.dispatcher.count_refused_connection(reason);
        if (telemetry::Logger* logger = shared_.dispatcher.logger()) {
            logger->debug("TLS connection refused", {{"reason", reason}, {"error", detail}});
        }
    }

    Shared& shared_;
    std::shared_ptr<boost::asio::ssl::context> context_;  // outlives the stream
    boost::asio::ssl::stream<TcpSocket> stream_;
};

}  // namespace

void start_tls_session(Worker& worker, TcpSocket socket, ConnectionTicket ticket) {
    Shared& shared = worker.shared();
    std::string peer = peer_of(socket);
    const auto session = std::make_shared<Session<TlsTransport>>(
        worker,
        std::move(ticket),
        std::move(peer),
        true,
        shared,
        shared.tls->current(),
        std::move(socket)
    );
    session->start();
}

}  // namespace meshscope::server
