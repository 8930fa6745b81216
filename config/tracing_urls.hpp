#pragma once

#include "config/external_services.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::config {

inline constexpr std::string_view kDefaultTracingUrl = "http://tracing.istio-system:16685/jaeger";

enum class Transport : std::uint8_t { kGrpcThenHttp, kGrpc, kHttp };

// What the tracing keys mean together.
struct TracingTarget {
    bool enabled = false;
    // True when the server itself reads traces: enabled and internal_url not empty. Otherwise there
    // are at most links, and nothing is ever called, the external URL least of all.
    bool integration = false;
    std::string internal_url;                   // as written
    std::string internal_key = "internal_url";  // the key to change: where internal_url came from
    std::string external_url;  // http or https, no trailing slash, no userinfo; may be empty
    std::string off_reason;    // why tracing is off although wanted; safe for clients
    std::string
        external_problem;  // why the external URL as written is not used, or not as it stands
    Transport transport = Transport::kGrpcThenHttp;
};

//  - internal: `in_cluster_url` if not empty; else `internal_url` if the key is there, even empty;
//  else
//    empty if `url` is not empty; else kDefaultTracingUrl;
//  - external: `url` if not empty, else `external_url`;
//  - enabled: as written; left out, true when any of the four is not empty. Off, with a reason, for
//    providers that this version cannot serve;
//  - transport: as `use_grpc` says; left out, gRPC and then HTTP, with OAuth2 HTTP alone.
[[nodiscard]] TracingTarget resolve_tracing(const Tracing& tracing);

}  // namespace meshscope::config
