#include "core/json_writer.hpp"

#include "core/json_text.hpp"

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
        char special[6];
        out.append(special, write_special(special, text));
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
    if (is_safe_integer(value)) {
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
