#include "tests/support/scripted_server.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace meshscope::test {

namespace {

using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using X509Ptr = std::unique_ptr<X509, decltype([](X509* x509) { X509_free(x509); })>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

void require(bool ok, const char* what) {
    if (!ok) {
        throw std::runtime_error(std::string("scripted server: ") + what);
    }
}

Bio open_text(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int choose_protocol(
    SSL*,
    const unsigned char** out,
    unsigned char* out_size,
    const unsigned char* in,
    unsigned in_size,
    void* own
) {
    const auto* mine = static_cast<const std::string*>(own);
    unsigned char* chosen = nullptr;
    const int result = SSL_select_next_proto(
        &chosen,
        out_size,
        reinterpret_cast<const unsigned char*>(mine->data()),
        static_cast<unsigned>(mine->size()),
        in,
        in_size
    );
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// What a certificate's extensions say is kept with it when it is first asked for; the thread
// sanitizer does not see how OpenSSL makes that safe between the threads of connections. Asked for
// here, before there are any.
void read_extensions(X509* certificate) {
    require(X509_check_purpose(certificate, -1, 0) == 1, "extensions");
}

std::shared_ptr<SSL_CTX> make_context(const ScriptedTls& tls, std::string& alpn) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    const Bio certificate = open_text(tls.certificate.certificate);
    const Bio key = open_text(tls.certificate.key);
    const X509Ptr x509(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
    const KeyPtr own(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
    read_extensions(x509.get());
    require(SSL_CTX_use_certificate(context.get(), x509.get()) == 1, "certificate");
    require(SSL_CTX_use_PrivateKey(context.get(), own.get()) == 1, "key");
    if (tls.max_version != 0) {
        SSL_CTX_set_security_level(context.get(), 0);
        SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context.get(), tls.max_version);
    }
    if (!tls.client_authority.empty()) {
        const Bio text = open_text(tls.client_authority);
        const X509Ptr authority(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
        read_extensions(authority.get());
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get());
        SSL_CTX_set_verify(
            context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr
        );
    }
    for (const std::string& name : tls.alpn) {
        alpn += static_cast<char>(name.size()) + name;
    }
    if (!alpn.empty()) {
        SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, &alpn);
    }
    return context;
}

std::size_t content_length(std::string_view head) {
    std::string lower(head);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    const std::size_t at = lower.find("\r\ncontent-length:");
    return at == std::string::npos ? 0 : std::stoul(lower.substr(at + 17));
}

}  // namespace

class SocketPeer final : public Peer {
 public:
    SocketPeer(ScriptedServer& server, int descriptor, int number)
        : server_(server), descriptor_(descriptor), number_(number) {}
    ~SocketPeer() override {
        SSL_free(tls_);
        if (!reset_) {
            ::shutdown(descriptor_, SHUT_RDWR);
        }
    }

    std::string read_request() override {
        std::string& text = received_;
        std::size_t end = text.find("\r\n\r\n");
        while (end == std::string::npos && receive()) {
            end = text.find("\r\n\r\n");
        }
        if (end == std::string::npos) {
            return "";
        }
        const std::size_t size = end + 4 + content_length(text.substr(0, end));
        while (text.size() < size && receive()) {
        }
        std::string request = text.substr(0, size);
        text.erase(0, size);
        server_.note_request(request);
        return request;
    }

    std::string read_some() override {
        while (received_.empty() && receive()) {
        }
        return std::exchange(received_, "");
    }

    bool send(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto sent = tls_ != nullptr
                                  ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                  : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                ERR_clear_error();
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    bool send_bytewise(std::string_view bytes) override {
        return std::all_of(bytes.begin(), bytes.end(), [this](char c) { return send({&c, 1}); });
    }

    bool start_tls() override {
        tls_ = SSL_new(server_.tls_.get());
        SSL_set_fd(tls_, descriptor_);
        const bool done = SSL_accept(tls_) == 1;
        ERR_clear_error();
        return done;
    }

    void reset() override {
        const linger at_once{1, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        reset_ = true;
    }

    bool wait_for_close(std::chrono::milliseconds patience) override {
        pollfd wait{descriptor_, POLLIN, 0};
        while (::poll(&wait, 1, static_cast<int>(patience.count())) > 0) {
            if (!receive()) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] int number() const override { return number_; }

 private:
    bool receive() {
        std::array<char, 4096> buffer{};
        const auto got = tls_ != nullptr
                             ? SSL_read(tls_, buffer.data(), static_cast<int>(buffer.size()))
                             : ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            ERR_clear_error();
            return false;
        }
        received_.append(buffer.data(), static_cast<std::size_t>(got));
        return true;
    }

    ScriptedServer& server_;
    int descriptor_;
    int number_;
    SSL* tls_ = nullptr;
    std::string received_;
    bool reset_ = false;
};

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) { listen(); }

ScriptedServer::ScriptedServer(Script script, ScriptedTls tls, bool tls_at_once)
    : script_(std::move(script)), tls_(make_context(tls, alpn_)), tls_at_once_(tls_at_once) {
    listen();
}

void ScriptedServer::listen() {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to clients that have gone
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    require(::bind(listener_, generic, size) == 0, "bind");
    require(::listen(listener_, 64) == 0, "listen");
    require(::getsockname(listener_, generic, &size) == 0, "name");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        for (const int descriptor : open_) {
            ::shutdown(descriptor, SHUT_RDWR);
        }
        ::shutdown(listener_, SHUT_RDWR);
    }
    acceptor_.join();
    for (std::thread& script : scripts_) {
        script.join();
    }
    ::close(listener_);
}

void ScriptedServer::accept_all() {
    for (;;) {
        const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::scoped_lock lock(mutex_);
        if (descriptor < 0 || stopping_) {
            if (descriptor >= 0) {
                ::close(descriptor);
            }
            return;
        }
        const int one = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        open_.push_back(descriptor);
        const int number = ++accepted_;
        scripts_.emplace_back([this, descriptor, number] { serve(descriptor, number); });
        changed_.notify_all();
    }
}

void ScriptedServer::serve(int descriptor, int number) {
    {
        SocketPeer peer(*this, descriptor, number);
        if (!tls_at_once_ || peer.start_tls()) {
            script_(peer);
        }
    }
    forget(descriptor);
    ::close(descriptor);
}

void ScriptedServer::forget(int descriptor) {
    const std::scoped_lock lock(mutex_);
    std::erase(open_, descriptor);
}

void ScriptedServer::note_request(std::string request) {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(std::move(request));
    changed_.notify_all();
}

std::string ScriptedServer::url(std::string_view path) const {
    return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) +
           std::string(path);
}

int ScriptedServer::connections() const {
    const std::scoped_lock lock(mutex_);
    return accepted_;
}

std::vector<std::string> ScriptedServer::requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
}

bool ScriptedServer::wait_for_requests(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] {
        return requests_.size() >= count;
    });
}

std::string http_answer(std::string_view body, std::string_view extra, int status) {
    return "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n" + std::string(extra) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace meshscope::test
