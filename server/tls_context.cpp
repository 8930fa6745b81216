#include "server/tls_context.hpp"

#include "server/read_again.hpp"
#include "telemetry/logger.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace meshscope::server {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::chrono::seconds kLookEvery{1};

std::atomic<std::uint64_t> times_asked{0};  // to read every pair again
constexpr std::string_view kHttp11 = "\x08http/1.1";

// What changes when a file is written or replaced, through links too.
struct FileState {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    bool there = false;
    friend bool operator==(const FileState&, const FileState&) = default;
};
using PairState = std::array<FileState, 2>;

std::int64_t to_ns(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileState state_of(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        return {};
    }
    return {info.st_dev, info.st_ino, info.st_size, to_ns(info.st_mtim), to_ns(info.st_ctim), true};
}

PairState state_of(const TlsFiles& files) {
    return {state_of(files.certificate_file), state_of(files.private_key_file)};
}

// OpenSSL's reason; never the content of a file.
std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
    return text == nullptr ? "no reason given" : text;
}

Error failed(const std::string& what) {
    return {ErrorKind::kInternal, "TLS: " + what + " (" + openssl_reason() + ")"};
}

// An encrypted key must fail, not ask at a terminal.
int no_password(char*, int, int, void*) { return 0; }

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered, unsigned int offered_size, void*) {
    unsigned char* found = nullptr;
    const auto* ours = reinterpret_cast<const unsigned char*>(kHttp11.data());
    const int outcome = SSL_select_next_proto(
        &found, chosen_size, ours, static_cast<unsigned int>(kHttp11.size()), offered, offered_size
    );
    if (outcome != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;  // only HTTP/2, for instance: better no than a surprise
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

struct CipherLists {
    std::string tls12;
    std::string tls13;
};

// IANA and OpenSSL names to the two lists OpenSSL wants.
Result<CipherLists> sort_ciphers(SSL_CTX* context, const std::vector<std::string>& names) {
    SSL_CTX_set_cipher_list(context, "ALL");
    const STACK_OF(SSL_CIPHER)* known = SSL_CTX_get_ciphers(context);
    CipherLists lists;
    for (const std::string& name : names) {
        bool found = false;
        for (int i = 0; i < sk_SSL_CIPHER_num(known) && !found; ++i) {
            const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(known, i);
            const char* standard = SSL_CIPHER_standard_name(cipher);
            const std::string own = SSL_CIPHER_get_name(cipher);
            found = name == own || (standard != nullptr && name == standard);
            if (found) {
                const bool is_13 = own.starts_with("TLS_");
                std::string& list = is_13 ? lists.tls13 : lists.tls12;
                list += (list.empty() ? "" : ":") + own;
            }
        }
        if (!found) {
            return Error(ErrorKind::kInternal, "TLS: the cipher suite " + name + " is not known");
        }
    }
    return lists;
}

Result<> set_ciphers(SSL_CTX* context, const std::vector<std::string>& names) {
    if (names.empty()) {
        return boost::system::in_place_value;
    }
    const Result<CipherLists> lists = sort_ciphers(context, names);
    if (!lists) {
        return lists.error();
    }
    // A list without suites of one version leaves that version without any.
    if (!lists->tls12.empty() && SSL_CTX_set_cipher_list(context, lists->tls12.c_str()) != 1) {
        return failed("the cipher suites are not accepted");
    }
    if (lists->tls12.empty()) {
        SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    }
    if (!lists->tls13.empty() && SSL_CTX_set_ciphersuites(context, lists->tls13.c_str()) != 1) {
        return failed("the cipher suites are not accepted");
    }
    if (lists->tls13.empty() && SSL_CTX_get_min_proto_version(context) != TLS1_3_VERSION) {
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    }
    return boost::system::in_place_value;
}

// Names as Go writes them ("CurveP256") are in Kiali's files.
std::string group_name(const std::string& name) {
    if (name == "CurveP256" || name == "secp256r1") {
        return "P-256";
    }
    if (name == "CurveP384" || name == "secp384r1") {
        return "P-384";
    }
    if (name == "CurveP521" || name == "secp521r1") {
        return "P-521";
    }
    return name == "x25519" ? "X25519" : name;
}

Result<> set_groups(SSL_CTX* context, const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ":") + group_name(name);
    }
    if (!list.empty() && SSL_CTX_set1_groups_list(context, list.c_str()) != 1) {
        return failed("a key exchange group of \"" + list + "\" is not known");
    }
    return boost::system::in_place_value;
}

