#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

namespace meshscope::test {

// Runs `task` on a fresh io_context of the calling thread until everything on it has ended.
// `cancel`, when given, can be emitted by the task's helpers to cancel it.
template <class T>
T run_coroutine(
    std::function<Awaitable<T>()> task, boost::asio::cancellation_signal* cancel = nullptr
) {
    boost::asio::io_context io(1);
    std::optional<T> value;
    std::exception_ptr thrown;
    auto done = [&](std::exception_ptr error, T result) {
        thrown = std::move(error);
        value.emplace(std::move(result));
    };
    auto wrapped = [](std::function<Awaitable<T>()> inner) -> Awaitable<T> {
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        co_return co_await inner();
    };
    if (cancel != nullptr) {
        boost::asio::co_spawn(
            io.get_executor(),
            wrapped(std::move(task)),
            boost::asio::bind_cancellation_slot(cancel->slot(), std::move(done))
        );
    } else {
        boost::asio::co_spawn(io.get_executor(), wrapped(std::move(task)), std::move(done));
    }
    io.run();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return std::move(value).value();
}

}  // namespace meshscope::test
