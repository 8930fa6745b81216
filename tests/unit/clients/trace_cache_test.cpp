#include "clients/trace_cache.hpp"

#include "tests/support/fake_trace_store.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients;
using namespace std::chrono_literals;
using test::SpanRow;

namespace {

constexpr std::int64_t kNow = 1'763'683'200'000'000;  // of the ManualClock, µs

// A trace that ended so long before now.
models::TracePtr ended(std::uint64_t id, std::chrono::microseconds ago, std::size_t bytes = 0) {
    SpanRow row;
    row.duration_us = 1'000;
    row.start_us = kNow - ago.count() - row.duration_us;
    row.tags = {{"padding", std::string(bytes, 'x')}};
    return test::make_trace({0, id}, {row});
}

// What one such trace takes in the cache, roughly.
std::size_t size_of_one(std::size_t bytes) { return ended(9, 2min, bytes)->memory_bytes() + 64; }

TraceBatch batch_of(models::TracePtr trace) {
    TraceBatch batch;
    batch.traces.push_back(std::move(trace));
    return batch;
}

struct Cache {
    test::FakeTraceStore store;
    test::ManualClock clock;
    std::map<CacheOutcome, int> outcomes;
    std::unique_ptr<CachingTraceStore> cache;

    explicit Cache(TraceCacheOptions options = {}) {
        options.on_lookup = [this](CacheOutcome outcome) { ++outcomes[outcome]; };
        cache = std::make_unique<CachingTraceStore>(store, clock, std::move(options));
    }

    Result<TraceBatch> get(
        std::uint64_t id, std::optional<TimeRange> near = {}, RequestContext context = {}
    ) {
        return test::run_coroutine<Result<TraceBatch>>([&] {
            return cache->get_trace(context, TraceId{0, id}, near);
        });
    }
    [[nodiscard]] std::size_t asked() const { return store.looked_up().size(); }
};

}  // namespace

TEST_CASE("a settled, complete trace is fetched once and billed as cached", "[trace_cache]") {
    Cache f;
    f.store.add(ended(1, 61s));
    const auto first = f.get(1);
    RequestContext context;
    const auto second = f.get(1, {}, context);
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->traces.front() == second->traces.front());
    CHECK(f.asked() == 1);
    CHECK(context.bill->of("jaeger").cached == 1);
    CHECK(context.bill->of("jaeger").calls == 0);
    CHECK(f.outcomes[CacheOutcome::kMissed] == 1);
    CHECK(f.outcomes[CacheOutcome::kKept] == 1);
    CHECK(f.cache->stats().traces == 1);
    CHECK(f.cache->stats().bytes >= first->traces.front()->memory_bytes());

    CHECK(f.get(1, TimeRange{from_micros(0), from_micros(1)}).has_value());
    CHECK(f.asked() == 1);
}

TEST_CASE("what the store said beside the trace is said again", "[trace_cache]") {
    Cache f;
    TraceBatch batch = batch_of(ended(1, 2min));
    batch.warnings.push_back({"spans_dropped", "1 span has no id"});
    batch.dropped.push_back({"bad_span_id", 1});
    f.store.script(batch);
    REQUIRE(f.get(1).has_value());
    const auto again = f.get(1);
    REQUIRE(again.has_value());
    CHECK(again->warnings.front().code == "spans_dropped");
    CHECK(again->dropped.front().count == 1);
    CHECK(f.asked() == 1);
}

