#pragma once

#include <string>
#include <string_view>

namespace meshscope::demo {

inline constexpr std::string_view kJaegerVersion = "v2.20.0";

// The index page of the user interface: what Jaeger answers on every path it does not know.
std::string ui_page(std::string_view base_path);

}  // namespace meshscope::demo
