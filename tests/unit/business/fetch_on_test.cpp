#include "business/trace_search.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>

using namespace meshscope;
using namespace meshscope::business;
using clients::StoppedBy;
using test::make_trace;
using test::SpanRow;

namespace {

constexpr std::int64_t kBase = 1'763'683'200'000'000;
constexpr std::int64_t kApart = 1'000;  // µs between the starts of two traces

// Traces 1 to `size`, made when they are asked for, each with a root and a later span.
class ManyTraces final : public clients::TraceStore {
 public:
    std::uint64_t size = 5'000;
    std::function<bool(std::uint64_t)> matches = [](std::uint64_t) { return false; };
    // Of the later span behind its root, µs.
    std::function<std::int64_t(std::uint64_t)> tail = [](std::uint64_t) { return 10; };
    bool by_span = false;    // gives the traces with the newest spans, else the newest traces
    bool unordered = false;  // says so
    std::uint32_t depth = 100'000;
    std::vector<clients::TraceQuery> queries;
    std::size_t most_alive = 0;
    std::function<void()> after_each;

    Awaitable<Result<clients::TraceBatch>> find_traces(
        RequestContext /*context*/, clients::TraceQuery query
    ) override {
        std::vector<std::pair<std::int64_t, std::uint64_t>> found;
        for (std::uint64_t id = 1; id <= size; ++id) {
            const std::int64_t start = start_of(id);
            const std::int64_t end = start + tail(id);
            const bool root = in(query.window, start) && query.operation != "late";
            const bool later = in(query.window, end);
            if (root || later) {
                found.emplace_back(by_span && later ? end : start, id);
            }
        }
        std::sort(found.rbegin(), found.rend());
        const std::size_t limit = std::min(query.limit, depth);
        clients::TraceBatch batch;
        batch.unordered = unordered;
        batch.depth = static_cast<std::uint32_t>(limit);
        batch.stopped_by = found.size() >= limit ? StoppedBy::kLimit : StoppedBy::kComplete;
        found.resize(std::min(found.size(), limit));
        for (const auto& [key, id] : found) {
            batch.traces.push_back(make(id));
            made_.push_back(batch.traces.back());
        }
        std::erase_if(made_, [](const auto& trace) { return trace.expired(); });
        most_alive = std::max(most_alive, made_.size());
        queries.push_back(std::move(query));
        if (after_each) {
            after_each();
        }
        co_return batch;
    }

    Awaitable<Result<clients::TraceBatch>>
    get_trace(RequestContext, TraceId, std::optional<TimeRange>) override {
        co_return Error(ErrorKind::kNotFound, "not asked for");
    }
    Awaitable<Result<std::vector<std::string>>> services(RequestContext) override {
        co_return std::vector<std::string>();
    }
    Awaitable<Result<std::vector<clients::Operation>>> operations(
        RequestContext, std::string, std::string
    ) override {
        co_return std::vector<clients::Operation>();
    }
    [[nodiscard]] clients::StoreState state() const override { return {}; }

 private:
    static std::int64_t start_of(std::uint64_t id) {
        return kBase + static_cast<std::int64_t>(id) * kApart;
    }
    static bool in(const TimeRange& window, std::int64_t micros) {
        return from_micros(micros) >= window.start && from_micros(micros) < window.end;
    }
    [[nodiscard]] models::TracePtr make(std::uint64_t id) const {
        SpanRow root;
        root.start_us = start_of(id);
        root.operation = matches(id) ? "match" : "other";
        SpanRow later = root;
        later.id = 2;
        later.parent = 1;
        later.operation = "late";
        later.start_us += tail(id);
        return make_trace({0, id}, {root, later});
    }

    std::vector<std::weak_ptr<const models::Trace>> made_;
};

struct Fixture {
    ManyTraces store;
    test::ManualClock clock;
    SearchPlan plan;

