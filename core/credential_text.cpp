#include "core/credential_text.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meshscope {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

// What stands behind "bearer" in sentences and challenges.
constexpr std::array<std::string_view, 34> kProse{
    "and",
    "are",
    "as",
    "auth",
    "authentication",
    "authorization",
    "challenge",
    "error",
    "expired",
    "for",
    "format",
    "from",
    "has",
    "header",
    "headers",
    "in",
    "invalid",
    "is",
    "method",
    "missing",
    "not",
    "of",
    "on",
    "or",
    "realm",
    "required",
    "scheme",
    "scope",
    "to",
    "token",
    "tokens",
    "token_type",
    "type",
    "was"
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_token_char(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' ||
           c == '+' || c == '/' || c == '=';
}

bool is_prose(std::string_view token) {
    const std::string_view word = token.substr(0, token.find('='));
    const bool alone = word.size() == token.size() || word.size() + 1 == token.size();
    std::string_view bare = word;
    while (!bare.empty() && bare.back() == '.') {
        bare.remove_suffix(1);
    }
    return alone && std::any_of(kProse.begin(), kProse.end(), [&](std::string_view known) {
               return iequals(known, bare);
           });
}

// Whether `text` ends with this word, and nothing of a longer one before it.
bool ends_with_word(std::string_view text, std::string_view word) {
    if (text.size() < word.size() || !iequals(text.substr(text.size() - word.size()), word)) {
        return false;
    }
    text.remove_suffix(word.size());
    return text.empty() || !is_letter(text.back());
}

// "Authorization: Basic", "authorization=\"Basic", {"Authorization":["Basic
bool belongs_to_authorization(std::string_view before) {
    constexpr std::size_t kPunctuation = 6;
    for (std::size_t i = 0; i < kPunctuation && !before.empty() && !is_letter(before.back()); ++i) {
        before.remove_suffix(1);
    }
    return ends_with_word(before, "authorization");
}

bool names_scheme(std::string_view before) {
    if (before.empty()) {
        return false;
    }
    if (before.back() == 'r' || before.back() == 'R') {
        return ends_with_word(before, "bearer");
    }
    constexpr std::string_view kBasic = "basic";
    return (before.back() == 'c' || before.back() == 'C') && ends_with_word(before, kBasic) &&
           belongs_to_authorization(before.substr(0, before.size() - kBasic.size()));
}

// The next blank behind a letter that the name of a scheme ends with, which few blanks are; kNone.
std::size_t find_end_of_name(std::string_view text, std::size_t from) {
    const char* const data = text.data();
    const std::size_t size = text.size();
    std::size_t at = std::max<std::size_t>(from, 1);
#ifdef __SSE2__
    const auto same = [](__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    for (; at + sizeof(__m128i) <= size; at += sizeof(__m128i)) {
        __m128i bytes;
        __m128i before;
        std::memcpy(&bytes, data + at, sizeof(bytes));
        std::memcpy(&before, data + at - 1, sizeof(before));
        before = _mm_or_si128(before, _mm_set1_epi8(0x20));
        const __m128i ends =
            _mm_and_si128(same(bytes, ' '), _mm_or_si128(same(before, 'r'), same(before, 'c')));
        if (const int mask = _mm_movemask_epi8(ends); mask != 0) {
            return at + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
        }
    }
#endif
    for (; at < size; ++at) {
        const char before = static_cast<char>(data[at - 1] | 0x20);
        if (data[at] == ' ' && (before == 'r' || before == 'c')) {
            return at;
        }
    }
    return kNone;
}

}  // namespace

std::optional<TextRange> find_credential(std::string_view text, std::size_t from) {
    std::size_t space = find_end_of_name(text, from > 0 ? from - 1 : 0);
    while (space != kNone) {
        if (!names_scheme(text.substr(0, space))) {
            space = find_end_of_name(text, space + 1);
            continue;
        }
        std::size_t begin = space;
        while (begin < text.size() && text[begin] == ' ') {
            ++begin;
        }
        std::size_t end = begin;
        while (end < text.size() && is_token_char(text[end])) {
            ++end;
        }
        if (end > begin && begin >= from && !is_prose(text.substr(begin, end - begin))) {
            return TextRange{begin, end};
        }
        space = find_end_of_name(text, end);
    }
    return std::nullopt;
}

std::string mask_credentials(std::string_view text, std::string_view mask) {
    std::string out;
    std::size_t copied = 0;
    while (const auto found = find_credential(text, copied)) {
        out.append(text.substr(copied, found->from - copied)).append(mask);
        copied = found->to;
    }
    out.append(text.substr(copied));
    return out;
}

}  // namespace meshscope
