#include "clients/jaeger/grpc/grpc_v2.hpp"

#include "clients/jaeger/grpc/grpc_protocol.hpp"
#include "clients/jaeger/grpc/v2_decoder.hpp"
#include "clients/jaeger/grpc/v2_requests.hpp"

#include <utility>

namespace meshscope::clients::jaeger {

namespace {

std::unique_ptr<SpanCollector> collector(std::size_t memory_limit) {
    return std::make_unique<SpanCollectorOf<V2SpanDecoder>>(memory_limit);
}

}  // namespace

std::unique_ptr<Protocol> make_grpc_v2(
    std::shared_ptr<GrpcChannel> channel, std::size_t receive_limit_bytes
) {
    GrpcApi api{
        .name = "grpc api_v2",
        .package = "jaeger.api_v2",
        .find_traces = encode_v2_find_traces,
        .get_trace = encode_v2_get_trace,
        .get_operations = encode_v2_get_operations,
        .collector = collector,
        .services = decode_v2_services,
        .operations = decode_v2_operations,
    };
    WorkerPool* const no_workers = nullptr;  // its messages are small
    return std::make_unique<GrpcProtocol>(
        std::move(api), std::move(channel), no_workers, receive_limit_bytes
    );
}

}  // namespace meshscope::clients::jaeger
