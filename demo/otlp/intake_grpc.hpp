#pragma once

#include "core/result.hpp"
#include "demo/otlp/intake.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace meshscope::demo {

// OTLP's TraceService on a port of its own.
class OtlpGrpcApi {
 public:
    explicit OtlpGrpcApi(OtlpIntake& intake);  // which must outlive this
    ~OtlpGrpcApi();
    OtlpGrpcApi(const OtlpGrpcApi&) = delete;
    OtlpGrpcApi& operator=(const OtlpGrpcApi&) = delete;

    // Port 0 takes any free one. kUnavailable when the port is taken.
    Result<> listen(const std::string& address, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const;
    void close();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::demo
