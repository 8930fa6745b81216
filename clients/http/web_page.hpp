#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// What an upstream's answer means that is a page for people.
namespace meshscope::clients {

constexpr std::size_t kPageBytesRead = 256UL * 1024;

// Whether a body is a web page, by its content type or its first character.
[[nodiscard]] bool is_html(std::string_view content_type, std::string_view body);

// Whether a page asks somebody to log in.
[[nodiscard]] bool is_login_page(std::string_view body);

// The text of <title>, printable, at most 120 bytes; "" when there is none.
[[nodiscard]] std::string page_title(std::string_view body);

// What stands between `begin` and the next `end`; "" when either is missing.
[[nodiscard]] std::string_view between(
    std::string_view text, std::string_view begin, std::string_view end
);

}  // namespace meshscope::clients
