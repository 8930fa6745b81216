#include "tests/unit/server/tls_client.hpp"

#include "tests/support/raw_client.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>
#include <sys/socket.h>

namespace meshscope::test {
namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Deleter<Free>>;

[[noreturn]] void fail(const std::string& what) {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    throw std::runtime_error(what + ": " + (reason == nullptr ? "closed" : reason));
}

}  // namespace

struct TlsClient::Impl {
    explicit Impl(std::uint16_t port) : socket(port) {}
    RawClient socket;
    Owned<SSL_CTX, SSL_CTX_free> context{SSL_CTX_new(TLS_client_method())};
    Owned<SSL, SSL_free> ssl;
};

TlsClient::TlsClient(std::uint16_t port, const TlsClientOptions& options)
    : impl_(std::make_unique<Impl>(port)) {
    SSL_CTX* context = impl_->context.get();
    SSL_CTX_set_min_proto_version(context, options.min_version);
    SSL_CTX_set_max_proto_version(context, options.max_version);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    if (!options.cipher_list.empty()) {
        SSL_CTX_set_cipher_list(context, options.cipher_list.c_str());
    }
    const Owned<BIO, BIO_free> bytes(
        BIO_new_mem_buf(options.authority.data(), static_cast<int>(options.authority.size()))
    );
    const Owned<X509, X509_free> authority(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr)
    );
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
    impl_->ssl.reset(SSL_new(context));
    if (!options.alpn.empty()) {
        SSL_set_alpn_protos(
            impl_->ssl.get(),
            reinterpret_cast<const unsigned char*>(options.alpn.data()),
            static_cast<unsigned>(options.alpn.size())
        );
    }
    const timeval limit{10, 0};
    ::setsockopt(impl_->socket.native(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    SSL_set_fd(impl_->ssl.get(), impl_->socket.native());
    ERR_clear_error();
    if (SSL_connect(impl_->ssl.get()) != 1) {
        fail("handshake");
    }
}

TlsClient::~TlsClient() = default;

void TlsClient::send(std::string_view bytes) {
    if (SSL_write(impl_->ssl.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) {
        fail("write");
    }
}

std::string TlsClient::read_until(std::string_view end) {
    std::string text;
    std::array<char, 4096> bytes{};
    while (text.find(end) == std::string::npos) {
        const int count = SSL_read(impl_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
        if (count <= 0) {
            break;
        }
        text.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return text;
}

std::string TlsClient::read_all(bool& clean) {
    std::string text = read_until(std::string(1, '\0'));
    clean = (SSL_get_shutdown(impl_->ssl.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    return text;
}

std::string TlsClient::version() const { return SSL_get_version(impl_->ssl.get()); }

std::string TlsClient::cipher() const { return SSL_get_cipher_name(impl_->ssl.get()); }

std::string TlsClient::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(impl_->ssl.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string TlsClient::certificate_name() const {
    const Owned<X509, X509_free> certificate(SSL_get1_peer_certificate(impl_->ssl.get()));
    const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)
    ));
    const GENERAL_NAME* first = sk_GENERAL_NAME_value(names.get(), 0);
    const ASN1_STRING* text = first->d.dNSName;
    return {
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
        static_cast<std::size_t>(ASN1_STRING_length(text))
    };
}

void TlsClient::close() { impl_->socket.close(); }

}  // namespace meshscope::test
