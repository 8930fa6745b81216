#include "clients/jaeger/ui_page.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>

namespace meshscope::clients::jaeger {

namespace {

constexpr std::size_t kLookedAt = 256UL * 1024;  // of a page

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// What stands between `begin` and the next `end`; "" when either is missing.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
    const std::size_t from = text.find(begin);
    if (from == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(from + begin.size());
    const std::size_t to = text.find(end);
    return to == std::string_view::npos ? std::string_view() : text.substr(0, to);
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

bool is_html(std::string_view content_type, std::string_view body) {
    if (to_lower(trim(content_type)).starts_with("text/html")) {
        return true;
    }
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (body.starts_with(kMark)) {
        body.remove_prefix(kMark.size());
    }
    return trim(body.substr(0, 512)).starts_with('<');
}

std::optional<UiPage> read_ui_page(std::string_view body) {
    const std::string_view page = body.substr(0, kLookedAt);
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

bool is_login_page(std::string_view body) {
    const std::string page = to_lower(body.substr(0, kLookedAt));
    constexpr std::array<std::string_view, 7> kWords{
        "oauth", "sign in", "signin", "log in", "login", "type=\"password\"", "openid"
    };
    return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
        return contains(page, word);
    });
}

std::string page_title(std::string_view body) {
    const std::string_view page = body.substr(0, kLookedAt);
    std::string_view title = trim(between(page, "<title>", "</title>"));
    std::string shown;
    for (const char c : title.substr(0, 120)) {
        const auto byte = static_cast<unsigned char>(c);
        shown.push_back(byte < 0x20 || byte == 0x7F ? ' ' : c);
    }
    return to_valid_utf8(shown);
}

}  // namespace meshscope::clients::jaeger
