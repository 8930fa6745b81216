#include "demo/metrics/xor_chunk.hpp"

#include "demo/metrics/wire.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace meshscope::demo {
namespace {

constexpr unsigned kWord = 64;

// The values that Prometheus writes with so many bits.
bool fits(std::int64_t value, unsigned bits) {
    const std::int64_t half = std::int64_t{1} << (bits - 1);
    return value >= -half + 1 && value <= half;
}

}  // namespace

void XorChunk::append(std::int64_t time_ms, double value) {
    if (samples_ == 0) {
        bytes_.assign(2, '\0');  // how many samples, when it is taken
        first_ms_ = time_ms;
        put_signed_varint(bytes_, time_ms);
        write_bits(std::bit_cast<std::uint64_t>(value), kWord);
    } else {
        const std::int64_t step = time_ms - last_ms_;
        if (samples_ == 1) {
            put_varint(bytes_, static_cast<std::uint64_t>(step));
        } else {
            write_time(step - step_ms_);
        }
        step_ms_ = step;
        write_value(value);
    }
    last_ms_ = time_ms;
    value_ = value;
    ++samples_;
}

std::string XorChunk::take() {
    std::string out = std::exchange(bytes_, {});
    out[0] = static_cast<char>(samples_ >> 8U);
    out[1] = static_cast<char>(samples_ & 0xFFU);
    *this = XorChunk();
    return out;
}

void XorChunk::write_bits(std::uint64_t bits, unsigned count) {
    while (count > 0) {
        if (free_bits_ == 0) {
            bytes_.push_back('\0');
            free_bits_ = 8;
        }
        const unsigned now = std::min(count, free_bits_);
        const std::uint64_t part = bits >> (count - now) & ((1ULL << now) - 1);
        const auto last = static_cast<unsigned char>(bytes_.back());
        bytes_.back() = static_cast<char>(last | part << (free_bits_ - now));
        free_bits_ -= now;
        count -= now;
    }
}

void XorChunk::write_time(std::int64_t difference) {
    const auto bits = static_cast<std::uint64_t>(difference);
    if (difference == 0) {
        write_bits(0, 1);
    } else if (fits(difference, 14)) {
        write_bits(0b10, 2);
        write_bits(bits, 14);
    } else if (fits(difference, 17)) {
        write_bits(0b110, 3);
        write_bits(bits, 17);
    } else if (fits(difference, 20)) {
        write_bits(0b1110, 4);
        write_bits(bits, 20);
    } else {
        write_bits(0b1111, 4);
        write_bits(bits, kWord);
    }
}

void XorChunk::write_value(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value) ^ std::bit_cast<std::uint64_t>(value_);
    if (bits == 0) {
        write_bits(0, 1);
        return;
    }
    constexpr unsigned kMostLeading = 31;  // five bits hold it
    const unsigned leading = std::min(static_cast<unsigned>(std::countl_zero(bits)), kMostLeading);
    const auto trailing = static_cast<unsigned>(std::countr_zero(bits));
    write_bits(1, 1);
    if (window_ && leading >= window_->leading && trailing >= window_->trailing) {
        write_bits(0, 1);
        write_bits(bits >> window_->trailing, kWord - window_->leading - window_->trailing);
        return;
    }
    window_ = Window{leading, trailing};
    const unsigned width = kWord - leading - trailing;
    write_bits(1, 1);
    write_bits(leading, 5);
    write_bits(width % kWord, 6);
    write_bits(bits >> trailing, width);
}

}  // namespace meshscope::demo
