#include "clients/jaeger/http_v1.hpp"

#include "tests/support/trace_text.hpp"
#include "tests/unit/jaeger/http_jaeger.hpp"

#include <catch2/catch.hpp>

namespace meshscope::clients::jaeger {

namespace {

using test::answer;
using test::kUiPage;

constexpr const char* kTrace =
    R"({"data":[{"traceID":"2a","spans":[{"spanID":"1","operationName":"GET /","startTime":1787220000123456,)"
    R"("tags":[{"key":"quote","type":"string","value":"a\"b"}],"processID":"p1"}],)"
    R"("processes":{"p1":{"serviceName":"reviews"}}}],"errors":null})";

struct Fixture : test::HttpJaeger {
    explicit Fixture(std::string base_path = "", std::size_t max_body = 64UL * 1024 * 1024)
        : HttpJaeger(std::move(base_path), max_body) {
        protocol = std::make_unique<HttpV1Protocol>(options(), clock, &workers());
    }
};

}  // namespace

TEST_CASE("HTTP v1 asks below the base path, to the microsecond, and bills one call") {
    Fixture fixture("/jaeger");
    fixture.on("/jaeger/api/traces", answer(200, kTrace));
    TraceQuery query;
    query.service = "reviews";
    query.window = {from_micros(1'787'220'000'123'456), from_micros(1'787'220'000'999'999)};
    const RequestContext context;
    const auto batch = fixture.find(query, context);
    REQUIRE(batch.has_value());
    CHECK(batch->traces.at(0)->spans[0].tags[0].text() == "a\"b");
    REQUIRE(fixture.targets().size() == 1);
    CHECK(
        fixture.targets()[0] ==
        "/jaeger/api/traces?end=1787220000999999&limit=100&service=reviews&start=1787220000123456"
    );
    CHECK(context.bill->of("jaeger").calls == 1);
    CHECK(context.bill->of("jaeger").bytes >= std::string_view(kTrace).size());
}

TEST_CASE("HTTP v1 reads a body however it is split") {
    Fixture fixture;
    const std::string body = kTrace;
    const auto chunk = [](const std::string& part) {
        char size[17];
        std::snprintf(size, sizeof size, "%zx", part.size());
        return std::string(size) + "\r\n" + part + "\r\n";
    };
    for (std::size_t at = 1; at < body.size(); ++at) {
        fixture.on(
            "/api/traces",
            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(body.substr(0, at)) +
             chunk(body.substr(at)) + "0\r\n\r\n"}
        );
        const auto batch = fixture.find();
        INFO("split at " << at);
        REQUIRE(batch.has_value());
        REQUIRE(batch->traces.size() == 1);
        CHECK(batch->stopped_by == StoppedBy::kComplete);
        CHECK(batch->traces[0]->processes[0].service == "reviews");
    }
}

TEST_CASE("HTTP v1 keeps what came before the receive limit") {
    Fixture fixture("", 400'000);
    std::string body = R"({"data":[)";
    for (int i = 1; i <= 2'000; ++i) {
        body += (i == 1 ? "" : ",") + std::string(R"({"traceID":")") +
                SpanId{static_cast<std::uint64_t>(i)}.to_hex() +
                R"(","spans":[{"spanID":"1","operationName":")" + std::string(400, 'x') + R"("}]})";
    }
    fixture.on("/api/traces", answer(200, body + "]}"));
    const auto batch = fixture.find();
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kBytes);
    CHECK(batch->traces.size() > 700);
    CHECK(batch->traces.size() < 1'000);
    CHECK(batch->warnings.at(0).code == "receive_limit");
}

