#include "demo/jaeger/call_gate.hpp"

#include <chrono>
#include <string_view>

namespace meshscope::demo {

grpc::Status CallGate::enter(
    grpc::ServerContext& context, const std::string& protocol, const std::string& method
) const {
    counters_.count(protocol, method);
    if (faults_.latency_ms > 0 &&
        stopper_.wait_for(std::chrono::milliseconds(faults_.latency_ms))) {
        return {grpc::StatusCode::UNAVAILABLE, "stopping"};
    }
    const auto& metadata = context.client_metadata();
    const auto found = metadata.find("authorization");
    const std::string_view given =
        found == metadata.end() ? std::string_view()
                                : std::string_view(found->second.data(), found->second.size());
    if (!credentials_.accept(given)) {
        return {grpc::StatusCode::UNAUTHENTICATED, "authorization is missing or wrong"};
    }
    return grpc::Status::OK;
}

std::optional<grpc::Status> CallGate::interruption(
    const grpc::ServerContext& context, std::int64_t sent
) const {
    if (const std::int64_t stall = faults_.stall_after_chunks; stall >= 0 && sent >= stall) {
        while (!context.IsCancelled() && !stopper_.wait_for(std::chrono::milliseconds(5))) {
        }
        return grpc::Status::CANCELLED;
    }
    if (const std::int64_t cut = faults_.cut_after_chunks; cut >= 0 && sent >= cut) {
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection reset by the storage");
    }
    return std::nullopt;
}

}  // namespace meshscope::demo
