#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::clients::otlp {

// Appends protobuf fields (https://protobuf.dev/programming-guides/encoding/) to a string. Zero and
// empty values are left out, as proto3 does.
class ProtoWriter {
 public:
    explicit ProtoWriter(std::string& out) : out_(out) {}

    void number(std::uint32_t field, std::uint64_t value) {
        if (value != 0) {
            present_number(field, value);
        }
    }
    // Also when it is zero: for members of a oneof.
    void present_number(std::uint32_t field, std::uint64_t value) {
        varint(field << 3U);
        varint(value);
    }
    void fixed64(std::uint32_t field, std::uint64_t value) {
        varint(field << 3U | 1U);
        little_endian(value, 8);
    }
    void fixed64(std::uint32_t field, double value) {
        fixed64(field, std::bit_cast<std::uint64_t>(value));
    }
    void fixed32(std::uint32_t field, std::uint32_t value) {
        varint(field << 3U | 5U);
        little_endian(value, 4);
    }
    void bytes(std::uint32_t field, std::string_view value) {
        if (!value.empty()) {
            message(field, value);
        }
    }
    // An encoded submessage, or bytes that are there even when empty.
    void message(std::uint32_t field, std::string_view value) {
        varint(field << 3U | 2U);
        varint(value.size());
        out_ += value;
    }

 private:
    void varint(std::uint64_t value) {
        while (value >= 0x80U) {
            out_ += static_cast<char>(static_cast<unsigned char>(value | 0x80U));
            value >>= 7U;
        }
        out_ += static_cast<char>(value);
    }
    void little_endian(std::uint64_t value, unsigned size) {
        for (unsigned i = 0; i < size; ++i) {
            out_ += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
        }
    }

    std::string& out_;
};

}  // namespace meshscope::clients::otlp
