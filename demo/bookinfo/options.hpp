#pragma once

#include "core/result.hpp"
#include "demo/jaeger/http_api.hpp"
#include "demo/jaeger/release.hpp"
#include "demo/kubernetes/api.hpp"
#include "demo/metrics/live_metrics.hpp"
#include "demo/net/tls_files.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meshscope::demo {

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t http_port = 0;
    std::uint16_t grpc_port = 0;
    std::uint16_t control_port = 0;
    std::uint16_t otlp_grpc_port = 0;
    std::uint16_t otlp_http_port = 0;
    MemoryBounds otlp_memory;
    std::size_t otlp_request_bytes = 8UL << 20U;
    std::uint16_t kubernetes_port = 0;
    KubernetesOptions kubernetes;
    TlsFiles kubernetes_tls;
    std::uint16_t metrics_port = 0;
    MetricsOptions metrics;
    std::string scenario = "normal";
    std::string marker;
    std::uint64_t seed = 1;
    std::optional<std::int64_t> start_micros;  // given: time stands still there
    bool closed = false;                       // Jaeger's ports stay closed
    JaegerOptions jaeger;
    Release release;
    std::int64_t latency_ms = 0;
    std::int64_t stall_after_chunks = -1;
    std::int64_t stall_after_bytes = -1;
    std::int64_t cut_after_chunks = -1;
    std::int64_t cut_after_bytes = -1;
    bool help = false;
};

extern const std::string_view kUsage;

// `arguments` without the program's name. kInvalidArgument names the flag that is wrong.
Result<Options> parse_options(std::span<const char* const> arguments);

}  // namespace meshscope::demo
