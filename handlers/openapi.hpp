#pragma once

#include <string_view>

namespace meshscope::handlers {

// api/openapi.yaml as JSON, made when the server is built.
std::string_view openapi_json();

}  // namespace meshscope::handlers
