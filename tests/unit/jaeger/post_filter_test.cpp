#include "clients/jaeger/post_filter.hpp"

#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

namespace meshscope::clients::jaeger {

namespace {

using test::make_trace;
using test::SpanRow;
using test::Tags;

constexpr std::int64_t kStart = 1'763'683'200'000'000;

TraceQuery query_for(const std::string& service = "") {
    TraceQuery query;
    query.service = service;
    query.window = {from_micros(kStart - 1'000'000), from_micros(kStart + 1'000'000)};
    return query;
}

bool matches_tags(const SpanRow& row, const std::map<std::string, std::string>& tags) {
    TraceQuery query = query_for();
    query.tags = tags;
    return may_match(*make_trace(TraceId{0, 1}, {row}), query);
}

SpanRow with_tags(Tags tags) {
    SpanRow row;
    row.tags = std::move(tags);
    return row;
}

}  // namespace

TEST_CASE("post filter compares tag values as text") {
    struct Row {
        const char* what;
        test::TagValue stored;
        const char* asked;
        bool passes;
    };
    const Row row = GENERATE(values<Row>({
        {"same text", std::string("GET"), "GET", true},
        {"other text", std::string("GET"), "POST", false},
        {"text is no pattern", std::string("GET"), "G.T", false},
        {"case counts", std::string("GET"), "get", false},
        {"integer", std::int64_t{200}, "200", true},
        {"other integer", std::int64_t{200}, "20", false},
        {"integer and rest", std::int64_t{200}, "200x", false},
        {"bool", true, "true", true},
        {"other bool", true, "false", false},
        {"float", 0.5, "0.50", true},
        {"other float", 0.5, "0.6", false},
    }));
    INFO(row.what);
    CHECK(matches_tags(with_tags({{"k", row.stored}}), {{"k", row.asked}}) == row.passes);
}

TEST_CASE("post filter looks in span tags, process tags and log fields") {
    SpanRow in_process;
    in_process.process_tags = {{"hostname", std::string("reviews-v1-x")}};
    CHECK(matches_tags(in_process, {{"hostname", "reviews-v1-x"}}));
    SpanRow in_log;
    in_log.logs = {{{"event", std::string("retry")}}};
    CHECK(matches_tags(in_log, {{"event", "retry"}}));
    CHECK_FALSE(matches_tags(in_log, {{"event", "timeout"}}));
    CHECK_FALSE(matches_tags(in_log, {{"absent", "x"}}));
}

TEST_CASE("post filter keeps what some stores map to native fields") {
    CHECK(matches_tags({}, {{"span.status", "ERROR"}}));
    CHECK(matches_tags({}, {{"resource.k8s.pod.name", "x"}}));
    CHECK_FALSE(matches_tags(with_tags({{"scope.name", std::string("a")}}), {{"scope.name", "b"}}));
}

TEST_CASE("post filter drops only sure misses of error=true and error=false") {
    struct Row {
        const char* what;
        Tags tags;
        bool with_true;
        bool with_false;
    };
    const Row row = GENERATE(values<Row>({
        {"no tag", {}, false, true},
        {"bool true", {{"error", true}}, true, false},
        {"text true", {{"error", std::string("TRUE")}}, true, false},
        {"text 1", {{"error", std::string("1")}}, true, false},
        {"bool false", {{"error", false}}, false, true},
        {"text false", {{"error", std::string("false")}}, false, true},
        {"a reason", {{"error", std::string("timeout")}}, true, true},
        {"empty", {{"error", std::string()}}, true, true},
        {"status of OpenTelemetry", {{"otel.status_code", std::string("ERROR")}}, true, false},
        {"http 503 without the tag", {{"http.status_code", std::string("503")}}, true, true},
        {"http 503 as number", {{"http.response.status_code", std::int64_t{503}}}, true, true},
        {"http 200", {{"http.status_code", std::int64_t{200}}}, false, true},
        {"grpc 0", {{"grpc.status_code", std::string("0")}}, false, true},
        {"grpc 14", {{"grpc.status_code", std::string("14")}}, true, true},
        {"response flags", {{"response_flags", std::string("UH")}}, true, true},
        {"no response flags", {{"response_flags", std::string("-")}}, false, true},
        {"false beats http 500",
         {{"error", false}, {"http.status_code", std::int64_t{500}}},
         false,
         true},
    }));
    INFO(row.what);
    CHECK(matches_tags(with_tags(row.tags), {{"error", "true"}}) == row.with_true);
    CHECK(matches_tags(with_tags(row.tags), {{"error", "false"}}) == row.with_false);
}

TEST_CASE("post filter wants everything on one span") {
    SpanRow first = with_tags({{"a", std::string("1")}});
    SpanRow second = with_tags({{"b", std::string("2")}});
    second.id = 2;
    TraceQuery query = query_for();
    query.tags = {{"a", "1"}, {"b", "2"}};
    CHECK_FALSE(may_match(*make_trace(TraceId{0, 1}, {first, second}), query));
    second.tags.emplace_back("a", std::string("1"));
    CHECK(may_match(*make_trace(TraceId{0, 1}, {first, second}), query));

    query = query_for("reviews");
    query.min_duration = std::chrono::milliseconds(5);
    first.service = "reviews";
    second.duration_us = 9'000;
    CHECK_FALSE(may_match(*make_trace(TraceId{0, 1}, {first, second}), query));
    first.duration_us = 9'000;
    CHECK(may_match(*make_trace(TraceId{0, 1}, {first, second}), query));
}

TEST_CASE("post filter holds durations, window, service and operation") {
    SpanRow row;
    row.duration_us = 2'500;
    const auto passes = [&](const TraceQuery& query) {
        return may_match(*make_trace(TraceId{0, 1}, {row}), query);
    };
    TraceQuery query = query_for(row.service);
    query.operation = row.operation;
    query.min_duration = query.max_duration = std::chrono::microseconds(2'500);
    CHECK(passes(query));
    query.min_duration = std::chrono::microseconds(2'501);
    CHECK_FALSE(passes(query));
    query.min_duration = {};
    query.max_duration = std::chrono::microseconds(2'499);
    CHECK_FALSE(passes(query));
    query = query_for("other");
    CHECK_FALSE(passes(query));
    query = query_for();
    query.operation = "other";
    CHECK_FALSE(passes(query));
    query = query_for();
    query.window = {from_micros(kStart), from_micros(kStart + 1)};
    CHECK(passes(query));
    query.window = {from_micros(kStart - 5), from_micros(kStart)};
    CHECK_FALSE(passes(query));
    row.warnings = {"clock skew adjusted"};
    CHECK(passes(query));
}

TEST_CASE("post filter never drops a trace that the store capped") {
    const auto trace = make_trace(
        TraceId{0, 1}, {SpanRow{}}, {"trace has more than 10 spans, showing first 10 spans only"}
    );
    CHECK(may_match(*trace, query_for("elsewhere")));
    SpanRow nameless;
    nameless.service = "";
    CHECK(may_match(*make_trace(TraceId{0, 1}, {nameless}), query_for("elsewhere")));
}

TEST_CASE("finish_search sorts, cuts and says why it ends") {
    const auto trace = [](std::uint64_t id, std::int64_t offset) {
        SpanRow row;
        row.start_us += offset;
        return make_trace(TraceId{0, id}, {row});
    };
    TraceBatch batch;
    batch.traces = {trace(3, 10), trace(1, 20), trace(2, 10)};
    TraceQuery query = query_for();
    query.limit = 4;
    finish_search(batch, query);
    CHECK(batch.stopped_by == StoppedBy::kComplete);
    REQUIRE(batch.traces.size() == 3);
    CHECK(batch.traces[0]->id.low == 1);
    CHECK(batch.traces[1]->id.low == 2);
    CHECK(batch.traces[2]->id.low == 3);

    query.limit = 2;
    finish_search(batch, query);
    CHECK(batch.stopped_by == StoppedBy::kLimit);
    CHECK(batch.traces.size() == 2);
    REQUIRE(batch.oldest);
    CHECK(batch.oldest->id.low == 2);  // what was cut off is still to come
    CHECK(batch.depth == 2);
}

TEST_CASE("finish_search says kLimit though the filter dropped some, and keeps a cut last trace") {
    TraceBatch batch;
    SpanRow row;
    batch.traces = {make_trace(TraceId{0, 1}, {row}), make_trace(TraceId{0, 2}, {row})};
    TraceQuery query = query_for("elsewhere");
    query.limit = 2;
    TraceBatch partial = batch;
    finish_search(batch, query);
    CHECK(batch.traces.empty());
    CHECK(batch.stopped_by == StoppedBy::kLimit);
    REQUIRE(batch.oldest);
    CHECK(batch.oldest->id.low == 2);
    CHECK(batch.oldest->start_ns == row.start_us * 1000);

    partial.stopped_by = StoppedBy::kTime;
    finish_search(partial, query);
    REQUIRE(partial.traces.size() == 1);
    CHECK(partial.traces[0]->id.low == 2);
    CHECK(partial.stopped_by == StoppedBy::kTime);
    REQUIRE(partial.oldest);
    CHECK(partial.oldest->id.low == 1);  // the cut one may have begun earlier than it seems
}

}  // namespace meshscope::clients::jaeger
