#include "server/chunk_guard.hpp"

#include "server/byte_sets.hpp"

#include <algorithm>

namespace meshscope::server {
namespace {

constexpr std::size_t kMaxExtensionBytes = 256;
constexpr std::size_t kMaxTrailerBytes = 8 * 1024;
constexpr std::size_t kMaxSizeDigits = 8;

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

unsigned hex_value(char c) {
    if (c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

}  // namespace

ChunkGuard::State ChunkGuard::after_size_digit(char c) {
    if (c == '\r') {
        return State::kSizeLf;
    }
    if (c == ';' || c == ' ' || c == '\t') {
        return State::kExtension;
    }
    return State::kBad;
}

ChunkGuard::State ChunkGuard::next(char c) {
    switch (state_) {
        case State::kSize:
            if (is_hex(c)) {
                left_ = left_ * 16 + hex_value(c);
                return ++digits_ > kMaxSizeDigits ? State::kBad : State::kSize;
            }
            return digits_ == 0 ? State::kBad : after_size_digit(c);
        case State::kExtension:
            if (c == '\r') {
                return State::kSizeLf;
            }
            return kValueBytes[static_cast<unsigned char>(c)] && ++extension_ <= kMaxExtensionBytes
                       ? State::kExtension
                       : State::kBad;
        case State::kSizeLf:
            if (c != '\n') {
                return State::kBad;
            }
            digits_ = 0;
            return left_ == 0 ? State::kTrailerStart : State::kData;
        case State::kDataCr:
            return c == '\r' ? State::kDataLf : State::kBad;
        case State::kDataLf:
            return c == '\n' ? State::kSize : State::kBad;
        case State::kTrailerStart:
            if (c == '\r') {
                return State::kEndLf;
            }
            ++trailer_;
            return kTokenBytes[static_cast<unsigned char>(c)] ? State::kTrailer : State::kBad;
        case State::kTrailer:
            if (c == '\r') {
                return State::kTrailerLf;
            }
            return kValueBytes[static_cast<unsigned char>(c)] && ++trailer_ <= kMaxTrailerBytes
                       ? State::kTrailer
                       : State::kBad;
        case State::kTrailerLf:
            return c == '\n' ? State::kTrailerStart : State::kBad;
        case State::kEndLf:
            return c == '\n' ? State::kDone : State::kBad;
        case State::kData:
        case State::kDone:
        case State::kBad:
            return state_;
    }
    return State::kBad;
}

std::size_t ChunkGuard::take(std::string_view data) {
    std::size_t taken = 0;
    while (taken < data.size() && !done() && !bad()) {
        if (state_ == State::kData) {
            const std::uint64_t step = std::min<std::uint64_t>(left_, data.size() - taken);
            left_ -= step;
            taken += static_cast<std::size_t>(step);
            if (left_ == 0) {
                state_ = State::kDataCr;
            }
            continue;
        }
        state_ = next(data[taken]);
        ++taken;
    }
    return taken;
}

}  // namespace meshscope::server
