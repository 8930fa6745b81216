#include "demo/net/wire.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <climits>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace meshscope::demo {
namespace asio = boost::asio;

namespace {

class PlainWire final : public Wire {
 public:
    using Wire::Wire;

    [[nodiscard]] bool reader_left() override {
        char byte = 0;
        return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }
    void finish() override {
        ErrorCode ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
    }

 protected:
    std::size_t read(asio::mutable_buffer into, ErrorCode& error) override {
        return socket_.read_some(into, error);
    }
    std::size_t write(asio::const_buffer bytes, ErrorCode& error) override {
        return socket_.write_some(bytes, error);
    }
};

using SslPtr = std::unique_ptr<SSL, decltype([](SSL* ssl) { SSL_free(ssl); })>;
using ContextPtr =
    std::unique_ptr<SSL_CTX, decltype([](SSL_CTX* context) { SSL_CTX_free(context); })>;

int length_of(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

class TlsWire final : public Wire {
 public:
    TlsWire(Socket& socket, SslPtr ssl) : Wire(socket), ssl_(std::move(ssl)) {}
    ~TlsWire() override { SSL_shutdown(ssl_.get()); }

    [[nodiscard]] bool reader_left() override {
        pollfd waiting{socket_.native_handle(), POLLRDHUP, 0};
        return ::poll(&waiting, 1, 0) > 0;
    }
    void finish() override {
        SSL_shutdown(ssl_.get());
        ErrorCode ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
    }

 protected:
    std::size_t read(asio::mutable_buffer into, ErrorCode& error) override {
        ERR_clear_error();
        return done(SSL_read(ssl_.get(), into.data(), length_of(into.size())), error);
    }
    std::size_t write(asio::const_buffer bytes, ErrorCode& error) override {
        ERR_clear_error();
        return done(SSL_write(ssl_.get(), bytes.data(), length_of(bytes.size())), error);
    }

 private:
    std::size_t done(int size, ErrorCode& error) {
        error = {};
        if (size > 0) {
            return static_cast<std::size_t>(size);
        }
        const bool closed = SSL_get_error(ssl_.get(), size) == SSL_ERROR_ZERO_RETURN;
        error = closed ? asio::error::make_error_code(asio::error::eof)
                       : asio::error::make_error_code(asio::error::connection_reset);
        return 0;
    }

    SslPtr ssl_;
};

// What the caller still sends is taken, so that closing does not take the answer away from it.
void send_away(Wire::Socket& socket) {
    constexpr std::string_view kWrongDoor =
        "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    constexpr std::size_t kMost = 64UL << 10U;
    boost::system::error_code error;
    asio::write(socket, asio::buffer(kWrongDoor), error);
    socket.shutdown(Wire::Socket::shutdown_send, error);
    std::array<char, 4'096> sink{};
    for (std::size_t taken = 0; !error && taken < kMost;) {
        taken += socket.read_some(asio::buffer(sink), error);
    }
}

class Identity final : public TlsIdentity {
 public:
    explicit Identity(ContextPtr context) : context_(std::move(context)) {}

    [[nodiscard]] std::unique_ptr<Wire> accept(Wire::Socket& socket) override {
        SslPtr ssl(SSL_new(context_.get()));
        if (!ssl || SSL_set_fd(ssl.get(), socket.native_handle()) != 1) {
            return nullptr;
        }
        ERR_clear_error();
        if (SSL_accept(ssl.get()) != 1) {
            if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
                send_away(socket);
            }
            return nullptr;
        }
        return std::make_unique<TlsWire>(socket, std::move(ssl));
    }

 private:
    ContextPtr context_;
};

}  // namespace

std::unique_ptr<Wire> plain_wire(Wire::Socket& socket) {
    return std::make_unique<PlainWire>(socket);
}

Result<std::shared_ptr<TlsIdentity>> TlsIdentity::load(const TlsFiles& files) {
    const auto wrong = [](const std::string& what) {
        return Error(ErrorKind::kInvalidArgument, what);
    };
    ContextPtr context(SSL_CTX_new(TLS_server_method()));
    if (!context) {
        return wrong("no TLS can be spoken");
    }
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
        return wrong(files.certificate + " holds no certificate");
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        return wrong(files.key + " holds no key that belongs to " + files.certificate);
    }
    return std::shared_ptr<TlsIdentity>(std::make_shared<Identity>(std::move(context)));
}

}  // namespace meshscope::demo
