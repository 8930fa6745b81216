#pragma once

#include "async/awaitable.hpp"
#include "async/worker_pool.hpp"
#include "business/log_lines.hpp"
#include "business/log_sources.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace meshscope::business {

// Reading as many bytes takes about a millisecond, which is all that a serving thread gives.
inline constexpr std::size_t kBytesWorthAThread = 64UL << 10U;

// The value of `work()`: at once when there is little to read or no worker, else on a worker. What
// it refers to must live until it has been awaited and must not be touched meanwhile.
template <class Work>
Awaitable<std::invoke_result_t<Work&>> off_thread(
    WorkerPool* workers, std::size_t bytes, Work work
) {
    if (workers == nullptr || bytes <= kBytesWorthAThread) {
        co_return work();
    }
    co_return co_await workers->run(std::move(work));
}

struct ParsedLog {
    std::vector<models::LogLine> lines;  // as in the log; LogLine::source counts the logs
    LogTexts texts;
};

// Reads the lines of several logs. Bytes that come in large pieces are kept as they are, others are
// let go of as soon as they have been read.
class LogParse {
 public:
    // Both outlive it; `masker` may be null.
    LogParse(const AccessLogParser& parser, const Masker* masker, std::size_t line_bytes)
        : parser_(parser), masker_(masker), line_bytes_(line_bytes) {}

    void add(models::LogSource kind, RawLog raw) {
        bytes_ += static_cast<std::size_t>(raw.bytes);
        logs_.emplace_back(kind, std::move(raw));
    }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    std::vector<ParsedLog> run();  // once; by log, in the order added

 private:
    const AccessLogParser& parser_;
    const Masker* masker_;
    std::size_t line_bytes_;
    std::size_t bytes_ = 0;
    std::vector<std::pair<models::LogSource, RawLog>> logs_;
};

}  // namespace meshscope::business