TEST_CASE("HTTP v1 finds where Jaeger is when a path is unknown, and looks again only later") {
    Fixture fixture;
    fixture.on("/jaeger/", answer(200, kUiPage, "text/html"));
    const RequestContext context;
    auto batch = fixture.find({}, context);
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(batch.error().code() == "upstream_path_prefix");
    CHECK(batch.error().hint().setting == "external_services.tracing.in_cluster_url");
    CHECK(batch.error().hint().advice.find("/jaeger'") != std::string::npos);
    CHECK(context.bill->of("jaeger").calls == 3);  // the search, / and /jaeger/

    batch = fixture.find();
    CHECK(batch.error().code() == "upstream_path_prefix");
    CHECK(fixture.targets().size() == 4);
    fixture.clock.advance(std::chrono::seconds(31));
    fixture.on("/", answer(200, kUiPage, "text/html"));
    batch = fixture.find();
    CHECK(fixture.targets().size() == 6);
}

TEST_CASE("HTTP v1 does not remember a look around that was broken off") {
    Fixture fixture;
    fixture.on("/jaeger/", {"", test::HttpResponder::Then::kStall});
    RequestContext hurried;
    hurried.deadline =
        Deadline::after(std::chrono::steady_clock::now(), std::chrono::milliseconds(300));
    CHECK(fixture.find({}, hurried).has_error());
    fixture.on("/jaeger/", answer(200, kUiPage, "text/html"));
    const auto batch = fixture.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().hint().advice.find("/jaeger'") != std::string::npos);
}

TEST_CASE("HTTP v1 tells a server without the search API from a wrong prefix") {
    Fixture fixture("/jaeger");
    fixture.on("/jaeger/", answer(200, kUiPage, "text/html"));
    const auto batch = fixture.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().code() == "upstream_api_removed");
    CHECK(batch.error().hint().setting == "external_services.tracing.use_grpc");
    CHECK(fixture.version() == "v2.19.0");
}

TEST_CASE("HTTP v1 knows four ways to say that a trace is not there") {
    struct Row {
        int status;
        const char* body;
    };
    const Row row = GENERATE(values<Row>({
        {404, R"({"data":null,"errors":[{"code":404,"msg":"trace not found"}]})"},
        {200, R"({"data":[],"errors":null})"},
        {200, R"({"data":null,"errors":[{"code":404,"msg":"trace not found"}]})"},
        {200, R"({"data":[{"traceID":"2b","spans":[{"spanID":"1"}]}]})"},
    }));
    Fixture fixture;
    fixture.on("/api/traces/000000000000002a", answer(row.status, row.body));
    const auto batch = fixture.get(TraceId{0, 0x2A});
    INFO(row.body);
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kNotFound);
    CHECK(batch.error().message().find("000000000000002a") != std::string::npos);
}

TEST_CASE("HTTP v1 never says that a trace is not there when its spans could not be read") {
    const std::string filler(17UL * 1024 * 1024, 'x');
    struct Row {
        std::string trace;
        std::string said;
    };
    const std::vector<Row> rows{
        {R"({"spans":[{"spanID":"1"}]})", ""},
        {R"({"traceID":"2a","spans":[{"spanID":"1","operationName":")" + filler + R"("}]})",
         "1 spans of Jaeger's answer are too long"},
        {R"({"traceID":"2b","spans":[{"spanID":"1"}]},{"traceID":"2a","spans":[{"spanID":2 3}]})",
         "1 spans of Jaeger's answer cannot be read"},
    };
    Fixture fixture;
    fixture.options().limits.stream_above = 20;
    fixture.protocol =
        std::make_unique<HttpV1Protocol>(fixture.options(), fixture.clock, &fixture.workers());
    for (const Row& row : rows) {
        INFO(row.trace.substr(0, 100));
        fixture.on("/api/traces/000000000000002a", answer(200, R"({"data":[)" + row.trace + "]}"));
        const auto batch = fixture.get(TraceId{0, 0x2A});
        REQUIRE(batch.has_error());
        CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(batch.error().message().find("000000000000002a") != std::string::npos);
        CHECK(batch.error().message().find(row.said) != std::string::npos);
    }
}

