#include "handlers/trace_json.hpp"

#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace meshscope;
using models::Tag;
using nlohmann::json;
using test::HandlersFixture;

namespace {

// A trace whose spans a test sets up by hand.
struct RawTrace {
    std::shared_ptr<models::Storage> storage = std::make_shared<models::Storage>();
    models::TraceBuilder builder;
    explicit RawTrace(TraceId id) : builder(id, storage) {}

    models::Span span(std::uint64_t id, std::vector<Tag> tags = {}) {
        models::Span out;
        out.id = SpanId{id};
        out.start_ns = test::kNow * 1000 - 1'000'000'000;
        out.duration_ns = 1999;
        out.operation = "op";
        out.tags = storage->copy(tags);
        return out;
    }
};

json trace_of(HandlersFixture& f, const models::TracePtr& trace) {
    clients::TraceBatch batch;
    batch.traces = {trace};
    f.store.script(batch);
    return f.get("/api/traces/" + trace->id.to_hex()).json()["data"];
}

}  // namespace

TEST_CASE("values keep their type; what JSON or browsers cannot hold is a string", "[trace_json]") {
    RawTrace raw({0, 0x2a});
    const double infinity = std::numeric_limits<double>::infinity();
    raw.builder.add_process({"s", {}});
    raw.builder.add_span(raw.span(
        1,
        {
            Tag::string("text", "a\"<b>\n"),
            Tag::string("verbatim", "plain text", true),
            Tag::boolean("yes", true),
            Tag::boolean("no", false),
            Tag::integer("small", -7),
            Tag::integer("safe", 9007199254740991),
            Tag::integer("big", 9007199254740993),
            Tag::integer("least", std::numeric_limits<std::int64_t>::min()),
            Tag::number("half", 0.5),
            Tag::number("nan", std::numeric_limits<double>::quiet_NaN()),
            Tag::number("inf", infinity),
            Tag::number("minus", -infinity),
            Tag::binary("bytes", std::string_view("\x00\xff", 2)),
            Tag::binary("none", ""),
            Tag::string("text", "again"),
        }
    ));
    HandlersFixture f;
    const json tags = trace_of(f, raw.builder.finish())["spans"][0]["tags"];
    CHECK(tags == json::parse(R"([
        {"key":"text","type":"string","value":"a\"<b>\n"},{"key":"verbatim","type":"string","value":"plain text"},
        {"key":"yes","type":"bool","value":true},{"key":"no","type":"bool","value":false},
        {"key":"small","type":"int64","value":-7},{"key":"safe","type":"int64","value":9007199254740991},
        {"key":"big","type":"int64","value":"9007199254740993"},
        {"key":"least","type":"int64","value":"-9223372036854775808"},
        {"key":"half","type":"float64","value":0.5},{"key":"nan","type":"float64","value":"NaN"},
        {"key":"inf","type":"float64","value":"Infinity"},{"key":"minus","type":"float64","value":"-Infinity"},
        {"key":"bytes","type":"binary","value":"AP8="},{"key":"none","type":"binary","value":null},
        {"key":"text","type":"string","value":"again"}])"));
}

TEST_CASE("spans that share their tags show them alike, secrets masked", "[trace_json]") {
    RawTrace raw({0, 0x2b});
    raw.builder.add_process({"s", {}});
    models::Span span = raw.span(
        1,
        {
            Tag::string("component", "proxy", true),
            Tag::string("authorization", "Bearer abc", true),
            Tag::string("http.url", "http://shop/cart?token=abc&page=2", true),
            Tag::integer("password", 1234),
            Tag::integer("size", 1234),
        }
    );
    for (std::uint64_t id = 1; id <= 50; ++id) {
        span.id = SpanId{id};
        raw.builder.add_span(span);
    }
    HandlersFixture f;
    const json spans = trace_of(f, raw.builder.finish())["spans"];
    REQUIRE(spans.size() == 50);
    const json expected = json::parse(R"([
        {"key":"component","type":"string","value":"proxy"},{"key":"authorization","type":"string","value":"xxx"},
        {"key":"http.url","type":"string","value":"http://shop/cart?token=xxx&page=2"},
        {"key":"password","type":"string","value":"xxx"},{"key":"size","type":"int64","value":1234}])"
    );
    for (const json& shown : spans) {
        REQUIRE(shown["tags"] == expected);
    }
}

