#include "clients/credentials/ca_bundle.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace meshscope::clients {

namespace {

using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* x509) { X509_free(x509); })>;

std::string subject_of(X509* x509) {
    std::array<char, 256> text{};
    X509_NAME_oneline(X509_get_subject_name(x509), text.data(), static_cast<int>(text.size()));
    return text.data();
}

// Why a certificate is not used; "" when it is.
std::string objection(X509* x509, SystemTime now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    std::time_t at = static_cast<std::time_t>(seconds.count());
    if (X509_cmp_time(X509_get0_notAfter(x509), &at) < 0) {
        return "it has expired";
    }
    if ((X509_get_extension_flags(x509) & EXFLAG_CA) == 0) {
        return "it is not the certificate of an authority";
    }
    if ((X509_get_key_usage(x509) & KU_KEY_CERT_SIGN) == 0) {
        return "its key usage does not allow it to sign certificates";
    }
    EVP_PKEY* key = X509_get0_pubkey(x509);
    const int kind = key == nullptr ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
    const int bits = key == nullptr ? 0 : EVP_PKEY_get_bits(key);
    const bool strong = (kind == EVP_PKEY_RSA && bits >= 2048) ||
                        (kind == EVP_PKEY_EC && bits >= 256) || kind == EVP_PKEY_ED25519;
    return strong ? "" : "its key is weak or of an unknown kind";
}

std::string to_pem(X509* x509) {
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), x509);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

// Without this OpenSSL would ask the terminal for the password of an encrypted block.
int no_password(char*, int, int, void*) { return 0; }

}  // namespace

CaBundle::CaBundle(const std::vector<std::string>& files, const Clock& clock, OnWarning on_warning)
    : clock_(&clock), on_warning_(std::move(on_warning)) {
    for (const std::string& path : files) {
        sources_.push_back(Source{WatchedFile(path, clock), {}, {}, false});
    }
}

void CaBundle::read(Source& source) const {
    source.warnings.clear();
    const Result<std::string> text = source.file.read();
    if (!text) {
        source.warnings.push_back(text.error().message());
        return;
    }
    ERR_clear_error();
    const Bio bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
    std::string accepted;
    std::size_t count = 0;
    while (const Certificate x509{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
        ++count;
        const std::string why_not = objection(x509.get(), clock_->now());
        if (why_not.empty()) {
            accepted += to_pem(x509.get());
        } else {
            source.warnings.push_back(
                source.file.path() + ": the certificate " + subject_of(x509.get()) +
                " is not used: " + why_not
            );
        }
    }
    const bool to_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    const bool good = to_the_end && count > 0;
    if (!good) {
        source.warnings.push_back(
            source.file.path() + (source.was_good
                                      ? " is not a complete PEM bundle; the one before stays in use"
                                      : " is not a complete PEM bundle")
        );
    }
    if (good || !source.was_good) {
        source.pem = std::move(accepted);
    }
    source.was_good = source.was_good || good;
}

bool CaBundle::refresh() {
    bool looked = false;
    for (Source& source : sources_) {
        if (source.file.look_again()) {
            read(source);
            looked = true;
        }
    }
    if (!looked) {
        return false;
    }
    std::string pem;
    const std::vector<std::string> before = std::exchange(warnings_, {});
    for (const Source& source : sources_) {
        pem += source.pem;
        warnings_.insert(warnings_.end(), source.warnings.begin(), source.warnings.end());
    }
    for (const std::string& warning : warnings_) {
        if (on_warning_ && std::find(before.begin(), before.end(), warning) == before.end()) {
            on_warning_(warning);
        }
    }
    if (pem == pem_) {
        return false;
    }
    pem_ = std::move(pem);
    return true;
}

}  // namespace meshscope::clients
