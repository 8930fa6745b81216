#pragma once

#include "async/awaitable.hpp"
#include "async/with_deadline.hpp"
#include "core/clock.hpp"

#include <memory>
#include <vector>

namespace meshscope {

// Lets coroutines of one thread wait until another one of that thread has something to tell them.
// A word that nobody waits for is lost: look first, then wait. Outlives those who wait.
class Pulse {
 public:
    // Until the next notify(), until `at` of the steady clock, or until the caller is cancelled.
    Awaitable<> wait(SteadyTime at);
    void notify();  // all who wait; they go on later, not inside this call

 private:
    std::vector<std::weak_ptr<SteadyTimer>> waiting_;
};

}  // namespace meshscope
