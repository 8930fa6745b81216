#pragma once

#include "clients/grpc/grpc_message.hpp"
#include "clients/grpc/grpc_runtime_impl.hpp"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

namespace meshscope::clients {

class Call;

// The calls of one channel, so that the channel can end them. Thread-safe.
class CallRegistry {
 public:
    void add(Call& call);
    void remove(Call& call);
    bool begin_operation();  // false after drain(): gRPC must not be asked any more
    void end_operation();
    void drain();  // cancels every call; returns when gRPC holds none of their buffers

 private:
    std::mutex mutex_;
    std::condition_variable idle_;
    std::unordered_set<Call*> calls_;
    std::size_t operations_ = 0;
    bool closed_ = false;
};

// One call over the generic stub: a request out, raw messages in. start(), then read() again and
// again, one at a time, until it reports the end. cancel() from any thread. Kept alive by each
// operation in gRPC's hands.
class Call : public std::enable_shared_from_this<Call> {
 public:
    enum class Outcome : std::uint8_t { kMessage, kEnd };
    using OnRead = std::function<void(Outcome)>;  // on a thread of the runtime

    explicit Call(std::shared_ptr<CallRegistry> registry);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    [[nodiscard]] grpc::ClientContext& context() { return context_; }
    // `context()` has its deadline and metadata by now.
    void start(
        std::shared_ptr<grpc::Channel> channel,
        const std::string& method,
        const std::string& request,
        grpc::CompletionQueue& queue
    );
    void read(OnRead on_read);
    void cancel();

    [[nodiscard]] bool cancelled() const { return cancelled_; }  // by us

    // After kMessage, until the next read().
    [[nodiscard]] GrpcMessage take_message();
    // After kEnd.
    [[nodiscard]] const grpc::Status& status() const { return status_; }

 private:
    struct Event final : GrpcEvent {
        explicit Event(void (Call::*then)(bool)) : then(then) {}
        void complete(bool ok) override;

        void (Call::*then)(bool);
        std::shared_ptr<Call> call;  // set while gRPC works on it
    };

    bool begin(Event& event);
    void written(bool ok);
    void received(bool ok);
    void finished(bool ok);
    void closed();
    void report(Outcome outcome);

    std::shared_ptr<CallRegistry> registry_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter>
        stream_;  // lives in the memory of context_
    grpc::ByteBuffer incoming_;
    grpc::Status status_;
    OnRead on_read_;
    std::atomic<bool> cancelled_{false};
    Event write_{&Call::written};
    Event read_{&Call::received};
    Event finish_{&Call::finished};
};

}  // namespace meshscope::clients
