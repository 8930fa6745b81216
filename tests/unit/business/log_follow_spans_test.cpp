#include "business/log_follow_spans.hpp"

#include "async/pulse.hpp"
#include "async/task_group.hpp"
#include "tests/unit/business/logs_fixture.hpp"

#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace meshscope;
using namespace std::chrono_literals;
using business::FollowedSpans;
using business::FollowedSpansBounds;
using business::SelectedSpans;
using test::kLogsBase;
using test::Logs;
using test::LogsFixture;
using test::SpanRow;

namespace {

constexpr std::int64_t kBase = kLogsBase * 1'000'000;  // µs

// A trace of one span, which began `start` µs after kLogsBase.
SelectedSpans trace_of(std::uint64_t id, std::int64_t start, const std::string& request) {
    SpanRow first;
    first.operation = "op" + std::to_string(start);
    first.start_us = kBase + start;
    first.tags = {{"guid:x-request-id", request}};
    SelectedSpans out;
    out.view.trace = test::make_trace({0, id}, {first});
    out.spans = {0};
    return out;
}

models::LogLine line(std::int64_t at, std::string_view trace, std::string_view request) {
    models::LogLine out;
    out.time_ns = (kBase + at) * 1'000;
    out.trace_id = trace;
    out.request_id = request;
    return out;
}

// A store whose traces come and go, and who looks for spans in it.
struct Watched {
    test::ManualClock clock{SystemTime(std::chrono::seconds(kLogsBase + 60))};
    FollowedSpansBounds bounds{2ms, 8ms, 3'600s, 1'000, 10'000};
    std::vector<SelectedSpans> store;
    bool fails = false;
    int searches = 0;
    std::int64_t from_ns = 0;
    std::string told;  // "op1,op2,"
    int news = 0;

    // Searches until `done`, or for a while.
    void run(std::function<void(FollowedSpans&)> begin, std::function<bool()> done) {
        FollowedSpans::Search search = [this](RequestContext, std::int64_t from) {
            return find(from);
        };
        FollowedSpans spans(std::move(search), clock, bounds);
        begin(spans);
        test::run_coroutine<int>([&] { return look(spans, done); });
    }

 private:
    Awaitable<FollowedSpans::Found> find(std::int64_t from) {
        ++searches;
        from_ns = from;
        FollowedSpans::Found found;
        found.spans = store;
        if (fails) {
            found.spans.clear();
            found.meta.warn("spans_unavailable", "jaeger is away");
        }
        co_return found;
    }
    Awaitable<int> look(FollowedSpans& spans, std::function<bool()> done) {
        const Executor executor = co_await boost::asio::this_coro::executor;
        TaskGroup group(executor, [](const std::string&, std::exception_ptr) { CHECK(false); });
        group.spawn("spans", [&] { return spans.run([] { return RequestContext(); }, [] {}); });
        Pulse rest;
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (!done() && std::chrono::steady_clock::now() < limit) {
            co_await rest.wait(std::chrono::steady_clock::now() + 1ms);
            FollowedSpans::Batch batch = spans.take();
            for (const auto& entry : batch.entries) {
                const auto& place = std::get<business::SpanEntry>(entry.what);
                const models::Trace& trace = *batch.traces[place.trace].trace;
                told += std::string(trace.spans[place.span].operation) + ",";
            }
            news += batch.news ? 1 : 0;
        }
        CHECK(done());
        group.cancel();
        co_await group.join(Deadline::never());
        co_return 0;
    }
};

}  // namespace

TEST_CASE(
    "spans of traces that lines tell of are told once, in order, late ones too", "[logs][follow]"
) {
    Watched world;
    world.store = {
        trace_of(0xaa, 300, "r-1"), trace_of(0xbb, 200, "r-2"), trace_of(0xcc, 100, "r-3")
    };
    world.run(
        [](FollowedSpans& spans) {
            spans.note(line(400, "000000000000000000000000000000aa", ""));
            spans.note(line(350, "", "r-2"));
        },
        [&] {
            if (world.searches == 3) {
                world.store.push_back(trace_of(0xaa, 250, "r-1"));
                world.store.back().view.trace = test::make_trace({0, 0xaa}, {[] {
                                                                     SpanRow late;
                                                                     late.id = 7;
                                                                     late.operation = "late";
                                                                     late.start_us = kBase + 250;
                                                                     return late;
                                                                 }()});
            }
            return world.told.find("late") != std::string::npos && world.searches > 6;
        }
    );
    CHECK(world.told == "op200,op300,late,");
    CHECK(world.from_ns == (kBase + 350) * 1'000);
    CHECK(world.news == 0);
}

TEST_CASE(
    "nothing is looked for without lines, for old lines, and beyond the bounds", "[logs][follow]"
) {
    Watched world;
    world.store = {trace_of(0xaa, 300, "r-1"), trace_of(0xbb, 200, "r-2")};
    SECTION("nobody writes") {
        int looks = 0;
        world.run([](FollowedSpans&) {}, [&] { return ++looks > 20; });
        CHECK(world.searches == 0);
    }
    SECTION("a line of long ago") {
        int looks = 0;
        world.run(
            [](FollowedSpans& spans) { spans.note(line(-3'600'000'000, "aa", "r-1")); },
            [&] { return ++looks > 20; }
        );
        CHECK(world.searches == 0);
    }
    SECTION("more ids than are kept: the newest stay") {
        world.bounds.ids = 1;
        world.run(
            [](FollowedSpans& spans) {
                spans.note(line(400, "aa", ""));
                spans.note(line(400, "bb", ""));
            },
            [&] { return world.searches > 2; }
        );
        CHECK(world.told == "op200,");
    }
    SECTION("lines that are not young any more") {
        world.bounds.young = 0s;
        int looks = 0;
        world.run(
            [](FollowedSpans& spans) { spans.note(line(400, "aa", "")); },
            [&] { return ++looks > 20; }
        );
        CHECK(world.searches == 0);
    }
}

TEST_CASE("what the reader has is not told again; hidden spans never are", "[logs][follow]") {
    Watched world;
    world.store = {
        trace_of(0xaa, 300, "r-1"), trace_of(0xbb, 200, "r-2"), trace_of(0xcc, 100, "r-3")
    };
    world.store[1].view.hidden = std::make_shared<const std::vector<bool>>(std::vector<bool>{true});
    world.run(
        [&](FollowedSpans& spans) {
            business::LogEntry told;
            told.what = business::SpanEntry{0, 0};
            business::LogEntry before;
            before.what = line(400, "aa", "");
            spans.note({told, before}, {world.store[0].view});
            spans.note(line(400, "bb", "r-2"));
            spans.note(line(400, "cc", ""));
        },
        [&] { return world.searches > 2; }
    );
    CHECK(world.told == "op100,");
}

TEST_CASE(
    "spans that cannot be looked for are said so, once, and when they can again", "[logs][follow]"
) {
    Watched world;
    world.store = {trace_of(0xaa, 300, "r-1")};
    world.fails = true;
    world.run(
        [](FollowedSpans& spans) { spans.note(line(400, "aa", "")); },
        [&] {
            world.fails = world.searches < 3;
            return world.news > 1;
        }
    );
    CHECK(world.news == 2);
    CHECK(world.told == "op300,");
}

TEST_CASE("spans of lines that are followed come behind them", "[logs][follow]") {
    LogsFixture f;
    f.parts.bounds.follow.gather = 2ms;
    f.parts.bounds.follow.spans.every = 2ms;
    f.set(0, "cart-v1", test::stamped(3, "begin"));
    business::TimelineQuery query;
    query.ns = "shop";
    query.workload = "cart-v1";
    query.spans = true;
    const Logs logs(f.parts);
    std::string told;
    test::run_coroutine<int>([&]() -> Awaitable<int> {
        auto followed = co_await logs.follow(f.context(), query, "");
        REQUIRE(followed.has_value());
        business::LogFollow& follow = *followed->on;
        bool written = false;
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (told.find("op") == std::string::npos && std::chrono::steady_clock::now() < limit) {
            const auto batch = co_await follow.next(std::chrono::steady_clock::now() + 5ms);
            for (const models::LogLine& one : batch.lines) {
                told += std::string(one.message) + ",";
            }
            for (const auto& entry : batch.spans.entries) {
                const auto& place = std::get<business::SpanEntry>(entry.what);
                told += batch.spans.traces[place.trace].trace->spans[place.span].operation;
                told += ",";
            }
            if (!std::exchange(written, true)) {
                const std::string trace(30, '0');
                f.cluster.append_log(
                    "shop",
                    f.pods[0],
                    "cart-v1",
                    test::stamped(9, "served trace_id=" + trace + "aa")
                );
                f.add_span(0xaa, 8, "id-1");
                f.add_span(0xbb, 9, "id-2");
            }
        }
        co_await follow.end();
        co_return 0;
    });
    CHECK(told.find("served") < told.find("op8"));
    CHECK(told.ends_with("op8,"));
}
