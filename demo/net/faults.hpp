#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace meshscope::demo {

// How the simulated backend misbehaves; may be changed while it runs. -1: never.
struct Faults {
    std::atomic<std::int64_t> latency_ms{0};           // before every answer
    std::atomic<std::int64_t> stall_after_chunks{-1};  // of a gRPC stream
    std::atomic<std::int64_t> stall_after_bytes{-1};   // of an HTTP body
    std::atomic<std::int64_t> cut_after_chunks{-1};    // the stream ends with UNAVAILABLE
    std::atomic<std::int64_t> cut_after_bytes{-1};     // the connection closes in the body
};

// Lets threads sleep until what they wait for stops. Thread-safe.
class Stopper {
 public:
    // From the start again; nobody waits meanwhile.
    void reset() {
        const std::scoped_lock lock(mutex_);
        stopped_ = false;
    }

    void stop() {
        {
            const std::scoped_lock lock(mutex_);
            stopped_ = true;
        }
        changed_.notify_all();
    }

    // True when stop() was called within that time.
    bool wait_for(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, time, [this] { return stopped_; });
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopped_ = false;
};

}  // namespace meshscope::demo
