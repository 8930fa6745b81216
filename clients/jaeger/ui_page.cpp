#include "clients/jaeger/ui_page.hpp"

#include <algorithm>

namespace meshscope::clients::jaeger {

namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// The path of a URL or a path, without slashes at its end.
std::string path_of(std::string_view href) {
    if (const auto scheme = href.find("://"); scheme != std::string_view::npos) {
        href.remove_prefix(scheme + 3);
        const auto slash = href.find('/');
        href = slash == std::string_view::npos ? std::string_view() : href.substr(slash);
    }
    while (href.ends_with('/')) {
        href.remove_suffix(1);
    }
    const bool sound = href.starts_with('/') && std::all_of(href.begin(), href.end(), [](char c) {
                           return c > ' ' && c < '\x7F' && c != '"' && c != '\'' && c != '<';
                       });
    return sound ? std::string(href) : std::string();
}

// The value of "gitVersion" behind JAEGER_VERSION.
std::string version_of(std::string_view page) {
    const std::string_view object = between(page, "JAEGER_VERSION", "}");
    std::string_view value = between(object, "\"gitVersion\"", ",");
    if (value.empty()) {
        const auto key = object.find("\"gitVersion\"");
        value = key == std::string_view::npos ? std::string_view() : object.substr(key + 12);
    }
    const std::string_view version = between(value, "\"", "\"");
    const bool sound =
        version.size() <= 64 && std::all_of(version.begin(), version.end(), [](char c) {
            return c > ' ' && c < '\x7F' && c != '<' && c != '&';
        });
    return sound ? std::string(version) : std::string();
}

}  // namespace

std::optional<UiPage> read_ui_page(std::string_view body) {
    const std::string_view page = body.substr(0, kPageBytesRead);
    if (!contains(page, "<title>Jaeger UI</title>") && !contains(page, "jaeger-ui-root") &&
        !contains(page, "JAEGER_VERSION")) {
        return std::nullopt;
    }
    UiPage found;
    const std::string_view base = between(page, "<base", ">");
    std::string_view href = between(base, "href=\"", "\"");
    if (href.empty()) {
        href = between(base, "href='", "'");
    }
    found.base_path = path_of(href);
    found.version = version_of(page);
    return found;
}

}  // namespace meshscope::clients::jaeger
