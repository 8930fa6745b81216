#pragma once

#include "core/clock.hpp"

#include <string>

namespace meshscope::demo {

// "2025-11-21T00:00:00Z", with that many digits of a second's fraction (0 to 6).
std::string rfc3339(SystemTime time, int digits = 0);

}  // namespace meshscope::demo
