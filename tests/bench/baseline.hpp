#pragma once

#include <cstdint>

namespace meshscope::bench {

// The straightforward way, as a lean blocking server of its own so that nothing but the work is in
// its bill: the whole answer of Jaeger in memory, a document tree of it (nlohmann), the filter, the
// dump, zlib level 6 when the client asks for gzip. GET /http: from HTTP v1 JSON; GET /grpc: from
// api_v2 through protobuf's own messages. Runs until it is ended.
[[noreturn]] void run_baseline(
    std::uint16_t port, std::uint16_t jaeger_http_port, std::uint16_t jaeger_grpc_port
);

}  // namespace meshscope::bench
