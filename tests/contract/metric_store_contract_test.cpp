#include "tests/contract/metric_backend.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace meshscope::contract {

namespace {

using clients::MatrixAnswerPtr;
using clients::MetricRange;
using clients::VectorAnswerPtr;
using clients::promql::Expr;
using clients::promql::Matcher;

SystemTime second(std::int64_t at) { return from_micros(at * 1'000'000); }

Result<VectorAnswerPtr> instant(
    MetricBackend& backend, const Expr& query, const RequestContext& context = {}
) {
    return test::run_coroutine<Result<VectorAnswerPtr>>([&] {
        return backend.store().instant(context, query, second(kHeldEnd));
    });
}

Result<MatrixAnswerPtr> range(MetricBackend& backend, const Expr& query) {
    MetricRange asked;
    asked.start = second(kHeldEnd - 60);
    asked.end = second(kHeldEnd);
    asked.step = std::chrono::seconds(15);
    return test::run_coroutine<Result<MatrixAnswerPtr>>([&] {
        return backend.store().range({}, query, asked);
    });
}

Expr held() { return Expr::selector("held", {}); }

template <class Check>
void for_each(const Check& check) {
    for (const MetricImplementation& implementation : metric_implementations()) {
        INFO(implementation.name);
        const auto backend = implementation.make();
        check(*backend);
    }
}

}  // namespace

TEST_CASE("contract: a moment gives a row for each series") {
    for_each([](MetricBackend& backend) {
        const RequestContext context;
        const auto answer = instant(backend, held(), context);
        REQUIRE(answer.has_value());
        const auto& data = (*answer)->data;
        REQUIRE(data.values.size() == data.labels.rows());
        std::map<std::string, double> found;
        const std::size_t app = data.labels.column("app");
        for (std::size_t row = 0; row < data.values.size(); ++row) {
            found[std::string(data.labels.cell(row, app))] = data.values[row];
        }
        CHECK(found == std::map<std::string, double>{{"a", 40}, {"b", 7}});
        CHECK((*answer)->warnings.empty());
        CHECK(context.bill->of("prometheus").calls == 1);
    });
}

TEST_CASE("contract: a range gives the points of the grid, and none where nothing is") {
    for_each([](MetricBackend& backend) {
        const auto answer = range(backend, held());
        REQUIRE(answer.has_value());
        const auto& data = (*answer)->data;
        REQUIRE(data.first.size() == data.labels.rows() + 1);
        REQUIRE(data.labels.rows() == 2);
        const std::size_t app = data.labels.column("app");
        for (std::size_t row = 0; row < 2; ++row) {
            const bool is_a = data.labels.cell(row, app) == "a";
            const auto points = data.of(row);
            REQUIRE(points.size() == (is_a ? 5 : 2));
            CHECK(points.front().time_ms == (kHeldEnd - (is_a ? 60 : 15)) * 1'000);
            CHECK(points.back().time_ms == kHeldEnd * 1'000);
            CHECK(points.back().value == (is_a ? 40 : 7));
        }
    });
}

TEST_CASE("contract: series that nobody writes are an empty answer") {
    for_each([](MetricBackend& backend) {
        const Expr nobody = Expr::selector("nothing", {Matcher::equals("app", "a\"b\\")});
        const auto one = instant(backend, nobody);
        REQUIRE(one.has_value());
        CHECK((*one)->data.values.empty());
        const auto many = range(backend, nobody);
        REQUIRE(many.has_value());
        CHECK((*many)->data.labels.rows() == 0);
        CHECK((*many)->data.points.empty());
    });
}

TEST_CASE("contract: each trouble has its kind of error") {
    struct Row {
        MetricTrouble trouble;
        ErrorKind kind;
    };
    const std::vector<Row> rows = {
        {MetricTrouble::kRefused, ErrorKind::kUpstreamUnavailable},
        {MetricTrouble::kSilent, ErrorKind::kDeadline},
        {MetricTrouble::kDenied, ErrorKind::kUpstreamAuth},
        {MetricTrouble::kBad, ErrorKind::kInvalidArgument},
    };
    for (const Row& row : rows) {
        for_each([&](MetricBackend& backend) {
            if (!backend.suffer(row.trouble)) {
                return;
            }
            const auto one = instant(backend, held());
            REQUIRE(one.has_error());
            CHECK(one.error().kind() == row.kind);
            const auto many = range(backend, held());
            REQUIRE(many.has_error());
            CHECK(many.error().kind() == row.kind);
        });
    }
}

}  // namespace meshscope::contract
