#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>

namespace meshscope::clients::jaeger {

struct BreakerOptions {
    std::size_t failures_to_open = 5;  // in a row
    std::chrono::milliseconds first_pause{2'000};
    std::chrono::milliseconds longest_pause{30'000};  // the pause doubles with each failed trial
};

// Keeps calls away from an upstream that cannot be reached: after some failures in a row calls are
// refused at once for a pause, then a single call is let through as a trial; its success ends the
// pause. kUpstreamUnavailable counts as a failure, kDeadline and kCancelled say nothing, every
// other outcome is a sign of life. Thread-safe.
class CircuitBreaker {
 public:
    explicit CircuitBreaker(BreakerOptions options = {}) : options_(options) {}

    // nullopt: call, and tell the outcome by succeeded() or failed(). Otherwise the error to answer
    // with: the last reason, its detail says how long ago that was.
    [[nodiscard]] std::optional<Error> refuse(SteadyTime now);

    void succeeded();
    // True when this failure began a pause where calls were let through before.
    bool failed(const Error& error, SteadyTime now);

 private:
    [[nodiscard]] Error reason(SteadyTime now) const;

    const BreakerOptions options_;
    std::mutex mutex_;
    std::size_t failures_ = 0;
    std::chrono::milliseconds pause_{0};  // 0: calls are let through
    SteadyTime trial_at_{};
    bool trial_under_way_ = false;
    std::optional<Error> last_;
    SteadyTime last_at_{};
};

}  // namespace meshscope::clients::jaeger
