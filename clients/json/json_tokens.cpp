#include "clients/json/json_tokens.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace meshscope::clients {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trim_end(std::string_view token) {
    while (!token.empty() && is_space(token.back())) {
        token.remove_suffix(1);
    }
    return token;
}

// What stands between the quotes, or the token itself.
std::string_view inner(std::string_view token) {
    token = trim_end(token);
    return is_string(token) && token.size() >= 2 ? token.substr(1, token.size() - 2) : token;
}

bool has_escape(std::string_view text) {
    return !text.empty() && std::memchr(text.data(), '\\', text.size()) != nullptr;
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) {
        out.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
    };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | code >> 6U);
        put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3FU));
        put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | code >> 18U);
        put(0x80U | (code >> 12U & 0x3FU));
        put(0x80U | (code >> 6U & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
}

// Four hex digits behind a "\u" at the front of `text`.
std::optional<std::uint32_t> code_unit(std::string_view text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') {
        return std::nullopt;
    }
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, value, 16);
    return error == std::errc() && end == text.data() + 6 ? std::optional(value) : std::nullopt;
}

// Appends what the "\u" escape at the front of `text` means; returns how much of it was used.
std::size_t append_unicode_escape(std::string& out, std::string_view text) {
    constexpr std::uint32_t kReplacement = 0xFFFD;
    const auto first = code_unit(text);
    if (!first) {
        append_utf8(out, kReplacement);
        return std::min<std::size_t>(2, text.size());
    }
    if (*first < 0xD800 || *first > 0xDFFF) {
        append_utf8(out, *first);
        return 6;
    }
    const auto second = *first < 0xDC00 ? code_unit(text.substr(6)) : std::nullopt;
    if (second && *second >= 0xDC00 && *second <= 0xDFFF) {
        append_utf8(out, 0x10000U + ((*first - 0xD800U) << 10U) + (*second - 0xDC00U));
        return 12;
    }
    append_utf8(out, kReplacement);
    return 6;
}

std::string unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t plain = std::min(text.find('\\'), text.size());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.size() < 2) {
            break;
        }
        if (text[1] == 'u') {
            text.remove_prefix(append_unicode_escape(out, text));
            continue;
        }
        constexpr std::string_view kNames = "bfnrt";
        constexpr std::string_view kMeanings = "\b\f\n\r\t";
        const std::size_t index = kNames.find(text[1]);
        out.push_back(index == std::string_view::npos ? text[1] : kMeanings[index]);
        text.remove_prefix(2);
    }
    return out;
}

template <class Number>
std::optional<Number> parse_all(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

bool is_string(std::string_view token) { return !token.empty() && token.front() == '"'; }

TokenText text_of(std::string_view token, models::Storage& storage) {
    const std::string_view text = inner(token);
    if (!is_string(token)) {
        return {text == "null" ? std::string_view() : text, false};
    }
    if (!has_escape(text)) {
        return {text, true};
    }
    return {storage.intern(unescape(text)), false};
}

std::string copy_of(std::string_view token) {
    const std::string_view text = inner(token);
    if (!is_string(token)) {
        return std::string(text == "null" ? std::string_view() : text);
    }
    return has_escape(text) ? unescape(text) : std::string(text);
}

std::optional<std::int64_t> integer_of(std::string_view token) {
    const std::string_view text = inner(token);
    if (const auto exact = parse_all<std::int64_t>(text)) {
        return exact;
    }
    const auto number = parse_all<double>(text);
    constexpr double kLimit = 9.2e18;
    if (!number || std::fabs(*number) > kLimit || *number != std::trunc(*number)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(*number);
}

std::optional<double> number_of(std::string_view token) {
    const std::string_view text = inner(token);
    if (text == "NaN") {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (text == "Infinity" || text == "+Infinity") {
        return std::numeric_limits<double>::infinity();
    }
    if (text == "-Infinity") {
        return -std::numeric_limits<double>::infinity();
    }
    return parse_all<double>(text);
}

std::optional<bool> boolean_of(std::string_view token) {
    const std::string_view text = inner(token);
    if (iequals(text, "true")) {
        return true;
    }
    return iequals(text, "false") ? std::optional(false) : std::nullopt;
}

std::string clean_json_text(std::string_view text) {
    std::string clean = to_valid_utf8(text);
    std::replace_if(
        clean.begin(), clean.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' '
    );
    return clean;
}

std::string first_printable(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, 80)) {
        const auto byte = static_cast<unsigned char>(c);
        shown.push_back(byte < 0x20 || byte > 0x7E ? '.' : c);
    }
    return shown;
}

}  // namespace meshscope::clients
