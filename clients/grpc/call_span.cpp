#include "clients/grpc/call_span.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace meshscope::clients {

std::string grpc_code_name(int code) {
    static constexpr std::array<std::string_view, 17> kNames{
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED"
    };
    const auto index = static_cast<std::size_t>(code);
    return index < kNames.size() ? std::string(kNames[index]) : std::to_string(code);
}

telemetry::ActiveSpan start_call_span(
    const GrpcChannelOptions& options, RequestContext& context, std::string_view method
) {
    method.remove_prefix(method.starts_with('/') ? 1 : 0);
    auto span =
        telemetry::start_span(options.tracer, context, method, telemetry::SpanKind::kClient);
    if (span) {
        span->set("rpc.system.name", "grpc");
        span->set("rpc.method", method);
        span->set("server.address", options.host);
        span->set("server.port", std::int64_t{options.port});
        span->set("peer.service", options.upstream);
    }
    return span;
}

void finish_call_span(telemetry::ActiveSpan& span, int code, std::string_view message) {
    if (!span) {
        return;
    }
    const std::string name = grpc_code_name(code);
    span->set("rpc.response.status_code", name);
    if (code != 0) {
        span->fail(name, message);
    }
    span.end();
}

}  // namespace meshscope::clients
