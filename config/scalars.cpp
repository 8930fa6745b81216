#include "config/scalars.hpp"

#include "config/mask.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

namespace meshscope::config {

namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";
constexpr std::size_t kShownLength = 60;

// A scalar without quotes, or with one of the given core tags.
bool resolves(const YamlNode& node, std::initializer_list<std::string_view> tags) {
    if (node.kind != Kind::kScalar) {
        return false;
    }
    if (node.tag.empty()) {
        return node.plain;
    }
    const std::string_view tag = node.tag;
    return tag.starts_with(kTagPrefix) &&
           std::find(tags.begin(), tags.end(), tag.substr(kTagPrefix.size())) != tags.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Sign, prefix of the base, digits; nullopt for anything else and beyond 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
        const char mark = static_cast<char>(text[1] | 0x20);
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        text.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
    }
    std::uint64_t value = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value > kMax + (negative ? 1 : 0)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(negative ? ~value + 1 : value);
}

// Sign, digits with at most one point, exponent: the shape of a YAML float.
bool is_float(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const auto take_digits = [&text] {
        std::size_t count = 0;
        while (count < text.size() && is_digit(text[count])) {
            ++count;
        }
        text.remove_prefix(count);
        return count;
    };
    std::size_t digits = take_digits();
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        digits += take_digits();
    }
    if (digits == 0) {
        return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) {
            text.remove_prefix(1);
        }
        if (take_digits() == 0) {
            return false;
        }
    }
    return text.empty();
}

std::optional<double> parse_float(std::string_view text) {
    const std::string_view magnitude =
        text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
    if (magnitude == ".inf" || magnitude == ".Inf" || magnitude == ".INF") {
        const double infinity = std::numeric_limits<double>::infinity();
        return text.front() == '-' ? -infinity : infinity;
    }
    if (text == ".nan" || text == ".NaN" || text == ".NAN") {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (!is_float(text)) {
        return std::nullopt;
    }
    if (text.front() == '+') {
        text.remove_prefix(1);
    }
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::string without_underscores(std::string_view text) {
    std::string clean(text);
    std::erase(clean, '_');
    return clean;
}

}  // namespace

std::optional<bool> as_bool(const YamlNode& node) {
    static constexpr std::array<std::string_view, 11> kTrue{
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"
    };
    static constexpr std::array<std::string_view, 11> kFalse{
        "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"
    };
    if (node.kind == Kind::kNull) {
        return false;
    }
    if (!resolves(node, {"bool"})) {
        return std::nullopt;
    }
    if (std::find(kTrue.begin(), kTrue.end(), node.text) != kTrue.end()) {
        return true;
    }
    if (std::find(kFalse.begin(), kFalse.end(), node.text) != kFalse.end()) {
        return false;
    }
    return std::nullopt;
}

std::optional<std::int64_t> as_integer(const YamlNode& node) {
    if (node.kind == Kind::kNull) {
        return 0;
    }
    if (!resolves(node, {"int", "float"})) {
        return std::nullopt;
    }
    const std::string text = without_underscores(node.text);
    if (const auto value = parse_integer(text)) {
        return value;
    }
    const std::optional<double> value = parse_float(text);
    // 2^63 itself is beyond the range; the comparison is false for NaN.
    if (value && *value >= -0x1p63 && *value < 0x1p63) {
        return static_cast<std::int64_t>(*value);
    }
    return std::nullopt;
}

std::optional<double> as_number(const YamlNode& node) {
    if (node.kind == Kind::kNull) {
        return 0;
    }
    if (!resolves(node, {"int", "float"})) {
        return std::nullopt;
    }
    const std::string text = without_underscores(node.text);
    if (const auto value = parse_integer(text)) {
        return static_cast<double>(*value);
    }
    return parse_float(text);
}

std::optional<std::string> as_text(const YamlNode& node) {
    if (node.kind == Kind::kNull) {
        return std::string();
    }
    if (node.kind != Kind::kScalar) {
        return std::nullopt;
    }
    if (node.tag != std::string(kTagPrefix) + "binary") {
        return node.text;
    }
    std::string packed = node.text;
    std::erase_if(packed, [](unsigned char c) { return std::isspace(c) != 0; });
    return base64_decode(packed);
}

std::string describe_found(const YamlNode& node, bool hide) {
    switch (node.kind) {
        case Kind::kNull:
            return "nothing";
        case Kind::kList:
            return "a list";
        case Kind::kMap:
            return "a map";
        case Kind::kScalar:
            break;
    }
    const bool quoted = !node.plain && node.tag.empty();
    if (hide) {
        return quoted ? "quoted text" : "other text";
    }
    const std::string shown = mask_urls(
        node.text.size() > kShownLength ? to_valid_utf8(node.text.substr(0, kShownLength)) + "..."
                                        : node.text
    );
    return "\"" + shown + "\"" + (quoted ? " in quotes" : "");
}

}  // namespace meshscope::config
