#pragma once

#include "config/load.hpp"

#include <string>
#include <string_view>

namespace meshscope::config::test {

// Loads text as an anonymous server, which needs no signing key.
inline Result<Loaded> load(std::string_view yaml, const std::string& mount_root = "/nowhere") {
    std::string text(yaml);
    if (!text.empty() && !text.ends_with('\n')) {
        text += '\n';
    }
    text += "auth: {strategy: anonymous}\n";
    return load_text(text, {.mount_root = mount_root});
}

// The message of the error, or "loaded".
inline std::string error_of(const Result<Loaded>& result) {
    return result.has_error() ? result.error().message() : "loaded";
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

inline std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

}  // namespace meshscope::config::test
