#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace meshscope::clients {

struct BreakerOptions {
    std::size_t failures_to_open = 5;  // in a row
    std::chrono::milliseconds first_pause{2'000};
    std::chrono::milliseconds longest_pause{30'000};  // the pause doubles with each failed trial
};

// Keeps calls away from an upstream that cannot be reached: after some failures in a row calls are
// refused at once for a pause, then a single call is let through as a trial; its success ends the
// pause. kUpstreamUnavailable counts as a failure, kDeadline and kCancelled say nothing, every
// other outcome is a sign of life. The outcome of a call that began before the last pause did, or
// before it ended, says nothing either. Thread-safe.
class CircuitBreaker {
 public:
    explicit CircuitBreaker(BreakerOptions options = {}) : options_(options) {}

    // Which call an outcome is of.
    class Attempt {
        friend class CircuitBreaker;
        Attempt(std::uint64_t epoch, std::uint64_t trial) : epoch_(epoch), trial_(trial) {}
        std::uint64_t epoch_;
        std::uint64_t trial_;  // 0: none
    };

    // A value: call, and tell the outcome by succeeded() or failed(). Otherwise the error to answer
    // with: the last reason, its detail says how long ago that was.
    [[nodiscard]] Result<Attempt> begin(SteadyTime now);
    // Of a call that is made in a pause, too: its success ends the pause, its failure does not
    // prolong it.
    [[nodiscard]] Attempt begin_anyway();

    void succeeded(Attempt attempt);
    // True when this failure began a pause where calls were let through before.
    bool failed(Attempt attempt, const Error& error, SteadyTime now);

 private:
    [[nodiscard]] Error reason(SteadyTime now) const;
    [[nodiscard]] bool is_paused() const { return pause_.count() > 0; }
    [[nodiscard]] bool is_trial(Attempt attempt) const;

    const BreakerOptions options_;
    std::mutex mutex_;
    std::size_t failures_ = 0;
    std::chrono::milliseconds pause_{0};  // 0: calls are let through
    SteadyTime trial_at_{};
    std::uint64_t epoch_ = 0;  // another one when a pause begins, and when it ends
    std::uint64_t trials_ = 0;
    std::uint64_t trial_ = 0;  // the one under way; 0: none
    std::optional<Error> last_;
    SteadyTime last_at_{};
};

}  // namespace meshscope::clients
