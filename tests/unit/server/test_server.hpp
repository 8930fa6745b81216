#pragma once

#include "server/server.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/tracer.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::test {

// Log lines in the order written; thread-safe.
class LogLines {
 public:
    void add(std::string_view line);
    [[nodiscard]] std::vector<std::string> all() const;
    // Waits up to ten seconds for a line that holds `text`; "" when none comes.
    [[nodiscard]] std::string wait_for(std::string_view text) const;
    [[nodiscard]] bool holds(std::string_view text) const;

 private:
    [[nodiscard]] std::string find(std::string_view text) const;

    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

// A server on 127.0.0.1 with a free port and these routes:
//   GET  /healthz          quiet, empty
//   GET  /hello            {"hello":"world"}
//   POST /echo             the body as it came
//   GET  /items/{id}       the id
//   GET  /context          request id, trace, span, sampled, tracestate, peer as JSON
//   GET  /query            name=value lines
//   GET  /text/{size}      that many compressible bytes of JSON, at once
//   GET  /stream/{size}    the same from a BodySource
//   GET  /throw            throws
//   GET  /stream-throws    a BodySource that throws after its first piece
//   GET  /wait             waits for release() or cancellation
//   GET  /live/{size}      a LiveBody: pieces of that many bytes until release(), the last is "end"
//   GET  /live-throws      a LiveBody that throws after its first piece
class TestServer {
 public:
    using Change = std::function<void(server::ServerOptions&)>;
    explicit TestServer(
        const Change& change = {}, const Clock* clock = nullptr, telemetry::Tracer* tracer = nullptr
    );
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    server::Server& server();
    telemetry::MetricsRegistry& metrics();
    LogLines& log();

    // Of GET /wait and /live.
    void release();
    [[nodiscard]] int waiting() const;
    [[nodiscard]] int cancelled() const;
    [[nodiscard]] int ended() const;    // live bodies that were let go of
    [[nodiscard]] int handled() const;  // handlers run to their end, all routes
    // Waits up to ten seconds for `done`.
    static bool eventually(const std::function<bool()>& done);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// What /text/{size} and /stream/{size} send.
std::string sample_text(std::size_t size);

}  // namespace meshscope::test