Result<> set_policy(SSL_CTX* context, const TlsFiles& files) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE
    );
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    if (files.max_version != 0 && files.max_version < files.min_version) {
        return Error(ErrorKind::kInternal, "TLS: the maximum version is below the minimum version");
    }
    if (SSL_CTX_set_min_proto_version(context, files.min_version) != 1 ||
        SSL_CTX_set_max_proto_version(context, files.max_version) != 1) {
        return failed("the minimum or maximum version is not known");
    }
    if (Result<> ciphers = set_ciphers(context, files.cipher_suites); !ciphers) {
        return ciphers;
    }
    return set_groups(context, files.groups);
}

Result<std::shared_ptr<ssl::context>> build(const TlsFiles& files) {
    ERR_clear_error();
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    if (Result<> policy = set_policy(native, files); !policy) {
        return policy.error();
    }
    if (SSL_CTX_use_certificate_chain_file(native, files.certificate_file.c_str()) != 1) {
        return failed("the certificate " + files.certificate_file + " cannot be used");
    }
    if (SSL_CTX_use_PrivateKey_file(native, files.private_key_file.c_str(), SSL_FILETYPE_PEM) !=
            1 ||
        SSL_CTX_check_private_key(native) != 1) {
        return failed(
            "the private key " + files.private_key_file + " cannot be used with the certificate " +
            files.certificate_file
        );
    }
    return context;
}

}  // namespace

struct TlsContext::Impl {
    TlsFiles files;
    const Clock& clock;
    telemetry::Logger* logger;

    std::mutex mutex;
    std::shared_ptr<ssl::context> context;
    PairState loaded;
    std::optional<PairState> refused;  // not tried again until it changes
    SteadyTime looked{};
    std::uint64_t asked = 0;  // how often it was, at the last look

    void look(SteadyTime now);
};

void TlsContext::Impl::look(SteadyTime now) {
    const bool again = std::exchange(asked, times_asked.load()) != asked;
    if (!again && now - looked < kLookEvery) {
        return;
    }
    looked = now;
    // Taken before the files are read: a change after this shows at the next look.
    const PairState state = state_of(files);
    if (!again && (state == loaded || state == refused)) {
        return;
    }
    Result<std::shared_ptr<ssl::context>> fresh = build(files);
    if (!fresh) {
        refused = state;
        if (logger != nullptr) {
            logger->warn(
                "the changed TLS certificate is not usable, the old one stays",
                {{"error", std::string_view(fresh.error().message())}}
            );
        }
        return;
    }
    context = *fresh;
    loaded = state;
    refused.reset();
    if (logger != nullptr) {
        logger->info(
            "TLS certificate reloaded", {{"file", std::string_view(files.certificate_file)}}
        );
    }
}

void read_certificates_again() { ++times_asked; }

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::load(
    TlsFiles files, const Clock& clock, telemetry::Logger* logger
) {
    const PairState state = state_of(files);
    Result<std::shared_ptr<ssl::context>> context = build(files);
    if (!context) {
        return context.error();
    }
    std::unique_ptr<Impl> impl(new Impl{std::move(files), clock, logger, {}, {}, {}, {}, {}, {}});
    impl->context = *context;
    impl->loaded = state;
    impl->looked = clock.steady_now();
    impl->asked = times_asked.load();
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

std::shared_ptr<ssl::context> TlsContext::current() {
    const std::scoped_lock lock(impl_->mutex);
    impl_->look(impl_->clock.steady_now());
    return impl_->context;
}

}  // namespace meshscope::server
