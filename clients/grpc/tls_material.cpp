#include "clients/grpc/tls_material.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sys/stat.h>
#include <utility>

namespace meshscope::clients {

namespace {

using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* x509) { X509_free(x509); })>;
using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

constexpr std::array<const char*, 3> kSystemBundles{
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"
};

Bio open_text(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without this OpenSSL asks the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return 0; }

bool same_pair(const std::string& certificate, const std::string& key) {
    const Bio certificate_bio = open_text(certificate);
    const Bio key_bio = open_text(key);
    const Certificate x509(PEM_read_bio_X509(certificate_bio.get(), nullptr, no_password, nullptr));
    const Key private_key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr));
    const bool same =
        x509 && private_key && X509_check_private_key(x509.get(), private_key.get()) == 1;
    ERR_clear_error();
    return same;
}

std::string system_bundle() {
    const char* chosen = std::getenv("SSL_CERT_FILE");
    if (chosen != nullptr && *chosen != '\0') {
        return chosen;
    }
    struct stat info{};
    for (const char* path : kSystemBundles) {
        if (::stat(path, &info) == 0) {
            return path;
        }
    }
    return "";
}

}  // namespace

bool is_certificate_pem(const std::string& text) {
    const Bio bio = open_text(text);
    std::size_t count = 0;
    ERR_clear_error();
    while (const Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)
    }) {
        ++count;
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return count > 0 && at_end;
}

TlsMaterialReader::TlsMaterialReader(TlsSettings settings, const Clock& clock)
    : settings_(std::move(settings)), bundle_(settings_.ca_files, clock, settings_.on_warning) {
    system_.path = system_bundle();
}

void TlsMaterialReader::refresh(CaFile& file) {
    struct stat info{};
    if (::stat(file.path.c_str(), &info) != 0) {
        return;
    }
    const std::int64_t modified =
        static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
    if (file.inode == info.st_ino && file.size == info.st_size && file.modified_ns == modified) {
        return;
    }
    file.inode = info.st_ino;
    file.size = info.st_size;
    file.modified_ns = modified;
    std::ifstream in(file.path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (is_certificate_pem(text)) {
        file.text = std::move(text);
    }
}

Result<std::pair<std::string, std::string>> TlsMaterialReader::identity() const {
    std::pair<std::string, std::string> pair;
    if (!settings_.client_certificate.is_set() || !settings_.client_key.is_set()) {
        return pair;
    }
    Result<std::string> certificate = settings_.client_certificate.current();
    if (!certificate) {
        return certificate.error();
    }
    Result<std::string> key = settings_.client_key.current();
    if (!key) {
        return key.error();
    }
    if (certificate->empty() || key->empty()) {
        return pair;
    }
    if (!same_pair(*certificate, *key)) {
        return Error(
            ErrorKind::kUpstreamAuth,
            "the client certificate and the client key are not a PEM certificate and its own key"
        );
    }
    pair = {std::move(*certificate), std::move(*key)};
    return pair;
}

Result<TlsMaterial> TlsMaterialReader::read() {
    Result<std::pair<std::string, std::string>> pair = identity();
    if (!pair) {
        return pair.error();
    }
    refresh(system_);
    bundle_.refresh();
    std::string roots = system_.text;
    if (!roots.empty() && roots.back() != '\n') {
        roots += '\n';
    }
    roots += bundle_.pem();
    if (roots != material_.roots || pair->first != material_.certificate ||
        pair->second != material_.key) {
        ++material_.generation;
        material_.roots = std::move(roots);
        material_.certificate = std::move(pair->first);
        material_.key = std::move(pair->second);
    }
    return material_;
}

}  // namespace meshscope::clients
