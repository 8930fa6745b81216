#pragma once

#include "business/log_texts.hpp"
#include "models/log_line.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace meshscope::business {

// Lines that wait for a reader, with a bound of memory: kept in parts of about 64 KiB of log, of
// which the older ones can be dropped as a whole. One thread at a time.
class LogFollowQueue {
 public:
    struct Bounds {
        std::size_t bytes = 1UL << 20U;  // of log
        std::size_t lines = 2'000;
    };
    explicit LogFollowQueue(Bounds bounds) : bounds_(bounds) {}

    // Where the messages of the lines that are added next are kept.
    LogTexts& texts();
    // `lines` of the newest bytes of a log; those may have held more.
    void add(std::vector<models::LogLine> lines, std::size_t bytes);

    [[nodiscard]] bool full() const { return bytes_ >= bounds_.bytes || lines_ >= bounds_.lines; }
    [[nodiscard]] bool empty() const { return lines_ == 0; }
    void drop_older_half();

    struct Taken {
        std::vector<models::LogLine> lines;  // ascending by time; ties as they came
        LogTexts::Blocks texts;
        std::uint64_t dropped = 0;  // lines that were left out before these
    };
    Taken take();  // all; then it is empty

 private:
    struct Part {
        std::vector<models::LogLine> lines;
        LogTexts texts;
        std::size_t bytes = 0;
    };
    Part& open_part();

    Bounds bounds_;
    std::deque<Part> parts_;
    std::size_t bytes_ = 0;
    std::size_t lines_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace meshscope::business
