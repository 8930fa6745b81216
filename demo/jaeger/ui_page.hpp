#pragma once

#include <string>
#include <string_view>

namespace meshscope::demo {

// The index page of the user interface: what Jaeger answers on every path it does not know.
std::string ui_page(std::string_view base_path, std::string_view version);

}  // namespace meshscope::demo
