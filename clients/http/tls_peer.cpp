#include "clients/http/tls_peer.hpp"

#include "core/text.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <memory>

namespace meshscope::clients {

namespace {

using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;

constexpr int kMostNames = 8;

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    // It comes from a stranger's certificate and goes into errors.
    return to_valid_utf8({data, std::min<std::size_t>(static_cast<std::size_t>(size), 512)});
}

std::string text_of(const ASN1_TIME* time) {
    const Bio bio(BIO_new(BIO_s_mem()));
    ASN1_TIME_print(bio.get(), time);
    return text_of(bio.get());
}

std::string text_of(const X509_NAME* name) {
    const Bio bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
    return text_of(bio.get());
}

std::string address_text(const ASN1_OCTET_STRING* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int size = ASN1_STRING_length(address);
    const int family = size == 4 ? AF_INET : AF_INET6;
    if ((size != 4 && size != 16) ||
        inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size()) == nullptr) {
        return "?";
    }
    return text.data();
}

std::string names_of(X509* x509) {
    using Names =
        std::unique_ptr<GENERAL_NAMES, decltype([](GENERAL_NAMES* n) { GENERAL_NAMES_free(n); })>;
    const Names names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr))
    );
    std::string all;
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    for (int i = 0; i < count && i < kMostNames; ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        std::string text;
        if (name->type == GEN_DNS) {
            const auto* data = ASN1_STRING_get0_data(name->d.dNSName);
            const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
            text = to_valid_utf8(
                {reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 253)}
            );
        } else if (name->type == GEN_IPADD) {
            text = address_text(name->d.iPAddress);
        } else {
            continue;
        }
        all += (all.empty() ? "" : ", ") + text;
    }
    if (count > kMostNames) {
        all += ", ...";
    }
    return all;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

// Asio keeps something of its own in index 0.
int peer_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

int on_verify(int good, X509_STORE_CTX* store) {
    if (good != 1) {
        auto* connection = static_cast<SSL*>(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
        );
        auto* peer = static_cast<TlsPeer*>(SSL_get_ex_data(connection, peer_index()));
        peer->note_failure(X509_STORE_CTX_get_error(store), store);
    }
    return good;
}

int on_identity_request(SSL*, void* peer) {
    static_cast<TlsPeer*>(peer)->note_identity_request();
    return 1;
}

Fault fault(
    ErrorKind kind,
    std::string cause,
    std::string setting,
    std::string advice,
    Cause known = Cause::kNone
) {
    Fault made{kind, std::move(cause), std::move(setting), std::move(advice), ""};
    made.known = known;
    return made;
}

}  // namespace

bool TlsPeer::attach(ssl_st* connection, const std::string& host, bool skip_verify) {
    host_ = host.substr(0, host.find('%'));
    SSL_set_ex_data(connection, peer_index(), this);
    SSL_set_cert_cb(connection, on_identity_request, this);
    const bool address = is_address(host_);
    if (!address && SSL_set_tlsext_host_name(connection, host_.c_str()) != 1) {
        return false;
    }
    if (skip_verify) {
        SSL_set_verify(connection, SSL_VERIFY_NONE, nullptr);
        return true;
    }
    X509_VERIFY_PARAM* check = SSL_get0_param(connection);
    X509_VERIFY_PARAM_set_hostflags(
        check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
    );
    SSL_set_verify(connection, SSL_VERIFY_PEER, on_verify);
    return (address ? X509_VERIFY_PARAM_set1_ip_asc(check, host_.c_str())
                    : X509_VERIFY_PARAM_set1_host(check, host_.data(), host_.size())) == 1;
}

void TlsPeer::note_failure(int verify_error, void* store_context) {
    if (verify_error_ != 0) {
        return;
    }
    verify_error_ = verify_error;
    auto* store = static_cast<X509_STORE_CTX*>(store_context);
    if (X509* current = X509_STORE_CTX_get_current_cert(store); current != nullptr) {
        not_after_ = text_of(X509_get0_notAfter(current));
        not_before_ = text_of(X509_get0_notBefore(current));
        issuer_ = text_of(X509_get_issuer_name(current));
    }
    if (X509* leaf = X509_STORE_CTX_get0_cert(store); leaf != nullptr) {
        names_ = names_of(leaf);
    }
}

Fault TlsPeer::explain_verification() const {
    constexpr auto kKind = ErrorKind::kUpstreamUnavailable;
    const std::string about = "the server's certificate ";
    const std::string trust = "put the authority's certificate there, or into the CA bundle";
    switch (verify_error_) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fault(
                kKind,
                about + "has expired on " + not_after_,
                "",
                "renew the server's certificate",
                Cause::kCertificateTime
            );
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fault(
                kKind,
                about + "is not valid before " + not_before_,
                "",
                "check the clocks of both sides",
                Cause::kCertificateTime
            );
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return fault(
                kKind,
                about + "is not for '" + host_ + "' but for " +
                    (names_.empty() ? "no name at all (it has no subject alternative names)"
                                    : names_),
                kUrlSetting,
                "use one of these names in the URL, or a certificate with the right name",
                Cause::kCertificateName
            );
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return fault(
                kKind,
                about + "is self-signed and not trusted",
                "auth.ca_file",
                trust,
                Cause::kUnknownAuthority
            );
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_UNTRUSTED:
            return fault(
                kKind,
                about + "was issued by an authority that is not trusted (" + issuer_ + ")",
                "auth.ca_file",
                trust,
                Cause::kUnknownAuthority
            );
        default:
            return fault(
                kKind,
                about + "was not accepted: " + X509_verify_cert_error_string(verify_error_),
                "auth.ca_file",
                ""
            );
    }
}

Fault TlsPeer::explain(unsigned long error_code, bool identity_sent) const {
    constexpr auto kUnavailable = ErrorKind::kUpstreamUnavailable;
    const bool wants_identity = asked_for_identity_ && !identity_sent;
    switch (ERR_GET_REASON(error_code)) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return explain_verification();
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
        case SSL_R_RECORD_LENGTH_MISMATCH:
            return plain_on_tls_fault();
        case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
            return grpc_port_fault();
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        case SSL_R_NO_PROTOCOLS_AVAILABLE:
        case SSL_R_VERSION_TOO_LOW:
            return fault(
                kUnavailable,
                "the server has no common TLS version with us (1.2 or newer)",
                "",
                "enable TLS 1.2 or 1.3 on the server"
            );
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
            if (wants_identity) {
                return fault(
                    ErrorKind::kUpstreamAuth,
                    "the server demands a client certificate",
                    "auth.cert_file",
                    "set auth.cert_file and auth.key_file",
                    Cause::kNoClientCertificate
                );
            }
            if (asked_for_identity_) {
                return fault(
                    ErrorKind::kUpstreamAuth,
                    "the server refuses our client certificate",
                    "auth.cert_file",
                    "use a certificate of an authority the server trusts",
                    Cause::kRefusedClientCertificate
                );
            }
            break;
        case SSL_R_TLSV1_UNRECOGNIZED_NAME:
            return fault(
                kUnavailable,
                "the server does not know the name '" + host_ + "'",
                kUrlSetting,
                "",
                Cause::kCertificateName
            );
        default:
            break;
    }
    const char* reason = ERR_reason_error_string(error_code);
    return fault(
        kUnavailable,
        std::string("TLS failed: ") + (reason == nullptr ? "unknown error" : reason),
        "",
        ""
    );
}

}  // namespace meshscope::clients
