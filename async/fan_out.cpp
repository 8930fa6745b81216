#include "async/fan_out.hpp"

#include "async/resumption.hpp"
#include "async/with_deadline.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <memory>
#include <utility>

namespace meshscope {
namespace asio = boost::asio;

namespace {

struct Runner {
    asio::cancellation_signal signal;
    bool running = false;  // between its first line and its end
};

// Kept alive by its runners and by the caller, who waits for their end.
struct Fan {
    std::size_t count = 0;
    std::function<Awaitable<bool>(std::size_t)> task;
    std::size_t next = 0;
    std::size_t left = 0;  // runners that have not ended
    bool stopped = false;
    std::exception_ptr thrown;
    std::deque<Runner> runners;
    Resumption<> resume;

    void stop() {
        if (std::exchange(stopped, true)) {
            return;
        }
        for (Runner& runner : runners) {
            if (runner.running) {
                runner.signal.emit(asio::cancellation_type::terminal);
            }
        }
    }
};

Awaitable<> run_tasks(std::shared_ptr<Fan> fan, std::size_t index) {
    co_await asio::this_coro::throw_if_cancelled(false);
    fan->runners[index].running = true;
    while (!fan->stopped && fan->next < fan->count) {
        Awaitable<bool> one = fan->task(fan->next++);
        const bool well = co_await std::move(one);
        if (!well) {
            fan->stop();
        }
    }
}

void start(const std::shared_ptr<Fan>& fan, const Executor& executor) {
    for (std::size_t i = 0; i < fan->runners.size(); ++i) {
        auto on_end = [fan, i](const std::exception_ptr& thrown) {
            fan->runners[i].running = false;
            if (thrown) {
                fan->thrown = fan->thrown ? fan->thrown : thrown;
                fan->stop();
            }
            if (--fan->left == 0) {
                fan->resume();
            }
        };
        asio::co_spawn(
            executor,
            run_tasks(fan, i),
            asio::bind_cancellation_slot(fan->runners[i].signal.slot(), std::move(on_end))
        );
    }
}

}  // namespace

Awaitable<bool> fan_out(
    std::size_t count, std::size_t parallel, std::function<Awaitable<bool>(std::size_t)> task
) {
    if (count == 0 || co_await is_cancelled()) {
        co_return count == 0;
    }
    const Executor executor = co_await asio::this_coro::executor;
    auto fan = std::make_shared<Fan>();
    fan->count = count;
    fan->task = std::move(task);
    fan->runners.resize(std::clamp<std::size_t>(parallel, 1, count));
    fan->left = fan->runners.size();
    auto initiate = [fan, executor](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
            slot.assign([weak = std::weak_ptr<Fan>(fan)](asio::cancellation_type /*type*/) {
                if (const auto locked = weak.lock()) {
                    locked->stop();
                }
            });
        }
        fan->resume = Resumption<>(std::move(handler));
        start(fan, executor);
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        std::move(initiate), use_awaitable
    );
    fan->task = nullptr;
    if (fan->thrown) {
        std::rethrow_exception(fan->thrown);
    }
    co_return !fan->stopped;
}

}  // namespace meshscope
