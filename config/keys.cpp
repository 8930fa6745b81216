#include "config/keys.hpp"

#include "core/text.hpp"

namespace meshscope::config {

namespace {

constexpr std::int64_t kNoBound = 1'000'000'000;  // large enough for any count, safe to convert

}  // namespace

Check Check::range(std::int64_t low, std::int64_t high) const {
    Check copy = *this;
    copy.min = low;
    copy.max = high;
    return copy;
}

Check Check::one_of(std::string_view allowed) const {
    Check copy = *this;
    copy.words = allowed;
    return copy;
}

Check Check::secret() const {
    Check copy = *this;
    copy.is_secret = true;
    return copy;
}

Check Check::lenient(std::chrono::nanoseconds minimum) const {
    Check copy = *this;
    copy.is_lenient = true;
    copy.minimum_duration = minimum;
    return copy;
}

Check Check::small_is_seconds() const {
    Check copy = *this;
    copy.seconds_below = std::chrono::milliseconds(1);
    return copy;
}

std::string Check::range_words() const {
    if (min == std::numeric_limits<std::int64_t>::min()) {
        return {};
    }
    return max >= kNoBound ? "at least " + std::to_string(min)
                           : std::to_string(min) + " to " + std::to_string(max);
}

bool Check::allows(std::string_view word) const {
    if (words.empty()) {
        return true;
    }
    for (const std::string_view allowed : split(words, '|')) {
        if (allowed == word) {
            return true;
        }
    }
    return false;
}

void Visitor::installer(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        dropped({name, Mark::kInstaller, "Read by the installer that writes this file.", {}});
    }
}

}  // namespace meshscope::config
