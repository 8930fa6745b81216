#include "handlers/duration_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace meshscope::handlers {

namespace {

struct Unit {
    std::string_view name;
    double nanos;
};

// Longer names first: "ms" is not minutes.
constexpr std::array<Unit, 7> kUnits{{
    {"ms", 1e6},
    {"us", 1e3},
    {"\xC2\xB5s", 1e3},
    {"ns", 1},
    {"h", 3.6e12},
    {"m", 6e10},
    {"s", 1e9},
}};

constexpr double kMost = 9.2e18;

struct Span {
    std::string_view name;
    std::int64_t ms;
};
constexpr std::array<Span, 7> kSpans{{
    {"ms", 1},
    {"s", 1000},
    {"m", 60'000},
    {"h", 3'600'000},
    {"d", 86'400'000},
    {"w", 604'800'000},
    {"y", 31'536'000'000},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes "12.5" off the front; nullopt without a digit.
std::optional<double> take_number(std::string_view& text) {
    double value = 0;
    double unit = 1;
    bool digits = false;
    bool fraction = false;
    std::size_t at = 0;
    for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !fraction)); ++at) {
        if (text[at] == '.') {
            fraction = true;
            continue;
        }
        digits = true;
        value = value * 10 + (text[at] - '0');
        unit = fraction ? unit * 10 : unit;
    }
    text.remove_prefix(at);
    return digits ? std::optional(value / unit) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    if (text == "0") {
        return std::chrono::nanoseconds(0);
    }
    double nanos = 0;
    bool any = false;
    while (!text.empty()) {
        const std::optional<double> number = take_number(text);
        double factor = 0;
        for (const Unit& unit : kUnits) {
            if (text.starts_with(unit.name)) {
                factor = unit.nanos;
                text.remove_prefix(unit.name.size());
                break;
            }
        }
        if (!number || factor == 0) {
            return std::nullopt;
        }
        nanos += *number * factor;
        any = true;
    }
    if (!any || !(nanos < kMost)) {
        return std::nullopt;
    }
    return std::chrono::nanoseconds(static_cast<std::int64_t>(nanos + 0.5));
}

std::optional<std::chrono::milliseconds> parse_interval(std::string_view text) {
    constexpr std::int64_t kMostMs = 9'200'000'000'000;
    std::int64_t total = 0;
    if (text.empty()) {
        return std::nullopt;
    }
    while (!text.empty()) {
        std::int64_t count = 0;
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, count);
        if (error != std::errc() || stop == text.data() || count < 0 || text.front() == '-') {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
        const auto unit = std::ranges::find_if(kSpans, [&](const Span& one) {
            return text.starts_with(one.name);
        });
        if (unit == kSpans.end() || count > (kMostMs - total) / unit->ms) {
            return std::nullopt;
        }
        total += count * unit->ms;
        text.remove_prefix(unit->name.size());
    }
    return std::chrono::milliseconds(total);
}

}  // namespace meshscope::handlers
