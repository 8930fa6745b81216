#pragma once

#include <string>
#include <string_view>

namespace meshscope::handlers {

// The text of an error or a warning as it may leave the server: a backend's own words can hold the
// address of its storage with a password in it, or a token in a query.
std::string safe_text(std::string_view text);

}  // namespace meshscope::handlers
