#pragma once

#include "async/awaitable.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <vector>

namespace meshscope::clients {

// Closes the idle connections of HTTP clients on these threads when their time is over, also when
// no call comes by: looks every `interval` until it is cancelled. The executors' io_contexts
// outlive it.
Awaitable<> sweep_idle_connections(
    std::vector<Executor> executors,
    const Clock& clock,
    std::chrono::milliseconds interval = std::chrono::seconds(15)
);

}  // namespace meshscope::clients
