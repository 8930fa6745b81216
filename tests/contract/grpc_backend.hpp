#pragma once

#include "clients/grpc/grpc_channel.hpp"
#include "clients/jaeger/protocol.hpp"
#include "tests/contract/backend.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::contract {

// One version of Jaeger's gRPC API, as its server writes it.
struct GrpcDialect {
    std::string service;  // "jaeger.api_v2.QueryService"
    // The messages of these traces, in the order of the wire.
    std::vector<std::string> (*messages)(const std::vector<HeldTrace>& traces);
    std::string (*services)(const std::vector<std::string>& names);
    std::string (*operations)(const std::vector<clients::Operation>& operations);
    std::shared_ptr<clients::jaeger::Protocol> (*protocol)(
        std::shared_ptr<clients::GrpcChannel> channel
    );
};

std::unique_ptr<Backend> make_grpc_backend(
    GrpcDialect dialect, std::chrono::milliseconds query_timeout
);

// Ids on the wire.
std::string big_endian(std::uint64_t value);
std::string trace_id_bytes(const HeldTrace& trace);  // 16, or 8 in the short form
std::string trace_id_bytes(TraceId id);              // 16

}  // namespace meshscope::contract
