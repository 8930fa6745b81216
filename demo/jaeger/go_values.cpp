#include "demo/jaeger/go_values.hpp"

#include <array>
#include <charconv>
#include <chrono>

namespace meshscope::demo {
namespace {

struct Unit {
    std::string_view name;
    double nanoseconds;
};

// Longer names first: "ms" is not "m".
constexpr std::array kUnits = {
    Unit{"ns", 1},
    Unit{"us", 1e3},
    Unit{"\xC2\xB5s", 1e3},
    Unit{"\xCE\xBCs", 1e3},
    Unit{"ms", 1e6},
    Unit{"s", 1e9},
    Unit{"m", 60e9},
    Unit{"h", 3600e9},
};

const Unit* leading_unit(std::string_view text) {
    for (const Unit& unit : kUnits) {
        if (text.starts_with(unit.name)) {
            return &unit;
        }
    }
    return nullptr;
}

// Takes `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    int value = 0;
    const std::string_view digits = text.substr(0, count);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.size() != count || digits.front() == '-' || error != std::errc() ||
        end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, std::string_view separators) {
    if (text.empty() || separators.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

// ".123456789", any number of digits; 0 when there is none.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
    if (!take(text, ".,")) {
        return 0;
    }
    std::int64_t nanos = 0;
    std::int64_t unit = 100'000'000;
    std::size_t count = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++count, unit /= 10) {
        nanos += unit * (text.front() - '0');
        text.remove_prefix(1);
    }
    return count == 0 ? std::nullopt : std::optional(nanos);
}

// "Z" or "+01:00", in seconds.
std::optional<std::int64_t> take_offset(std::string_view& text) {
    if (take(text, "Z")) {
        return 0;
    }
    const bool west = text.starts_with('-');
    if (!take(text, "+-")) {
        return std::nullopt;
    }
    const auto hours = take_digits(text, 2);
    const bool colon = take(text, ":");
    const auto minutes = take_digits(text, 2);
    if (!hours || !colon || !minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const std::int64_t seconds = *hours * 3600 + *minutes * 60;
    return west ? -seconds : seconds;
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
    const auto year = take_digits(text, 4);
    const bool first = take(text, "-");
    const auto month = take_digits(text, 2);
    const bool second = take(text, "-");
    const auto day = take_digits(text, 2);
    const bool third = take(text, "T");
    const auto hour = take_digits(text, 2);
    const bool fourth = take(text, ":");
    const auto minute = take_digits(text, 2);
    const bool fifth = take(text, ":");
    const auto second_of_minute = take_digits(text, 2);
    if (!(year && first && month && second && day && third && hour && fourth && minute && fifth &&
          second_of_minute)) {
        return std::nullopt;
    }
    const auto fraction = take_fraction(text);
    const auto offset = take_offset(text);
    const std::chrono::year_month_day date(
        std::chrono::year(*year),
        std::chrono::month(static_cast<unsigned>(*month)),
        std::chrono::day(static_cast<unsigned>(*day))
    );
    // What 64 bits of nanoseconds hold.
    if (!fraction || !offset || !text.empty() || !date.ok() || *year < 1700 || *year > 2200 ||
        *hour > 23 || *minute > 59 || *second_of_minute > 59) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t seconds =
        days * 86'400 + *hour * 3'600 + *minute * 60 + *second_of_minute - *offset;
    return seconds * 1'000'000'000 + *fraction;
}

std::optional<std::int64_t> parse_go_duration(std::string_view text) {
    if (text == "0") {
        return 0;
    }
    if (text.empty()) {
        return std::nullopt;
    }
    double total = 0;
    while (!text.empty()) {
        double amount = 0;
        const auto [end, error] = std::from_chars(
            text.data(), text.data() + text.size(), amount, std::chars_format::fixed
        );
        if (error != std::errc() || amount < 0) {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const Unit* unit = leading_unit(text);
        if (unit == nullptr) {
            return std::nullopt;
        }
        text.remove_prefix(unit->name.size());
        total += amount * unit->nanoseconds;
    }
    if (total > 9e18) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(total);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::string not_a_number(std::string_view function, std::string_view text) {
    return "strconv." + std::string(function) + ": parsing \"" + std::string(text) +
           "\": invalid syntax";
}

std::string not_a_trace_id(std::string_view text) {
    constexpr std::size_t kHalf = 16;
    constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
    if (text.size() > 2 * kHalf) {
        return "TraceID cannot be longer than 32 hex characters: " + std::string(text);
    }
    // The high half is read first.
    const std::size_t high = text.size() > kHalf ? text.size() - kHalf : 0;
    const bool in_high = text.substr(0, high).find_first_not_of(kDigits) != std::string_view::npos;
    return not_a_number("ParseUint", in_high ? text.substr(0, high) : text.substr(high));
}

}  // namespace meshscope::demo
