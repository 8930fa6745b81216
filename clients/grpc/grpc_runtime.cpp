#include "clients/grpc/grpc_runtime.hpp"

#include "clients/grpc/grpc_runtime_impl.hpp"

#include <grpc/support/log.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>

namespace meshscope::clients {

namespace {

// A failed assertion ends the process, so its text must be seen; everything else comes back as a
// status.
void only_assertions(gpr_log_func_args* args) {
    if (std::string_view(args->message).find("assertion failed") != std::string_view::npos) {
        std::fprintf(stderr, "gRPC %s:%d: %s\n", args->file, args->line, args->message);
    }
}

void silence_grpc_logs() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (std::getenv("GRPC_VERBOSITY") == nullptr && std::getenv("GRPC_TRACE") == nullptr) {
            gpr_set_log_function(only_assertions);
        }
    });
}

void poll(grpc::CompletionQueue& queue) {
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
        static_cast<GrpcEvent*>(tag)->complete(ok);
    }
}

}  // namespace

grpc::CompletionQueue& GrpcRuntime::Impl::next_queue() {
    return pollers[turn.fetch_add(1, std::memory_order_relaxed) % pollers.size()]->queue;
}

GrpcRuntime::GrpcRuntime(std::size_t threads) : impl_(std::make_unique<Impl>()) {
    silence_grpc_logs();
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
        auto poller = std::make_unique<Impl::Poller>();
        poller->thread = std::thread([&queue = poller->queue] { poll(queue); });
        impl_->pollers.push_back(std::move(poller));
    }
}

GrpcRuntime::~GrpcRuntime() {
    for (auto& poller : impl_->pollers) {
        poller->queue.Shutdown();
    }
    for (auto& poller : impl_->pollers) {
        poller->thread.join();
    }
}

}  // namespace meshscope::clients
