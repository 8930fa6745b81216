#pragma once

#include "async/request_context.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/result.hpp"
#include "server/http_types.hpp"
#include "server/router.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace meshscope::telemetry {
class Logger;
class MetricsRegistry;
class Tracer;
}  // namespace meshscope::telemetry

namespace meshscope::server {

// Every bound of a connection. Breaking one is answered with the status named, then the connection
// closes.
struct Limits {
    std::size_t max_target_bytes = 16 * 1024;           // 414
    std::size_t max_header_bytes = 64 * 1024;           // 431, all fields together
    std::size_t max_header_fields = 100;                // 431
    std::size_t max_body_bytes = 10 * 1024 * 1024;      // 413
    std::size_t max_connections = 4096;                 // beyond: 503 and close
    std::size_t max_live = 64;                          // live bodies at once, beyond: 503
    std::size_t max_pipelined = 16;                     // requests read ahead of their answers
    std::chrono::milliseconds header_timeout{10'000};   // first byte to end of headers: 408
    std::chrono::milliseconds body_timeout{30'000};     // 408
    std::chrono::milliseconds idle_timeout{75'000};     // between requests: close
    std::chrono::milliseconds write_timeout{30'000};    // no progress towards the client: close
    std::chrono::milliseconds request_timeout{60'000};  // deadline of the request's context
};

struct TlsFiles {
    std::string certificate_file;  // PEM chain
    std::string private_key_file;  // PEM
    int min_version = 0x0303;      // TLS 1.2, as OpenSSL numbers it
    int max_version = 0;           // 0: no bound
    std::vector<std::string>
        cipher_suites;  // IANA or OpenSSL names, in order of preference; empty: OpenSSL's
    std::vector<std::string>
        groups;  // key exchange groups, for instance "X25519"; empty: OpenSSL's
};

struct Cors {
    bool allow_all = false;
};

struct ServerOptions {
    std::string name = "http";   // tells several servers apart in logs and metrics
    std::string address;         // "" all interfaces
    std::uint16_t port = 20001;  // 0: any free port, see Server::port()
    std::string web_root = "/";  // no trailing slash unless "/"
    std::size_t threads = 2;
    bool compression = true;  // gzip and zstd, by Accept-Encoding, from 1400 bytes on
    Cors cors;
    std::unique_ptr<TlsFiles> tls;  // null: plain HTTP
    Limits limits;
};

// Renders an error as the body and status of api_extensions (handlers/error_response). What the
// server itself refuses keeps the status that HTTP prescribes, whatever the renderer chose.
using ErrorRenderer = std::function<Response(const Error& error, std::string_view request_id)>;

// The pointers must outlive the server.
struct ServerParts {
    std::shared_ptr<const Router> router;
    ErrorRenderer render_error;    // empty: a plain JSON body
    const Clock* clock = nullptr;  // null: the system's
    telemetry::Logger* logger = nullptr;
    telemetry::MetricsRegistry* metrics = nullptr;  // null: nothing is counted
    telemetry::Tracer* tracer = nullptr;  // null: no spans, the caller's decision is passed on
    // How a serving thread is made; may throw std::system_error. Empty: std::thread.
    std::function<std::thread(std::function<void()>)> make_thread;
};

// What a metrics port serves: the registry's text on every path, without log lines.
std::shared_ptr<const Router> metrics_router(const telemetry::MetricsRegistry& metrics);

// An HTTP/1.1 server: one io_context and one listening socket (SO_REUSEPORT) for each thread, a
// connection stays on its thread. Keep-alive, pipelining (answers in order), TLS with reload,
// graceful drain. Knows no domain.
class Server {
 public:
    Server(ServerOptions options, ServerParts parts);
    ~Server();

    // Binds and starts the threads. kInternal with the address and the cause when it cannot bind,
    // with the file and the cause when a TLS file cannot be used, when a thread cannot be made.
    // Call once.
    Result<> start();

    // The bound port.
    [[nodiscard]] std::uint16_t port() const;

    // The executors of the serving threads, for background work that belongs to one of them.
    [[nodiscard]] std::vector<Executor> executors() const;

    // The first half of stop(): afterwards no connection is left, but the threads run on, so that
    // background work on executors() can be cancelled and joined. Idempotent.
    void drain(std::chrono::milliseconds grace);

    // Stops accepting, answers what is in flight, closes idle connections at once ("Connection:
    // close" on the last answers), cancels what is left after `grace`, joins the threads.
    // Idempotent. Work of others on executors() must have ended or be about to: the threads end
    // when none is left.
    void stop(std::chrono::milliseconds grace);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::server
