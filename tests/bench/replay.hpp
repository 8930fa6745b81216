#pragma once

#include "tests/bench/process.hpp"
#include "tests/bench/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace meshscope::bench {

struct ReplayOptions {
    std::vector<Wire> wires;  // the protocols it speaks; the routes of others are unknown to it
    std::size_t traces = 0;
    std::size_t spans = 0;  // of each trace
};

// A Jaeger that answers every search and every look-up of a trace with the same traces: HTTP below
// /jaeger, gRPC on its own port. Runs until it is ended. GET /calls: how many it has answered.
[[noreturn]] void run_replay(
    std::uint16_t http_port, std::uint16_t grpc_port, const ReplayOptions& options
);
// The same from the words of a command line: HTTP_PORT GRPC_PORT TRACES SPANS WIRE...
[[noreturn]] void run_replay(const std::vector<std::string>& arguments);

// It as a process of its own, ready when constructed.
class Replay {
 public:
    // `program`: this one.
    Replay(const std::string& program, const ReplayOptions& options);

    // The base URL for the server's configuration.
    [[nodiscard]] std::string url(Wire wire) const;
    [[nodiscard]] std::uint16_t http_port() const { return http_port_; }
    [[nodiscard]] std::uint16_t grpc_port() const { return grpc_port_; }
    [[nodiscard]] std::uint64_t calls() const;

 private:
    std::uint16_t http_port_;
    std::uint16_t grpc_port_;
    Child child_;
};

}  // namespace meshscope::bench
