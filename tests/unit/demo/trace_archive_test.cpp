#include "demo/jaeger/trace_archive.hpp"

#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

using namespace meshscope;
using namespace meshscope::demo;

namespace {

struct World {
    explicit World(std::string_view scenario = "normal")
        : archive(EventStream(*scenario_named(scenario), 1, clock.now()), clock) {}

    test::ManualClock clock;
    TraceArchive archive;
};

SpanQuery everything(std::string service = {}) {
    SpanQuery query;
    query.service = std::move(service);
    query.start_ns = std::numeric_limits<std::int64_t>::min();
    query.end_ns = std::numeric_limits<std::int64_t>::max();
    return query;
}

bool has_error(const SpanRecord& span) { return span.status == StatusCode::kError; }

}  // namespace

TEST_CASE("an hour of traces is there at once, newest first, cut at the limit") {
    World world;
    const auto all = world.archive.search(everything(), 10'000);
    CHECK(all.size() >= 895);
    CHECK(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a->start_ns > b->start_ns;
    }));
    const auto newest = world.archive.search(everything(), 3);
    REQUIRE(newest.size() == 3);
    CHECK(newest[2]->id == all[2]->id);
}

TEST_CASE("gaps hold for what there is already, and end") {
    test::ManualClock clock;
    const EventStream stream(*scenario_named("gaps"), 1, clock.now());
    TraceArchive archive(stream, clock);
    const std::size_t before = archive.search(everything(), 10'000).size();
    GapRules rules;
    rules.sampled = 1'000;
    stream.gaps().set(rules);
    archive.render_again();
    const std::size_t sampled = archive.search(everything(), 10'000).size();
    CHECK(sampled < before / 8);
    CHECK(sampled > before / 13);
    rules = {};
    rules.drops = {{"details-v1", 100}};
    stream.gaps().set(rules);
    archive.render_again();
    CHECK(archive.search(everything("details.bookinfo"), 10'000).empty());
    stream.gaps().set({});
    archive.render_again();
    CHECK(archive.search(everything(), 10'000).size() == before);
}

TEST_CASE("a trace appears when its request has ended and is forgotten in the end") {
    World world;
    const std::size_t before = world.archive.search(everything(), 10'000).size();
    world.clock.advance(std::chrono::minutes(1));
    const std::size_t after = world.archive.search(everything(), 10'000).size();
    CHECK(after >= before + 14);
    CHECK(after <= before + 17);
    const auto now = to_micros(world.clock.now());
    for (const auto& trace : world.archive.search(everything(), 10'000)) {
        CHECK(trace->end_us() <= now);
    }
    world.clock.advance(std::chrono::hours(200));
    const auto later = world.archive.search(everything(), 100'000);
    REQUIRE(later.size() > 2'000);
    CHECK(later.size() < 2'800);
    CHECK(later.back()->start_us() >= to_micros(world.clock.now() - TraceArchive::kRetention));
}

TEST_CASE("all conditions of a search hold on one span") {
    World world;
    SpanQuery query = everything("productpage.bookinfo");
    query.tags = {{"error", "true"}};
    const auto found = world.archive.search(query, 10'000);
    CHECK(found.size() > 10);
    for (const auto& trace : found) {
        CHECK(std::any_of(trace->spans.begin(), trace->spans.end(), [&](const SpanRecord& span) {
            return trace->processes[span.process].service == "productpage.bookinfo" &&
                   has_error(span);
        }));
    }
    // Details answers nothing when it cannot be reached, so no span of its own is in error.
    query.service = "details.bookinfo";
    CHECK(world.archive.search(query, 10'000).empty());
}

TEST_CASE("search by operation, duration, tag places and window") {
    World world;
    SpanQuery query = everything("ratings.bookinfo");
    query.min_duration_ns = 1'000'000'000;
    const auto slow = world.archive.search(query, 10'000);
    CHECK_FALSE(slow.empty());
    query.max_duration_ns = 1'000'001'000;
    CHECK(world.archive.search(query, 10'000).empty());

    query = everything();
    query.operation = "/travels/paris";
    CHECK_FALSE(world.archive.search(query, 10).empty());
    query.operation = "/travels";
    CHECK(world.archive.search(query, 10).empty());

    query = everything("krakend-gateway");
    query.tags = {{"event", "first-byte-time"}};
    CHECK_FALSE(world.archive.search(query, 10).empty());  // a log's field
    query.tags = {{"telemetry.sdk.language", "go"}};
    CHECK_FALSE(world.archive.search(query, 10).empty());  // a process tag
    query.tags = {{"http.response.status_code", "500"}};
    CHECK_FALSE(world.archive.search(query, 10).empty());  // a number
    query.tags = {{"error", "true"}};
    CHECK(world.archive.search(query, 10).empty());  // words are no status

    query = everything();
    query.end_ns = to_micros(world.clock.now() - std::chrono::minutes(30)) * 1000;
    query.start_ns = query.end_ns - 60'000'000'000;
    const auto minute = world.archive.search(query, 10'000);
    CHECK(minute.size() >= 14);
    CHECK(minute.size() <= 17);
}

TEST_CASE("services, operations and traces by id") {
    World world;
    const auto services = world.archive.services();
    CHECK(services.size() == 12);
    CHECK(std::is_sorted(services.begin(), services.end()));
    const auto operations = world.archive.operations("ratings.bookinfo", "");
    REQUIRE(operations.size() == 1);
    CHECK(operations.front().kind == "server");
    CHECK(world.archive.operations("ratings.bookinfo", "client").empty());
    const auto newest = world.archive.search(everything(), 1).front();
    CHECK(world.archive.find(newest->id) == newest);
    CHECK(world.archive.find(TraceId{1, 2}) == nullptr);
    CHECK(World("many-workloads").archive.services().size() == 1'012);
}
