#pragma once

#include "clients/grpc/grpc_channel.hpp"
#include "clients/grpc/tls_material.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace grpc {
class Channel;
class ChannelCredentials;
}  // namespace grpc

namespace meshscope::clients {

// "host:port", brackets around IPv6.
std::string grpc_address(const GrpcChannelOptions& options);

// Makes the gRPC channel, and a new one when the TLS texts have changed. Thread-safe.
class GrpcConnector {
 public:
    GrpcConnector(const GrpcChannelOptions& options, const Clock& clock);

    // kUpstreamAuth when a client certificate has never been usable.
    Result<std::shared_ptr<grpc::Channel>> channel();

    // Whether the present channel holds a connection that is not known to be lost.
    [[nodiscard]] bool connected();

 private:
    [[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> credentials() const;
    void rebuild();

    const GrpcChannelOptions& options_;
    const Clock& clock_;
    std::mutex mutex_;
    TlsMaterialReader reader_;
    TlsMaterial material_;
    std::shared_ptr<grpc::Channel> channel_;
    std::optional<SteadyTime> looked_;
};

}  // namespace meshscope::clients
