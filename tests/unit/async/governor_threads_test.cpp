#include "async/governor.hpp"
#include "async/with_deadline.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/io_threads.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

using namespace meshscope;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using Work = std::function<Awaitable<Result<int>>(RequestContext)>;
using Answer = Result<std::shared_ptr<const int>>;

Awaitable<> pause(std::chrono::nanoseconds duration) {
    SteadyTimer timer(co_await asio::this_coro::executor);
    timer.expires_after(duration);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
}

struct Upstream {
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    std::atomic<int> calls{0};

    Awaitable<Result<int>> answer(std::chrono::nanoseconds after) {
        const int now = ++running;
        int seen = most;
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        ++calls;
        Awaitable<> wait = pause(after);
        co_await std::move(wait);
        --running;
        co_return 42;
    }
};

Work work_of(Upstream& upstream, std::chrono::nanoseconds after) {
    return [&upstream, after](RequestContext) { return upstream.answer(after); };
}

Awaitable<Answer> call(Governor& governor, std::string key, Work work, RequestContext context) {
    co_return co_await governor.call<int>(
        std::move(context), std::move(key), 1min, std::move(work)
    );
}

// Waits on its thread for one operation, which would take too long, until it is told to leave.
class Waiting {
 public:
    Waiting(test::IoThread& thread, Governor& governor, Upstream& upstream) : thread_(thread) {
        asio::post(thread_.executor(), [own = own_, &thread, &governor, &upstream] {
            auto calling = test::without_throwing_on_cancel(
                call(governor, "k", work_of(upstream, test::kPatience), {})
            );
            auto on_end = [own](std::exception_ptr, Answer answer) {
                own->answer.set_value(std::move(answer));
            };
            asio::co_spawn(
                thread.executor(),
                std::move(calling),
                asio::bind_cancellation_slot(own->signal.slot(), std::move(on_end))
            );
        });
    }
    void leave() {
        asio::post(thread_.executor(), [own = own_] {
            own->signal.emit(asio::cancellation_type::terminal);
        });
    }
    Answer answer() { return own_->answer.get_future().get(); }

 private:
    struct Own {  // also the thread's, which may still be leaving it when we go
        asio::cancellation_signal signal;
        std::promise<Answer> answer;
    };
    test::IoThread& thread_;
    std::shared_ptr<Own> own_ = std::make_shared<Own>();
};

// Calls again and again, most of the time cancelled or late somewhere on the way.
Awaitable<int> restless(Governor& governor, Upstream& upstream, int seed) {
    int answered = 0;
    for (int i = 0; i < 60; ++i) {
        RequestContext context;
        context.priority = (seed + i) % 3 == 0 ? Priority::kBackground : Priority::kInteractive;
        context.deadline = Deadline::after(
            std::chrono::steady_clock::now(),
            std::chrono::microseconds((seed * 37 + i * 101) % 3000)
        );
        const std::string key = i % 4 == 0 ? "" : "key" + std::to_string(i % 5);
        Work work = work_of(upstream, std::chrono::microseconds(500));
        auto calling = call(governor, key, std::move(work), std::move(context));
        const Deadline own = Deadline::after(
            std::chrono::steady_clock::now(), std::chrono::microseconds((seed * 53 + i * 71) % 2000)
        );
        const auto outcome = co_await bounded<Answer>(own, std::move(calling));
        answered += outcome.value.has_value() ? 1 : 0;
    }
    co_return answered;
}

}  // namespace

TEST_CASE("the cap holds over threads") {
    std::deque<test::IoThread> threads(3);
    Governor governor("jaeger", {.max_in_flight = 4, .max_waiting = 1000});
    Upstream upstream;
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 300; ++i) {
        auto calling = call(governor, "", work_of(upstream, 200us), {});
        answers.push_back(threads[static_cast<std::size_t>(i % 3)].start<Answer>(std::move(calling))
        );
    }
    for (auto& answer : answers) {
        CHECK(**answer.get() == 42);
    }
    CHECK(upstream.calls == 300);
    CHECK(upstream.most <= 4);
    CHECK(governor.stats().in_flight == 0);
}

