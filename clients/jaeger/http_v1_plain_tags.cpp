#include "clients/jaeger/http_v1_plain_tags.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meshscope::clients::jaeger {

namespace {

using models::Tag;

// The first '"' or '\\', `end` when there is none. Reads up to 15 bytes behind `end`: padding.
const char* find_quote(const char* at, const char* end) {
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i escape = _mm_set1_epi8('\\');
    for (; at < end; at += 16) {
        __m128i chunk;
        std::memcpy(&chunk, at, sizeof(chunk));
        const __m128i hit =
            _mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, escape));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
        if (mask != 0) {
            at += __builtin_ctz(mask);
            return at < end ? at : end;
        }
    }
    return end;
#else
    while (at < end && *at != '"' && *at != '\\') {
        ++at;
    }
    return at;
#endif
}

class Scanner {
 public:
    explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    // Each is false, or nullopt, when something else stands there.
    template <std::size_t N>
    bool literal(const char (&text)[N]) {
        if (static_cast<std::size_t>(end_ - at_) < N - 1 || std::memcmp(at_, text, N - 1) != 0) {
            return false;
        }
        at_ += N - 1;
        return true;
    }

    // What stands before the closing quote; the quote is passed.
    std::optional<std::string_view> text() {
        const char* close = find_quote(at_, end_);
        if (close == end_ || *close != '"') {
            return std::nullopt;
        }
        const std::string_view found(at_, static_cast<std::size_t>(close - at_));
        at_ = close + 1;
        return found;
    }

    std::optional<std::int64_t> integer() {
        std::int64_t value = 0;
        const auto [stop, error] = std::from_chars(at_, end_, value);
        const bool odd = error != std::errc() || (*at_ == '0' && stop - at_ > 1) || *at_ == '-';
        if (odd) {
            return std::nullopt;
        }
        at_ = stop;
        return value;
    }

 private:
    const char* at_;
    const char* end_;
};

bool read_tag(Scanner& scanner, std::vector<Tag>& out) {
    if (!scanner.literal(R"({"key":")")) {
        return false;
    }
    const auto key = scanner.text();
    if (!key || !scanner.literal(R"(,"type":")")) {
        return false;
    }
    if (scanner.literal(R"(string","value":")")) {
        const auto value = scanner.text();
        if (!value) {
            return false;
        }
        out.push_back(Tag::string(*key, *value, true));
    } else if (scanner.literal(R"(int64","value":)")) {
        const auto value = scanner.integer();
        if (!value) {
            return false;
        }
        out.push_back(Tag::integer(*key, *value));
    } else if (scanner.literal(R"(bool","value":true)")) {
        out.push_back(Tag::boolean(*key, true));
    } else if (scanner.literal(R"(bool","value":false)")) {
        out.push_back(Tag::boolean(*key, false));
    } else {
        return false;
    }
    return scanner.literal("}");
}

}  // namespace

bool read_plain_tags(std::string_view rest, std::vector<Tag>& out) {
    Scanner scanner(rest);
    if (!scanner.literal("[")) {
        return false;
    }
    if (scanner.literal("]")) {
        return true;
    }
    do {
        if (!read_tag(scanner, out)) {
            return false;
        }
    } while (scanner.literal(","));
    return scanner.literal("]");
}

}  // namespace meshscope::clients::jaeger
