#pragma once

#include "core/result.hpp"
#include "demo/jaeger/http_api.hpp"
#include "demo/net/faults.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace meshscope::demo {

// jaeger.api_v2.QueryService on a port of its own: chunks of at most ten spans, never two traces in
// one, and the errors of Jaeger's memory store. grpc.health.v1 answers as Jaeger's does.
class JaegerGrpcApi {
 public:
    // Everything given must outlive this.
    JaegerGrpcApi(
        TraceArchive& archive,
        const JaegerOptions& options,
        const Faults& faults,
        Counters& counters,
        Stopper& stopper
    );
    ~JaegerGrpcApi();
    JaegerGrpcApi(const JaegerGrpcApi&) = delete;
    JaegerGrpcApi& operator=(const JaegerGrpcApi&) = delete;

    // Port 0 takes any free one. kUnavailable when the port is taken.
    Result<> listen(const std::string& address, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const;
    void close();  // cancels what runs; stopper.stop() comes first

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::demo
