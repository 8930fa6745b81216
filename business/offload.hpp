#pragma once

#include "async/awaitable.hpp"
#include "async/worker_pool.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace meshscope::business {

// Reading what this many spans say takes about a millisecond, which is all that a serving thread
// gives.
inline constexpr std::size_t kSpansWorthAThread = 500;

// The value of `work()`: at once when there are few spans or no workers, else on a worker. What the
// work refers to must live until it has been awaited and must not be touched meanwhile.
template <class Work>
Awaitable<std::invoke_result_t<Work&>> offload(WorkerPool* workers, std::size_t spans, Work work) {
    if (workers == nullptr || spans <= kSpansWorthAThread) {
        co_return work();
    }
    co_return co_await workers->run(std::move(work));
}

}  // namespace meshscope::business
