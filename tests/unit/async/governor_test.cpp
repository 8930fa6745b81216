#include "async/governor.hpp"

#include "async/with_deadline.hpp"
#include "tests/support/io_threads.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>
#include <catch2/catch.hpp>

#include <deque>
#include <optional>
#include <string>
#include <vector>

using namespace meshscope;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using Answer = Result<std::shared_ptr<const std::string>>;

// A governed upstream on one io_context that is polled by hand: calls wait until the test opens the
// gate or they are cancelled.
class Bench {
 public:
    explicit Bench(GovernorLimits limits)
        : governor("jaeger", limits), gate(io, SteadyTime::max()) {}

    struct Call {
        asio::cancellation_signal signal;
        RequestContext context;
        std::optional<Answer> answer;
        [[nodiscard]] ErrorKind error() const { return answer->error().kind(); }
    };

    Call& start(
        std::string key, Priority priority = Priority::kInteractive, Deadline deadline = {}
    ) {
        Call& call = calls.emplace_back();
        call.context.priority = priority;
        call.context.deadline = deadline;
        asio::co_spawn(
            io.get_executor(),
            run_call(call, std::move(key)),
            asio::bind_cancellation_slot(
                call.signal.slot(),
                [](std::exception_ptr thrown) {
                    if (thrown) {
                        std::rethrow_exception(thrown);
                    }
                }
            )
        );
        poll();
        return call;
    }

    void poll() {
        io.restart();
        io.poll();
    }
    void open() {
        gate.cancel();
        poll();
    }
    void cancel(Call& call) {
        call.signal.emit(asio::cancellation_type::terminal);
        poll();
    }

    Awaitable<Result<std::string>> operation(std::string name, RequestContext context) {
        order.push_back(name);
        seen.push_back(context);
        UpstreamCost& cost = context.bill->of("jaeger");
        ++cost.calls;
        cost.bytes += 10;
        cost.time += 1h;
        boost::system::error_code ignored;
        co_await gate.async_wait(asio::redirect_error(use_awaitable, ignored));
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            cancelled_operations.push_back(name);
            co_return Error(ErrorKind::kCancelled, "stopped");
        }
        co_return name;
    }

    asio::io_context io;
    Governor governor;
    SteadyTimer gate;
    std::deque<Call> calls;
    std::vector<std::string> order;  // of the operations that ran
    std::vector<RequestContext> seen;
    std::vector<std::string> cancelled_operations;

 private:
    Awaitable<> run_call(Call& call, std::string key) {
        co_await asio::this_coro::throw_if_cancelled(false);
        const std::string name = key + "#" + std::to_string(calls.size());
        std::function<Awaitable<Result<std::string>>(RequestContext)> work =
            [this, name](RequestContext context) { return operation(name, std::move(context)); };
        call.answer = co_await governor.call<std::string>(
            call.context, std::move(key), 1min, std::move(work)
        );
    }
};

Deadline in(std::chrono::nanoseconds duration) {
    return Deadline::after(std::chrono::steady_clock::now(), duration);
}

}  // namespace

TEST_CASE("waiting interactive calls go before background ones, each in order of arrival") {
    Bench bench({.max_in_flight = 1, .max_waiting = 10});
    bench.start("running");
    bench.start("b1", Priority::kBackground);
    bench.start("i1");
    bench.start("b2", Priority::kBackground);
    bench.start("i2");
    CHECK(bench.governor.stats().in_flight == 1);
    CHECK(bench.governor.stats().waiting == 4);
    for (int i = 0; i < 5; ++i) {
        bench.open();
    }
    CHECK(bench.order == std::vector<std::string>{"running#1", "i1#3", "i2#5", "b1#2", "b2#4"});
    CHECK(bench.governor.stats().in_flight == 0);
}

TEST_CASE("an interactive call that joins a waiting background one moves it to the front") {
    Bench bench({.max_in_flight = 1, .max_waiting = 10});
    bench.start("running");
    bench.start("b1", Priority::kBackground);
    bench.start("b2", Priority::kBackground);
    auto& joined = bench.start("b2", Priority::kInteractive);
    for (int i = 0; i < 3; ++i) {
        bench.open();
    }
    CHECK(bench.order == std::vector<std::string>{"running#1", "b2#3", "b1#2"});
    CHECK(**joined.answer.value() == "b2#3");
}

TEST_CASE("equal calls in flight share one operation, different and unnamed ones do not") {
    Bench bench({.max_in_flight = 10, .max_waiting = 10});
    auto& first = bench.start("k");
    auto& second = bench.start("k");
    bench.start("other");
    bench.start("");
    bench.start("");
    CHECK(bench.governor.stats().started == 4);
    CHECK(bench.governor.stats().joined == 1);
    bench.open();
    CHECK(first.answer->value() == second.answer->value());  // the same object
    bench.start("k");
    CHECK(bench.governor.stats().started == 5);  // what has ended is not joined
    bench.open();
}

TEST_CASE("the starter is billed the costs, who joined is billed joined, all the time they waited"
) {
    Bench bench({.max_in_flight = 1, .max_waiting = 10});
    auto& starter = bench.start("k");
    auto& guest = bench.start("k");
    bench.open();
    const UpstreamCost& paid = starter.context.bill->of("jaeger");
    const UpstreamCost& shared = guest.context.bill->of("jaeger");
    CHECK(paid.calls == 1);
    CHECK(paid.bytes == 10);
    CHECK(paid.joined == 0);
    CHECK(paid.time < 1h);  // measured by the governor, not the operation's own claim again
    CHECK(paid.time > 0us);
    CHECK(shared.calls == 0);
    CHECK(shared.bytes == 0);
    CHECK(shared.joined == 1);
    CHECK(shared.time > 0us);
}

