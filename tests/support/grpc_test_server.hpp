#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::test {

// What a method of the test server does: the messages as they stand, then a status.
struct GrpcScript {
    std::vector<std::string> messages = {};
    bool stall = false;  // after the messages nothing comes, until the caller leaves
    std::size_t stall_calls = SIZE_MAX;  // only the first so many calls stall
    int status = 0;                      // a gRPC code
    std::string status_text = {};
    std::string details = {};  // google.rpc.Status, encoded
};

struct GrpcTestTls {
    std::string certificate;  // PEM
    std::string key;
    std::string client_ca;  // demand a client certificate of this CA; empty: none
};

struct GrpcTestCall {
    std::string method;
    std::multimap<std::string, std::string> metadata;
    std::string request;
    std::chrono::milliseconds time_left{0};  // until the caller's deadline
};

// A real gRPC server on 127.0.0.1 that answers every method with raw bytes, so that any answer can
// be written by hand. Methods without a script answer UNIMPLEMENTED. Thread-safe; stops in the
// destructor.
class GrpcTestServer {
 public:
    GrpcTestServer();
    explicit GrpcTestServer(GrpcTestTls tls);
    ~GrpcTestServer();
    GrpcTestServer(const GrpcTestServer&) = delete;
    GrpcTestServer& operator=(const GrpcTestServer&) = delete;

    void on(const std::string& method, GrpcScript script);
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::vector<GrpcTestCall> calls() const;
    // Waits until `count` calls have been left by their callers; false after 20 s.
    [[nodiscard]] bool wait_for_cancelled(std::size_t count) const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::test
