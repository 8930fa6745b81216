#include "clients/prometheus/answer_cache.hpp"

#include "tests/support/fake_metric_store.hpp"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

namespace meshscope::clients::prometheus {

namespace {

using namespace std::chrono_literals;

VectorAnswerPtr answer_of(double value, std::size_t rows = 1) {
    auto answer = std::make_shared<VectorAnswer>();
    std::vector<test::MetricRow> items;
    for (std::size_t i = 0; i < rows; ++i) {
        items.push_back({{{"pod", "p" + std::to_string(i)}}, value});
    }
    answer->data = test::metric_vector(items);
    return answer;
}

MatrixAnswerPtr points() { return std::make_shared<MatrixAnswer>(); }

MetricRange range_to(SystemTime end) {
    MetricRange range;
    range.start = end - 60s;
    range.end = end;
    range.step = 15s;
    return range;
}

}  // namespace

TEST_CASE("an answer about now serves those who ask a little later, not earlier") {
    test::ManualClock clock;
    AnswerCache cache({}, clock);
    const SystemTime now = clock.now();
    const auto first = answer_of(1);
    cache.keep("up", now, first);
    for (int ms = 0; ms < 7'000; ms += 250) {
        INFO(ms);
        CHECK(cache.find("up", now + std::chrono::milliseconds(ms)) == first);
    }
    CHECK(cache.find("up", now + 7s) == nullptr);
    CHECK(cache.find("up", now - 1ms) == nullptr);
    CHECK(cache.find("down", now) == nullptr);
    clock.advance(7s);
    CHECK(cache.find("up", now) == nullptr);
    CHECK(cache.find("up", clock.now()) == nullptr);
}

TEST_CASE("an answer about the past serves the same moment, for long") {
    test::ManualClock clock;
    AnswerCache cache({}, clock);
    const SystemTime past = clock.now() - 10min;
    const auto first = answer_of(1);
    cache.keep("up", past, first);
    CHECK(cache.find("up", past) == first);
    CHECK(cache.find("up", past + 1ms) == nullptr);
    clock.advance(299s);
    CHECK(cache.find("up", past) == first);
    clock.advance(1s);
    CHECK(cache.find("up", past) == nullptr);
}

TEST_CASE("ranges are kept for the same start, end and step") {
    test::ManualClock clock;
    AnswerCache cache({}, clock);
    const MetricRange range = range_to(clock.now());
    const auto first = points();
    cache.keep("up", range, first);
    CHECK(cache.find("up", range) == first);
    MetricRange other = range;
    other.end += 15s;
    CHECK(cache.find("up", other) == nullptr);
    other = range;
    other.start += 15s;
    CHECK(cache.find("up", other) == nullptr);
    other = range;
    other.step = 30s;
    CHECK(cache.find("up", other) == nullptr);
    CHECK(cache.find("up", clock.now()) == nullptr);  // a vector of the same text
    clock.advance(7s);
    CHECK(cache.find("up", range) == nullptr);
}

TEST_CASE("the bytes are bounded: the least lately used go") {
    test::ManualClock clock;
    AnswerCacheOptions options;
    options.max_bytes = 100'000;
    AnswerCache cache(options, clock);
    const SystemTime past = clock.now() - 1h;
    for (int i = 0; i < 100; ++i) {
        cache.keep("q" + std::to_string(i), past, answer_of(i, 100));
        CHECK(cache.stats().bytes <= 100'000);
        CHECK(cache.find("q0", past) != nullptr);  // used again and again
    }
    CHECK(cache.stats().answers > 1);
    CHECK(cache.stats().answers < 20);
    CHECK(cache.find("q1", past) == nullptr);
    CHECK(cache.find("q99", past) != nullptr);
    cache.keep("huge", past, answer_of(1, 10'000));
    CHECK(cache.find("huge", past) == nullptr);
    CHECK(cache.find("q99", past) != nullptr);
    clock.advance(10min);
    cache.expire();
    CHECK(cache.stats().answers == 0);
    CHECK(cache.stats().bytes == 0);
}

TEST_CASE("the memory is usable from many threads") {
    test::ManualClock clock;
    AnswerCacheOptions options;
    options.max_bytes = 20'000;
    AnswerCache cache(options, clock);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 200; ++i) {
                const std::string query = "q" + std::to_string((i * 7 + thread) % 40);
                if (!cache.find(query, clock.now())) {
                    cache.keep(query, clock.now(), answer_of(i, 3));
                }
                cache.expire();
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(cache.stats().bytes <= 20'000);
}

}  // namespace meshscope::clients::prometheus
