#include "clients/jaeger/search_form.hpp"

#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

namespace meshscope::clients::jaeger {

namespace {

using Tags = std::map<std::string, std::string>;

TraceQuery query_of(Tags tags, std::uint32_t limit = 100) {
    TraceQuery query;
    query.service = "reviews";
    query.tags = std::move(tags);
    query.window = {from_micros(0), from_micros(4'000'000'000'000'000)};
    query.limit = limit;
    return query;
}

// As gRPC tells it: the server's text is the detail.
Error over_grpc(const std::string& text) {
    return Error(ErrorKind::kUpstreamProtocol, "jaeger at jaeger:16685 failed to answer")
        .with_detail(text);
}

Error over_http(const std::string& text) {
    return Error(ErrorKind::kUpstreamProtocol, "Jaeger fails with 500 at http://jaeger: " + text);
}

TraceBatch batch_of(const std::vector<std::pair<std::uint64_t, std::int64_t>>& traces) {
    TraceBatch batch;
    for (const auto& [id, start] : traces) {
        test::SpanRow row;
        row.service = "reviews";
        row.start_us = start;
        batch.traces.push_back(test::make_trace(TraceId{0, id}, {row}));
    }
    return batch;
}

std::vector<std::string> codes(const TraceBatch& batch) {
    std::vector<std::string> out;
    for (const StoreWarning& warning : batch.warnings) {
        out.push_back(warning.code);
    }
    return out;
}

}  // namespace

TEST_CASE("what goes out: depth and tags") {
    struct Row {
        Tags tags;
        StoreTraits traits;
        Tags sent;
        std::uint32_t depth;
    };
    const Row row = GENERATE(values<Row>({
        {{}, {}, {}, 100},
        {{{"http.method", "GET"}}, {}, {{"http.method", "GET"}}, 100},
        {{{"error", "true"}}, {}, {{"error", "true"}}, 100},
        {{{"error", "false"}}, {}, {}, 150},
        {{{"error", "false"}, {"k", "v"}}, {}, {{"k", "v"}}, 150},
        {{{"url", "a.b*(c"}}, {}, {{"url", "a.b*(c"}}, 150},
        {{{"host", "a.b.c"}}, {}, {{"host", "a.b.c"}}, 100},
        {{{"k", "v"}}, {.ignores_tags = true, .depth_limit = 0}, {{"k", "v"}}, 150},
        {{}, {.ignores_tags = true, .depth_limit = 0}, {}, 100},
        {{{"error", "false"}}, {.ignores_tags = false, .depth_limit = 120}, {}, 120},
        {{}, {.ignores_tags = false, .depth_limit = 40}, {}, 40},
    }));
    const SearchForm form(query_of(row.tags), row.traits);
    CHECK(form.query().tags == row.sent);
    CHECK(form.query().limit == row.depth);
}

TEST_CASE("a depth beyond the store's limit is halved once") {
    const auto* text = GENERATE(
        "search depth must be greater than 0 and less than max traces",
        "limit 20000 exceeds maximum allowed 10000"
    );
    SearchForm form(query_of({}), {});
    CHECK(form.adapt(over_grpc(text)));
    CHECK(form.query().limit == 50);
    CHECK(form.learned_depth() == 50);
    CHECK_FALSE(form.adapt(over_grpc(text)));
    TraceBatch batch = batch_of({{1, 10}});
    form.finish(batch);
    CHECK(codes(batch) == std::vector<std::string>{"store_depth"});
}

TEST_CASE("what was asked for on top is given up before the depth is halved") {
    const Error error = over_http("search depth must be less than max traces");
    SearchForm form(query_of({{"error", "false"}}), {});
    CHECK(form.adapt(error));
    CHECK(form.query().limit == 100);
    CHECK(form.adapt(error));
    CHECK(form.query().limit == 50);
    CHECK_FALSE(form.adapt(error));
}

TEST_CASE("a store that finds no errors by their tag is asked without it, once") {
    test::SpanRow failed;
    failed.service = "reviews";
    failed.tags = {{"error", true}, {"span.kind", std::string("client")}};
    test::SpanRow fine;
    fine.service = "reviews";
    const auto of = [](std::uint64_t id, const test::SpanRow& row) {
        TraceBatch batch;
        batch.traces = {test::make_trace(TraceId{0, id}, {row})};
        return batch;
    };
    const Tags wanted{{"error", "true"}, {"k", "v"}, {"span.kind", "client"}};
    const TraceQuery errors = query_of({{"error", "true"}});

    SECTION("nothing, or what does not match, is asked for again") {
        SearchForm form(query_of(wanted), {});
        CHECK(form.query().tags == wanted);
        TraceBatch first = GENERATE_COPY(TraceBatch(), of(1, fine));
        CHECK(form.look_again(first));
        CHECK(form.query().tags == Tags{{"k", "v"}});
        CHECK(form.query().limit == 150);
        CHECK_FALSE(form.look_again(first));
    }
    SECTION("errors that come then are told, and learned from") {
        SearchForm form(errors, {});
        CHECK(form.look_again(TraceBatch()));
        TraceBatch batch = of(1, failed);
        batch.traces.push_back(of(2, fine).traces[0]);
        form.finish(batch);
        CHECK(batch.traces.size() == 1);
        CHECK(codes(batch) == std::vector<std::string>{"errors_filtered_here"});
        const SystemTime ended = from_micros(batch.traces[0]->end_ns() / 1000);
        using std::chrono::minutes;
        CHECK(form.learned_errors(batch, ended + minutes(3)) == ErrorSearch::kMisses);
        // Perhaps it only came between the two questions.
        CHECK(form.learned_errors(batch, ended + minutes(1)) == ErrorSearch::kUnknown);
        const SearchForm next(errors, {.errors = ErrorSearch::kMisses});
        CHECK(next.query().tags.empty());
        CHECK(next.query().limit == 150);
    }
    SECTION("where there are none, nothing is said and nothing learned") {
        SearchForm form(errors, {});
        CHECK(form.look_again(TraceBatch()));
        TraceBatch batch = of(1, fine);
        form.finish(batch);
        CHECK(batch.traces.empty());
        CHECK(codes(batch).empty());
        CHECK(form.learned_errors(batch, from_micros(0)) == ErrorSearch::kUnknown);
    }
    SECTION("a store that has found errors is believed") {
        SearchForm form(errors, {});
        TraceBatch batch = of(1, failed);
        CHECK_FALSE(form.look_again(batch));
        form.finish(batch);
        CHECK(form.learned_errors(batch, from_micros(0)) == ErrorSearch::kWorks);
        SearchForm next(errors, {.errors = ErrorSearch::kWorks});
        CHECK_FALSE(next.look_again(TraceBatch()));
    }
    SECTION("not for other tags, nor after an answer that ended early") {
        CHECK_FALSE(SearchForm(query_of({{"k", "v"}}), {}).look_again(TraceBatch()));
        TraceBatch late;
        late.stopped_by = StoppedBy::kTime;
        CHECK_FALSE(SearchForm(errors, {}).look_again(late));
    }
}

TEST_CASE("a depth of 1 is not halved") {
    SearchForm form(query_of({}, 1), {});
    CHECK_FALSE(form.adapt(over_grpc("search depth too large")));
}

TEST_CASE("a store that cannot filter by duration and tags at once gets the tags") {
    TraceQuery query = query_of({{"k", "v"}});
    query.min_duration = std::chrono::milliseconds(5);
    query.max_duration = std::chrono::milliseconds(9);
    SearchForm form(query, {});
    const Error error = over_http("cannot query for duration and tags simultaneously");
    CHECK(form.adapt(error));
    CHECK(form.query().min_duration.count() == 0);
    CHECK(form.query().max_duration.count() == 0);
    CHECK(form.query().tags == Tags{{"k", "v"}});
    CHECK(form.query().limit == 150);
    CHECK_FALSE(form.adapt(error));

    test::SpanRow fast;
    fast.service = "reviews";
    fast.duration_us = 1'000;
    fast.tags = {{"k", "v"}};
    test::SpanRow slow = fast;
    slow.duration_us = 6'000;
    TraceBatch batch;
    batch.traces = {
        test::make_trace(TraceId{0, 1}, {fast}), test::make_trace(TraceId{0, 2}, {slow})
    };
    form.finish(batch);
    CHECK(codes(batch) == std::vector<std::string>{"duration_filtered_here"});
    REQUIRE(batch.traces.size() == 1);
    CHECK(batch.traces[0]->id.low == 2);
}

TEST_CASE("tag values are escaped only where the store stumbles over them as patterns") {
    SearchForm form(query_of({{"url", "/a.b*(c"}, {"plain", "x"}}), {});
    CHECK_FALSE(form.adapt(over_grpc("all shards failed")));
    CHECK(form.adapt(over_grpc("parse_exception: failed to parse RegExp")));
    CHECK(form.query().tags == Tags{{"plain", "x"}, {"url", "/a\\.b\\*\\(c"}});
    CHECK_FALSE(form.adapt(over_grpc("failed to parse regexp")));
    CHECK(
        form.explain(over_grpc("failed to parse regexp")).hint().advice.find("regular expr") !=
        std::string::npos
    );

    SearchForm plain(query_of({{"plain", "x"}}), {});
    CHECK_FALSE(plain.adapt(over_grpc("failed to parse regexp")));
}

TEST_CASE("errors that are no refusal of the query change nothing") {
    const auto kind =
        GENERATE(ErrorKind::kUpstreamUnavailable, ErrorKind::kDeadline, ErrorKind::kUpstreamAuth);
    SearchForm form(query_of({{"k", "a.b"}}), {});
    const Error error(kind, "search depth; regexp; duration and tags; requires a service name");
    CHECK_FALSE(form.adapt(error));
    CHECK(form.explain(error).code() == error.code());
}

TEST_CASE("a store that needs a service says so, and we say what to do") {
    const auto* text = GENERATE(
        "this storage backend requires a service name",
        "parameter 'service' is required",
        "service name must be set"
    );
    TraceQuery query;
    SearchForm form(query, {});
    const Error told = form.explain(over_grpc(text));
    CHECK(told.kind() == ErrorKind::kInvalidArgument);
    CHECK(told.code() == "service_required");
    CHECK(told.hint().advice == "Name a service in the search.");
    // With a service the text means something else.
    SearchForm named(query_of({}), {});
    CHECK(named.explain(over_grpc(text)).code() != "service_required");
}

TEST_CASE("a full answer in the order of ids is a sample, not the newest") {
    std::vector<std::pair<std::uint64_t, std::int64_t>> by_id;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        by_id.emplace_back(i, static_cast<std::int64_t>(i * 7 % 10) * 1000);
    }
    auto newest_first = by_id;
    for (std::size_t i = 0; i < newest_first.size(); ++i) {
        newest_first[i].second = static_cast<std::int64_t>(1000 - i);
    }
    TraceQuery query = query_of({});
    const auto told = [&](const auto& rows, std::uint32_t limit) {
        query.limit = limit;
        const SearchForm form(query, {});
        TraceBatch batch = batch_of(rows);
        form.finish(batch);
        const bool said = codes(batch) == std::vector<std::string>{"sample_not_newest"};
        CHECK(batch.unordered == said);
        return said;
    };
    CHECK(told(by_id, 10));
    CHECK_FALSE(told(by_id, 11));  // all there are
    CHECK_FALSE(told(newest_first, 10));
    by_id.resize(7);
    CHECK_FALSE(told(by_id, 7));  // may be chance
}

TEST_CASE("more than was wanted is cut, and a full depth is a limit though the filter left less") {
    SearchForm form(query_of({{"error", "false"}}, 2), {});
    CHECK(form.query().limit == 3);
    TraceBatch batch = batch_of({{1, 10}, {2, 20}, {3, 30}});
    form.finish(batch);
    CHECK(batch.stopped_by == StoppedBy::kLimit);
    REQUIRE(batch.traces.size() == 2);
    CHECK(batch.traces[0]->id.low == 3);
    CHECK(batch.traces[1]->id.low == 2);
}

}  // namespace meshscope::clients::jaeger
