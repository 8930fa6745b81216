#include "clients/span_match.hpp"

#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

namespace meshscope::clients {

namespace {

using test::SpanRow;

constexpr std::int64_t kStart = 1'763'683'200'000'000;  // of a SpanRow

TraceQuery query_with(std::map<std::string, std::string> tags) {
    TraceQuery query;
    query.window = {from_micros(kStart - 1'000'000), from_micros(kStart + 1'000'000)};
    query.tags = std::move(tags);
    return query;
}

bool matches(const SpanRow& row, const TraceQuery& query, Strictness strictness) {
    const auto trace = test::make_trace(TraceId{0, 1}, {row});
    return span_matches(*trace, trace->spans[0], query, strictness);
}

}  // namespace

TEST_CASE("what is certain of a tag is so in both directions", "[span_match]") {
    struct Row {
        const char* what;
        test::Tags stored;
        const char* key;
        const char* asked;
        bool may;
        bool must;
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Row row = GENERATE_COPY(values<Row>({
        {"same text", {{"k", std::string("v")}}, "k", "v", true, true},
        {"other text", {{"k", std::string("v")}}, "k", "w", false, false},
        {"number as text", {{"k", std::int64_t{200}}}, "k", "200", true, true},
        {"absent", {}, "k", "v", false, false},
        {"bytes", {{"k", test::Binary{"v"}}}, "k", "v", true, false},
        {"a float that is no number", {{"k", nan}}, "k", "1", true, false},
        {"a failure", {{"error", true}}, "error", "true", true, true},
        {"a failure is no success", {{"error", true}}, "error", "false", false, false},
        {"no sign of failure", {}, "error", "true", false, false},
        {"no sign is a success", {}, "error", "false", true, true},
        {"a hint of failure",
         {{"http.status_code", std::int64_t{503}}},
         "error",
         "true",
         true,
         false},
        {"a hint, success asked",
         {{"http.status_code", std::int64_t{503}}},
         "error",
         "false",
         true,
         false},
        {"a reason for a failure", {{"error", std::string("timeout")}}, "error", "true", true, false
        },
        {"mapped key, absent", {}, "resource.k8s.pod.name", "x", true, false},
        {"mapped key, same", {{"scope.name", std::string("a")}}, "scope.name", "a", true, true},
        {"mapped key, other", {{"scope.name", std::string("a")}}, "scope.name", "b", false, false},
    }));
    INFO(row.what);
    SpanRow span;
    span.tags = row.stored;
    const TraceQuery query = query_with({{row.key, row.asked}});
    CHECK(matches(span, query, Strictness::kMay) == row.may);
    CHECK(matches(span, query, Strictness::kMust) == row.must);
}

TEST_CASE("a span of no service and a moved start are doubts", "[span_match]") {
    SpanRow span;
    TraceQuery query = query_with({});
    query.service = "elsewhere";
    CHECK_FALSE(matches(span, query, Strictness::kMay));
    span.service = "";
    CHECK(matches(span, query, Strictness::kMay));
    CHECK_FALSE(matches(span, query, Strictness::kMust));

    query = query_with({});
    query.window = {from_micros(kStart + 1), from_micros(kStart + 2)};
    span.warnings = {"clock skew adjusted"};
    CHECK(matches(span, query, Strictness::kMay));
    CHECK_FALSE(matches(span, query, Strictness::kMust));
    query.window = {from_micros(kStart), from_micros(kStart + 1)};
    CHECK(matches(span, query, Strictness::kMust));
}

TEST_CASE("one span has to pass everything", "[span_match]") {
    SpanRow span;
    span.tags = {{"a", std::string("1")}};
    span.process_tags = {{"b", std::string("2")}};
    span.logs = {{{"c", std::string("3")}}};
    TraceQuery query = query_with({{"a", "1"}, {"b", "2"}, {"c", "3"}});
    query.service = span.service;
    query.operation = span.operation;
    query.min_duration = query.max_duration = std::chrono::microseconds(span.duration_us);
    CHECK(matches(span, query, Strictness::kMust));
    SECTION("service") { query.service = "other"; }
    SECTION("operation") { query.operation = "other"; }
    SECTION("too short") { query.min_duration += std::chrono::microseconds(1); }
    SECTION("too long") { query.max_duration -= std::chrono::microseconds(1); }
    SECTION("one tag more") { query.tags["d"] = "4"; }
    if (query.service != span.service || query.operation != span.operation ||
        query.min_duration != query.max_duration || query.tags.size() == 4) {
        CHECK_FALSE(matches(span, query, Strictness::kMay));
        CHECK_FALSE(matches(span, query, Strictness::kMust));
    }
}

}  // namespace meshscope::clients
