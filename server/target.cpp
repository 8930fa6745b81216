#include "server/target.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <string>

namespace meshscope::server {
namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

bool is_dots(std::string_view segment) { return segment == "." || segment == ".."; }

// Each decoded part between slashes, encoded ones too: what a file system would see must hold no
// "..".
bool has_dot_segment(std::string_view decoded) {
    for (const std::string_view part : split(decoded, '/')) {
        if (is_dots(part)) {
            return true;
        }
    }
    return false;
}

bool is_safe_path(std::string_view path) {
    if (path.find_first_of("%.") == std::string_view::npos) {
        return true;  // raw control characters never come this far
    }
    const std::optional<std::string> decoded = percent_decode(path, false);
    return decoded && std::ranges::none_of(*decoded, is_control) && !has_dot_segment(*decoded);
}

// The target after "http://authority", or nothing when it is not in absolute form.
std::optional<std::string_view> after_authority(std::string_view target) {
    const std::size_t colon = target.find("://");
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view scheme = target.substr(0, colon);
    if (!iequals(scheme, "http") && !iequals(scheme, "https")) {
        return std::nullopt;
    }
    target.remove_prefix(colon + 3);
    const std::size_t end = target.find_first_of("/?");
    if (end == 0 || target.empty()) {
        return std::nullopt;
    }
    return end == std::string_view::npos ? std::string_view() : target.substr(end);
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
    if (!target.starts_with('/')) {
        const std::optional<std::string_view> rest = after_authority(target);
        if (!rest) {
            return std::nullopt;
        }
        target = *rest;
    }
    const std::size_t mark = target.find('?');
    Target parts;
    parts.path = target.substr(0, mark);
    if (parts.path.empty()) {
        parts.path = "/";
    }
    if (mark != std::string_view::npos) {
        parts.query = target.substr(mark + 1);
    }
    if (!is_safe_path(parts.path)) {
        return std::nullopt;
    }
    return parts;
}

RootMatch below_root(std::string_view path, std::string_view web_root) {
    if (web_root == "/") {
        return BelowRoot{path};
    }
    if (path == "/") {
        return ToRoot{};
    }
    if (!path.starts_with(web_root)) {
        return OutsideRoot{};
    }
    path.remove_prefix(web_root.size());
    if (path.empty()) {
        return BelowRoot{"/"};
    }
    if (path.front() != '/') {
        return OutsideRoot{};
    }
    return BelowRoot{path};
}

}  // namespace meshscope::server
