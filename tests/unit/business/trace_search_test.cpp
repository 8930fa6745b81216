#include "business/trace_search.hpp"

#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace meshscope;
using namespace meshscope::business;
using clients::StoppedBy;
using test::make_trace;
using test::SpanRow;

namespace {

constexpr std::int64_t kBase = 1'763'683'200'000'000;

// Trace `id` starts `id` seconds after kBase.
models::TracePtr numbered(std::uint64_t id, bool match = false) {
    SpanRow row;
    row.start_us = kBase + static_cast<std::int64_t>(id) * 1'000'000;
    row.operation = match ? "match" : "other";
    return make_trace({0, id}, {row});
}

struct Fixture {
    test::FakeTraceStore store;
    test::ManualClock clock;
    SearchPlan plan;

    Fixture() {
        plan.query.window = {from_micros(kBase), from_micros(kBase + 3'600'000'000)};
        plan.query.limit = 10;
    }
    void only_matches() {
        plan.judge = [](const models::TracePtr& trace) {
            return trace->spans[0].operation == "match";
        };
    }
    Result<SearchOutcome> run(RequestContext context = {}) {
        return test::run_coroutine<Result<SearchOutcome>>([&] {
            return search_traces(store, clock, nullptr, context, plan);
        });
    }
};

std::vector<std::uint64_t> ids(const SearchOutcome& outcome) {
    std::vector<std::uint64_t> out;
    for (const auto& trace : outcome.traces) {
        out.push_back(trace->id.low);
    }
    return out;
}

}  // namespace

TEST_CASE("a filter after the limit searches deeper until the limit is reached", "[search]") {
    Fixture f;
    for (std::uint64_t i = 1; i <= 60; ++i) {
        f.store.add(numbered(i, i % 4 == 0));
    }
    f.only_matches();
    const auto outcome = f.run();
    REQUIRE(outcome.has_value());
    CHECK(ids(*outcome) == std::vector<std::uint64_t>{60, 56, 52, 48, 44, 40, 36, 32, 28, 24});
    CHECK(outcome->scanned == 40);
    CHECK(outcome->stopped_by == StoppedBy::kLimit);
    const auto queries = f.store.queries();
    REQUIRE(queries.size() == 3);
    CHECK(queries[0].limit == 10);
    CHECK(queries[1].limit == 20);
    CHECK(queries[2].limit == 40);
}

TEST_CASE("too few matches in the whole window is a complete answer", "[search]") {
    Fixture f;
    for (std::uint64_t i = 1; i <= 25; ++i) {
        f.store.add(numbered(i, i == 3));
    }
    f.only_matches();
    const auto outcome = f.run();
    REQUIRE(outcome.has_value());
    CHECK(ids(*outcome) == std::vector<std::uint64_t>{3});
    CHECK(outcome->stopped_by == StoppedBy::kComplete);
    CHECK(outcome->scanned == 25);
    CHECK_FALSE(outcome->next);
}

TEST_CASE("the depth never exceeds 10000 traces", "[search]") {
    Fixture f;
    f.plan.query.limit = 4000;
    f.only_matches();
    for (int round = 0; round < 5; ++round) {
        clients::TraceBatch full;
        full.traces.push_back(numbered(1));
        full.stopped_by = StoppedBy::kLimit;
        f.store.script(full);
    }
    REQUIRE(f.run().has_value());
    const auto queries = f.store.queries();
    REQUIRE(queries.size() == 4);
    CHECK(queries[2].limit == 10'000);
    CHECK(queries[3].limit == 10'000);
    CHECK(queries[3].window.end == from_micros(kBase + 1'000'001));
}

TEST_CASE("newest first, equal starts by id, whatever the store's order", "[search]") {
    Fixture f;
    SpanRow row;
    row.start_us = kBase + 5'000'000;
    clients::TraceBatch batch;
    batch.traces = {
        numbered(2),
        make_trace({0, 9}, {row}),
        numbered(7),
        make_trace({0, 5}, {row}),
        make_trace({1, 1}, {row})
    };
    for (int round = 0; round < 2; ++round) {
        f.store.script(batch);
        const auto outcome = f.run();
        REQUIRE(outcome.has_value());
        REQUIRE(outcome->traces.size() == 5);
        CHECK(outcome->traces[0]->id == TraceId{0, 7});
        CHECK(outcome->traces[1]->id == TraceId{0, 5});
        CHECK(outcome->traces[2]->id == TraceId{0, 9});
        CHECK(outcome->traces[3]->id == TraceId{1, 1});
        CHECK(outcome->traces[4]->id == TraceId{0, 2});
        std::reverse(batch.traces.begin(), batch.traces.end());
    }
}

TEST_CASE("a limit that is met exactly with nothing below is complete", "[search]") {
    Fixture f;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        f.store.add(numbered(i));
    }
    clients::TraceBatch all;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        all.traces.push_back(numbered(i));
    }
    f.store.script(all);
    const auto outcome = f.run();
    REQUIRE(outcome.has_value());
    CHECK(outcome->stopped_by == StoppedBy::kComplete);
    CHECK_FALSE(outcome->next);
}

TEST_CASE("cursors walk through every trace once, ties included", "[search]") {
    Fixture f;
    std::set<TraceId> expected;
    for (std::uint64_t i = 1; i <= 40; ++i) {
        SpanRow row;
        row.start_us = kBase + static_cast<std::int64_t>(i / 4) * 1000;  // four start together
        f.store.add(make_trace({0, i}, {row}));
        expected.insert(TraceId{0, i});
    }
    f.plan.query.limit = 7;
    std::set<TraceId> seen;
    std::optional<TracePosition> last;
    for (int page = 0; page < 20; ++page) {
        const auto outcome = f.run();
        REQUIRE(outcome.has_value());
        for (const auto& trace : outcome->traces) {
            CHECK(seen.insert(trace->id).second);
            CHECK((!last || comes_before(*last, position_of(*trace))));
            last = position_of(*trace);
        }
        if (!outcome->next) {
            CHECK(outcome->stopped_by == StoppedBy::kComplete);
            break;
        }
        f.plan.after = TracePosition::from_cursor(outcome->next->to_cursor());
        REQUIRE(f.plan.after == outcome->next);
    }
    CHECK(seen == expected);
}

TEST_CASE(
    "the next page begins below what the store looked at, whatever its filter left", "[search]"
) {
    Fixture f;
    clients::TraceBatch filtered;
    filtered.stopped_by = StoppedBy::kLimit;
    filtered.oldest = clients::TracePlace{(kBase + 50'000'000) * 1000, TraceId{0, 50}};
    const auto run = [&] {
        for (int round = 0; round < 6; ++round) {
            f.store.script(filtered);
        }
        return f.run();
    };
    auto outcome = run();
    REQUIRE(outcome.has_value());
    CHECK(outcome->stopped_by == StoppedBy::kLimit);
    REQUIRE(outcome->next);
    CHECK(outcome->next->id == TraceId{0, 50});

    const auto seen = numbered(90);
    f.plan.after = position_of(*seen);
    filtered.traces = {seen};  // the only one that passed, of the page before
    outcome = run();
    REQUIRE(outcome.has_value());
    REQUIRE(outcome->next);
    CHECK(outcome->next->id == TraceId{0, 50});
}

TEST_CASE("a page goes on past a microsecond with more traces than a search reaches", "[search]") {
    Fixture f;
    SpanRow row;
    row.start_us = kBase + 5'000'000;
    for (std::uint64_t i = 1; i <= 400; ++i) {
        f.store.add(make_trace({0, i}, {row}));
    }
    f.store.add(numbered(1));
    f.plan.after = TracePosition{row.start_us * 1000, TraceId{0, 400}};
    auto outcome = f.run();
    REQUIRE(outcome.has_value());
    REQUIRE(outcome->next);
    CHECK(comes_before(*f.plan.after, *outcome->next));
    f.plan.after = outcome->next;
    outcome = f.run();
    REQUIRE(outcome.has_value());
    CHECK(ids(*outcome) == std::vector<std::uint64_t>{1});
    CHECK(outcome->stopped_by == StoppedBy::kComplete);
}

TEST_CASE("a store that searches no deeper is not asked again for the same", "[search]") {
    Fixture f;
    f.only_matches();
    for (int round = 0; round < 2; ++round) {
        clients::TraceBatch shallow;
        shallow.traces = {numbered(9, true), numbered(8)};
        shallow.stopped_by = StoppedBy::kLimit;
        shallow.depth = 15;
        f.store.script(shallow);
    }
    clients::TraceBatch older;
    older.traces = {numbered(8), numbered(7, true)};
    f.store.script(older);
    const auto outcome = f.run();
    REQUIRE(outcome.has_value());
    const auto queries = f.store.queries();
    REQUIRE(queries.size() == 3);  // 10, 20 of which 15 were looked at, and 15 from there on
    CHECK(queries[2].limit == 15);
    CHECK(queries[2].window.end == from_micros(kBase + 8'000'001));
    CHECK(ids(*outcome) == std::vector<std::uint64_t>{9, 7});
    CHECK(outcome->scanned == 16);
    CHECK(outcome->stopped_by == StoppedBy::kComplete);
}

TEST_CASE("texts that are no cursor", "[search]") {
    for (const char* text : {"", "x", "MS4x", "!!!!", "MS4tNS4x", "Mi41LjE", "MS41Lg"}) {
        INFO(text);
        CHECK_FALSE(TracePosition::from_cursor(text));
    }
    CHECK_FALSE(TracePosition::from_cursor(std::string(200, 'A')));
}

TEST_CASE("a deeper search that fails leaves what was found, with a warning", "[search]") {
    struct Row {
        ErrorKind kind;
        StoppedBy expected;
    };
    for (const Row& row :
         {Row{ErrorKind::kDeadline, StoppedBy::kTime},
          Row{ErrorKind::kUpstreamUnavailable, StoppedBy::kBackend}}) {
        Fixture f;
        f.only_matches();
        clients::TraceBatch first;
        first.traces = {numbered(9, true), numbered(8)};
        first.stopped_by = StoppedBy::kLimit;
        f.store.script(first);
        f.store.script(Error(row.kind, "gone"));
        const auto outcome = f.run();
        REQUIRE(outcome.has_value());
        CHECK(ids(*outcome) == std::vector<std::uint64_t>{9});
        CHECK(outcome->stopped_by == row.expected);
        REQUIRE(outcome->warnings.size() == 1);
        CHECK(outcome->warnings[0].code == "search_cut");
        CHECK_FALSE(outcome->next);
    }
}

TEST_CASE("no deeper search begins after the deadline", "[search]") {
    Fixture f;
    f.only_matches();
    for (std::uint64_t i = 1; i <= 60; ++i) {
        f.store.add(numbered(i, i == 60));
    }
    RequestContext context;
    context.deadline = Deadline(f.clock.steady_now());
    const auto outcome = f.run(context);
    REQUIRE(outcome.has_value());
    CHECK(f.store.queries().size() == 1);
    CHECK(ids(*outcome) == std::vector<std::uint64_t>{60});
    CHECK(outcome->stopped_by == StoppedBy::kTime);
}

TEST_CASE("an answer that holds nothing because something failed is an error", "[search]") {
    struct Row {
        const char* name;
        StoppedBy stopped_by;
        bool store_errors;
        ErrorKind expected;
    };
    const Row rows[] = {
        {"cut by time before the first trace", StoppedBy::kTime, false, ErrorKind::kDeadline},
        {"cut by size", StoppedBy::kBytes, false, ErrorKind::kUpstreamProtocol},
        {"the backend broke off", StoppedBy::kBackend, false, ErrorKind::kUpstreamProtocol},
        {"the backend's own errors", StoppedBy::kComplete, true, ErrorKind::kUpstreamProtocol},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        Fixture f;
        clients::TraceBatch batch;
        batch.stopped_by = row.stopped_by;
        if (row.store_errors) {
            batch.errors.push_back({500, "storage is on fire", ""});
        }
        f.store.script(batch);
        const auto outcome = f.run();
        REQUIRE_FALSE(outcome.has_value());
        CHECK(outcome.error().kind() == row.expected);
        if (row.store_errors) {
            CHECK(outcome.error().detail() == "storage is on fire");
        }
    }
    Fixture f;
    f.store.fail_with(Error(ErrorKind::kUpstreamUnavailable, "connection refused"));
    CHECK(f.run().error().kind() == ErrorKind::kUpstreamUnavailable);
}

TEST_CASE(
    "to limited callers a search gives away no place of a trace that is not kept",
    "[search][rights]"
) {
    Fixture f;
    f.plan.limited_rights = true;
    f.plan.judge = [](const models::TracePtr& trace) { return trace->id.low < 100; };
    const auto run = [&](std::int64_t oldest_us, std::vector<models::TracePtr> kept) {
        clients::TraceBatch batch;
        batch.traces = std::move(kept);
        batch.stopped_by = StoppedBy::kLimit;
        batch.depth = 5;  // searches no deeper
        batch.oldest = clients::TracePlace{oldest_us * 1000 + 7, TraceId{0, 500}};
        f.store.script(batch);
        f.store.script(batch);
        auto outcome = f.run();
        REQUIRE(outcome.has_value());
        REQUIRE(outcome->next);
        CHECK(outcome->covered->start == from_micros(outcome->next->start_ns / 1000));
        return *outcome->next;
    };
    const TracePosition second = run(kBase + 50'123'456, {});
    CHECK(second == TracePosition{(kBase + 51'000'000) * 1000, TraceId{}});

    // Finer only where paging would not get on.
    f.plan.after = second;
    const TracePosition milli = run(kBase + 50'123'456, {});
    CHECK(milli == TracePosition{(kBase + 50'124'000) * 1000, TraceId{}});

    f.plan.after.reset();
    CHECK(
        run(kBase + 40'123'456, {numbered(45), numbered(41)}).start_ns ==
        (kBase + 41'000'000) * 1000
    );
    CHECK(
        run(kBase + 39'123'456, {numbered(45), numbered(41)}).start_ns ==
        (kBase + 40'000'000) * 1000
    );
    const TracePosition kept = run(kBase + 40'123'456, {numbered(41), numbered(40)});
    CHECK(kept == position_of(*numbered(40)));

    // Its end of data is always that of its rights.
    f.store.script(clients::TraceBatch{});
    const auto outcome = f.run();
    REQUIRE(outcome.has_value());
    CHECK(outcome->stopped_by == StoppedBy::kRights);
}
