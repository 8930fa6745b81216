#include "clients/http/retry_after.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <random>
#include <string>

namespace meshscope::clients {

namespace {

constexpr std::chrono::seconds kLongest{60};
constexpr std::chrono::milliseconds kUsual{100};
constexpr std::chrono::milliseconds kLeast{100};  // what a repeated call needs

using Millis = std::chrono::milliseconds;

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<SystemTime> parse_http_date(std::string_view header) {
    constexpr std::array<const char*, 3> kForms{
        "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"
    };
    const std::string text(trim(header));
    for (const char* form : kForms) {
        std::tm parts{};
        const char* end = ::strptime(text.c_str(), form, &parts);
        if (end != nullptr && *end == '\0') {
            return SystemTime(std::chrono::seconds(::timegm(&parts)));
        }
    }
    return std::nullopt;
}

std::optional<Millis> parse_retry_after(std::string_view header, SystemTime now) {
    const std::string_view text = trim(header);
    if (is_digits(text)) {
        // More digits than a day's seconds have are beyond the clamp anyway.
        return text.size() > 5
                   ? Millis(kLongest)
                   : std::min<Millis>(std::chrono::seconds(std::stoi(std::string(text))), kLongest);
    }
    if (text.starts_with('-') && is_digits(text.substr(1))) {
        return Millis(0);
    }
    const auto date = parse_http_date(text);
    if (!date) {
        return std::nullopt;
    }
    const auto wait = std::chrono::duration_cast<Millis>(*date - now);
    return std::clamp<Millis>(wait, Millis(0), kLongest);
}

std::optional<Millis> retry_pause(
    std::optional<Millis> asked, Deadline deadline, SteadyTime now, double jitter
) {
    const Millis base = asked.value_or(kUsual);
    const double extra =
        static_cast<double>(std::max(base, kUsual).count()) / 4 * std::clamp(jitter, 0.0, 1.0);
    const Millis pause = base + Millis(static_cast<std::int64_t>(extra));
    if (!deadline.is_never() && deadline.remaining(now) < pause + kLeast) {
        return std::nullopt;
    }
    return pause;
}

double random_jitter() {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace meshscope::clients
