#include "clients/http/tls_context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <utility>

namespace meshscope::clients {

namespace {

using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* x509) { X509_free(x509); })>;
using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

int no_password(char*, int, int, void*) { return 0; }

Bio open_text(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void trust(SSL_CTX* context, const std::string& pem) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    // An authority that was handed out is an anchor even when it is an intermediate one.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    const Bio bio = open_text(pem);
    while (const Certificate x509{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
        X509_STORE_add_cert(store, x509.get());
    }
}

bool identify(SSL_CTX* context, const std::string& certificate, const std::string& key) {
    const Bio certificate_bio = open_text(certificate);
    const Certificate leaf(PEM_read_bio_X509(certificate_bio.get(), nullptr, no_password, nullptr));
    const Bio key_bio = open_text(key);
    const Key own(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr));
    if (!leaf || !own || SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context, own.get()) != 1) {
        return false;
    }
    while (Certificate link{PEM_read_bio_X509(certificate_bio.get(), nullptr, no_password, nullptr)}
    ) {
        if (SSL_CTX_add0_chain_cert(context, link.get()) == 1) {
            static_cast<void>(link.release());  // the context owns it now
        }
    }
    return SSL_CTX_check_private_key(context) == 1;
}

}  // namespace

TlsContext::TlsContext(TlsSettings settings, const Clock& clock)
    : settings_(std::move(settings)), bundle_(settings_.ca_files, clock, settings_.on_warning) {}

Result<std::shared_ptr<ssl_ctx_st>> TlsContext::build(
    const std::string& certificate, const std::string& key
) const {
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (!context) {
        return Error(ErrorKind::kInternal, "OpenSSL cannot make a context");
    }
    SSL_CTX_set_min_proto_version(context.get(), std::max(settings_.min_version, TLS1_2_VERSION));
    SSL_CTX_set_max_proto_version(context.get(), settings_.max_version);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    constexpr std::array<unsigned char, 9> kProtocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context.get(), kProtocols.data(), kProtocols.size());
    const bool identified = certificate.empty() || identify(context.get(), certificate, key);
    ERR_clear_error();
    if (!identified) {
        return Error(
            ErrorKind::kUpstreamAuth,
            "the client certificate and the client key are not a PEM certificate and its own key"
        );
    }
    if (!settings_.insecure_skip_verify) {
        if (settings_.system_roots) {
            SSL_CTX_set_default_verify_paths(context.get());
        }
        trust(context.get(), bundle_.pem());
        trust(context.get(), settings_.ca_pem);
        ERR_clear_error();
    }
    return context;
}

Result<TlsContext::Current> TlsContext::current() {
    const std::scoped_lock lock(mutex_);
    std::string certificate;
    std::string key;
    if (settings_.client_certificate.is_set() && settings_.client_key.is_set()) {
        Result<std::string> read_certificate = settings_.client_certificate.current();
        if (!read_certificate) {
            return read_certificate.error();
        }
        Result<std::string> read_key = settings_.client_key.current();
        if (!read_key) {
            return read_key.error();
        }
        if (!read_certificate->empty() && !read_key->empty()) {
            certificate = std::move(*read_certificate);
            key = std::move(*read_key);
        }
    }
    const bool changed = bundle_.refresh();
    if (current_.context && !changed && certificate == certificate_ && key == key_) {
        return current_;
    }
    Result<std::shared_ptr<ssl_ctx_st>> built = build(certificate, key);
    if (!built && current_.context) {
        built = changed ? build(certificate_, key_)
                        : Result<std::shared_ptr<ssl_ctx_st>>(current_.context);
        certificate = certificate_;
        key = key_;
    }
    if (!built) {
        return built.error();
    }
    if (*built != current_.context) {
        ++current_.generation;
    }
    current_.context = *built;
    current_.has_identity = !certificate.empty();
    certificate_ = std::move(certificate);
    key_ = std::move(key);
    return current_;
}

std::vector<std::string> TlsContext::warnings() const {
    const std::scoped_lock lock(mutex_);
    return bundle_.warnings();
}

}  // namespace meshscope::clients
