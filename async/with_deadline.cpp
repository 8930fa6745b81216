#include "async/with_deadline.hpp"

#include "async/resumption.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>

namespace meshscope {
namespace asio = boost::asio;

namespace {

// One operation under a timer. Kept alive by the timer's and the operation's completion handlers,
// so nothing here outlives its io_context or refers to a coroutine frame.
struct Race {
    explicit Race(Executor executor) : timer(executor) {}

    SteadyTimer timer;
    asio::cancellation_signal signal;
    Resumption<std::exception_ptr> resume;
    bool expired = false;
    bool finished = false;
};

Awaitable<> contender(std::shared_ptr<Race> race, bool start_cancelled, Awaitable<> work) {
    co_await asio::this_coro::throw_if_cancelled(false);
    if (start_cancelled) {
        race->signal.emit(asio::cancellation_type::terminal);
    }
    co_await std::move(work);
}

void start(
    const std::shared_ptr<Race>& race, Executor executor, Deadline deadline, Awaitable<> contending
) {
    auto on_end = [race](std::exception_ptr thrown) {
        race->finished = true;
        race->timer.cancel();
        race->resume(thrown);
    };
    asio::co_spawn(
        executor,
        std::move(contending),
        asio::bind_cancellation_slot(race->signal.slot(), std::move(on_end))
    );
    race->timer.expires_at(deadline.at());
    race->timer.async_wait([race](boost::system::error_code error) {
        if (!error && !race->finished) {
            race->expired = true;
            race->signal.emit(asio::cancellation_type::terminal);
        }
    });
}

}  // namespace

Awaitable<bool> is_cancelled() {
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

namespace detail {

Awaitable<bool> run_until(Deadline deadline, Awaitable<> work) {
    if (deadline.is_never()) {
        co_await std::move(work);
        co_return false;
    }
    const Executor executor = co_await asio::this_coro::executor;
    const bool cancelled = co_await is_cancelled();
    auto race = std::make_shared<Race>(executor);
    Awaitable<> contending = contender(race, cancelled, std::move(work));
    auto initiate = [race, executor, deadline](auto handler, Awaitable<> operation) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
            slot.assign([weak = std::weak_ptr<Race>(race)](asio::cancellation_type type) {
                if (auto locked = weak.lock()) {
                    locked->signal.emit(type);
                }
            });
        }
        race->resume = Resumption<std::exception_ptr>(std::move(handler));
        start(race, executor, deadline, std::move(operation));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::exception_ptr)>(
        std::move(initiate), use_awaitable, std::move(contending)
    );
    co_return race->expired;
}

}  // namespace detail
}  // namespace meshscope
