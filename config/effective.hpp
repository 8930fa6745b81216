#pragma once

#include "config/config.hpp"

#include <string>

namespace meshscope::config {

// The configuration in effect as YAML that loads again: every key with its value, keys without one
// left out, secrets and the userinfo of URLs as "xxx". Begins with a comment on what the tracing
// keys mean together.
[[nodiscard]] std::string effective_yaml(const Config& config);

}  // namespace meshscope::config
