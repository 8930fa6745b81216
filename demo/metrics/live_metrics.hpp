#pragma once

#include "core/clock.hpp"
#include "demo/metrics/mesh_metrics.hpp"
#include "demo/net/http_message.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace meshscope::demo {

struct MetricsOptions {
    std::filesystem::path data;  // of a Prometheus that does not run yet; "": no history is written
    std::chrono::seconds history =
        std::chrono::hours(6);  // counting began so long before the start
};

// The metrics as a Prometheus finds them: its history as a block in its data folder, and what its
// scrapes read. Scrapes go on where the history ends. Thread-safe.
class LiveMetrics {
 public:
    // Stream and clock must outlive this.
    LiveMetrics(const EventStream& stream, const Clock& clock, MetricsOptions options);
    ~LiveMetrics();  // a history that is not complete is given up
    LiveMetrics(const LiveMetrics&) = delete;
    LiveMetrics& operator=(const LiveMetrics&) = delete;

    // Begins to write the history, in a thread of its own. At most once.
    void fill();

    // GET /metrics; 503 until the history is complete.
    HttpReply scrape(const HttpRequest& request);

    // {"state": "none", "filling", "complete" or "failed", "percent", "from" and "to" in seconds
    // since the epoch, "series", "samples", "error" when it failed}.
    [[nodiscard]] HttpReply history() const;

 private:
    enum class State : std::uint8_t { kNone, kFilling, kComplete, kFailed };

    void write();

    const EventStream& stream_;
    const Clock& clock_;
    const MetricsOptions options_;
    std::atomic<bool> wanted_ = true;
    std::atomic<int> percent_ = 0;
    std::mutex metrics_mutex_;
    MeshMetrics metrics_;
    mutable std::mutex mutex_;
    State state_ = State::kNone;
    std::string error_;
    std::uint64_t series_ = 0;
    std::uint64_t samples_ = 0;
    std::thread filling_;
};

}  // namespace meshscope::demo
