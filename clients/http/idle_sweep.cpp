#include "clients/http/idle_sweep.hpp"

#include "async/with_deadline.hpp"
#include "clients/http/idle_pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace meshscope::clients {

Awaitable<> sweep_idle_connections(
    std::vector<Executor> executors, const Clock& clock, std::chrono::milliseconds interval
) {
    SteadyTimer timer(co_await boost::asio::this_coro::executor);
    for (;;) {
        timer.expires_after(interval);
        const auto [interrupted] = co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
        const bool cancelled = co_await is_cancelled();  // the time may be over at that moment
        if (interrupted || cancelled) {
            co_return;
        }
        for (const Executor& executor : executors) {
            boost::asio::post(executor, [executor, now = clock.steady_now()] {
                IdlePool::of(executor).sweep(now);
            });
        }
    }
}

}  // namespace meshscope::clients
