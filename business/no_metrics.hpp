#pragma once

#include "core/error.hpp"

namespace meshscope::business {

// What needs metrics is answered with when they are off: the key to change.
[[nodiscard]] Error no_metrics();

}  // namespace meshscope::business
