#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <mutex>

namespace meshscope::test {

// A clock that stands still until a test moves it. Thread-safe.
class ManualClock final : public Clock {
 public:
    explicit ManualClock(SystemTime start = from_micros(1'763'683'200'000'000)) : now_(start) {}

    [[nodiscard]] SystemTime now() const override {
        const std::scoped_lock lock(mutex_);
        return now_;
    }
    [[nodiscard]] SteadyTime steady_now() const override {
        const std::scoped_lock lock(mutex_);
        return steady_;
    }
    void advance(std::chrono::microseconds by) {
        const std::scoped_lock lock(mutex_);
        now_ += by;
        steady_ += by;
    }
    // What happens to a host whose clock is set: only the time of day changes.
    void step(std::chrono::microseconds by) {
        const std::scoped_lock lock(mutex_);
        now_ += by;
    }

 private:
    mutable std::mutex mutex_;
    SystemTime now_;
    SteadyTime steady_{std::chrono::hours(1)};
};

}  // namespace meshscope::test
