#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meshscope {

// Walks the fields of one encoded protobuf message without copying
// (https://protobuf.dev/programming-guides/encoding/). Every length is checked against the bytes
// that are there. Groups, field number 0 and varints beyond 64 bits are faults; submessages are
// bytes to walk with a reader of their own, so nothing recurses.
class ProtoReader {
 public:
    explicit ProtoReader(std::string_view bytes)
        : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    // Steps to the next field; false at the end and at a fault.
    bool next() {
        std::uint64_t tag = 0;
        if (at_ == end_ || !read_varint(tag)) {
            return false;
        }
        if (tag > 0xFFFFFFFFU || tag >> 3U == 0) {
            return fail();
        }
        tag_ = static_cast<std::uint32_t>(tag);
        switch (tag_ & 7U) {
            case kVarint:
                return read_varint(number_);
            case kFixed64:
                return read_fixed(8);
            case kBytes:
                return read_bytes();
            case kFixed32:
                return read_fixed(4);
            default:
                return fail();
        }
    }

    // The message was malformed where next() last returned false.
    [[nodiscard]] bool failed() const { return failed_; }

    // Field number and wire type in one, to switch over: a known field of another wire type is an
    // unknown one.
    [[nodiscard]] std::uint32_t tag() const { return tag_; }
    static constexpr std::uint32_t varint(std::uint32_t field) { return field << 3U | kVarint; }
    static constexpr std::uint32_t fixed64(std::uint32_t field) { return field << 3U | kFixed64; }
    static constexpr std::uint32_t bytes(std::uint32_t field) { return field << 3U | kBytes; }
    static constexpr std::uint32_t fixed32(std::uint32_t field) { return field << 3U | kFixed32; }

    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] std::int64_t signed_number() const { return static_cast<std::int64_t>(number_); }
    [[nodiscard]] double as_double() const { return std::bit_cast<double>(number_); }
    [[nodiscard]] std::string_view text() const { return text_; }

 private:
    static constexpr std::uint32_t kVarint = 0;
    static constexpr std::uint32_t kFixed64 = 1;
    static constexpr std::uint32_t kBytes = 2;
    static constexpr std::uint32_t kFixed32 = 5;
    static constexpr unsigned kLastShift = 63;

    bool fail() {
        failed_ = true;
        at_ = end_;
        return false;
    }

    bool read_varint(std::uint64_t& out) {
        out = 0;
        for (unsigned shift = 0; at_ != end_; shift += 7) {
            const auto byte = static_cast<unsigned char>(*at_++);
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

    bool read_fixed(std::size_t size) {
        if (static_cast<std::size_t>(end_ - at_) < size) {
            return fail();
        }
        number_ = 0;
        for (std::size_t i = 0; i < size; ++i) {
            number_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(at_[i])) << (8 * i);
        }
        at_ += size;
        return true;
    }

    bool read_bytes() {
        std::uint64_t size = 0;
        if (!read_varint(size)) {
            return false;
        }
        if (size > static_cast<std::uint64_t>(end_ - at_)) {
            return fail();
        }
        text_ = {at_, static_cast<std::size_t>(size)};
        at_ += size;
        return true;
    }

    const char* at_;
    const char* end_;
    std::uint32_t tag_ = 0;
    std::uint64_t number_ = 0;
    std::string_view text_;
    bool failed_ = false;
};

}  // namespace meshscope