TEST_CASE("one of two leaving keeps the call, the last one leaving cancels it and frees the slot") {
    Bench bench({.max_in_flight = 1, .max_waiting = 10});
    auto& starter = bench.start("k");
    auto& guest = bench.start("k");
    auto& next = bench.start("next");
    bench.cancel(starter);
    REQUIRE(starter.answer);
    CHECK(starter.error() == ErrorKind::kCancelled);
    CHECK(starter.context.bill->of("jaeger").calls == 1);  // sent, so billed
    CHECK(bench.cancelled_operations.empty());
    CHECK_FALSE(guest.answer);

    bench.cancel(guest);
    CHECK(guest.error() == ErrorKind::kCancelled);
    CHECK(bench.cancelled_operations == std::vector<std::string>{"k#1"});
    CHECK(bench.order.back() == "next#3");  // has the slot now, without any time passing
    bench.open();
    CHECK(next.answer->has_value());
}

TEST_CASE("a call nobody waits for any more is not joined") {
    Bench bench({.max_in_flight = 2, .max_waiting = 10});
    auto& gone = bench.start("k");
    gone.signal.emit(asio::cancellation_type::terminal
    );  // not polled: the operation still winds down
    auto& fresh = bench.start("k");
    bench.open();
    REQUIRE(fresh.answer);
    CHECK(fresh.answer->has_value());
    CHECK(**fresh.answer.value() == "k#2");
}

TEST_CASE("a cancelled waiting call leaves the line without running") {
    Bench bench({.max_in_flight = 1, .max_waiting = 1});
    bench.start("running");
    auto& waiting = bench.start("w");
    bench.cancel(waiting);
    CHECK(waiting.error() == ErrorKind::kCancelled);
    CHECK(bench.governor.stats().waiting == 0);
    bench.open();
    CHECK(bench.order == std::vector<std::string>{"running#1"});
    CHECK(bench.governor.stats().started == 1);
}

TEST_CASE("a caller whose deadline passes leaves, the call goes on for the others") {
    Bench bench({.max_in_flight = 1, .max_waiting = 10});
    auto& hasty = bench.start("k", Priority::kInteractive, in(20ms));
    auto& patient = bench.start("k");
    bench.io.restart();
    while (!hasty.answer && bench.io.run_one_for(test::kPatience) > 0) {
    }
    REQUIRE(hasty.answer);
    CHECK(hasty.error() == ErrorKind::kDeadline);
    CHECK(hasty.answer->error().upstream() == "jaeger");
    CHECK_FALSE(patient.answer);
    bench.open();
    CHECK(patient.answer->has_value());
}

TEST_CASE("the operation's deadline comes from its timeout, not from the caller who started it") {
    Bench bench({});
    const Deadline callers = in(test::kPatience);
    bench.start("k", Priority::kInteractive, callers);
    REQUIRE(bench.seen.size() == 1);
    CHECK(bench.seen[0].deadline > callers);
    CHECK(bench.seen[0].deadline < in(61s));
    bench.open();
}

TEST_CASE("calls that are over before they begin do not reach the upstream") {
    Bench bench({});
    auto& late = bench.start("k", Priority::kInteractive, in(-1ms));
    CHECK(late.error() == ErrorKind::kDeadline);
    CHECK(bench.order.empty());
}

TEST_CASE("a full line refuses the newest background call, else the new one") {
    Bench bench({.max_in_flight = 1, .max_waiting = 2});
    bench.start("running");
    auto& old_background = bench.start("b1", Priority::kBackground);
    auto& new_background = bench.start("b2", Priority::kBackground);
    auto& refused_background = bench.start("b3", Priority::kBackground);
    REQUIRE(refused_background.answer);
    CHECK(refused_background.error() == ErrorKind::kUnavailable);
    CHECK(refused_background.answer->error().code() == "overloaded");

    bench.start("i1");
    REQUIRE(new_background.answer);
    CHECK(new_background.answer->error().code() == "overloaded");
    CHECK_FALSE(old_background.answer);
    bench.start("i2");
    REQUIRE(old_background.answer);
    auto& refused = bench.start("i3");
    REQUIRE(refused.answer);
    CHECK(refused.error() == ErrorKind::kUnavailable);
    auto& joins = bench.start("i1");  // joining needs no room
    CHECK_FALSE(joins.answer);
    CHECK(bench.governor.stats().refused == 4);
    for (int i = 0; i < 3; ++i) {
        bench.open();
    }
    CHECK(joins.answer->has_value());
}

TEST_CASE("an exception in an operation is an internal error and frees the slot") {
    asio::io_context io;
    Governor governor("jaeger", {.max_in_flight = 1, .max_waiting = 1});
    for (int round = 0; round < 2; ++round) {
        std::function<Awaitable<Result<int>>(RequestContext)> broken = [](RequestContext
                                                                       ) -> Awaitable<Result<int>> {
            throw std::runtime_error("secret internals");
            co_return 1;
        };
        RequestContext context;
        const auto answer =
            test::run(io, governor.call<int>(context, "k", 1min, std::move(broken)));
        REQUIRE(answer.has_error());
        CHECK(answer.error().kind() == ErrorKind::kInternal);
        CHECK(answer.error().message().find("secret") == std::string::npos);
        CHECK(answer.error().log_detail() == "secret internals");
    }
    CHECK(governor.stats().in_flight == 0);
}
