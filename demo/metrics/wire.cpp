#include "demo/metrics/wire.hpp"

#include <array>
#include <cstddef>

namespace meshscope::demo {
namespace {

void put_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
    for (unsigned shift = 8 * bytes; shift > 0;) {
        shift -= 8;
        out.push_back(static_cast<char>(value >> shift & 0xFFU));
    }
}

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1U) != 0 ? value >> 1U ^ 0x82F63B78U : value >> 1U;
        }
        table[i] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> kTable = make_table();

}  // namespace

void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
        value >>= 7U;
    }
    out.push_back(static_cast<char>(value));
}

void put_signed_varint(std::string& out, std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    put_varint(out, value < 0 ? ~(bits << 1U) : bits << 1U);
}

void put_u32(std::string& out, std::uint32_t value) { put_big_endian(out, value, 4); }

void put_u64(std::string& out, std::uint64_t value) { put_big_endian(out, value, 8); }

std::uint32_t checksum_of(std::string_view bytes) {
    std::uint32_t sum = 0xFFFFFFFFU;
    for (const char c : bytes) {
        sum = sum >> 8U ^ kTable[(sum ^ static_cast<unsigned char>(c)) & 0xFFU];
    }
    return ~sum;
}

}  // namespace meshscope::demo
