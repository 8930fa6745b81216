#include "core/json_text.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meshscope {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t kChunk = 16;

#ifdef __SSE2__
// The bit of each byte that cannot be copied as it stands.
unsigned special_bytes(__m128i chunk) {
    const auto same = [](__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    // 0x20 to 0x7E become the least numbers there are, all others are greater.
    const __m128i moved = _mm_add_epi8(chunk, _mm_set1_epi8(0x60));
    const __m128i unprintable = _mm_cmpgt_epi8(moved, _mm_set1_epi8(0x7E - 0x100 + 0x60));
    const __m128i quote_or_and = same(_mm_or_si128(chunk, _mm_set1_epi8('"' ^ '&')), '&');
    const __m128i angle = same(_mm_or_si128(chunk, _mm_set1_epi8('<' ^ '>')), '>');
    const __m128i bad = _mm_or_si128(
        _mm_or_si128(unprintable, quote_or_and), _mm_or_si128(angle, same(chunk, '\\'))
    );
    return static_cast<unsigned>(_mm_movemask_epi8(bad));
}

template <class T>
std::uint64_t load(const char* data) {
    T value = 0;
    std::memcpy(&value, data, sizeof(value));
    return value;
}

// 1 to 15 bytes, zeros behind them; reads nothing else.
__m128i load_some(const char* data, std::size_t size) {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (size >= 8) {
        low = load<std::uint64_t>(data);
        high = size == 8 ? 0 : load<std::uint64_t>(data + size - 8) >> (8 * (kChunk - size));
    } else if (size >= 4) {
        low = load<std::uint32_t>(data) |
              ((load<std::uint32_t>(data + size - 4) >> (8 * (8 - size))) << 32U);
    } else {
        low = load<std::uint8_t>(data) | (load<std::uint8_t>(data + size / 2) << (8 * (size / 2))) |
              (load<std::uint8_t>(data + size - 1) << (8 * (size - 1)));
    }
    return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

// Copies up to 16 bytes as they stand, writes 16; the bit of each byte that is not good.
unsigned copy_chunk(const char* data, std::size_t size, char* to) {
    const __m128i chunk = size >= kChunk ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(data))
                                         : load_some(data, size);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), chunk);
    return special_bytes(chunk);
}

// Copies bytes as they stand up to the first that cannot be; how many. Where all 16 are good the
// next do not wait for a count.
std::size_t copy_plain(const char* data, std::size_t size, char* to) {
    std::size_t done = 0;
    for (; size - done >= kChunk; done += kChunk) {
        if (const unsigned special = copy_chunk(data + done, kChunk, to + done); special != 0) {
            return done + static_cast<std::size_t>(__builtin_ctz(special));
        }
    }
    if (done == size) {
        return done;
    }
    const unsigned special = copy_chunk(data + done, size - done, to + done);
    return done + static_cast<std::size_t>(__builtin_ctz(special | 1U << (size - done)));
}
#else
// 1 for bytes that can be copied as they stand: printable ASCII without '"', '\\', '<', '>', '&'.
constexpr std::array<bool, 256> make_plain_table() {
    std::array<bool, 256> table{};
    for (std::size_t i = 0x20; i < 0x7F; ++i) {
        table[i] = i != '"' && i != '\\' && i != '<' && i != '>' && i != '&';
    }
    return table;
}
constexpr std::array<bool, 256> kPlain = make_plain_table();

std::size_t copy_plain(const char* data, std::size_t size, char* to) {
    std::size_t i = 0;
    while (i < size && kPlain[static_cast<unsigned char>(data[i])]) {
        to[i] = data[i];
        ++i;
    }
    return i;
}
#endif

// Length of the valid UTF-8 sequence at data (2 to 4), or 0.
std::size_t sequence_length(const unsigned char* data, std::size_t size) {
    const auto continuation = [&](std::size_t at) { return (data[at] & 0xC0U) == 0x80U; };
    if (data[0] >= 0xC2 && data[0] <= 0xDF) {
        return size >= 2 && continuation(1) ? 2 : 0;
    }
    if (data[0] >= 0xE0 && data[0] <= 0xEF) {
        if (size < 3 || !continuation(1) || !continuation(2)) {
            return 0;
        }
        const bool overlong = data[0] == 0xE0 && data[1] < 0xA0;
        const bool surrogate = data[0] == 0xED && data[1] > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (data[0] >= 0xF0 && data[0] <= 0xF4) {
        if (size < 4 || !continuation(1) || !continuation(2) || !continuation(3)) {
            return 0;
        }
        const bool overlong = data[0] == 0xF0 && data[1] < 0x90;
        const bool beyond = data[0] == 0xF4 && data[1] > 0x8F;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

// At most 6 bytes; the end of what was written.
char* write_escaped(char* to, unsigned char c) {
    static constexpr char kDigits[] = "0123456789abcdef";
    *to++ = '\\';
    switch (c) {
        case '"':
        case '\\':
            *to++ = static_cast<char>(c);
            return to;
        case '\n':
            *to++ = 'n';
            return to;
        case '\r':
            *to++ = 'r';
            return to;
        case '\t':
            *to++ = 't';
            return to;
        default:
            break;
    }
    for (const char digit : {'u', '0', '0', kDigits[c >> 4U], kDigits[c & 0xFU]}) {
        *to++ = digit;
    }
    return to;
}

char* write_text(char* to, std::string_view text) {
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

}  // namespace

char* write_special(char* to, std::string_view& text) {
    const auto* data = reinterpret_cast<const unsigned char*>(text.data());
    if (data[0] < 0x80) {
        text.remove_prefix(1);
        return write_escaped(to, data[0]);
    }
    const std::size_t length = sequence_length(data, text.size());
    const bool line_separator =
        length == 3 && data[0] == 0xE2 && data[1] == 0x80 && (data[2] & 0xFEU) == 0xA8;
    if (length == 0) {
        to = write_text(to, kReplacement);
    } else if (line_separator) {
        to = write_text(to, data[2] == 0xA8 ? "\\u2028" : "\\u2029");
    } else {
        to = write_text(to, text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
    return to;
}

char* write_json_text(char* to, std::string_view text) {
    while (!text.empty()) {
        const std::size_t plain = copy_plain(text.data(), text.size(), to);
        to += plain;
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        if (text.front() == '"') {
            *to++ = '\\';
            *to++ = '"';
            text.remove_prefix(1);
        } else {
            to = write_special(to, text);
        }
    }
    return to;
}

}  // namespace meshscope
