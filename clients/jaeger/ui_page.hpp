#pragma once

#include "clients/http/web_page.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::jaeger {

// What Jaeger's UI page says about its server.
struct UiPage {
    std::string base_path;  // "" or "/jaeger": no trailing slash
    std::string version;    // "v2.20.0"; "" when it does not say
};

// nullopt when the page is not that of Jaeger.
[[nodiscard]] std::optional<UiPage> read_ui_page(std::string_view body);

}  // namespace meshscope::clients::jaeger
