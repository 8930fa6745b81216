#pragma once

#include "tests/support/io_threads.hpp"

#include <chrono>
#include <functional>
#include <thread>

namespace meshscope::test {

// Looks until other threads have made it true; false after kPatience.
inline bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

}  // namespace meshscope::test
