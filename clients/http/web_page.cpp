#include "clients/http/web_page.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>

namespace meshscope::clients {

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

bool is_login_page(std::string_view body) {
    const std::string page = to_lower(body.substr(0, kPageBytesRead));
    constexpr std::array<std::string_view, 7> kWords{
        "oauth", "sign in", "signin", "log in", "login", "type=\"password\"", "openid"
    };
    return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
        return page.find(word) != std::string::npos;
    });
}

std::string page_title(std::string_view body) {
    const std::string_view page = body.substr(0, kPageBytesRead);
    std::string_view title = trim(between(page, "<title>", "</title>"));
    std::string shown;
    for (const char c : title.substr(0, 120)) {
        const auto byte = static_cast<unsigned char>(c);
        shown.push_back(byte < 0x20 || byte == 0x7F ? ' ' : c);
    }
    return to_valid_utf8(shown);
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
    const std::size_t from = text.find(begin);
    if (from == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(from + begin.size());
    const std::size_t to = text.find(end);
    return to == std::string_view::npos ? std::string_view() : text.substr(0, to);
}

}  // namespace meshscope::clients
