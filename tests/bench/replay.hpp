#pragma once

#include <cstdint>

namespace meshscope::bench {

// A Jaeger that answers every search with the same 20 traces of 500 spans: HTTP v1 JSON below
// /jaeger and gRPC api_v2. Runs until it is ended. GET /calls: how many searches it has answered.
[[noreturn]] void run_replay(std::uint16_t http_port, std::uint16_t grpc_port);

}  // namespace meshscope::bench
