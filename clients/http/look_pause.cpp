#include "clients/http/look_pause.hpp"

#include "async/pause.hpp"

#include <algorithm>

namespace meshscope::clients {

Awaitable<bool> rest_between_looks(
    std::chrono::milliseconds most, std::chrono::milliseconds slice, std::function<bool()> hurry
) {
    for (auto left = most; left.count() > 0;) {
        const auto now = std::min(left, slice);
        const bool rested = co_await pause_for(now);
        if (!rested) {
            co_return false;
        }
        left -= now;
        if (hurry()) {
            break;
        }
    }
    co_return true;
}

}  // namespace meshscope::clients
