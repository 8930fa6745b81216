#include "config/duration.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace meshscope::config {

namespace {

using std::chrono::nanoseconds;

struct Unit {
    std::string_view name;
    std::uint64_t nanoseconds;
};

constexpr std::uint64_t kSecond = 1'000'000'000;
// Longer names before their prefixes.
constexpr std::array<Unit, 8> kGoUnits{{
    {"ms", 1'000'000},
    {"us", 1'000},
    {"\xC2\xB5s", 1'000},  // micro sign
    {"\xCE\xBCs", 1'000},  // Greek mu
    {"ns", 1},
    {"h", 3600 * kSecond},
    {"m", 60 * kSecond},
    {"s", kSecond},
}};
// In the order they must come.
constexpr std::array<Unit, 7> kPrometheusUnits{{
    {"y", 365 * 24 * 3600 * kSecond},
    {"w", 7 * 24 * 3600 * kSecond},
    {"d", 24 * 3600 * kSecond},
    {"h", 3600 * kSecond},
    {"m", 60 * kSecond},
    {"s", kSecond},
    {"ms", 1'000'000},
}};
constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits at the front of text, taken off; at most 19, so that they fit.
std::string_view take_digits(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) {
        ++length;
    }
    const std::string_view digits = text.substr(0, length);
    text.remove_prefix(length);
    return digits;
}

std::optional<std::uint64_t> number(std::string_view digits) {
    if (digits.empty() || digits.size() > 19) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : digits) {
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

// The part after the point, in nanoseconds, rounded down.
std::uint64_t fraction(std::string_view digits, std::uint64_t unit) {
    double share = 0;
    double scale = 0.1;
    for (const char c : digits.substr(0, 18)) {
        share += scale * (c - '0');
        scale /= 10;
    }
    // Half a nanosecond in ten thousand hides the error of the binary fraction.
    return static_cast<std::uint64_t>(share * static_cast<double>(unit) + 1e-4);
}

// total += count * unit + extra; false when that leaves the range of nanoseconds.
bool add(std::uint64_t& total, std::uint64_t count, std::uint64_t unit, std::uint64_t extra) {
    std::uint64_t product = 0;
    return !__builtin_mul_overflow(count, unit, &product) &&
           !__builtin_add_overflow(total, product, &total) &&
           !__builtin_add_overflow(total, extra, &total) && total <= kMax;
}

}  // namespace

std::optional<nanoseconds> parse_go_duration(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text == "0") {
        return nanoseconds(0);
    }
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t total = 0;
    while (!text.empty()) {
        const std::string_view whole = take_digits(text);
        std::string_view part;
        if (text.starts_with('.')) {
            text.remove_prefix(1);
            part = take_digits(text);
        }
        if (whole.empty() && part.empty()) {
            return std::nullopt;
        }
        const std::optional<std::uint64_t> count = whole.empty() ? 0 : number(whole);
        const Unit* unit = nullptr;
        for (const Unit& candidate : kGoUnits) {
            if (text.starts_with(candidate.name)) {
                unit = &candidate;
                break;
            }
        }
        if (!count || unit == nullptr) {
            return std::nullopt;
        }
        text.remove_prefix(unit->name.size());
        if (!add(total, *count, unit->nanoseconds, fraction(part, unit->nanoseconds))) {
            return std::nullopt;
        }
    }
    const auto value = static_cast<std::int64_t>(total);
    return nanoseconds(negative ? -value : value);
}

std::optional<nanoseconds> parse_prometheus_duration(std::string_view text) {
    if (text == "0") {
        return nanoseconds(0);
    }
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t total = 0;
    std::size_t next_unit = 0;
    while (!text.empty()) {
        const std::optional<std::uint64_t> count = number(take_digits(text));
        std::size_t letters = 0;
        while (letters < text.size() && !is_digit(text[letters])) {
            ++letters;
        }
        const std::string_view name = text.substr(0, letters);
        while (next_unit < kPrometheusUnits.size() && kPrometheusUnits[next_unit].name != name) {
            ++next_unit;
        }
        if (!count || next_unit == kPrometheusUnits.size()) {
            return std::nullopt;
        }
        if (!add(total, *count, kPrometheusUnits[next_unit].nanoseconds, 0)) {
            return std::nullopt;
        }
        ++next_unit;
        text.remove_prefix(letters);
    }
    return nanoseconds(static_cast<std::int64_t>(total));
}

std::optional<nanoseconds> parse_duration(std::string_view text) {
    const std::optional<nanoseconds> go = parse_go_duration(text);
    return go ? go : parse_prometheus_duration(text);
}

std::string format_duration(nanoseconds duration) {
    if (duration.count() == 0) {
        return "0s";
    }
    const std::int64_t count = duration.count();
    std::uint64_t rest =
        count < 0 ? ~static_cast<std::uint64_t>(count) + 1 : static_cast<std::uint64_t>(count);
    std::string text = count < 0 ? "-" : "";
    constexpr std::array<Unit, 6> kUnits{
        {{"h", 3600 * kSecond},
         {"m", 60 * kSecond},
         {"s", kSecond},
         {"ms", 1'000'000},
         {"us", 1'000},
         {"ns", 1}}
    };
    for (const Unit& unit : kUnits) {
        if (rest >= unit.nanoseconds) {
            text += std::to_string(rest / unit.nanoseconds);
            text += unit.name;
            rest %= unit.nanoseconds;
        }
    }
    return text;
}

}  // namespace meshscope::config
