#pragma once

#include "demo/net/http_message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace meshscope::demo {

// What a client asks before it knows anything: /version, health, /api, /apis and below,
// /openapi/v3. nullopt when the path is none of these.
std::optional<HttpReply> discovery(const std::vector<std::string>& path, bool custom_kinds);

}  // namespace meshscope::demo
