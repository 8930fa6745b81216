#pragma once

#include <charconv>
#include <compare>
#include <optional>
#include <string_view>

namespace meshscope::clients::jaeger {

// The part of Jaeger's version that tells what it can do.
struct Release {
    int major = 0;
    int minor = 0;
    friend auto operator<=>(const Release&, const Release&) = default;
};

// "v2.19.0", "2.19", "v2.20.0-rc1"; nullopt for anything else, such as the commit of a build.
inline std::optional<Release> read_release(std::string_view version) {
    if (version.starts_with('v')) {
        version.remove_prefix(1);
    }
    Release out;
    const char* const end = version.data() + version.size();
    const auto major = std::from_chars(version.data(), end, out.major);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') {
        return std::nullopt;
    }
    const auto minor = std::from_chars(major.ptr + 1, end, out.minor);
    const bool whole = minor.ptr == end || *minor.ptr == '.' || *minor.ptr == '-';
    if (minor.ec != std::errc() || !whole || out.major < 0 || out.minor < 0) {
        return std::nullopt;
    }
    return out;
}

}  // namespace meshscope::clients::jaeger
