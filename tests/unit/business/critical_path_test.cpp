#include "business/critical_path.hpp"

#include "tests/unit/business/facts_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using tests::FactsTrace;
using Times = std::vector<std::int64_t>;

namespace {

struct Measured {
    TraceShape shape;
    Times self;
    Times critical;
};

Measured measure(const models::Trace& trace) {
    TraceShape shape = trace_shape(trace);
    Times self = self_times(trace, shape);
    Times critical = critical_times(trace, shape);
    return {std::move(shape), std::move(self), std::move(critical)};
}

}  // namespace

TEST_CASE("the shape of a trace", "[critical_path]") {
    FactsTrace build;
    build.span(1, 0, {0, 100});
    build.span(2, 1, {10, 20});
    build.span(3, 1, {40, 20});
    build.span(4, 2, {12, 5});
    build.span(5, 99, {50, 5});  // an orphan
    const auto trace = build.finish();
    const TraceShape shape = trace_shape(*trace);
    // By start: 1, 2, 4, 3, 5.
    using Indexes = std::vector<std::uint32_t>;
    CHECK(shape.roots == Indexes{0, 4});
    CHECK(shape.preorder == Indexes{0, 1, 2, 3, 4});
    CHECK(shape.depth == Indexes{0, 1, 2, 1, 0});
    CHECK(shape.subtree == Indexes{4, 2, 1, 1, 1});
    CHECK(shape.root == Indexes{0, 0, 0, 0, 4});
    REQUIRE(shape.children_of(0).size == 2);
    CHECK(shape.children_of(0)[0] == 1);
    CHECK(shape.children_of(0)[1] == 3);
    CHECK(shape.children_of(4).empty());
}

TEST_CASE("a child that starts before its parent is still below it", "[critical_path]") {
    FactsTrace build;
    build.span(1, 0, {10, 100});
    build.span(2, 1, {5, 20});  // a skewed clock
    const auto trace = build.finish();
    const Measured got = measure(*trace);
    CHECK(got.shape.preorder == std::vector<std::uint32_t>{1, 0});
    CHECK(got.shape.depth == std::vector<std::uint32_t>{1, 0});
    CHECK(got.self == Times{20, 85});  // 5..25, of which 10..25 lies in the parent
    CHECK(got.critical == Times{15, 85});
}

TEST_CASE("self time leaves out the union of the children", "[critical_path]") {
    struct Row {
        std::string_view name;
        std::vector<FactsTrace::Times> children;
        std::int64_t self;
    };
    const std::vector<Row> rows{
        {"none", {}, 100},
        {"one", {{10, 20}}, 80},
        {"apart", {{10, 20}, {50, 20}}, 60},
        {"overlapping count once", {{10, 40}, {30, 40}}, 40},
        {"one inside the other", {{10, 60}, {20, 10}}, 40},
        {"equal", {{10, 20}, {10, 20}}, 80},
        {"all of it", {{0, 100}}, 0},
        {"longer than the parent", {{-50, 500}}, 0},
        {"ends after the parent", {{90, 50}}, 90},
        {"after the parent", {{150, 50}}, 100},
        {"before the parent", {{-50, 20}}, 100},
        {"without duration", {{50, 0}}, 100},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        FactsTrace build;
        build.span(1, 0, {0, 100});
        std::uint64_t id = 2;
        for (const auto& times : row.children) {
            build.span(id++, 1, times);
        }
        const auto trace = build.finish();
        const Measured got = measure(*trace);
        const auto parent = static_cast<std::size_t>(
            std::find_if(
                trace->spans.begin(),
                trace->spans.end(),
                [](const auto& s) { return s.id.value == 1; }
            ) -
            trace->spans.begin()
        );
        CHECK(got.self[parent] == row.self);
    }
}

TEST_CASE("the critical path is what the answer waited for", "[critical_path]") {
    FactsTrace build;
    build.span(1, 0, {0, 100});
    build.span(2, 1, {10, 30});  // 10..40: ended before 3 began
    build.span(3, 1, {50, 40});  // 50..90: the last to end
    build.span(4, 1, {45, 20});  // 45..65: overlaps 3, nobody waited for it
    build.span(5, 3, {60, 20});  // 60..80
    build.span(6, 1, {95, 50});  // 95..145: counts until its parent ends
    const auto trace = build.finish();
    const Measured got = measure(*trace);
    // By start: 1, 2, 4, 3, 5, 6.
    CHECK(got.critical == Times{25, 30, 0, 20, 20, 5});
}

TEST_CASE(
    "random trees: the critical path adds up to the root, self time stays inside", "[critical_path]"
) {
    for (unsigned seed = 0; seed < 150; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        FactsTrace build;
        const std::uint64_t count = 1 + random() % 60;
        for (std::uint64_t id = 1; id <= count; ++id) {
            const std::uint64_t parent = random() % 8 == 0 ? 0 : random() % id;
            build.span(
                id,
                parent,
                {static_cast<std::int64_t>(random() % 100), static_cast<std::int64_t>(random() % 80)
                }
            );
        }
        const auto trace = build.finish();
        const Measured got = measure(*trace);
        Times by_root(trace->spans.size(), 0);
        for (std::size_t i = 0; i < trace->spans.size(); ++i) {
            by_root[got.shape.root[i]] += got.critical[i];
            CHECK(got.critical[i] >= 0);
            CHECK(got.critical[i] <= trace->spans[i].duration_ns);
            CHECK(got.self[i] >= 0);
            CHECK(got.self[i] <= trace->spans[i].duration_ns);
        }
        for (const std::uint32_t root : got.shape.roots) {
            CHECK(by_root[root] == trace->spans[root].duration_ns);
        }
    }
}

TEST_CASE("a chain and a fan of 100 000 spans", "[critical_path]") {
    constexpr std::uint64_t kCount = 100'000;
    for (const bool chain : {true, false}) {
        FactsTrace build;
        for (std::uint64_t id = 1; id <= kCount; ++id) {
            const auto at = static_cast<std::int64_t>(id);
            build.span(
                id,
                chain ? id - 1 : (id == 1 ? 0 : 1),
                {at, static_cast<std::int64_t>(kCount) * 2 - 2 * at + 2}
            );
        }
        const auto trace = build.finish();
        const Measured got = measure(*trace);
        CHECK(got.shape.preorder.size() == kCount);
        CHECK(got.shape.depth.back() == (chain ? kCount - 1 : 1));
        CHECK(
            std::accumulate(got.critical.begin(), got.critical.end(), std::int64_t{0}) ==
            trace->spans[0].duration_ns
        );
    }
}

TEST_CASE("times at the end of the number range do not overflow", "[critical_path]") {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    FactsTrace build;
    build.span(1, 0, {kMax - 10, kMax});
    build.span(2, 1, {kMax - 5, kMax});
    const auto trace = build.finish();
    const Measured got = measure(*trace);
    CHECK(got.self == Times{5, 5});
    CHECK(got.critical == Times{5, 5});
}
