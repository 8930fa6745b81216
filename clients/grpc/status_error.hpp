#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace meshscope::clients {

// What an error text needs to know of the channel.
struct GrpcErrorContext {
    std::string upstream;  // "jaeger"
    std::string address;   // "host:port"
    bool use_tls = false;
    std::string setting_prefix;         // "external_services.tracing"
    std::string url_setting;            // "external_services.tracing.in_cluster_url"
    std::string receive_limit_setting;  // "meshscope.receive_limit_mb"
    std::string http_advice;            // when the port turns out to speak HTTP
    std::size_t max_message_bytes = 0;
    std::string secret;  // never appears in an error
};

// A failed call as an Error. `code` is a gRPC status code other than OK, `text` what gRPC or the
// server says. The error's code is "upstream_busy" when the server itself asks to come back later.
Error grpc_status_error(int code, std::string_view text, const GrpcErrorContext& context);

// A lost connection: the same call may succeed on a new one.
bool grpc_connection_lost(int code, std::string_view text);

}  // namespace meshscope::clients
