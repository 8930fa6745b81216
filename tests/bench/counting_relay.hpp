#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace meshscope::bench {

class Connection;

// Stands before an upstream and counts what it is asked at once: a request counts from when it has
// come until the upstream has answered it, before the answer is passed on. Each connection has a
// thread, for ever: the relay lives as long as the program.
class CountingRelay {
 public:
    // Every answer is held back for `pause`, as by an upstream that is farther away.
    CountingRelay(std::uint16_t upstream, std::chrono::microseconds pause);

    [[nodiscard]] std::uint16_t port() const { return state_->port; }
    // Of /api/v1/query and /api/v1/query_range, since the last reset().
    [[nodiscard]] std::size_t queries() const { return state_->queries; }
    [[nodiscard]] std::size_t most_at_once() const { return state_->most; }
    // How long at least one was under way, ms.
    [[nodiscard]] double busy_ms() const;
    void reset();

 private:
    struct State {
        std::uint16_t upstream = 0;
        std::uint16_t port = 0;
        std::chrono::microseconds pause{0};
        std::mutex mutex;
        std::size_t in_flight = 0;
        std::chrono::steady_clock::time_point busy_since;
        std::chrono::nanoseconds busy{0};
        std::atomic<std::size_t> most{0};
        std::atomic<std::size_t> queries{0};

        void begin(bool is_query);
        void end();
    };
    static void relay(Connection& client, State& state);

    std::shared_ptr<State> state_;
};

}  // namespace meshscope::bench
