#include "clients/jaeger/http_v3.hpp"

#include "tests/unit/jaeger/http_jaeger.hpp"

#include <catch2/catch.hpp>

namespace meshscope::clients::jaeger {

namespace {

using test::answer;
using test::kUiPage;
using Answer = test::HttpJaeger::Answer;

constexpr const char* kTraces = "/api/v3/traces";
constexpr const char* kTrace2a = "/api/v3/traces/0000000000000000000000000000002a";
constexpr const char* kServices = "/api/v3/services";
constexpr const char* kSummaries = "/api/v3/trace-summaries";
constexpr const char* kNoTraces = R"({"error":{"httpCode":404,"message":"No traces found"}})";

struct Fixture : test::HttpJaeger {
    explicit Fixture(std::string base_path = "", std::size_t max_body = 64UL * 1024 * 1024)
        : HttpJaeger(std::move(base_path), max_body) {
        protocol = std::make_unique<HttpV3Protocol>(options(), clock, &workers());
    }
};

std::string span_of(const std::string& trace, int id, std::size_t padding = 0) {
    return R"({"traceId":")" + std::string(32 - trace.size(), '0') + trace + R"(","spanId":")" +
           SpanId{static_cast<std::uint64_t>(id)}.to_hex() +
           R"(","name":"GET /","startTimeUnixNano":"1787220000123456789",)"
           R"("endTimeUnixNano":"1787220000123456999","attributes":[{"key":"filler","value":{"stringValue":")" +
           std::string(padding, 'x') + R"("}}]})";
}

// Without the end of the document.
std::string head_of(const std::string& spans) {
    return R"({"result":{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name",)"
           R"("value":{"stringValue":"reviews"}}]},"scopeSpans":[{"scope":{},"spans":[)" +
           spans;
}

std::string body_of(const std::string& spans) { return head_of(spans) + "]}]}]}}"; }

std::string ui_page(const std::string& version) {
    return R"(<!doctype html><base href="/"><title>Jaeger UI</title>JAEGER_VERSION = {"gitVersion":")" +
           version + R"("};)";
}

TraceQuery tagged() {
    TraceQuery query;
    query.tags = {{"error", "true"}};
    return query;
}

}  // namespace

TEST_CASE("HTTP api_v3 asks below the base path and bills one call") {
    Fixture jaeger("/jaeger");
    jaeger.on("/jaeger/api/v3/traces", answer(200, body_of(span_of("2a", 1))));
    TraceQuery query;
    query.service = "reviews";
    query.window = {from_micros(1'787'220'000'123'456), from_micros(1'787'220'000'999'999)};
    const RequestContext context;
    const auto batch = jaeger.find(query, context);
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    const models::Span& span = batch->traces[0]->spans.at(0);
    CHECK(span.start_ns == 1'787'220'000'123'456'789);
    CHECK(span.duration_ns == 210);
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    CHECK(batch->warnings.empty());
    REQUIRE(jaeger.targets().size() == 1);
    const std::string target = jaeger.targets()[0];
    CHECK(target.starts_with("/jaeger/api/v3/traces?query.startTimeMin=2026-08-20T10"));
    CHECK(target.find("&query.service_name=reviews&") != std::string::npos);
    CHECK(context.bill->of("jaeger").calls == 1);
    CHECK(context.bill->of("jaeger").bytes > 100);
}

TEST_CASE("HTTP api_v3 says with 404 that a search found nothing, and only in its own words") {
    struct Row {
        const char* what;
        Answer said;
        bool is_empty;
    };
    const Row row = GENERATE(values<Row>({
        {"its error", answer(404, kNoTraces), true},
        {"no spans", answer(200, R"({"result":{"resourceSpans":[]}})"), true},
        {"no result", answer(200, R"({"result":{}})"), true},
        {"another error", answer(404, R"({"error":{"httpCode":404,"message":"gone"}})"), false},
        {"a plain 404", answer(404, "404 page not found\n"), false},
        {"words without JSON", answer(404, "No traces found"), false},
        {"a page", answer(404, "<html>No traces found</html>", "text/html"), false},
        {"an empty 404", answer(404, ""), false},
    }));
    INFO(row.what);
    Fixture jaeger;
    jaeger.on(kTraces, row.said);
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value() == row.is_empty);
    if (batch) {
        CHECK(batch->traces.empty());
        CHECK(batch->stopped_by == StoppedBy::kComplete);
        CHECK(batch->errors.empty());
    } else {
        CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(batch.error().upstream() == "jaeger");
    }
}

TEST_CASE("HTTP api_v3 knows several ways to say that a trace is not there") {
    const Answer said = GENERATE(values<Answer>({
        answer(404, kNoTraces),
        answer(404, R"({"error":{"httpCode":404,"message":"trace not found"}})"),
        answer(200, R"({"error":{"httpCode":404,"message":"trace not found"}})"),
        answer(200, R"({"result":{"resourceSpans":[]}})"),
        answer(200, R"({"result":{}})"),
        answer(200, body_of(span_of("2b", 1))),
    }));
    INFO(said.bytes);
    Fixture jaeger;
    jaeger.on(kTrace2a, said);
    const auto batch = jaeger.get(TraceId{0, 0x2A});
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kNotFound);
    CHECK(batch.error().message().find("000000000000002a") != std::string::npos);
}