TEST_CASE("what may still change or is not whole is not kept", "[trace_cache]") {
    struct Row {
        const char* name;
        std::chrono::microseconds ago;
        StoppedBy stopped_by;
        bool error;
        bool narrowed;
    };
    const Row rows[] = {
        {"ended less than a minute ago", 59s, StoppedBy::kComplete, false, false},
        {"ends in the future", -10min, StoppedBy::kComplete, false, false},
        {"cut by bytes", 2min, StoppedBy::kBytes, false, false},
        {"cut by time", 2min, StoppedBy::kTime, false, false},
        {"the backend reported an error", 2min, StoppedBy::kComplete, true, false},
        {"asked for near a time", 2min, StoppedBy::kComplete, false, true},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        Cache f;
        TraceBatch batch = batch_of(ended(1, row.ago));
        batch.stopped_by = row.stopped_by;
        if (row.error) {
            batch.errors.push_back({500, "shard failed", ""});
        }
        f.store.script(std::move(batch));
        f.store.add(ended(1, 2min));
        const auto near = row.narrowed ? std::optional(TimeRange{from_micros(0), from_micros(kNow)})
                                       : std::nullopt;
        REQUIRE(f.get(1, near).has_value());
        CHECK(f.cache->stats().traces == 0);
        REQUIRE(f.get(1).has_value());
        CHECK(f.asked() == 2);
    }
}

TEST_CASE("a trace still being written is shared for a moment, while it is held", "[trace_cache]") {
    Cache f;
    f.store.add(ended(1, 1s));
    {
        const auto held = f.get(1);
        f.clock.advance(1900ms);
        const auto other = f.get(1);
        REQUIRE(other.has_value());
        CHECK(other->traces.front() == held->traces.front());
        CHECK(f.outcomes[CacheOutcome::kShared] == 1);
        CHECK(f.asked() == 1);
        f.clock.advance(200ms);
        CHECK(f.get(1).has_value());
        CHECK(f.asked() == 2);  // held, but two seconds old
    }
    f.store.script(batch_of(ended(2, 1s)));
    f.store.script(batch_of(ended(2, 1s)));
    CHECK(f.get(2).has_value());
    CHECK(f.get(2).has_value());  // fetched just now, but held by nobody
    CHECK(f.asked() == 4);
}

TEST_CASE("a second read of a young trace sees what was written meanwhile", "[trace_cache]") {
    Cache f;
    SpanRow root;
    root.start_us = kNow - 2'000;
    SpanRow late = root;
    late.id = 2;
    late.parent = 1;
    f.store.script(batch_of(test::make_trace({0, 1}, {root})));
    f.store.script(batch_of(test::make_trace({0, 1}, {root, late})));
    const auto first = f.get(1);
    f.clock.advance(3s);
    const auto second = f.get(1);
    REQUIRE(second.has_value());
    CHECK(first->traces.front()->spans.size() == 1);
    CHECK(second->traces.front()->spans.size() == 2);
}

TEST_CASE("a store that was emptied answers plainly once the time is over", "[trace_cache]") {
    Cache f;
    f.store.script(batch_of(ended(1, 2min)));  // and then it knows nothing
    REQUIRE(f.get(1).has_value());
    f.clock.advance(4min);
    CHECK(f.get(1).has_value());
    f.clock.advance(2min);
    for (int i = 0; i < 2; ++i) {
        const auto gone = f.get(1);
        REQUIRE_FALSE(gone.has_value());
        CHECK(gone.error().kind() == ErrorKind::kNotFound);
    }
    CHECK(f.asked() == 3);  // that it is unknown is not kept
    f.store.add(ended(1, 2min));
    CHECK(f.get(1).has_value());
}

