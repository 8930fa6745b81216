#include "handlers/duration_text.hpp"

#include <array>
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

}  // namespace meshscope::handlers