TEST_CASE("1000 equal calls from three threads are one operation") {
    std::deque<test::IoThread> threads(3);
    Governor governor("jaeger", {.max_in_flight = 4, .max_waiting = 8});
    Upstream upstream;
    SteadyTimer gate(threads[0].executor(), SteadyTime::max());
    Work gated = [&](RequestContext) -> Awaitable<Result<int>> {
        ++upstream.calls;
        boost::system::error_code ignored;
        co_await gate.async_wait(asio::redirect_error(use_awaitable, ignored));
        co_return 42;
    };
    std::vector<std::future<Answer>> answers;
    auto first = call(governor, "same", gated, {});
    answers.push_back(threads[0].start<Answer>(std::move(first)));
    REQUIRE(test::eventually([&] { return upstream.calls > 0; }));
    for (int i = 1; i < 1000; ++i) {
        auto calling = call(governor, "same", gated, {});
        answers.push_back(threads[static_cast<std::size_t>(i % 3)].start<Answer>(std::move(calling))
        );
    }
    REQUIRE(test::eventually([&] { return governor.stats().joined == 999; }));
    asio::post(threads[0].executor(), [&gate] { gate.cancel(); });
    const int* object = nullptr;
    for (auto& answer : answers) {
        const auto value = answer.get();
        REQUIRE(value.has_value());
        CHECK((object == nullptr || object == value->get()));
        object = value->get();
    }
    CHECK(upstream.calls == 1);
    CHECK(governor.stats().started == 1);
}

TEST_CASE("a cancel on another thread than the operation's frees the slot at once") {
    test::IoThread owner;
    test::IoThread other;
    Governor governor("jaeger", {.max_in_flight = 1, .max_waiting = 8});
    Upstream upstream;
    Waiting starter(owner, governor, upstream);
    REQUIRE(test::eventually([&] { return upstream.calls > 0; }));
    Waiting guest(other, governor, upstream);
    REQUIRE(test::eventually([&] { return governor.stats().joined == 1; }));
    starter.leave();
    CHECK(starter.answer().error().kind() == ErrorKind::kCancelled);
    CHECK(governor.stats().in_flight == 1);  // the guest still waits

    const auto cancelled_at = std::chrono::steady_clock::now();
    guest.leave();
    CHECK(test::eventually([&] { return governor.stats().in_flight == 0; }));
    const auto took = std::chrono::steady_clock::now() - cancelled_at;
    CHECK(guest.answer().error().kind() == ErrorKind::kCancelled);
    CHECK(upstream.running == 0);       // it was told, it did not run out
    CHECK(took < test::kPatience / 2);  // far below its own 30 s; 100 ms on a machine with time
}

TEST_CASE("callers that come and go on three threads leave nothing behind") {
    std::deque<test::IoThread> threads(3);
    Governor governor("jaeger", {.max_in_flight = 2, .max_waiting = 6});
    Upstream upstream;
    std::vector<std::future<int>> all;
    for (int i = 0; i < 12; ++i) {
        auto one = restless(governor, upstream, i);
        all.push_back(threads[static_cast<std::size_t>(i % 3)].start<int>(std::move(one)));
    }
    for (auto& one : all) {
        one.get();
    }
    while (governor.stats().in_flight != 0) {
        std::this_thread::yield();
    }
    CHECK(governor.stats().waiting == 0);
    CHECK(upstream.running == 0);
    CHECK(upstream.most <= 2);
}

TEST_CASE("callers leave on one thread while calls of another push them out") {
    std::deque<test::IoThread> threads(2);
    Governor governor("jaeger", {.max_in_flight = 1, .max_waiting = 1});
    Upstream upstream;
    auto leaving = [](Governor& own, Upstream& asked) -> Awaitable<int> {
        int gone = 0;
        for (int i = 0; i < 2000; ++i) {
            RequestContext context;
            context.priority = Priority::kBackground;
            context.deadline = Deadline::after(
                std::chrono::steady_clock::now(), std::chrono::microseconds(i % 200)
            );
            auto calling = call(own, "", work_of(asked, 100us), std::move(context));
            const auto answer = co_await std::move(calling);
            gone += answer ? 0 : 1;
        }
        co_return gone;
    };
    auto pushing = [](Governor& own, Upstream& asked) -> Awaitable<int> {
        int answered = 0;
        for (int i = 0; i < 2000; ++i) {
            auto calling = call(own, "", work_of(asked, 50us), {});
            const auto answer = co_await std::move(calling);
            answered += answer ? 1 : 0;
        }
        co_return answered;
    };
    std::vector<std::future<int>> left;
    std::vector<std::future<int>> pushed;
    for (int i = 0; i < 3; ++i) {
        left.push_back(threads[0].start<int>(leaving(governor, upstream)));
        pushed.push_back(threads[1].start<int>(pushing(governor, upstream)));
    }
    int gone = 0;
    int answered = 0;
    for (int i = 0; i < 3; ++i) {
        gone += left[static_cast<std::size_t>(i)].get();
        answered += pushed[static_cast<std::size_t>(i)].get();
    }
    CHECK(gone > 0);
    CHECK(answered > 0);
    CHECK(governor.stats().waiting == 0);
}