TEST_CASE("the least lately used traces go when the bytes are used up", "[trace_cache]") {
    TraceCacheOptions options;
    options.max_bytes = size_of_one(100'000) * 7 / 2;
    Cache f(options);
    for (const std::uint64_t id : {1U, 2U, 3U, 4U, 2U}) {
        f.store.script(batch_of(ended(id, 2min, 100'000)));  // held by the cache only
    }
    for (const std::uint64_t id : {1U, 2U, 3U, 1U, 4U}) {
        REQUIRE(f.get(id).has_value());
    }
    CHECK(f.cache->stats().traces == 3);
    CHECK(f.cache->stats().bytes <= options.max_bytes);
    CHECK(f.asked() == 4);
    REQUIRE(f.get(1).has_value());
    REQUIRE(f.get(3).has_value());
    REQUIRE(f.get(4).has_value());
    CHECK(f.asked() == 4);
    REQUIRE(f.get(2).has_value());
    CHECK(f.asked() == 5);
}

TEST_CASE("a trace that had to go is shared while it is held", "[trace_cache]") {
    TraceCacheOptions options;
    options.max_bytes = size_of_one(100'000) * 3 / 2;
    Cache f(options);
    f.store.add(ended(1, 2min, 100'000));
    f.store.add(ended(2, 2min, 100'000));
    const auto held = f.get(1);
    REQUIRE(f.get(2).has_value());
    CHECK(f.cache->stats().traces == 1);
    const auto again = f.get(1);
    REQUIRE(again.has_value());
    CHECK(again->traces.front() == held->traces.front());
    CHECK(f.outcomes[CacheOutcome::kShared] == 1);
    CHECK(f.asked() == 2);
}

TEST_CASE("a trace larger than the cache is shared while it is held", "[trace_cache]") {
    TraceCacheOptions options;
    options.max_bytes = 50'000;
    Cache f(options);
    f.store.script(batch_of(ended(1, 2min, 100'000)));
    f.store.script(batch_of(ended(1, 2min, 100'000)));
    {
        const auto held = f.get(1);
        f.clock.advance(1min);  // settled: longer than a moment
        CHECK(f.get(1).has_value());
        CHECK(f.asked() == 1);
    }
    CHECK(f.get(1).has_value());
    CHECK(f.asked() == 2);
    CHECK(f.cache->stats().bytes == 0);
}

TEST_CASE("a cache of no bytes keeps nothing", "[trace_cache]") {
    TraceCacheOptions options;
    options.max_bytes = 0;
    Cache f(options);
    f.store.script(batch_of(ended(1, 2min)));
    f.store.script(batch_of(ended(1, 2min)));
    CHECK(f.get(1).has_value());
    CHECK(f.get(1).has_value());
    CHECK(f.asked() == 2);
}

TEST_CASE("an idle cache gives up what has outlived its time", "[trace_cache]") {
    Cache f;
    f.store.add(ended(1, 2min));
    REQUIRE(f.get(1).has_value());
    f.clock.advance(4min);
    f.cache->expire();
    CHECK(f.cache->stats().traces == 1);
    f.clock.advance(2min);
    f.cache->expire();
    CHECK(f.cache->stats().traces == 0);
    CHECK(f.cache->stats().bytes == 0);
}

TEST_CASE("many threads, a few traces: every answer is the right one", "[trace_cache][threads]") {
    test::FakeTraceStore store;
    test::ManualClock clock;
    TraceCacheOptions options;
    options.max_bytes = size_of_one(10'000) * 5 / 2;  // two fit
    CachingTraceStore cache(store, clock, options);
    for (std::uint64_t id = 1; id <= 4; ++id) {
        store.add(ended(id, id == 4 ? 1s : 120s, 10'000));
    }
    auto work = [&cache](std::uint64_t seed) -> Awaitable<int> {
        int wrong = 0;
        for (std::uint64_t i = 0; i < 300; ++i) {
            const TraceId id{0, 1 + (seed + i * i) % 4};
            RequestContext context;
            const auto batch = co_await cache.get_trace(context, id, std::nullopt);
            wrong += batch && batch->traces.front()->id == id ? 0 : 1;
            if (i % 50 == 0) {
                cache.expire();
            }
        }
        co_return wrong;
    };
    std::array<test::IoThread, 4> threads;
    std::vector<std::future<int>> done;
    for (std::uint64_t i = 0; i < threads.size(); ++i) {
        done.push_back(threads[i].start(work(i)));
    }
    for (auto& future : done) {
        CHECK(future.get() == 0);
    }
    CHECK(cache.stats().bytes <= options.max_bytes);
}