    Fixture() {
        plan.query.window = {from_micros(kBase), from_micros(kBase + 3'600'000'000)};
        plan.query.limit = 10;
        plan.judge = [](const models::TracePtr& trace) {
            return trace->spans[0].operation == "match";
        };
    }
    SearchOutcome run(RequestContext context = {}) {
        auto outcome = test::run_coroutine<Result<SearchOutcome>>([&] {
            return search_traces(store, clock, nullptr, context, plan);
        });
        REQUIRE(outcome.has_value());
        return std::move(*outcome);
    }
};

std::vector<std::uint64_t> ids(const SearchOutcome& outcome) {
    std::vector<std::uint64_t> out;
    for (const auto& trace : outcome.traces) {
        out.push_back(trace->id.low);
    }
    return out;
}

std::vector<std::uint64_t> downward(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> out;
    for (std::uint64_t id = from; id >= to; --id) {
        out.push_back(id);
    }
    return out;
}

std::size_t bytes_of_one() {
    SpanRow row;
    SpanRow later = row;
    later.id = 2;
    return make_trace({0, 1}, {row, later})->memory_bytes();
}

}  // namespace

TEST_CASE("a limit of ten gives ten when ten match, however far below", "[search]") {
    Fixture f;
    f.store.matches = [](std::uint64_t id) { return id <= 12; };
    const SearchOutcome ten = f.run();
    CHECK(ids(ten) == downward(12, 3));
    CHECK(ten.stopped_by == StoppedBy::kLimit);
    CHECK(ten.next == position_of(*ten.traces.back()));
    CHECK(ten.scanned >= 4'998);
    CHECK(f.store.queries.size() < 20);

    f.store.matches = [](std::uint64_t id) { return id <= 7; };
    const SearchOutcome all = f.run();
    CHECK(ids(all) == downward(7, 1));
    CHECK(all.stopped_by == StoppedBy::kComplete);
    CHECK(all.covered->start == f.plan.query.window.start);
    CHECK(all.scanned == 5'000);
    CHECK_FALSE(all.next);
    CHECK(all.warnings.empty());
}

TEST_CASE("nothing is left out below, whatever a store takes for the newest", "[search]") {
    const bool by_span = GENERATE(false, true);
    const std::int64_t tail = GENERATE(3, 2'500, 400'000);
    const std::string operation = GENERATE("", "late");  // of any span, of the later one
    INFO(by_span << " " << tail << " " << operation);
    Fixture f;
    f.plan.query.operation = operation;
    f.store.size = 2'000;
    f.store.by_span = by_span;
    // Every fifth trace goes on for long.
    f.store.tail = [tail](std::uint64_t id) { return id % 5 == 0 ? tail : 1; };
    f.store.matches = [](std::uint64_t id) { return id % 250 == 0; };
    const std::vector<std::uint64_t> expected{2000, 1750, 1500, 1250, 1000, 750, 500, 250};
    CHECK(ids(f.run()) == expected);
    if (operation.empty()) {
        f.store.depth = 200;
        CHECK(ids(f.run()) == expected);
    }
}

TEST_CASE("what was looked through is let go of and counted, and bounds the search", "[search]") {
    Fixture f;
    f.store.matches = [](std::uint64_t id) { return id <= 4; };
    f.plan.max_bytes = 1'000 * bytes_of_one();
    const SearchOutcome first = f.run();
    CHECK(first.traces.empty());
    CHECK(first.stopped_by == StoppedBy::kBytes);
    REQUIRE(first.warnings.size() == 2);
    CHECK(first.warnings[0].code == "search_bytes");
    CHECK(first.warnings[1].code == "scan_limit");
    CHECK(first.scanned < 1'200);
    CHECK(f.store.most_alive < 1'000);

    // The cursor leads to the end all the same, past nothing.
    std::vector<std::uint64_t> found;
    std::optional<TracePosition> next = first.next;
    int pages = 1;
    for (; next && pages < 20; ++pages) {
        f.plan.after = next;
        const SearchOutcome page = f.run();
        CHECK((!page.next || comes_before(*next, *page.next)));
        const auto more = ids(page);
        found.insert(found.end(), more.begin(), more.end());
        next = page.next;
    }
    CHECK(found == downward(4, 1));
    CHECK(pages > 3);
    CHECK(pages < 12);
}

TEST_CASE("a caller with limited rights gets to the end by cursors, too", "[search][rights]") {
    Fixture f;
    f.plan.limited_rights = true;
    f.plan.max_bytes = 1'500 * bytes_of_one();
    f.store.matches = [](std::uint64_t id) { return id % 1'000 == 7; };
    std::vector<std::uint64_t> found;
    std::set<std::int64_t> places;
    for (int page = 0; page < 40; ++page) {
        const SearchOutcome outcome = f.run();
        const auto more = ids(outcome);
        found.insert(found.end(), more.begin(), more.end());
        if (!outcome.next) {
            CHECK(outcome.stopped_by == StoppedBy::kRights);
            break;
        }
        CHECK(places.insert(outcome.next->start_ns).second);
        const bool round = outcome.next->start_ns % 1'000'000 == 0;
        CHECK((round || !more.empty()));
        f.plan.after = outcome.next;
    }
    CHECK(found == std::vector<std::uint64_t>{4007, 3007, 2007, 1007, 7});
}

TEST_CASE("a search that goes on ends with its deadline", "[search]") {
    Fixture f;
    f.store.matches = [](std::uint64_t id) { return id == 4'990 || id <= 4; };
    RequestContext context;
    context.deadline = Deadline(f.clock.steady_now() + std::chrono::seconds(3));
    f.store.after_each = [&f] { f.clock.advance(std::chrono::seconds(1)); };
    const SearchOutcome outcome = f.run(context);
    CHECK(ids(outcome) == std::vector<std::uint64_t>{4'990});
    CHECK(outcome.stopped_by == StoppedBy::kTime);
    CHECK(f.store.queries.size() == 3);
}

TEST_CASE("a store that picks its traces in no order is asked deeper only", "[search]") {
    Fixture f;
    f.store.unordered = true;
    f.store.matches = [](std::uint64_t id) { return id == 1; };
    const SearchOutcome outcome = f.run();
    CHECK(ids(outcome) == std::vector<std::uint64_t>{1});
    CHECK(outcome.stopped_by == StoppedBy::kComplete);
    for (const auto& query : f.store.queries) {
        CHECK(query.window.end == f.plan.query.window.end);
    }
}
