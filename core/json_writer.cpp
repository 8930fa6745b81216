#include "core/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meshscope {

namespace {

constexpr std::int64_t kMaxSafeInteger = 9007199254740991;  // 2^53 - 1
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";   // U+FFFD

// 1 for bytes that can be copied as they stand: printable ASCII without '"', '\\', '<', '>', '&'.
constexpr std::array<bool, 256> make_plain_table() {
    std::array<bool, 256> table{};
    for (std::size_t i = 0x20; i < 0x7F; ++i) {
        table[i] = i != '"' && i != '\\' && i != '<' && i != '>' && i != '&';
    }
    return table;
}
constexpr std::array<bool, 256> kPlain = make_plain_table();

std::size_t plain_prefix(const char* data, std::size_t size) {
    std::size_t i = 0;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(0x1F);
    const __m128i del = _mm_set1_epi8(0x7F);
    for (; i + 16 <= size; i += 16) {
        __m128i chunk;
        std::memcpy(&chunk, data + i, sizeof(chunk));
        // Signed comparison: bytes above 0x7F are negative, so not greater than 0x1F either.
        __m128i bad = _mm_or_si128(
            _mm_andnot_si128(_mm_cmpgt_epi8(chunk, space), _mm_set1_epi8(-1)),
            _mm_cmpeq_epi8(chunk, del)
        );
        for (const char c : {'"', '\\', '<', '>', '&'}) {
            bad = _mm_or_si128(bad, _mm_cmpeq_epi8(chunk, _mm_set1_epi8(c)));
        }
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
        if (mask != 0) {
            return i + static_cast<std::size_t>(__builtin_ctz(mask));
        }
    }
#endif
    while (i < size && kPlain[static_cast<unsigned char>(data[i])]) {
        ++i;
    }
    return i;
}

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

void append_escaped(std::string& out, unsigned char c) {
    static constexpr char kDigits[] = "0123456789abcdef";
    switch (c) {
        case '"':
            out.append("\\\"");
            return;
        case '\\':
            out.append("\\\\");
            return;
        case '\n':
            out.append("\\n");
            return;
        case '\r':
            out.append("\\r");
            return;
        case '\t':
            out.append("\\t");
            return;
        default:
            break;
    }
    const char escape[] = {'\\', 'u', '0', '0', kDigits[c >> 4U], kDigits[c & 0xFU]};
    out.append(escape, sizeof(escape));
}

template <class T>
void append_number(std::string& out, T value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
    out.append(buffer, end);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    while (!text.empty()) {
        const std::size_t plain = plain_prefix(text.data(), text.size());
        out.append(text.data(), plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        const auto first = static_cast<unsigned char>(text.front());
        if (first < 0x80) {
            append_escaped(out, first);
            text.remove_prefix(1);
            continue;
        }
        const auto* data = reinterpret_cast<const unsigned char*>(text.data());
        const std::size_t length = sequence_length(data, text.size());
        if (length == 0) {
            out.append(kReplacement);
            text.remove_prefix(1);
            continue;
        }
        const bool line_separator =
            length == 3 && data[0] == 0xE2 && data[1] == 0x80 && (data[2] & 0xFEU) == 0xA8;
        if (line_separator) {
            out.append(data[2] == 0xA8 ? "\\u2028" : "\\u2029");
        } else {
            out.append(text.data(), length);
        }
        text.remove_prefix(length);
    }
    out.push_back('"');
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_.push_back('{');
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    out_.push_back('}');
    comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    separate();
    out_.push_back('[');
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end_array() {
    out_.push_back(']');
    comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_.push_back(':');
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    separate();
    append_json_string(out_, text);
    return *this;
}

JsonWriter& JsonWriter::plain_string(std::string_view text) {
    separate();
    out_.push_back('"');
    out_.append(text);
    out_.push_back('"');
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
    separate();
    append_number(out_, value);
    return *this;
}

JsonWriter& JsonWriter::unsigned_integer(std::uint64_t value) {
    separate();
    append_number(out_, value);
    return *this;
}

JsonWriter& JsonWriter::safe_integer(std::int64_t value) {
    if (value >= -kMaxSafeInteger && value <= kMaxSafeInteger) {
        return integer(value);
    }
    separate();
    out_.push_back('"');
    append_number(out_, value);
    out_.push_back('"');
    return *this;
}

JsonWriter& JsonWriter::number(double value) {
    if (std::isnan(value)) {
        return plain_string("NaN");
    }
    if (std::isinf(value)) {
        return plain_string(value > 0 ? "Infinity" : "-Infinity");
    }
    separate();
    append_number(out_, value);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_.append(value ? "true" : "false");
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_.append("null");
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_.append(json);
    return *this;
}

}  // namespace meshscope
