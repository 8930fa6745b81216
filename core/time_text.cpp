#include "core/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace meshscope {
namespace {

constexpr std::size_t kSecondsLength = 19;  // "2026-03-04T05:06:07"

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The number in text[at, at + count), -1 unless all are digits.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (!is_digit(text[i])) {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

// Takes ".123" off the front; -1 when a point has no digit behind it.
std::int64_t take_fraction(std::string_view& text) {
    if (text.empty() || text.front() != '.') {
        return 0;
    }
    constexpr std::size_t kDigits = 9;
    std::int64_t nanos = 0;
    std::size_t at = 1;
    for (; at < text.size() && is_digit(text[at]); ++at) {
        nanos = at <= kDigits ? nanos * 10 + (text[at] - '0') : nanos;
    }
    for (std::size_t digit = at; digit <= kDigits; ++digit) {
        nanos *= 10;
    }
    text.remove_prefix(at);
    return at > 1 ? nanos : -1;
}

// Seconds east of UTC; nullopt when it is no zone.
std::optional<int> zone(std::string_view text) {
    if (text == "Z" || text == "z") {
        return 0;
    }
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const int hours = digits(text, 1, 2);
    const int minutes = digits(text, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return std::nullopt;
    }
    const int offset = hours * 3600 + minutes * 60;
    return text[0] == '+' ? offset : -offset;
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
    const std::string text = std::to_string(value);
    out.append(width - std::min(width, text.size()), '0').append(text);
}

using ClockTime = std::chrono::hh_mm_ss<std::chrono::microseconds>;

// "09:15:00"
void append_clock(std::string& out, const ClockTime& clock) {
    append_padded(out, clock.hours().count(), 2);
    out += ':';
    append_padded(out, clock.minutes().count(), 2);
    out += ':';
    append_padded(out, clock.seconds().count(), 2);
}

int year_of(const std::chrono::year_month_day& date) {
    return std::clamp(static_cast<int>(date.year()), 0, 9999);
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
    if (text.size() <= kSecondsLength || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    const int day = digits(text, 8, 2);
    const int hour = digits(text, 11, 2);
    const int minute = digits(text, 14, 2);
    const int second = digits(text, 17, 2);
    if (year < 1970 || year > 2261 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year(year),
        std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day))
    };
    if (!date.ok()) {
        return std::nullopt;
    }
    text.remove_prefix(kSecondsLength);
    const std::int64_t nanos = take_fraction(text);
    const std::optional<int> offset = zone(text);
    if (nanos < 0 || !offset) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t seconds = days * 86'400 + hour * 3600 + minute * 60 + second - *offset;
    return seconds < 0 ? std::nullopt : std::optional(seconds * 1'000'000'000 + nanos);
}

std::string format_rfc3339(SystemTime time) {
    constexpr std::size_t kFractionDigits = 6;
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const ClockTime clock(time - day);
    std::string out;
    append_padded(out, year_of(date), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_clock(out, clock);
    if (clock.subseconds().count() > 0) {
        out += '.';
        append_padded(out, clock.subseconds().count(), kFractionDigits);
        out.erase(out.find_last_not_of('0') + 1);
    }
    return out + 'Z';
}

std::string format_rfc1123(SystemTime time) {
    constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    std::string out(kDays.substr(3UL * std::chrono::weekday(day).c_encoding(), 3));
    out += ", ";
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += ' ';
    out += kMonths.substr(3UL * (static_cast<unsigned>(date.month()) - 1), 3);
    out += ' ';
    append_padded(out, year_of(date), 4);
    out += ' ';
    append_clock(out, ClockTime(time - day));
    return out + " +0000";
}

}  // namespace meshscope
