#include "clients/http/circuit_breaker.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace meshscope::clients {

namespace {

std::string seconds(SteadyTime::duration time) {
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(time).count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Error CircuitBreaker::reason(SteadyTime now) const {
    std::string detail = "not asked again: " + std::to_string(failures_) +
                         " calls in a row failed, the last " + seconds(now - last_at_) + " ago";
    if (!last_->detail().empty()) {
        detail += "; " + last_->detail();
    }
    return last_->with_detail(std::move(detail));
}

bool CircuitBreaker::is_trial(Attempt attempt) const {
    return trial_ != 0 && attempt.trial_ == trial_;
}

Result<CircuitBreaker::Attempt> CircuitBreaker::begin(SteadyTime now) {
    const std::scoped_lock lock(mutex_);
    if (!is_paused()) {
        return Attempt(epoch_, 0);
    }
    // A trial whose outcome is never told must not shut the door for good.
    if (now < trial_at_ || (trial_ != 0 && now < trial_at_ + options_.longest_pause)) {
        return reason(now);
    }
    trial_at_ = now;
    trial_ = ++trials_;
    return Attempt(epoch_, trial_);
}

CircuitBreaker::Attempt CircuitBreaker::begin_anyway() {
    const std::scoped_lock lock(mutex_);
    return Attempt(epoch_, 0);
}

void CircuitBreaker::succeeded(Attempt attempt) {
    const std::scoped_lock lock(mutex_);
    if (attempt.epoch_ != epoch_) {
        return;
    }
    epoch_ += is_paused() ? 1 : 0;
    failures_ = 0;
    pause_ = {};
    trial_ = 0;
    last_.reset();
}

bool CircuitBreaker::failed(Attempt attempt, const Error& error, SteadyTime now) {
    if (error.kind() == ErrorKind::kCancelled || error.kind() == ErrorKind::kDeadline) {
        const std::scoped_lock lock(mutex_);
        if (is_trial(attempt)) {
            trial_ = 0;
            trial_at_ = error.kind() == ErrorKind::kDeadline ? now + pause_ : trial_at_;
        }
        return false;
    }
    if (error.kind() != ErrorKind::kUpstreamUnavailable) {
        succeeded(attempt);
        return false;
    }
    const std::scoped_lock lock(mutex_);
    if (attempt.epoch_ != epoch_) {
        return false;
    }
    ++failures_;
    last_ = error;
    last_at_ = now;
    const bool begins = !is_paused() && failures_ >= options_.failures_to_open;
    if (begins) {
        pause_ = options_.first_pause;
        ++epoch_;
    } else if (is_trial(attempt)) {
        pause_ = std::min(pause_ * 2, options_.longest_pause);
        trial_ = 0;
    } else {
        return false;
    }
    trial_at_ = now + pause_;
    return begins;
}

}  // namespace meshscope::clients
