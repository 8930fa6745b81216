#include "telemetry/sampler.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace meshscope::telemetry {

namespace {

constexpr std::uint64_t kAll = std::uint64_t{1} << 63U;
constexpr std::int64_t kCostNs = 1'000'000'000 / Sampler::kBelievedPerSecond;
constexpr std::int64_t kAtOnceNs = 2'000'000'000;

std::uint64_t threshold(double share) {
    if (!(share > 0)) {  // also not a number
        return 0;
    }
    return share >= 1 ? kAll : static_cast<std::uint64_t>(std::ldexp(share, 63));
}

}  // namespace

Sampler::Sampler(double share, const Clock& clock) : below_(threshold(share)), clock_(clock) {}

bool Sampler::sample(TraceId trace, std::optional<bool> parent) {
    if (parent && (!*parent || believe())) {
        return *parent;
    }
    return (trace.low & (kAll - 1)) < below_;
}

// A bucket of two seconds: each "yes" moves the time at which it is full again.
bool Sampler::believe() {
    const std::int64_t now =
        std::chrono::nanoseconds(clock_.steady_now().time_since_epoch()).count();
    std::int64_t next = next_free_ns_.load(std::memory_order_relaxed);
    for (;;) {
        const std::int64_t from = std::max(next, now);
        if (from - now > kAtOnceNs - kCostNs) {
            return false;
        }
        if (next_free_ns_.compare_exchange_weak(next, from + kCostNs, std::memory_order_relaxed)) {
            return true;
        }
    }
}

}  // namespace meshscope::telemetry