TEST_CASE("HTTP v1 decodes a long body as it comes, to the same traces") {
    std::string body = R"({"data":[{"traceID":"2a","spans":[)";
    for (int i = 1; i <= 5'000; ++i) {
        body += (i == 1 ? "" : ",") + std::string(R"({"spanID":")") + std::to_string(i) +
                R"(","operationName":"GET /","startTime":1787220000123456,"processID":"p1",)" +
                R"("tags":[{"key":"guid","type":"string","value":"text )" + std::to_string(i) +
                R"("}]})";
    }
    const std::string open = body;
    body +=
        R"(],"processes":{"p1":{"serviceName":"reviews"}}}],"errors":[{"code":1,"msg":"odd"}]})";
    Fixture whole;
    whole.on("/api/traces/000000000000002a", answer(200, body));
    Fixture streaming;
    streaming.options().limits.stream_above = 1'000;
    SECTION("whole") {}
    SECTION("beyond the limit") { streaming.options().limits.max_body_bytes = open.size() / 2; }
    streaming.protocol = std::make_unique<HttpV1Protocol>(
        streaming.options(), streaming.clock, &streaming.workers()
    );
    streaming.on("/api/traces/000000000000002a", answer(200, body));
    const auto expected = whole.get(TraceId{0, 0x2A});
    const auto batch = streaming.get(TraceId{0, 0x2A});
    REQUIRE(expected.has_value());
    REQUIRE(batch.has_value());
    const bool cut = streaming.options().limits.max_body_bytes < body.size();
    CHECK(batch->stopped_by == (cut ? StoppedBy::kBytes : StoppedBy::kComplete));
    if (cut) {
        CHECK(batch->warnings.at(0).code == "receive_limit");
        CHECK(batch->traces.at(0)->spans.size() > 1'000);
        CHECK(batch->traces.at(0)->spans.size() < 5'000);
    } else {
        CHECK(test::traces_text(batch->traces) == test::traces_text(expected->traces));
        CHECK(batch->errors.at(0).message == "odd");
    }
}

TEST_CASE("HTTP v1 tells a long page from traces") {
    Fixture fixture;
    fixture.options().limits.stream_above = 1'000;
    fixture.protocol =
        std::make_unique<HttpV1Protocol>(fixture.options(), fixture.clock, &fixture.workers());
    const std::string page = test::kUiPage + std::string(500'000, ' ');
    fixture.on("/api/traces", answer(200, page, "text/html"));
    const auto batch = fixture.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(batch.error().code() == "upstream_path_prefix");
}

TEST_CASE("HTTP v1 takes errors without data for a failure, with data for a part") {
    Fixture fixture;
    fixture.on("/api/traces", answer(200, R"({"data":null,"errors":[{"code":500,"msg":"boom"}]})"));
    auto batch = fixture.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().message().find("boom") != std::string::npos);
    fixture.on(
        "/api/traces",
        answer(
            200,
            R"({"data":[{"traceID":"2a","spans":[{"spanID":"1"}]}],"errors":[{"code":500,"msg":"boom"}]})"
        )
    );
    batch = fixture.find();
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kBackend);
    CHECK(batch->errors.at(0).message == "boom");
}

TEST_CASE("HTTP v1 falls back to the older route of operations and remembers it") {
    Fixture fixture;
    fixture.on("/api/services/a%2Fb/operations", answer(200, R"({"data":["GET /"]})"));
    fixture.on("/", answer(200, kUiPage, "text/html"));
    auto found = fixture.operations("server");
    REQUIRE(found.has_value());
    CHECK(found->at(0).name == "GET /");
    CHECK(found->at(0).span_kind.empty());
    CHECK(fixture.targets().at(0) == "/api/operations?service=a%2Fb&spanKind=server");
    const std::size_t before = fixture.targets().size();
    REQUIRE(fixture.operations("").has_value());
    CHECK(fixture.targets().size() == before + 1);
}

TEST_CASE("HTTP v1 without a UI page has no version") {
    Fixture fixture;
    CHECK(fixture.version().empty());
    fixture.on("/", answer(200, "hello"));
    CHECK(fixture.version().empty());
}

}  // namespace meshscope::clients::jaeger
