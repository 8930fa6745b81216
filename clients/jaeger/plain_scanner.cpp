#include "clients/jaeger/plain_scanner.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meshscope::clients::jaeger {

namespace {

using models::Tag;

// The first '"', '\\' or control character, `end` when there is none. Reads up to 15 bytes behind
// it.
const char* find_special(const char* at, const char* end) {
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i escape = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1F);
    for (; at < end; at += 16) {
        __m128i chunk;
        std::memcpy(&chunk, at, sizeof(chunk));
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(chunk, last_control), chunk);
        const __m128i text =
            _mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, escape));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(text, control)));
        if (mask != 0) {
            at += __builtin_ctz(mask);
            return at < end ? at : end;
        }
    }
    return end;
#else
    while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) > 0x1F) {
        ++at;
    }
    return at;
#endif
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* pass_digits(const char* at, const char* end) {
    while (at < end && is_digit(*at)) {
        ++at;
    }
    return at;
}

template <class Read>
bool read_list(PlainScanner& scanner, const Read& read) {
    if (scanner.literal("[]")) {
        return true;
    }
    if (!scanner.literal("[")) {
        return false;
    }
    do {
        if (!read()) {
            return false;
        }
    } while (scanner.literal(","));
    return scanner.literal("]");
}

bool read_tag(PlainScanner& scanner, std::vector<Tag>& out) {
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
        out.push_back(Tag::string(key->text, value->text, value->verbatim));
    } else if (scanner.literal(R"(int64","value":)")) {
        const auto token = scanner.number();
        const auto value = token ? integer_of(*token) : std::nullopt;
        if (!value) {
            return false;
        }
        out.push_back(Tag::integer(key->text, *value));
    } else if (scanner.literal(R"(bool","value":)")) {
        const bool yes = scanner.literal("true");
        if (!yes && !scanner.literal("false")) {
            return false;
        }
        out.push_back(Tag::boolean(key->text, yes));
    } else if (scanner.literal(R"(float64","value":)")) {
        const auto token = scanner.number();
        const auto value = token ? number_of(*token) : std::nullopt;
        if (!value) {
            return false;
        }
        out.push_back(Tag::number(key->text, *value));
    } else {
        return false;
    }
    return scanner.literal("}");
}

}  // namespace

std::optional<std::string_view> PlainScanner::word() {
    const char* close = find_special(at_, end_);
    if (close == end_ || *close != '"') {
        return std::nullopt;
    }
    const std::string_view found(at_, static_cast<std::size_t>(close - at_));
    at_ = close + 1;
    return found;
}

std::optional<TokenText> PlainScanner::text() {
    const char* begin = at_;
    const char* close = find_special(at_, end_);
    if (close < end_ && *close == '"') {
        at_ = close + 1;
        return TokenText{{begin, static_cast<std::size_t>(close - begin)}, true};
    }
    while (close < end_ && *close == '\\') {
        if (end_ - close < 2 || static_cast<unsigned char>(close[1]) < 0x20) {
            return std::nullopt;
        }
        close = find_special(close + 2, end_);
    }
    if (close >= end_ || *close != '"') {
        return std::nullopt;
    }
    at_ = close + 1;
    // With its quotes, as a token.
    return text_of({begin - 1, static_cast<std::size_t>(close - begin) + 2}, storage_);
}

std::optional<std::string_view> PlainScanner::number() {
    const char* begin = at_;
    const char* at = begin;
    if (at < end_ && *at == '-') {
        ++at;
    }
    const char* digits = at;
    at = pass_digits(at, end_);
    if (at == digits || (*digits == '0' && at - digits > 1)) {
        return std::nullopt;
    }
    if (at < end_ && *at == '.') {
        const char* fraction = at + 1;
        at = pass_digits(fraction, end_);
        if (at == fraction) {
            return std::nullopt;
        }
    }
    if (at < end_ && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at < end_ && (*at == '+' || *at == '-')) {
            ++at;
        }
        const char* exponent = at;
        at = pass_digits(exponent, end_);
        if (at == exponent) {
            return std::nullopt;
        }
    }
    at_ = at;
    return std::string_view(begin, static_cast<std::size_t>(at - begin));
}

std::optional<std::string_view> PlainScanner::container() {
    const char* begin = at_;
    const char* at = at_;
    std::size_t depth = 0;
    for (; at < end_; ++at) {
        if (*at == '{' || *at == '[') {
            ++depth;
        } else if (*at == '"') {
            at = find_special(at + 1, end_);
            while (at < end_ && *at == '\\') {
                at = find_special(at + 2, end_);
            }
            if (at >= end_ || *at != '"') {
                return std::nullopt;
            }
        } else if (*at == '}' || *at == ']') {
            if (--depth == 0) {
                at_ = at + 1;
                return std::string_view(begin, static_cast<std::size_t>(at_ - begin));
            }
        }
        if (depth == 0) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

bool PlainScanner::skip_value() {
    if (literal("\"")) {
        return text().has_value();
    }
    if (literal("null") || literal("true") || literal("false")) {
        return true;
    }
    const bool opens = at_ < end_ && (*at_ == '{' || *at_ == '[');
    return opens ? container().has_value() : number().has_value();
}

bool PlainScanner::at_end() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
        ++at_;
    }
    return at_ == end_;
}

bool read_plain_tags(PlainScanner& scanner, std::vector<Tag>& out) {
    return read_list(scanner, [&] { return read_tag(scanner, out); });
}

bool read_plain_tags(PlainScanner& scanner, models::TagInterner& interner, std::vector<Tag>& out) {
    std::size_t position = 0;
    return read_list(scanner, [&] {
        const std::string_view ahead = scanner.ahead();
        Tag known;
        if (const std::size_t size = interner.match(position, ahead, known)) {
            scanner.skip(size);
            out.push_back(known);
        } else if (read_tag(scanner, out)) {
            const std::string_view encoded = ahead.substr(0, scanner.passed(ahead));
            out.back() = interner.intern(position, out.back(), encoded);
        } else {
            return false;
        }
        ++position;
        return true;
    });
}

}  // namespace meshscope::clients::jaeger
