#include "telemetry/span_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace meshscope::telemetry {

bool SpanQueue::push(SpanPtr span) {
    const std::scoped_lock lock(mutex_);
    if (spans_.size() >= capacity_) {
        return false;
    }
    spans_.push_back(std::move(span));
    size_.store(spans_.size(), std::memory_order_relaxed);
    if (wake_ && spans_.size() == wake_size_) {
        wake_();
    }
    return true;
}

std::vector<SpanPtr> SpanQueue::take(std::size_t max) {
    std::vector<SpanPtr> taken;
    taken.reserve(std::min(max, size()));
    const std::scoped_lock lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(max, spans_.size()));
    std::move(spans_.begin(), spans_.begin() + count, std::back_inserter(taken));
    spans_.erase(spans_.begin(), spans_.begin() + count);
    size_.store(spans_.size(), std::memory_order_relaxed);
    return taken;
}

void SpanQueue::when_grown_to(std::size_t size, std::function<void()> wake) {
    const std::scoped_lock lock(mutex_);
    wake_size_ = size;
    wake_ = std::move(wake);
    if (wake_ && spans_.size() >= wake_size_) {
        wake_();
    }
}

}  // namespace meshscope::telemetry