TEST_CASE("HTTP api_v3 never says that a trace is not there when its spans could not be read") {
    Fixture jaeger;
    jaeger.on(kTrace2a, answer(200, body_of(span_of("0", 1))));  // without a trace id
    const auto batch = jaeger.get(TraceId{0, 0x2A});
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(batch.error().message().find("000000000000002a") != std::string::npos);
}

TEST_CASE("HTTP api_v3 takes one trace out of an answer that holds others") {
    Fixture jaeger;
    jaeger.on(kTrace2a, answer(200, body_of(span_of("2b", 1) + "," + span_of("2a", 1))));
    const auto batch = jaeger.get(TraceId{0, 0x2A});
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    CHECK(batch->traces[0]->id == TraceId{0, 0x2A});
    CHECK(batch->dropped.at(0).reason == "other_trace");
}

TEST_CASE("HTTP api_v3 tells a body that ends in the middle from a server that is none") {
    const std::string none = head_of("");
    const std::string body = GENERATE_COPY(values<std::string>({"", "\n", none, R"({"result":)"}));
    INFO(body);
    Fixture jaeger;
    jaeger.on(kTraces, answer(200, body));
    const auto batch = jaeger.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(batch.error().message().find("ends in the middle") != std::string::npos);
    CHECK(batch.error().hint().setting == "external_services.tracing.use_grpc");
    jaeger.on(kTraces, answer(200, "[1]"));
    const auto other = jaeger.find();
    REQUIRE(other.has_error());
    CHECK(other.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(other.error().message().find("ends in the middle") == std::string::npos);
}

TEST_CASE("HTTP api_v3 keeps the whole spans of a body that ends in the middle") {
    Fixture jaeger;
    jaeger.on(kTraces, answer(200, head_of(span_of("2a", 1) + "," + span_of("2a", 2) + ",{\"tr")));
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    CHECK(batch->traces[0]->spans.size() == 2);
    CHECK(batch->stopped_by == StoppedBy::kBackend);
    CHECK(batch->warnings.size() == 1);
}

TEST_CASE("HTTP api_v3 keeps what came before the receive limit") {
    Fixture jaeger("", 400'000);
    std::string spans;
    for (int i = 1; i <= 2'000; ++i) {
        spans += (i == 1 ? "" : ",") + span_of("2a", i, 200);
    }
    jaeger.on(kTraces, answer(200, body_of(spans)));
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kBytes);
    CHECK(batch->traces.at(0)->spans.size() > 500);
    CHECK(batch->traces.at(0)->spans.size() < 1'500);
    CHECK(batch->warnings.at(0).code == "receive_limit");
}

TEST_CASE("errors of HTTP api_v3 are JSON in plain text") {
    Fixture jaeger;
    jaeger.on(
        kTraces, answer(500, "{\"error\":{\"httpCode\":500,\"message\":\"all shards failed\"}}\n")
    );
    auto batch = jaeger.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(batch.error().message().find("all shards failed") != std::string::npos);
    jaeger.on(kTraces, answer(400, R"({"error":{"httpCode":400,"message":"malform trace ID"}})"));
    batch = jaeger.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(batch.error().message().find("malform trace ID") != std::string::npos);
    jaeger.on(kTraces, answer(200, R"({"error":{"httpCode":500,"message":"boom"}})"));
    batch = jaeger.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(batch.error().message().find("boom") != std::string::npos);
    jaeger.on(kTraces, answer(401, "missing tenant header\n"));
    batch = jaeger.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kUpstreamAuth);
    CHECK(batch.error().hint().setting == "external_services.tracing.custom_headers");
}

TEST_CASE("HTTP api_v3 tells a wrong prefix from a Jaeger that is too old") {
    Fixture jaeger("/jaeger");
    jaeger.on("/jaeger/", answer(200, kUiPage, "text/html"));
    auto names = jaeger.services();
    REQUIRE(names.has_error());
    CHECK(names.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(names.error().code() == "upstream_unimplemented");
    jaeger.on("/jaeger/api/v3/services", answer(200, ui_page("v2.10.0"), "text/html"));
    names = jaeger.services();
    REQUIRE(names.has_error());
    CHECK(names.error().code() == "upstream_path_prefix");
}

TEST_CASE("services and operations of HTTP api_v3") {
    Fixture jaeger;
    jaeger.on(kServices, answer(200, R"({"services":["ratings","details"]})"));
    const auto names = jaeger.services();
    REQUIRE(names.has_value());
    CHECK(names->size() == 2);
    jaeger.on(
        "/api/v3/operations",
        answer(200, R"({"operations":[{"name":"GET /","spanKind":"server"}]})")
    );
    const auto found = jaeger.operations("server");
    REQUIRE(found.has_value());
    CHECK(found->at(0).name == "GET /");
    CHECK(found->at(0).span_kind == "server");
    CHECK(
        jaeger.targets().back() ==
        "/api/v3/operations?service=a%2Fb&spanKind=server&span_kind=server"
    );
    jaeger.on(kServices, answer(404, kNoTraces));
    const auto none = jaeger.services();
    REQUIRE(none.has_error());
    CHECK(none.error().kind() == ErrorKind::kUpstreamProtocol);
}

TEST_CASE("a probe of HTTP api_v3 finds out how old the server is") {
    struct Row {
        const char* what;
        Answer page;
        std::optional<Answer> summaries;  // asked only when the page does not tell
        const char* code;                 // "" when the probe passes
    };
    const Answer gone = answer(404, "404 page not found\n");
    const Answer silent = answer(200, ui_page(""), "text/html");
    const Row row = GENERATE_COPY(values<Row>({
        {"2.19", answer(200, ui_page("v2.19.0"), "text/html"), std::nullopt, ""},
        {"2.18", answer(200, ui_page("v2.18.1"), "text/html"), std::nullopt, "server_too_old"},
        {"1.76", answer(200, ui_page("v1.76.0"), "text/html"), std::nullopt, "server_too_old"},
        {"no page, new",
         gone,
         answer(400, R"({"error":{"httpCode":400,"message":"start time is required"}})"),
         ""},
        {"no page, old", gone, gone, "server_too_old"},
        {"no version, old, every unknown path is the page", silent, silent, "server_too_old"},
        {"no version, new", silent, answer(200, R"({"summaries":[]})"), ""},
        {"no page and no word", gone, answer(503, "busy"), ""},
    }));
    INFO(row.what);
    Fixture jaeger;
    jaeger.on(kServices, answer(200, R"({"services":[]})"));
    jaeger.on("/", row.page);
    jaeger.on(kSummaries, row.summaries.value_or(answer(500, "not asked")));
    const auto probed = jaeger.probe();
    std::vector<std::string> asked{kServices, "/"};
    if (row.summaries) {
        asked.emplace_back(kSummaries);
    }
    CHECK(jaeger.targets() == asked);
    REQUIRE(probed.has_value() == (*row.code == '\0'));
    if (probed.has_error()) {
        CHECK(probed.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(probed.error().code() == row.code);
        CHECK(probed.error().upstream() == "jaeger");
    }
}

TEST_CASE("a probe of HTTP api_v3 where it is not spoken gives the reason") {
    Fixture jaeger;
    jaeger.on(kServices, answer(401, "no"));
    const auto probed = jaeger.probe();
    REQUIRE(probed.has_error());
    CHECK(probed.error().kind() == ErrorKind::kUpstreamAuth);
    CHECK(jaeger.targets().size() == 1);
}

TEST_CASE("that an old Jaeger ignores tag filters is said with each search that has some") {
    Fixture jaeger;
    jaeger.on(kServices, answer(200, R"({"services":[]})"));
    jaeger.on("/", answer(200, ui_page("v2.18.0"), "text/html"));
    jaeger.on(kTraces, answer(200, body_of(span_of("2a", 1))));
    CHECK(jaeger.find(tagged())->warnings.empty());  // nobody knows yet
    CHECK(jaeger.version() == "v2.18.0");
    REQUIRE(jaeger.probe().has_error());
    const auto batch = jaeger.find(tagged());
    REQUIRE(batch.has_value());
    REQUIRE(batch->warnings.size() == 1);
    CHECK(batch->warnings[0].code == "tag_filter_ignored");
    CHECK(jaeger.find()->warnings.empty());
    jaeger.on(kTraces, answer(404, kNoTraces));
    CHECK(jaeger.find(tagged())->warnings.size() == 1);

    jaeger.on("/", answer(200, ui_page("v2.19.0"), "text/html"));
    REQUIRE(jaeger.probe().has_value());  // upgraded
    CHECK(jaeger.find(tagged())->warnings.empty());
}

TEST_CASE("an old Jaeger stays old while its pages fail") {
    Fixture jaeger;
    jaeger.on(kServices, answer(200, R"({"services":[]})"));
    jaeger.on("/", answer(200, ui_page("v2.18.0"), "text/html"));
    jaeger.on(kTraces, answer(200, body_of(span_of("2a", 1))));
    REQUIRE(jaeger.probe().has_error());
    jaeger.on("/", answer(503, "busy"));
    jaeger.on(kSummaries, answer(503, "busy"));
    const auto probed = jaeger.probe();
    REQUIRE(probed.has_error());
    CHECK(probed.error().code() == "server_too_old");
    CHECK(jaeger.find(tagged())->warnings.size() == 1);

    jaeger.on(kSummaries, answer(200, R"({"summaries":[]})"));
    CHECK(jaeger.probe().has_value());  // upgraded
}

}  // namespace meshscope::clients::jaeger
