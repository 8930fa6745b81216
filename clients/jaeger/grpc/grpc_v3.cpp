#include "clients/jaeger/grpc/grpc_v3.hpp"

#include "clients/jaeger/grpc/grpc_protocol.hpp"
#include "clients/jaeger/grpc/v3_requests.hpp"
#include "clients/jaeger/otlp/otlp_proto_decoder.hpp"

#include <utility>

namespace meshscope::clients::jaeger {

namespace {

constexpr const char* kHealthCheck = "/grpc.health.v1.Health/Check";
constexpr std::string_view kService = "jaeger.api_v3.QueryService";

std::unique_ptr<SpanCollector> collector(std::size_t memory_limit) {
    return std::make_unique<SpanCollectorOf<OtlpProtoDecoder>>(memory_limit);
}

// Whether asking anything else would end the same way.
bool is_hopeless(const Error& error) {
    return error.kind() == ErrorKind::kUpstreamUnavailable ||
           error.kind() == ErrorKind::kDeadline || error.kind() == ErrorKind::kCancelled;
}

class GrpcV3Protocol final : public GrpcProtocol {
 public:
    using GrpcProtocol::GrpcProtocol;

    Awaitable<Result<>> probe(RequestContext context) override;

 private:
    [[nodiscard]] Error too_old() const;
};

Error GrpcV3Protocol::too_old() const {
    const GrpcChannelOptions& options = channel().options();
    return Error(
               ErrorKind::kUpstreamProtocol,
               options.upstream + " does not name jaeger.api_v3 among the services it serves"
    )
        .with_code("server_too_old")
        .with_upstream(options.upstream)
        .with_hint({"", "Use a newer release of Jaeger, or one of its older protocols."});
}

Awaitable<Result<>> GrpcV3Protocol::probe(RequestContext context) {
    const Result<std::string> health =
        co_await channel().unary(context, kHealthCheck, encode_health_check(kService));
    if (!health && is_hopeless(health.error())) {
        co_return health.error();
    }
    const Result<std::vector<std::string>> names = co_await services(std::move(context));
    if (!names) {
        co_return names.error();
    }
    if (!health && health.error().kind() == ErrorKind::kNotFound) {
        co_return too_old();
    }
    co_return Result<>();
}

}  // namespace

std::unique_ptr<Protocol> make_grpc_v3(
    std::shared_ptr<GrpcChannel> channel, WorkerPool* workers, std::size_t receive_limit_bytes
) {
    GrpcApi api{
        .name = "grpc api_v3",
        .package = "jaeger.api_v3",
        .find_traces = encode_v3_find_traces,
        .get_trace = encode_v3_get_trace,
        .get_operations = encode_v3_get_operations,
        .collector = collector,
        .services = decode_v3_services,
        .operations = decode_v3_operations,
    };
    return std::make_unique<GrpcV3Protocol>(
        std::move(api), std::move(channel), workers, receive_limit_bytes
    );
}

}  // namespace meshscope::clients::jaeger
