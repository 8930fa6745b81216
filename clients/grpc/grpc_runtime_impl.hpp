#pragma once

#include "clients/grpc/grpc_runtime.hpp"

#include <grpc/grpc.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace meshscope::clients {

// What a tag in a completion queue points to. Lives until complete() has been called.
class GrpcEvent {
 public:
    virtual void complete(bool ok) = 0;  // on a thread of the runtime

 protected:
    ~GrpcEvent() = default;
};

// gRPC's own threads end before the process does, not somewhere beside its exit.
struct GrpcLibraryUse {
    GrpcLibraryUse() { grpc_init(); }
    ~GrpcLibraryUse() { grpc_shutdown_blocking(); }
    GrpcLibraryUse(const GrpcLibraryUse&) = delete;
    GrpcLibraryUse& operator=(const GrpcLibraryUse&) = delete;
};

struct GrpcRuntime::Impl {
    struct Poller {
        grpc::CompletionQueue queue;
        std::thread thread;
    };

    // One queue for the whole life of a call, so that its events come in order.
    grpc::CompletionQueue& next_queue();

    GrpcLibraryUse library;
    std::vector<std::unique_ptr<Poller>> pollers;
    std::atomic<std::size_t> turn{0};
};

}  // namespace meshscope::clients
