#include "tests/support/test_certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cctype>
#include <memory>
#include <stdexcept>

namespace meshscope::test {

namespace {

using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using X509Ptr = std::unique_ptr<X509, decltype([](X509* x509) { X509_free(x509); })>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

void require(bool ok, const char* what) {
    if (!ok) {
        throw std::runtime_error(std::string("test certificate: ") + what);
    }
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

TestCertificate to_pem(X509* x509, EVP_PKEY* key) {
    const Bio certificate_bio(BIO_new(BIO_s_mem()));
    const Bio key_bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_X509(certificate_bio.get(), x509) == 1, "write certificate");
    require(
        PEM_write_bio_PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "write key"
    );
    return {text_of(certificate_bio.get()), text_of(key_bio.get())};
}

X509Ptr draft(EVP_PKEY* key, const std::string& common_name, int hours) {
    X509Ptr x509(X509_new());
    require(X509_set_version(x509.get(), 2) == 1, "version");
    std::uint64_t serial = 0;
    require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "serial");
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509.get()), serial >> 1);
    const long begin = hours < 0 ? hours * 3600L - 3600L : -3600L;
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), begin);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), hours * 3600L);
    X509_set_pubkey(x509.get(), key);
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(x509.get()),
        "CN",
        MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(common_name.c_str()),
        -1,
        -1,
        0
    );
    return x509;
}

void add_extension(X509* x509, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    require(extension != nullptr, "extension");
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

bool is_address(const std::string& name) {
    return name.find(':') != std::string::npos ||
           (!name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0);
}

std::string alternatives_of(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) {
        all += (all.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
    }
    return all;
}

template <class Object, class Read>
Object read_pem(const std::string& text, Read read) {
    const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    return Object(read(bio.get(), nullptr, nullptr, nullptr));
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name) {
    const KeyPtr key(EVP_EC_gen("P-256"));
    const X509Ptr x509 = draft(key.get(), name, 48);
    X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
    add_extension(x509.get(), x509.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(x509.get(), x509.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(x509.get(), x509.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(x509.get(), key.get(), EVP_sha256()) != 0, "sign");
    own_ = to_pem(x509.get(), key.get());
}

TestCertificate TestAuthority::issue(const std::vector<std::string>& names, int hours) const {
    const auto authority = read_pem<X509Ptr>(own_.certificate, PEM_read_bio_X509);
    const auto authority_key = read_pem<KeyPtr>(own_.key, PEM_read_bio_PrivateKey);
    const KeyPtr key(EVP_EC_gen("P-256"));
    const X509Ptr x509 = draft(key.get(), names.empty() ? "client" : names.front(), hours);
    X509_set_issuer_name(x509.get(), X509_get_subject_name(authority.get()));
    const std::string alternatives = alternatives_of(names);
    if (!alternatives.empty()) {
        add_extension(x509.get(), authority.get(), NID_subject_alt_name, alternatives);
    }
    add_extension(x509.get(), authority.get(), NID_authority_key_identifier, "keyid");
    require(X509_sign(x509.get(), authority_key.get(), EVP_sha256()) != 0, "sign");
    return to_pem(x509.get(), key.get());
}

TestCertificate TestAuthority::self_signed(const std::vector<std::string>& names) {
    const KeyPtr key(EVP_EC_gen("P-256"));
    const X509Ptr x509 = draft(key.get(), names.empty() ? "server" : names.front(), 24);
    X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
    if (const std::string alternatives = alternatives_of(names); !alternatives.empty()) {
        add_extension(x509.get(), x509.get(), NID_subject_alt_name, alternatives);
    }
    require(X509_sign(x509.get(), key.get(), EVP_sha256()) != 0, "sign");
    return to_pem(x509.get(), key.get());
}

}  // namespace meshscope::test
