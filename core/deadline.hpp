#pragma once

#include "core/clock.hpp"

#include <algorithm>
#include <chrono>

namespace meshscope {

// A point of steady time after which work is pointless. Value type; "never" is the default.
class Deadline {
 public:
    Deadline() = default;  // never
    explicit Deadline(SteadyTime at) : at_(at) {}

    static Deadline never() { return {}; }

    // `from` plus `duration`, saturating at never; a negative duration has already passed.
    static Deadline after(SteadyTime from, std::chrono::nanoseconds duration) {
        if (duration > SteadyTime::max() - from) {
            return never();
        }
        return Deadline(from + std::chrono::duration_cast<SteadyTime::duration>(duration));
    }

    [[nodiscard]] bool is_never() const { return at_ == SteadyTime::max(); }
    [[nodiscard]] bool passed(SteadyTime now) const { return now >= at_; }
    [[nodiscard]] SteadyTime at() const { return at_; }

    // Time left, at least zero; nanoseconds::max() when it never passes.
    [[nodiscard]] std::chrono::nanoseconds remaining(SteadyTime now) const {
        if (is_never()) {
            return std::chrono::nanoseconds::max();
        }
        return std::max(std::chrono::nanoseconds::zero(), std::chrono::nanoseconds(at_ - now));
    }

    [[nodiscard]] Deadline earlier(Deadline other) const { return at_ < other.at_ ? *this : other; }

    friend bool operator==(const Deadline&, const Deadline&) = default;
    friend auto operator<=>(const Deadline& a, const Deadline& b) { return a.at_ <=> b.at_; }

 private:
    SteadyTime at_ = SteadyTime::max();
};

}  // namespace meshscope
