#include "core/ids.hpp"

#include <array>

namespace meshscope {

namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 10; ++i) {
        digits[static_cast<std::size_t>('0' + i)] = i;
    }
    for (std::uint8_t i = 0; i < 6; ++i) {
        digits[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
        digits[static_cast<std::size_t>('A' + i)] = static_cast<std::uint8_t>(10 + i);
    }
    return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

std::optional<std::uint64_t> parse_hex(std::string_view text) {
    std::uint64_t value = 0;
    unsigned seen = 0;
    for (const char c : text) {
        const unsigned digit = kDigits[static_cast<unsigned char>(c)];
        seen |= digit;
        value = value << 4U | (digit & 0xFU);
    }
    return (seen & 0xF0U) == 0 ? std::optional(value) : std::nullopt;
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) {
        value = value << 8U | static_cast<unsigned char>(c);
    }
    return value;
}

}  // namespace

std::optional<TraceId> TraceId::from_hex(std::string_view text) {
    if (text.empty() || text.size() > 32) {
        return std::nullopt;
    }
    const std::size_t low_digits = text.size() < 16 ? text.size() : 16;
    const auto low = parse_hex(text.substr(text.size() - low_digits));
    const auto high = parse_hex(text.substr(0, text.size() - low_digits));
    if (!low || !high) {
        return std::nullopt;
    }
    return TraceId{*high, *low};
}

std::optional<TraceId> TraceId::from_bytes(std::string_view bytes) {
    if (bytes.size() == 16) {
        return TraceId{big_endian(bytes.substr(0, 8)), big_endian(bytes.substr(8))};
    }
    if (bytes.size() == 8) {
        return TraceId{0, big_endian(bytes)};
    }
    return std::nullopt;
}

std::string TraceId::to_hex() const {
    std::string text(high == 0 ? 16 : 32, '0');
    char* out = text.data();
    if (high != 0) {
        write_hex16(high, out);
        out += 16;
    }
    write_hex16(low, out);
    return text;
}

std::optional<SpanId> SpanId::from_hex(std::string_view text) {
    if (text.empty() || text.size() > 16) {
        return std::nullopt;
    }
    const auto value = parse_hex(text);
    return value ? std::optional(SpanId{*value}) : std::nullopt;
}

std::optional<SpanId> SpanId::from_bytes(std::string_view bytes) {
    if (bytes.size() != 8) {
        return std::nullopt;
    }
    return SpanId{big_endian(bytes)};
}

std::string SpanId::to_hex() const {
    std::string text(16, '0');
    write_hex16(value, text.data());
    return text;
}

void write_hex16(std::uint64_t value, char* out) {
    static constexpr char kLetters[] = "0123456789abcdef";
    for (int i = 15; i >= 0; --i) {
        out[i] = kLetters[value & 0xFU];
        value >>= 4U;
    }
}

}  // namespace meshscope
