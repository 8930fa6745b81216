#pragma once

#include "tests/support/test_certificates.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_ctx_st;

namespace meshscope::test {

// The server's end of one connection, blocking. Every call returns when the server is stopped.
class Peer {
 public:
    virtual ~Peer() = default;

    // The next request, header and body (Content-Length only); "" when the client has gone.
    virtual std::string read_request() = 0;
    // What has come since the last read, at least one byte; "" when the client has gone.
    virtual std::string read_some() = 0;
    // False when the client has gone.
    virtual bool send(std::string_view bytes) = 0;
    // One piece for each byte, so that a client sees many short reads.
    virtual bool send_bytewise(std::string_view bytes) = 0;
    // Becomes a TLS server on the same connection; false when the handshake fails.
    virtual bool start_tls() = 0;
    // Closes with a TCP reset.
    virtual void reset() = 0;
    // Until the client has closed its end; false after `patience`.
    virtual bool wait_for_close(std::chrono::milliseconds patience = std::chrono::seconds(30)) = 0;
    // The number of this connection, from 1.
    [[nodiscard]] virtual int number() const = 0;
};

struct ScriptedTls {
    TestCertificate certificate;
    std::string client_authority;   // PEM; not empty: a client certificate of it is demanded
    int max_version = 0;            // as OpenSSL numbers it; 0: any
    std::vector<std::string> alpn;  // not empty: one of these or the handshake fails
};

// A server on 127.0.0.1 that does with every connection what its script says, on a thread for each,
// and closes it when the script returns. TLS, when given, begins before the script.
class ScriptedServer {
 public:
    using Script = std::function<void(Peer&)>;

    explicit ScriptedServer(Script script);
    // TLS from the first byte, or only when the script calls start_tls().
    ScriptedServer(Script script, ScriptedTls tls, bool tls_at_once = true);
    ~ScriptedServer();  // ends all scripts
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(std::string_view path = "") const;
    [[nodiscard]] int connections() const;
    [[nodiscard]] std::vector<std::string> requests() const;
    // Until that many requests have been read; false after half a minute.
    bool wait_for_requests(std::size_t count) const;

 private:
    friend class SocketPeer;
    void listen();
    void accept_all();
    void serve(int descriptor, int number);
    void note_request(std::string request);
    void forget(int descriptor);

    Script script_;
    std::string alpn_;  // as the wire has it; before tls_, which is made from it
    std::shared_ptr<ssl_ctx_st> tls_;
    bool tls_at_once_ = false;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool stopping_ = false;
    int accepted_ = 0;
    std::vector<int> open_;
    std::vector<std::string> requests_;
    std::list<std::thread> scripts_;
    std::thread acceptor_;
};

// "HTTP/1.1 200 OK" with a Content-Length and `extra` header lines (each ending in CRLF).
std::string http_answer(std::string_view body, std::string_view extra = "", int status = 200);

}  // namespace meshscope::test
