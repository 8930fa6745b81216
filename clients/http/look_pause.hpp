#pragma once

#include "async/awaitable.hpp"

#include <chrono>
#include <functional>

namespace meshscope::clients {

// The rest between two looks at an upstream: `most`, but early when `hurry` says so after a slice
// of it. False when cancelled.
Awaitable<bool> rest_between_looks(
    std::chrono::milliseconds most, std::chrono::milliseconds slice, std::function<bool()> hurry
);

}  // namespace meshscope::clients
