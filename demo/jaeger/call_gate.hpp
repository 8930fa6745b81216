#pragma once

#include "demo/jaeger/credentials.hpp"
#include "demo/jaeger/release.hpp"
#include "demo/net/counters.hpp"
#include "demo/net/faults.hpp"

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <optional>
#include <string>

namespace meshscope::demo {

// What all gRPC calls have in common: counting, credentials, the faults in force. Thread-safe;
// what is given must outlive it.
class CallGate {
 public:
    CallGate(
        const Credentials& credentials,
        const RunningRelease& release,
        const Faults& faults,
        Counters& counters,
        Stopper& stopper
    )
        : credentials_(credentials),
          release_(release),
          faults_(faults),
          counters_(counters),
          stopper_(stopper) {}

    // Counts the call, waits the latency, looks at the caller's credentials.
    grpc::Status enter(
        grpc::ServerContext& context, const std::string& protocol, const std::string& method
    ) const;

    // How the stream ends before its message number `sent`, nullopt when it goes on. A stalled
    // one ends when the caller has left.
    std::optional<grpc::Status> interruption(const grpc::ServerContext& context, std::int64_t sent)
        const;

    [[nodiscard]] Release release() const { return release_.get(); }

 private:
    const Credentials& credentials_;
    const RunningRelease& release_;
    const Faults& faults_;
    Counters& counters_;
    Stopper& stopper_;
};

}  // namespace meshscope::demo
