#pragma once

#include "clients/grpc/grpc_channel.hpp"
#include "telemetry/tracer.hpp"

#include <cstdint>
#include <string_view>

namespace meshscope::clients {

// The client span of one call, by OpenTelemetry's conventions for RPC; becomes the span of
// `context`. `method` is the full path.
telemetry::ActiveSpan start_call_span(
    const GrpcChannelOptions& options, RequestContext& context, std::string_view method
);

// `code` is a gRPC status code. Nothing happens to a span that has ended already.
void finish_call_span(telemetry::ActiveSpan& span, int code, std::string_view message);

// "UNAVAILABLE" for 14; the number for a code that has no name.
std::string grpc_code_name(int code);

}  // namespace meshscope::clients
