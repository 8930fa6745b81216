#pragma once

#include "async/awaitable.hpp"

#include <chrono>

namespace meshscope {

// Sleeps; false when it was cancelled, also before it began: then it does not wait.
Awaitable<bool> pause_for(std::chrono::milliseconds time);

}  // namespace meshscope
