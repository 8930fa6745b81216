#include "async/with_deadline.hpp"

#include "tests/support/io_threads.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>
#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

using namespace meshscope;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

Deadline in(std::chrono::nanoseconds duration) {
    return Deadline::after(std::chrono::steady_clock::now(), duration);
}

// Waits until it is cancelled or `duration` is over; says which.
Awaitable<std::string> nap(std::chrono::nanoseconds duration) {
    SteadyTimer timer(co_await asio::this_coro::executor);
    timer.expires_after(duration);
    boost::system::error_code error;
    const bool cancelled = co_await is_cancelled();
    if (!cancelled) {
        co_await timer.async_wait(asio::redirect_error(use_awaitable, error));
    }
    co_return cancelled || error ? "cancelled" : "slept";
}

Awaitable<std::string> immediate() { co_return "at once"; }

Awaitable<std::string> thrower() {
    throw std::runtime_error("a bug");
    co_return "";
}

}  // namespace

TEST_CASE("an operation that ends before its deadline gives its value") {
    asio::io_context io;
    CHECK(test::run(io, with_deadline(in(test::kPatience), immediate())) == "at once");
    CHECK(test::run(io, with_deadline(in(test::kPatience), nap(1ms))) == "slept");
    CHECK(test::run(io, with_deadline(Deadline::never(), nap(1ms))) == "slept");
}

TEST_CASE("a passed deadline cancels the operation, bounded() keeps what it returned") {
    asio::io_context io;
    CHECK_FALSE(test::run(io, with_deadline(in(5ms), nap(test::kPatience))).has_value());
    const auto outcome = test::run(io, bounded(in(5ms), nap(test::kPatience)));
    CHECK(outcome.deadline_passed);
    CHECK(outcome.value == "cancelled");
    CHECK(test::run(io, bounded(in(-5ms), nap(test::kPatience))).deadline_passed);
}

TEST_CASE("a cancelled caller is not a passed deadline") {
    asio::io_context io;
    asio::cancellation_signal signal;
    std::optional<Bounded<std::string>> outcome;
    asio::co_spawn(
        io.get_executor(),
        test::without_throwing_on_cancel(
            bounded(in(test::kPatience), bounded(in(2 * test::kPatience), nap(test::kPatience)))
        ),
        asio::bind_cancellation_slot(
            signal.slot(),
            [&](std::exception_ptr, Bounded<Bounded<std::string>> value) {
                CHECK_FALSE(value.deadline_passed);
                outcome = std::move(value.value);
            }
        )
    );
    io.poll();
    signal.emit(asio::cancellation_type::terminal);
    io.run_for(test::kPatience);
    REQUIRE(outcome.has_value());
    CHECK(outcome->value == "cancelled");
    CHECK_FALSE(outcome->deadline_passed);
}

TEST_CASE("an operation started by a cancelled caller sees that it is cancelled") {
    asio::io_context io;
    asio::cancellation_signal signal;
    std::string seen;
    auto twice = [&seen]() -> Awaitable<> {
        const std::string first = co_await nap(test::kPatience);
        Awaitable<std::string> again = nap(test::kPatience);
        const auto second = co_await bounded(in(test::kPatience), std::move(again));
        seen = first + ", " + second.value;
    };
    asio::co_spawn(
        io.get_executor(),
        [&]() -> Awaitable<> {
            co_await asio::this_coro::throw_if_cancelled(false);
            co_await twice();
        },
        asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) {})
    );
    io.poll();
    signal.emit(asio::cancellation_type::terminal);
    io.run_for(test::kPatience);
    CHECK(seen == "cancelled, cancelled");
}

TEST_CASE("what an operation throws comes out of with_deadline") {
    asio::io_context io;
    CHECK_THROWS_WITH(test::run(io, with_deadline(in(test::kPatience), thrower())), "a bug");
}
