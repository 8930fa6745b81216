#pragma once

#include "clients/credentials/secret.hpp"
#include "clients/http/url.hpp"
#include "core/error.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::clients::otlp {

inline constexpr const char* kSettings = "server.observability.tracing";

enum class Wire : std::uint8_t { kHttp, kGrpc };

// Where the spans go and how.
struct Collector {
    Wire wire = Wire::kHttp;
    Url url;  // the path, if any, stands before /v1/traces; none with kGrpc
    TlsSettings tls;
    std::vector<std::pair<std::string, std::string>> headers;
};

// `text` as the configuration has it, "host:port" or "host:port/path"; without a port 4318 (HTTP)
// or 4317 (gRPC). kInvalidArgument says what is wrong: a scheme, a path with gRPC, no host.
Result<Url> parse_collector(std::string_view text, Wire wire, bool tls);

// "collector:4317"
std::string place_of(const Collector& collector);

// `error` of a transport with a hint that names our settings: the transports know those of a
// tracing backend.
Error with_own_hint(const Error& error, const Collector& collector);

}  // namespace meshscope::clients::otlp
