#pragma once

#include "async/awaitable.hpp"
#include "core/deadline.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace meshscope {

using SteadyTimer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>,
    Executor>;

// True once the awaiting coroutine was asked to stop. Cancellation only reaches the operation that
// waits at that moment: whoever starts another one afterwards must look here first.
Awaitable<bool> is_cancelled();

template <class T>
struct Bounded {
    T value;  // what the operation returned, also after it was cancelled
    bool deadline_passed = false;
};

namespace detail {

// Runs `work` and cancels it (terminal) at the deadline or when the caller is cancelled; returns
// when `work` has returned. True when the deadline came first. What `work` throws is rethrown.
Awaitable<bool> run_until(Deadline deadline, Awaitable<> work);

template <class T>
Awaitable<> store_into(std::shared_ptr<std::optional<T>> place, Awaitable<T> operation) {
    place->emplace(co_await std::move(operation));
}

}  // namespace detail

// Runs `operation` and cancels it at `deadline`; keeps what it returns either way, for operations
// that hand over what they have when they are cancelled. Cancelling the caller cancels the
// operation and is not a passed deadline. This and with_deadline() are the only places that race a
// timer.
template <class T>
Awaitable<Bounded<T>> bounded(Deadline deadline, Awaitable<T> operation) {
    auto place = std::make_shared<std::optional<T>>();
    Awaitable<> work = detail::store_into<T>(place, std::move(operation));
    const bool passed = co_await detail::run_until(deadline, std::move(work));
    Bounded<T> outcome{std::move(**place), passed};
    co_return outcome;
}

// As bounded(), but nullopt when the deadline came first.
template <class T>
Awaitable<std::optional<T>> with_deadline(Deadline deadline, Awaitable<T> operation) {
    Bounded<T> outcome = co_await bounded<T>(deadline, std::move(operation));
    if (outcome.deadline_passed) {
        co_return std::nullopt;
    }
    co_return std::optional<T>(std::move(outcome.value));
}

}  // namespace meshscope
