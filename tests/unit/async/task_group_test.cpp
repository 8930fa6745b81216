#include "async/task_group.hpp"

#include "async/with_deadline.hpp"
#include "tests/support/io_threads.hpp"

#include <boost/asio/redirect_error.hpp>
#include <catch2/catch.hpp>

#include <stdexcept>
#include <vector>

using namespace meshscope;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

Deadline in(std::chrono::nanoseconds duration) {
    return Deadline::after(std::chrono::steady_clock::now(), duration);
}

Awaitable<> until_cancelled(int& ended) {
    SteadyTimer timer(co_await asio::this_coro::executor, SteadyTime::max());
    boost::system::error_code ignored;
    const bool cancelled = co_await is_cancelled();
    if (!cancelled) {
        co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
    ++ended;
}

}  // namespace

TEST_CASE("a task group joins tasks that end by themselves") {
    asio::io_context io;
    TaskGroup group(io.get_executor(), nullptr);
    int ended = 0;
    for (int i = 0; i < 3; ++i) {
        group.spawn("short", [&ended]() -> Awaitable<> {
            ++ended;
            co_return;
        });
    }
    CHECK(test::run(io, group.join(Deadline::never())));
    CHECK(ended == 3);
    CHECK(group.size() == 0);
    CHECK(test::run(io, group.join(Deadline::never())));
}

TEST_CASE("join gives up at its deadline, cancel ends what is left") {
    asio::io_context io;
    TaskGroup group(io.get_executor(), nullptr);
    int ended = 0;
    group.spawn("a", [&ended] { return until_cancelled(ended); });
    group.spawn("b", [&ended] { return until_cancelled(ended); });
    CHECK_FALSE(test::run(io, group.join(in(5ms))));
    CHECK(group.size() == 2);
    group.cancel();
    group.cancel();
    CHECK(test::run(io, group.join(in(test::kPatience))));
    CHECK(ended == 2);
}

TEST_CASE("a task spawned after cancel is started already cancelled") {
    asio::io_context io;
    TaskGroup group(io.get_executor(), nullptr);
    group.cancel();
    int ended = 0;
    group.spawn("late", [&ended] { return until_cancelled(ended); });
    CHECK(test::run(io, group.join(in(test::kPatience))));
    CHECK(ended == 1);
}

TEST_CASE("an exception is reported with the task's name and the group goes on") {
    asio::io_context io;
    std::vector<std::string> seen;
    TaskGroup group(io.get_executor(), [&seen](const std::string& task, std::exception_ptr thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            seen.push_back(task + ": " + error.what());
        }
    });
    group.spawn("bad", []() -> Awaitable<> {
        throw std::runtime_error("boom");
        co_return;
    });
    int ended = 0;
    group.spawn("good", [&ended] { return until_cancelled(ended); });
    CHECK_FALSE(test::run(io, group.join(in(5ms))));
    group.cancel();
    CHECK(test::run(io, group.join(in(test::kPatience))));
    CHECK(seen == std::vector<std::string>{"bad: boom"});
    CHECK(ended == 1);
}

TEST_CASE("a task group is cancelled and joined from another thread") {
    test::IoThread thread;
    TaskGroup group(thread.executor(), nullptr);
    int ended = 0;
    auto fill = [&]() -> Awaitable<int> {
        for (int i = 0; i < 50; ++i) {
            group.spawn("task", [&ended] { return until_cancelled(ended); });
        }
        co_return 0;
    };
    thread.start<int>(fill()).get();
    CHECK(group.size() == 50);
    group.cancel();
    CHECK(thread.start<bool>(group.join(in(test::kPatience))).get());
    CHECK(ended == 50);
}
