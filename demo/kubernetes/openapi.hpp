#pragma once

#include "demo/net/http_message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace meshscope::demo {

// /openapi/v3 and the document of each group version: as much as clients read before they write,
// which is whether a kind can be patched and its unknown fields refused. nullopt when the path is
// none of these.
std::optional<HttpReply> openapi(const std::vector<std::string>& path, bool custom_kinds);

}  // namespace meshscope::demo
