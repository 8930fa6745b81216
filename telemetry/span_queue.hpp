#pragma once

#include "telemetry/span.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace meshscope::telemetry {

// Finished spans on their way to the exporter. Thread-safe; a push costs a pointer under a lock
// that is never held longer than a batch of pointers takes to move.
class SpanQueue {
 public:
    explicit SpanQueue(std::size_t capacity = 2048) : capacity_(capacity) {}

    // False when the queue is full: the new span is dropped, those that wait stay.
    bool push(SpanPtr span);

    // The oldest ones, at most `max`.
    std::vector<SpanPtr> take(std::size_t max);

    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

    // `wake` is called on the pushing thread each time the queue grows to `size` spans, and here
    // when it has as many already. It must not block. Empty: nobody is woken; after this returns
    // the function before is not called again.
    void when_grown_to(std::size_t size, std::function<void()> wake);

 private:
    const std::size_t capacity_;
    std::mutex mutex_;
    std::deque<SpanPtr> spans_;
    std::size_t wake_size_ = 0;
    std::function<void()> wake_;
    std::atomic<std::size_t> size_{0};
};

}  // namespace meshscope::telemetry
