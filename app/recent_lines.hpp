#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::app {

// Writes the lines of the log to standard output, and keeps the newest. Thread-safe.
class RecentLines {
 public:
    static constexpr std::size_t kMostBytes = 256UL * 1024;

    void write(std::string_view line);  // as LogOptions::sink
    void keep(std::string_view line);

    // Oldest first.
    [[nodiscard]] std::vector<std::string> lines() const;

 private:
    mutable std::mutex mutex_;
    std::deque<std::string> lines_;
    std::size_t bytes_ = 0;
};

}  // namespace meshscope::app
