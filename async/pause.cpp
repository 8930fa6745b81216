#include "async/pause.hpp"

#include "async/with_deadline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

namespace meshscope {

Awaitable<bool> pause_for(std::chrono::milliseconds time) {
    // What was cancelled before does not interrupt a wait that begins now.
    const bool late = co_await is_cancelled();
    if (late) {
        co_return false;
    }
    SteadyTimer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(time);
    const auto [error] = co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
    const bool cancelled = co_await is_cancelled();
    co_return !error && !cancelled;
}

}  // namespace meshscope