TEST_CASE("ids, times, references and flags of a span", "[trace_json]") {
    RawTrace raw({0x0af7651916cd43dd, 0x8448eb211c80319c});
    raw.builder.add_process({"s", {}});
    models::Span span = raw.span(0xb7ad6b7169203331);
    span.start_ns = 1'763'683'199'123'456'789;
    const std::vector<models::Reference> references{
        {{0x0af7651916cd43dd, 0x8448eb211c80319c}, SpanId{1}, models::ReferenceType::kFollowsFrom},
        {{0, 5}, SpanId{2}, models::ReferenceType::kChildOf},
    };
    span.references = raw.storage->copy(references);
    const std::vector<std::string_view> warnings{"clock skew"};
    span.warnings = raw.storage->copy(warnings);
    const std::vector<Tag> fields{Tag::string("event", "retry")};
    const std::vector<models::Log> logs{{1'763'683'199'123'999'999, raw.storage->copy(fields)}};
    span.logs = raw.storage->copy(logs);
    raw.builder.add_span(span);
    models::Span flagged = raw.span(7);
    flagged.flags = 1;
    flagged.start_ns = span.start_ns + 1;
    raw.builder.add_span(flagged);
    HandlersFixture f;
    const json spans = trace_of(f, raw.builder.finish())["spans"];
    CHECK(
        spans[0] ==
        json::parse(R"({"traceID":"0af7651916cd43dd8448eb211c80319c","spanID":"b7ad6b7169203331",
        "references":[{"refType":"FOLLOWS_FROM","traceID":"0af7651916cd43dd8448eb211c80319c","spanID":"0000000000000001"},
                      {"refType":"CHILD_OF","traceID":"0000000000000005","spanID":"0000000000000002"}],
        "startTime":1763683199123456,"duration":1,"operationName":"op","tags":[],
        "logs":[{"timestamp":1763683199123999,"fields":[{"key":"event","type":"string","value":"retry"}]}],
        "processID":"p1","warnings":["clock skew"]})")
    );
    CHECK_FALSE(spans[0].contains("flags"));  // absent at 0
    CHECK(spans[1]["flags"] == 1);
    CHECK_FALSE(spans[1].contains("parentSpanID"));
}

TEST_CASE(
    "equal processes share one id, a span without a process has an empty one", "[trace_json]"
) {
    RawTrace raw({0, 1});
    const std::vector<Tag> tags{Tag::string("ip", "10.0.0.1")};
    models::Process process{"cart.shop", raw.storage->copy(tags)};
    for (std::uint64_t id = 1; id <= 3; ++id) {
        models::Span span = raw.span(id);
        span.process = raw.builder.add_process(id == 3 ? models::Process{} : process);
        raw.builder.add_span(span);
    }
    HandlersFixture f;
    const json trace = trace_of(f, raw.builder.finish());
    CHECK(trace["spans"][0]["processID"] == "p1");
    CHECK(trace["spans"][1]["processID"] == "p1");
    CHECK(trace["spans"][2]["processID"] == "p2");
    CHECK(
        trace["processes"] == json::parse(R"({"p1":{"serviceName":"cart.shop",
        "tags":[{"key":"ip","type":"string","value":"10.0.0.1"}]},"p2":{"serviceName":"","tags":[]}})"
                              )
    );
    CHECK(trace["warnings"].is_null());
    CHECK(trace["matched"] == 0);
}

