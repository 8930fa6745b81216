#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace meshscope {

struct GovernorLimits {
    std::size_t max_in_flight = 8;  // calls to this upstream at once, over all requests and threads
    std::size_t max_waiting =
        256;  // beyond: the newest background call, else the new call, is refused
};

struct GovernorStats {
    std::size_t in_flight = 0;
    std::size_t waiting = 0;
    std::uint64_t started = 0;
    std::uint64_t joined = 0;
    std::uint64_t refused = 0;
};

// Guards one upstream. Usable from every thread.
//  - at most max_in_flight calls run; waiting interactive calls go before background ones, each
//  class in
//    order of arrival;
//  - a call with the key of one in flight joins it and gets the same answer (key "" never joins);
//  - a caller that is cancelled or whose deadline passes leaves at once; when the last caller has
//  left,
//    the call itself is cancelled and its slot is free within 100 ms;
//  - the costs of the call are added to the bill of the caller that started it; who joined is
//  billed
//    `joined`. The time waited is billed to everybody.
class Governor {
 public:
    Governor(std::string upstream, GovernorLimits limits);
    ~Governor();  // no call may be in flight
    Governor(const Governor&) = delete;
    Governor& operator=(const Governor&) = delete;

    // `operation` runs at most once, on the thread of the caller that started it, with a context
    // whose deadline is `now + timeout` (not the caller's: who joins may have more time) and a bill
    // of its own. Errors of the governor itself: kUnavailable (code "overloaded") when max_waiting
    // is reached, kDeadline when the caller's deadline passes first, kCancelled.
    template <class T>
    Awaitable<Result<std::shared_ptr<const T>>> call(
        RequestContext context,
        std::string key,
        std::chrono::nanoseconds timeout,
        std::function<Awaitable<Result<T>>(RequestContext)> operation
    );

    [[nodiscard]] GovernorStats stats() const;
    [[nodiscard]] const std::string& upstream() const;

 private:
    // The untyped core: the value travels as shared_ptr<const void>.
    using Erased = Result<std::shared_ptr<const void>>;
    using Operation = std::function<Awaitable<Erased>(RequestContext)>;
    Awaitable<Erased> call_erased(
        RequestContext context,
        std::string key,
        std::chrono::nanoseconds timeout,
        Operation operation
    );

    struct State;
    std::shared_ptr<State> state_;
};

template <class T>
Awaitable<Result<std::shared_ptr<const T>>> Governor::call(
    RequestContext context,
    std::string key,
    std::chrono::nanoseconds timeout,
    std::function<Awaitable<Result<T>>(RequestContext)> operation
) {
    Operation erase = [operation =
                           std::move(operation)](RequestContext inner) -> Awaitable<Erased> {
        Result<T> result = co_await operation(std::move(inner));
        if (!result) {
            co_return result.error();
        }
        co_return std::shared_ptr<const void>(std::make_shared<const T>(std::move(*result)));
    };
    Erased erased =
        co_await call_erased(std::move(context), std::move(key), timeout, std::move(erase));
    if (!erased) {
        co_return erased.error();
    }
    co_return std::static_pointer_cast<const T>(*erased);
}

}  // namespace meshscope
