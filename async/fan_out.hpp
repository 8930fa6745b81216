#pragma once

#include "async/awaitable.hpp"

#include <cstddef>
#include <functional>

namespace meshscope {

// Runs task(0) to task(count - 1) on the caller's thread, begun in that order, at most `parallel`
// at once (at least 1), and returns when all that were begun have ended: true when every one ran
// and returned true. Once one returns false, throws, or the caller is cancelled, no other is begun
// and those that run are cancelled. What the first one threw is rethrown.
Awaitable<bool> fan_out(
    std::size_t count, std::size_t parallel, std::function<Awaitable<bool>(std::size_t)> task
);

}  // namespace meshscope
