#include "async/fan_out.hpp"

#include "async/with_deadline.hpp"
#include "tests/support/io_threads.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

using namespace meshscope;
namespace asio = boost::asio;

namespace {

// What happened, in order: "+0" begun, "-0" ended, "x0" ended by cancellation.
struct Story {
    std::vector<std::string> events;
    int running = 0;
    int most = 0;

    void begin(std::size_t index) {
        events.push_back("+" + std::to_string(index));
        most = std::max(most, ++running);
    }
    void end(std::size_t index, bool cancelled) {
        events.push_back((cancelled ? "x" : "-") + std::to_string(index));
        --running;
    }
    [[nodiscard]] bool has(const std::string& event) const {
        return std::ranges::find(events, event) != events.end();
    }
};

// Gives way once.
Awaitable<> turn() { co_await asio::post(co_await asio::this_coro::executor, use_awaitable); }

Awaitable<bool> short_task(Story& story, std::size_t index, bool outcome) {
    story.begin(index);
    co_await turn();
    story.end(index, co_await is_cancelled());
    co_return outcome;
}

// Waits until it is cancelled.
Awaitable<bool> long_task(Story& story, std::size_t index) {
    story.begin(index);
    SteadyTimer timer(co_await asio::this_coro::executor);
    timer.expires_after(test::kPatience);
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(use_awaitable, error));
    story.end(index, co_await is_cancelled());
    co_return false;
}

Awaitable<bool> thrower() {
    co_await turn();
    throw std::runtime_error("a bug");
    co_return true;
}

}  // namespace

TEST_CASE("all tasks run, in order, at most so many at once") {
    for (const std::size_t parallel : {0U, 1U, 3U, 100U}) {
        asio::io_context io;
        Story story;
        const auto task = [&](std::size_t index) { return short_task(story, index, true); };
        CHECK(test::run(io, fan_out(20, parallel, task)));
        CHECK(story.most == static_cast<int>(std::clamp<std::size_t>(parallel, 1, 20)));
        CHECK(story.events.size() == 40);
        std::vector<std::string> begun;
        std::ranges::copy_if(story.events, std::back_inserter(begun), [](const auto& event) {
            return event.front() == '+';
        });
        for (std::size_t i = 0; i < begun.size(); ++i) {
            CHECK(begun[i] == "+" + std::to_string(i));
        }
    }
}

TEST_CASE("no tasks are all tasks") {
    asio::io_context io;
    const auto task = [](std::size_t) -> Awaitable<bool> { throw std::logic_error("none"); };
    CHECK(test::run(io, fan_out(0, 8, task)));
}

TEST_CASE("after a task that failed no other begins and those that run are cancelled") {
    asio::io_context io;
    Story story;
    const auto task = [&](std::size_t index) {
        return index == 1 ? short_task(story, index, false) : long_task(story, index);
    };
    CHECK_FALSE(test::run(io, fan_out(10, 3, task)));
    CHECK(story.running == 0);
    CHECK(story.has("x0"));
    CHECK(story.has("-1"));
    CHECK(story.has("x2"));
    CHECK(story.events.size() == 6);
}

TEST_CASE("a cancelled caller cancels what runs and begins nothing more") {
    asio::io_context io;
    Story story;
    const auto task = [&](std::size_t index) { return long_task(story, index); };
    const auto deadline =
        Deadline::after(std::chrono::steady_clock::now(), std::chrono::milliseconds(5));
    const auto outcome = test::run(io, bounded(deadline, fan_out(10, 4, task)));
    CHECK(outcome.deadline_passed);
    CHECK_FALSE(outcome.value);
    CHECK(story.running == 0);
    CHECK(story.events.size() <= 8);
    const auto passed = test::run(io, bounded(deadline, fan_out(10, 4, task)));
    CHECK_FALSE(passed.value);
}

TEST_CASE("what a task throws is thrown when all have ended") {
    asio::io_context io;
    Story story;
    const auto task = [&](std::size_t index) {
        return index == 0 ? thrower() : long_task(story, index);
    };
    CHECK_THROWS_WITH(test::run(io, fan_out(10, 3, task)), "a bug");
    CHECK(story.running == 0);
    CHECK(story.has("x1"));
}
