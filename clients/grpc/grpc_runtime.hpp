#pragma once

#include <cstddef>
#include <memory>

namespace meshscope::clients {

// The threads that wait for gRPC events, shared by all channels of the process. They only hand
// events on: nothing is decoded on them. gRPC's own logging goes quiet with the first runtime,
// unless the environment asks for it (GRPC_VERBOSITY or GRPC_TRACE).
class GrpcRuntime {
 public:
    explicit GrpcRuntime(std::size_t threads = 2);
    ~GrpcRuntime();  // joins the threads; channels keep their runtime alive, so no call is left
    GrpcRuntime(const GrpcRuntime&) = delete;
    GrpcRuntime& operator=(const GrpcRuntime&) = delete;

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

 private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::clients
