#include "clients/jaeger/otlp/chunk_reader.hpp"

#include <algorithm>

namespace meshscope::clients::jaeger {

namespace {

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

}  // namespace

bool ChunkReader::fail() {
    failed_ = true;
    return false;
}

// Some bytes are at hand afterwards.
bool ChunkReader::refill() {
    while (piece_.empty()) {
        const auto piece = chunks_.next();
        if (!piece) {
            return fail();
        }
        piece_ = *piece;
    }
    return true;
}

bool ChunkReader::read_varint(std::size_t end, std::uint64_t& out) {
    constexpr unsigned kLastShift = 63;
    out = 0;
    for (unsigned shift = 0; position_ < end; shift += 7) {
        if (!refill()) {
            return false;
        }
        const auto byte = static_cast<unsigned char>(piece_.front());
        piece_.remove_prefix(1);
        ++position_;
        if (shift == kLastShift && byte > 1) {
            return fail();
        }
        out |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if (byte < 0x80U) {
            return true;
        }
    }
    return fail();
}

bool ChunkReader::pass(std::size_t count) {
    while (count > 0) {
        if (!refill()) {
            return false;
        }
        const std::size_t here = std::min(count, piece_.size());
        piece_.remove_prefix(here);
        position_ += here;
        count -= here;
    }
    return true;
}

bool ChunkReader::next(std::size_t end) {
    std::uint64_t number = 0;
    if (failed_ || position_ >= end || !read_varint(end, number)) {
        return false;
    }
    if (number > 0xFFFFFFFFU || number >> 3U == 0) {
        return fail();
    }
    tag_ = static_cast<std::uint32_t>(number);
    std::uint64_t length = 0;
    switch (tag_ & 7U) {
        case kVarint:
            end_ = position_;
            return read_varint(end, number);
        case kFixed64:
            length = 8;
            break;
        case kFixed32:
            length = 4;
            break;
        case kBytes:
            if (!read_varint(end, length)) {
                return false;
            }
            break;
        default:
            return fail();
    }
    if (length > end - position_) {
        return fail();
    }
    end_ = position_ + static_cast<std::size_t>(length);
    return holds_bytes() || skip();
}

bool ChunkReader::holds_bytes() const { return (tag_ & 7U) == kBytes; }

bool ChunkReader::skip() { return pass(end_ - position_); }

bool ChunkReader::take(std::string_view& value) {
    const std::size_t length = end_ - position_;
    if (piece_.size() >= length || length == 0) {
        value = piece_.substr(0, length);
        return pass(length);
    }
    joined_.clear();
    while (joined_.size() < length) {
        if (!refill()) {
            return false;
        }
        const std::size_t here = std::min(length - joined_.size(), piece_.size());
        joined_.append(piece_.substr(0, here));
        piece_.remove_prefix(here);
        position_ += here;
    }
    value = joined_;
    return true;
}

}  // namespace meshscope::clients::jaeger
