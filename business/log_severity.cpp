#include "business/log_lines.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace meshscope::business {
namespace {

struct Level {
    std::string_view word;  // lower case
    std::string_view severity;
};

constexpr std::array<Level, 11> kLevels{{
    {"info", "INFO"},
    {"warn", "WARN"},
    {"error", "ERROR"},
    {"debug", "DEBUG"},
    {"trace", "TRACE"},
    {"fatal", "FATAL"},
    {"panic", "FATAL"},
    {"warning", "WARN"},
    {"critical", "FATAL"},
    {"severe", "ERROR"},
    {"notice", "INFO"},
}};

constexpr std::array<bool, 256> kLetter = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    return table;
}();

bool is_letter(char c) { return kLetter[static_cast<unsigned char>(c)]; }

// Whether a neighbour makes a word part of something longer: a path, a name, a host.
bool binds(char c) {
    constexpr std::string_view kBinding = "_-/.\\%";
    return is_letter(c) || (c >= '0' && c <= '9') || kBinding.find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view level_of(std::string_view word) {
    for (const Level& level : kLevels) {
        if (level.word.size() != word.size()) {
            continue;
        }
        std::size_t same = 0;
        while (same < word.size() && static_cast<char>(word[same] | 0x20) == level.word[same]) {
            ++same;
        }
        if (same == word.size()) {
            return level.severity;
        }
    }
    return {};
}

// The word is what something else is called: error=..., "error": ...
bool is_name(std::string_view behind) {
    if (behind.starts_with("\"")) {
        behind.remove_prefix(1);
        return behind.starts_with(":") || behind.starts_with(" :");
    }
    return behind.starts_with("=");
}

// The end of an escape sequence for colours that stands directly in front of the word: "\x1b[31m".
bool coloured(std::string_view before) {
    if (before.empty() || before.back() != 'm') {
        return false;
    }
    const std::size_t start = before.substr(0, before.size() - 1).find_last_not_of("0123456789;");
    return start != std::string_view::npos && start > 0 && before[start] == '[' &&
           before[start - 1] == '\x1b';
}

bool alone(std::string_view message, std::size_t from, std::size_t to) {
    if (from > 0 && binds(message[from - 1]) && !coloured(message.substr(0, from))) {
        return false;
    }
    const std::string_view behind = message.substr(to);
    if (behind.empty()) {
        return true;
    }
    // A full stop ends a sentence; with something behind it, it is part of a name.
    if (behind[0] == '.') {
        return behind.size() == 1 || behind[1] == ' ';
    }
    return !binds(behind[0]) && !is_name(behind);
}

}  // namespace

std::string_view severity_of(std::string_view message) {
    std::size_t at = 0;
    while (at < message.size()) {
        if (!is_letter(message[at])) {
            ++at;
            continue;
        }
        // The letter that ends a colour belongs to no word.
        const bool colour_end = coloured(message.substr(0, at + 1));
        std::size_t end = at + 1;
        while (!colour_end && end < message.size() && is_letter(message[end])) {
            ++end;
        }
        const std::string_view level = level_of(message.substr(at, end - at));
        if (!level.empty() && alone(message, at, end)) {
            return level;
        }
        at = end;
    }
    return "INFO";
}

std::optional<std::size_t> severity_rank(std::string_view severity) {
    constexpr std::array<std::string_view, 6> kRising{
        "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"
    };
    const auto* const found = std::ranges::find(kRising, severity);
    if (found == kRising.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - kRising.begin());
}

}  // namespace meshscope::business
