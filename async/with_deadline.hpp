#pragma once

#include "async/awaitable.hpp"
#include "core/deadline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>
#include <utility>
#include <variant>

namespace meshscope {

using SteadyTimer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>,
    Executor>;

// Runs `operation` until `deadline`; nullopt when the deadline came first (the operation has then
// been cancelled and has returned). The operation must report failures as values: what it throws
// would be taken for a lost race. The one place that races a timer.
template <class T>
Awaitable<std::optional<T>> with_deadline(Deadline deadline, Awaitable<T> operation) {
    using namespace boost::asio::experimental::awaitable_operators;
    if (deadline.is_never()) {
        std::optional<T> value(co_await std::move(operation));
        co_return value;
    }
    SteadyTimer timer(co_await boost::asio::this_coro::executor);
    timer.expires_at(deadline.at());
    auto waiting = timer.async_wait(boost::asio::as_tuple(use_awaitable));
    std::variant<T, std::tuple<boost::system::error_code>> first =
        co_await (std::move(operation) || std::move(waiting));
    if (first.index() == 0) {
        co_return std::optional<T>(std::get<0>(std::move(first)));
    }
    co_return std::nullopt;
}

}  // namespace meshscope
