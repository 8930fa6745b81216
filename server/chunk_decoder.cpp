#include "server/chunk_decoder.hpp"

#include "server/byte_sets.hpp"

#include <algorithm>

namespace meshscope::server {
namespace {

constexpr std::size_t kMaxExtensionBytes = 256;
constexpr std::size_t kMaxTrailerBytes = 8 * 1024;
constexpr std::size_t kMaxSizeDigits = 8;

bool is_in(char c, const ByteSet& set) { return set[static_cast<unsigned char>(c)]; }

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

ChunkDecoder::State ChunkDecoder::next_in_size(char c) {
    if (is_hex(c)) {
        left_ = left_ * 16 + hex_value(c);
        return ++digits_ > kMaxSizeDigits ? State::kMalformed : State::kSize;
    }
    if (digits_ == 0) {
        return State::kMalformed;
    }
    if (c == '\r') {
        return State::kSizeLf;
    }
    return c == ';' || c == ' ' || c == '\t' ? State::kExtension : State::kMalformed;
}

// Another reader could take a line end between quotes for text: what is not closed is refused.
ChunkDecoder::State ChunkDecoder::next_in_extension(char c) {
    if (c == '\r') {
        return quoted_ ? State::kMalformed : State::kSizeLf;
    }
    if (!is_in(c, kValueBytes) || c == '\\' || ++extension_ > kMaxExtensionBytes) {
        return State::kMalformed;
    }
    quoted_ = quoted_ != (c == '"');
    return State::kExtension;
}

ChunkDecoder::State ChunkDecoder::begin_chunk() {
    digits_ = 0;
    body_ += left_;
    if (body_ > max_) {
        return State::kTooLarge;
    }
    return left_ == 0 ? State::kTrailerStart : State::kData;
}

ChunkDecoder::State ChunkDecoder::next_in_trailer(char c) {
    if (++trailer_ > kMaxTrailerBytes) {
        return State::kMalformed;
    }
    if (state_ == State::kTrailerStart && c == '\r') {
        return State::kEndLf;
    }
    if (state_ == State::kTrailerValue) {
        if (c == '\r') {
            return State::kTrailerLf;
        }
        return is_in(c, kValueBytes) ? State::kTrailerValue : State::kMalformed;
    }
    if (state_ == State::kTrailerName && c == ':') {
        return State::kTrailerValue;
    }
    return is_in(c, kTokenBytes) ? State::kTrailerName : State::kMalformed;
}

ChunkDecoder::State ChunkDecoder::next(char c) {
    switch (state_) {
        case State::kSize:
            return next_in_size(c);
        case State::kExtension:
            return next_in_extension(c);
        case State::kSizeLf:
            return c == '\n' ? begin_chunk() : State::kMalformed;
        case State::kDataCr:
            return c == '\r' ? State::kDataLf : State::kMalformed;
        case State::kDataLf:
            return c == '\n' ? State::kSize : State::kMalformed;
        case State::kTrailerStart:
        case State::kTrailerName:
        case State::kTrailerValue:
            return next_in_trailer(c);
        case State::kTrailerLf:
            return c == '\n' ? State::kTrailerStart : State::kMalformed;
        case State::kEndLf:
            return c == '\n' ? State::kDone : State::kMalformed;
        case State::kData:
        case State::kDone:
        case State::kMalformed:
        case State::kTooLarge:
            return state_;
    }
    return State::kMalformed;
}

std::size_t ChunkDecoder::take(std::string_view data, std::string& body) {
    std::size_t taken = 0;
    while (taken < data.size() && !done() && !malformed() && !too_large()) {
        if (state_ == State::kData) {
            const std::string_view piece = data.substr(
                taken, static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()))
            );
            body += piece;
            left_ -= piece.size();
            taken += piece.size();
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
