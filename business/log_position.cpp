#include "business/log_position.hpp"

#include "core/text.hpp"

#include <array>
#include <charconv>

namespace meshscope::business {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::size_t kLongest = 8192;
constexpr int kBase = 36;
constexpr std::uint64_t kHashBits = (1ULL << 50U) - 1;  // ten digits

// FNV-1a.
std::uint64_t hash_of(std::string_view pod, std::string_view container) {
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    const auto mix = [&](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
        }
    };
    mix(pod);
    mix("/");
    mix(container);
    return (hash ^ (hash >> 50U)) & kHashBits;
}

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, kBase).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

template <class Number>
bool read_number(std::string_view text, Number& value) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value, kBase);
    return parsed.ec == std::errc() && parsed.ptr == end && !text.starts_with('-');
}

}  // namespace

void LogPosition::add(std::int64_t line_stamp_ns) {
    if (line_stamp_ns > stamp_ns) {
        stamp_ns = line_stamp_ns;
        count = 1;
    } else if (line_stamp_ns == stamp_ns) {
        ++count;
    }
}

bool LinesAfter::is_new(std::int64_t stamp_ns) {
    passed_ = passed_ || stamp_ns > position_.stamp_ns;
    if (!passed_ && stamp_ns == position_.stamp_ns) {
        return ++again_ > position_.count;
    }
    return passed_;
}

std::optional<ResumePoint> ResumePoint::parse(std::string_view text) {
    if (text.size() > kLongest) {
        return std::nullopt;
    }
    ResumePoint point;
    bool first = true;
    for (const std::string_view part : split(text, '.')) {
        if (first) {
            if (part != kVersion) {
                return std::nullopt;
            }
            first = false;
            continue;
        }
        const auto numbers = split(part, '-');
        std::uint64_t hash = 0;
        LogPosition position;
        if (numbers.size() != 3 || !read_number(numbers[0], hash) ||
            !read_number(numbers[1], position.stamp_ns) ||
            !read_number(numbers[2], position.count)) {
            return std::nullopt;
        }
        point.positions_[hash] = position;
    }
    return point;
}

void ResumePoint::set(std::string_view pod, std::string_view container, LogPosition position) {
    if (position.stamp_ns >= 0) {
        positions_[hash_of(pod, container)] = position;
    }
}

LogPosition ResumePoint::of(std::string_view pod, std::string_view container) const {
    const auto found = positions_.find(hash_of(pod, container));
    return found == positions_.end() ? LogPosition() : found->second;
}

std::string ResumePoint::text() const {
    std::string text(kVersion);
    for (const auto& [hash, position] : positions_) {
        text += '.';
        append_number(text, hash);
        text += '-';
        append_number(text, position.stamp_ns);
        text += '-';
        append_number(text, position.count);
    }
    return text;
}

}  // namespace meshscope::business