TEST_CASE(
    "secrets are masked in tags, process tags, logs, operations and warnings", "[trace_json]"
) {
    const std::string secret = "secret-marker";
    test::SpanRow row;
    row.start_us = test::kNow - 1'000'000;
    row.operation = "GET /x?access_token=" + secret;
    row.tags = {
        {"http.request.header.authorization", "Bearer " + secret},
        {"http.url", "http://u:" + secret + "@host/p?token=" + secret + "&page=2"},
        {"x-team-key", secret}
    };
    row.process_tags = {{"cookie", secret}};
    row.logs = {{{"set-cookie", secret}}};
    row.warnings = {"bad url http://u:" + secret + "@host/"};
    HandlersFixture f;
    f.masked_keys = {"x-team-key"};
    f.store.add(test::make_trace({0, 0x2a}, {row}, {"saw http://u:" + secret + "@host/"}));
    for (const char* route :
         {"/api/traces/2a",
          "/api/traces/2a/spans",
          "/api/traces",
          "/api/namespaces/bookinfo/apps/productpage/traces",
          "/api/namespaces/bookinfo/apps/productpage/spans"}) {
        INFO(route);
        const auto reply = f.get(route);
        CHECK(reply.status == 200);
        CHECK(reply.body.find(secret) == std::string::npos);
    }
    const json tags = f.get("/api/traces/2a").json()["data"]["spans"][0]["tags"];
    CHECK(tags[0]["value"] == "xxx");
    CHECK(tags[1]["value"].get<std::string>().find("page=2") != std::string::npos);
}

TEST_CASE("long bodies come in pieces of about 64 KiB", "[trace_json]") {
    HandlersFixture f;
    for (std::uint64_t id = 1; id <= 4; ++id) {
        std::vector<test::SpanRow> rows(500);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].id = i + 1;
            rows[i].start_us = test::kNow - 1'000'000 + static_cast<std::int64_t>(i);
            rows[i].tags = {{"http.url", std::string(200, 'u')}, {"n", std::int64_t{5}}};
        }
        f.store.add(test::make_trace({0, id}, rows));
    }
    const std::string app = "/api/namespaces/bookinfo/apps/productpage";
    for (const std::string& target :
         {app + "/traces", app + "/spans", std::string("/api/traces/1/spans")}) {
        INFO(target);
        const auto reply = f.get(target);
        CHECK(reply.status == 200);
        CHECK(reply.body.size() > 200'000);
        CHECK(reply.pieces > reply.body.size() / (80 * 1024));
        CHECK(reply.largest_piece < 66 * 1024 + handlers::kPieceBytes / 16);
    }
    CHECK(f.get(app + "/traces").json()["data"].size() == 4);
    CHECK(f.get(app + "/spans").json().size() == 2000);
}

TEST_CASE("traces of zeros and of three days pass every route", "[trace_json]") {
    static constexpr std::int64_t kThreeDays = std::int64_t{3} * 86'400 * 1'000'000;
    const std::int64_t duration = GENERATE(std::int64_t{0}, kThreeDays);
    std::vector<test::SpanRow> rows(3);
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        rows[i].id = i + 1;
        rows[i].parent = i;
        rows[i].start_us = test::kNow - 1'000'000;
        rows[i].duration_us = duration;
    }
    HandlersFixture f;
    f.store.add(test::make_trace({0, 0x2a}, rows));
    for (const char* route :
         {"/api/traces/2a",
          "/api/traces/2a/spans",
          "/api/traces",
          "/api/namespaces/bookinfo/apps/productpage/traces",
          "/api/namespaces/bookinfo/apps/productpage/spans"}) {
        INFO(route);
        const auto reply = f.get(route);
        CHECK(reply.status == 200);
        CHECK(reply.body.find("nan") == std::string::npos);
        CHECK(reply.body.find("inf\"") == std::string::npos);
        CHECK_FALSE(reply.json().is_null());
    }
    const json spans = f.get("/api/traces/2a").json()["data"]["spans"];
    REQUIRE(spans.size() == 3);
    CHECK(spans[2]["duration"] == duration);
}
