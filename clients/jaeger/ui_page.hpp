#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::jaeger {

// What Jaeger's UI page says about its server.
struct UiPage {
    std::string base_path;  // "" or "/jaeger": no trailing slash
    std::string version;    // "v2.20.0"; "" when it does not say
};

// Whether a body is a web page, by its content type or its first character.
[[nodiscard]] bool is_html(std::string_view content_type, std::string_view body);

// nullopt when the page is not that of Jaeger.
[[nodiscard]] std::optional<UiPage> read_ui_page(std::string_view body);

// Whether a page asks somebody to log in.
[[nodiscard]] bool is_login_page(std::string_view body);

// The text of <title>, printable, at most 120 bytes; "" when there is none.
[[nodiscard]] std::string page_title(std::string_view body);

}  // namespace meshscope::clients::jaeger
