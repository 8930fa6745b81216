#include "clients/jaeger/circuit_breaker.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

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

std::optional<Error> CircuitBreaker::refuse(SteadyTime now) {
    const std::scoped_lock lock(mutex_);
    if (pause_.count() == 0) {
        return std::nullopt;
    }
    // A trial whose outcome is never told must not shut the door for good.
    if (now < trial_at_ || (trial_under_way_ && now < trial_at_ + options_.longest_pause)) {
        return reason(now);
    }
    trial_at_ = now;
    trial_under_way_ = true;
    return std::nullopt;
}

void CircuitBreaker::succeeded() {
    const std::scoped_lock lock(mutex_);
    failures_ = 0;
    pause_ = {};
    trial_under_way_ = false;
    last_.reset();
}

bool CircuitBreaker::failed(const Error& error, SteadyTime now) {
    if (error.kind() == ErrorKind::kCancelled || error.kind() == ErrorKind::kDeadline) {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(trial_under_way_, false) && error.kind() == ErrorKind::kDeadline) {
            trial_at_ = now + pause_;
        }
        return false;
    }
    if (error.kind() != ErrorKind::kUpstreamUnavailable) {
        succeeded();
        return false;
    }
    const std::scoped_lock lock(mutex_);
    ++failures_;
    last_ = error;
    last_at_ = now;
    const bool was_open = pause_.count() > 0;
    if (was_open && trial_under_way_) {
        pause_ = std::min(pause_ * 2, options_.longest_pause);
    } else if (!was_open && failures_ >= options_.failures_to_open) {
        pause_ = options_.first_pause;
    } else {
        return false;  // calls that were under way when the pause began
    }
    trial_under_way_ = false;
    trial_at_ = now + pause_;
    return !was_open;
}

}  // namespace meshscope::clients::jaeger
