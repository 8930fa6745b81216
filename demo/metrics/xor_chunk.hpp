#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace meshscope::demo {

// The samples of one series over a while, as Prometheus stores them: the first time and value, then
// differences of differences of times and the bits in which values differ.
class XorChunk {
 public:
    static constexpr std::uint16_t kMostSamples = 120;  // as Prometheus makes them

    // Times in milliseconds, each later than the one before.
    void append(std::int64_t time_ms, double value);

    [[nodiscard]] std::uint16_t samples() const { return samples_; }
    [[nodiscard]] bool full() const { return samples_ == kMostSamples; }
    [[nodiscard]] std::int64_t first_ms() const { return first_ms_; }
    [[nodiscard]] std::int64_t last_ms() const { return last_ms_; }

    // The chunk's data; the chunk is empty afterwards.
    std::string take();

 private:
    struct Window {
        unsigned leading = 0;
        unsigned trailing = 0;
    };

    void write_bits(std::uint64_t bits, unsigned count);
    void write_time(std::int64_t difference);
    void write_value(double value);

    std::string bytes_;
    unsigned free_bits_ = 0;  // of the last byte
    std::uint16_t samples_ = 0;
    std::int64_t first_ms_ = 0;
    std::int64_t last_ms_ = 0;
    std::int64_t step_ms_ = 0;
    double value_ = 0;
    std::optional<Window> window_;
};

}  // namespace meshscope::demo
