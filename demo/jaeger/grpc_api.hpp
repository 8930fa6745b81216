#pragma once

#include "core/result.hpp"
#include "demo/jaeger/http_api.hpp"
#include "demo/jaeger/release.hpp"
#include "demo/net/faults.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace meshscope::demo {

// jaeger.api_v2.QueryService and jaeger.api_v3.QueryService on one port, with the errors of
// Jaeger's memory store. grpc.health.v1 answers as Jaeger's does.
class JaegerGrpcApi {
 public:
    // Everything given must outlive this.
    JaegerGrpcApi(
        TraceArchive& archive,
        const JaegerOptions& options,
        const RunningRelease& release,
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
    // Which services are healthy in that release. Not while listen() or close() runs.
    void show(const Release& release);
    void close();  // cancels what runs; stopper.stop() comes first

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::demo
