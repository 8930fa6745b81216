#include "async/pulse.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

namespace meshscope {

Awaitable<> Pulse::wait(SteadyTime at) {
    const auto timer = std::make_shared<SteadyTimer>(co_await boost::asio::this_coro::executor, at);
    std::erase_if(waiting_, [](const std::weak_ptr<SteadyTimer>& one) { return one.expired(); });
    waiting_.push_back(timer);
    boost::system::error_code ignored;
    co_await timer->async_wait(boost::asio::redirect_error(use_awaitable, ignored));
}

void Pulse::notify() {
    for (const std::weak_ptr<SteadyTimer>& one : waiting_) {
        if (const auto timer = one.lock()) {
            timer->cancel();
        }
    }
    waiting_.clear();
}

}  // namespace meshscope
