#include "clients/jaeger/otlp/otlp_json_decoder.hpp"

#include "tests/support/trace_text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::jaeger;
using namespace meshscope::test;
using models::ValueType;

namespace {

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";

std::string span_json(const std::string& id, const std::string& more = "") {
    return R"({"traceId":")" + std::string(kTrace) + R"(","spanId":")" + id +
           R"(","name":"op","startTimeUnixNano":"1787220000000000000","endTimeUnixNano":"1787220000000001999")" +
           more + "}";
}

std::string document(const std::string& spans) {
    return R"({"result":{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[)" +
           spans + "]}]}]}}";
}

TraceBatch decode(const std::string& body) {
    auto batch = decode_otlp_traces(body, std::nullopt);
    if (!batch) {
        FAIL(batch.error().message());
    }
    return std::move(*batch);
}

// The only trace of a document that holds these spans, kept alive until the next call.
const models::Trace& one_trace(const std::string& spans) {
    static std::vector<models::TracePtr> kept;
    kept = decode(document(spans)).traces;
    REQUIRE(kept.size() == 1);
    return *kept[0];
}

models::Tag one_tag(const std::string& value) {
    const models::Trace& trace =
        one_trace(span_json("01", R"(,"attributes":[{"key":"k","value":)" + value + "}]"));
    REQUIRE(trace.spans.at(0).tags.size == 2);
    REQUIRE(trace.spans[0].tags[1].key() == "k");
    return trace.spans[0].tags[1];
}

// With the room behind it that a stream asks for.
bool add(OtlpJsonStream& stream, std::size_t resource, std::size_t scope, const std::string& span) {
    const std::string padded = span + std::string(64, ' ');
    return stream.add_span(resource, scope, std::string_view(padded).substr(0, span.size()));
}

bool warned(const TraceBatch& batch, std::string_view code) {
    return std::any_of(batch.warnings.begin(), batch.warnings.end(), [&](const auto& warning) {
        return warning.code == code;
    });
}

}  // namespace

TEST_CASE("otlp json: values of attributes") {
    CHECK(one_tag(R"({"stringValue":"x"})").text() == "x");
    CHECK(one_tag(R"({"stringValue":"x"})").verbatim());
    CHECK(one_tag(R"({"stringValue":"a\u0026\"b"})").text() == "a&\"b");
    CHECK(one_tag(R"({"boolValue":true})").as_bool());
    CHECK(one_tag(R"({"boolValue":"false"})").type() == ValueType::kBool);
    CHECK(one_tag(R"({"intValue":"9007199254740993"})").as_int() == 9'007'199'254'740'993);
    CHECK(one_tag(R"({"intValue":-5})").as_int() == -5);
    CHECK(one_tag(R"({"doubleValue":0.5})").as_double() == 0.5);
    CHECK(one_tag(R"({"doubleValue":"-Infinity"})").as_double() < 0);
    CHECK(one_tag(R"({"doubleValue":"NaN"})").type() == ValueType::kFloat64);
    CHECK(one_tag(R"({"bytesValue":"AP8="})").text() == std::string_view("\0\xff", 2));
    CHECK(one_tag(R"({"bytesValue":"AP8="})").type() == ValueType::kBinary);
    CHECK(
        one_tag(
            R"({"arrayValue":{"values":[{"stringValue":"<"},{"intValue":"2"},{},{"arrayValue":{}}]}})"
        )
            .text() == R"(["\u003c",2,null,[]])"
    );
    CHECK(
        one_tag(
            R"({"kvlistValue":{"values":[{"value":{"boolValue":false},"key":"x"},{"key":"y"}]}})"
        )
            .text() == R"({"x":false,"y":null})"
    );
    for (const char* nothing : {"{}", "null", R"({"stringValue":null})", R"({"newValue":[1]})"}) {
        CHECK(one_tag(nothing).text().empty());
        CHECK(one_tag(nothing).type() == ValueType::kString);
    }
}

TEST_CASE("otlp json: what cannot be read as what it should be stays text and is said") {
    struct Row {
        const char* value;
        const char* text;
        const char* warning;
    };
    const Row row = GENERATE(
        Row{R"({"intValue":"12x"})", "12x", "1 numbers"},
        Row{R"({"intValue":" 12"})", " 12", "1 numbers"},
        Row{R"({"intValue":"18446744073709551616"})", "18446744073709551616", "1 numbers"},
        Row{R"({"doubleValue":1e999})", "1e999", "1 numbers"},
        Row{R"({"bytesValue":"a=b"})", "a=b", "1 binary values"}
    );
    CHECK(one_tag(row.value).type() == ValueType::kString);
    CHECK(one_tag(row.value).text() == row.text);
    const auto& trace = one_trace(
        span_json("01", R"(,"attributes":[{"key":"k","value":)" + std::string(row.value) + "}]")
    );
    CHECK(trace.warnings.at(0).starts_with(row.warning));
}

TEST_CASE("otlp json: members in any order, resources and scopes behind their spans") {
    const std::string attribute = R"({"value":{"intValue":"1"},"key":"k"})";
    const std::string warning =
        R"({"value":{"arrayValue":{"values":[{"stringValue":"skew"}]}},"key":"@jaeger@warnings"})";
    const std::string span =
        span_json("01", R"(,"attributes":[)" + attribute + "," + warning + "]");
    const std::string resource =
        R"("resource":{"attributes":[{"value":{"stringValue":"a"},"key":"service.name"}]})";
    const std::string body = R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + span +
                             R"(],"scope":{"version":"1","name":"lib"}}],)" + resource + "}]}";
    const TraceBatch batch = decode(body);
    const models::Trace& trace = *batch.traces.at(0);
    const models::Span& read = trace.spans.at(0);
    REQUIRE(read.tags.size == 3);
    CHECK(read.tags[0].key() == "otel.scope.name");
    CHECK(read.tags[0].text() == "lib");
    CHECK(read.tags[1].text() == "1");
    CHECK(read.tags[2].as_int() == 1);
    CHECK(read.warnings[0] == "skew");
    CHECK(trace.processes.at(0).service == "a");
}

TEST_CASE("otlp json: ids, enums and numbers as other writers have them") {
    const models::Trace& trace = one_trace(
        R"({"traceId":"CvdlGRbNQ92ESOshHIAxnA==","spanId":"t61rcWkgMzE=","parentSpanId":"B7AD6B7169203330",)"
        R"("kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR"},"flags":"257",)"
        R"("startTimeUnixNano":1787220000000000000,"endTimeUnixNano":1.787220000000002e18})"
    );
    CHECK(trace.id.to_hex() == kTrace);
    const models::Span& span = trace.spans.at(0);
    CHECK(span.id.to_hex() == "b7ad6b7169203331");
    CHECK(span.references[0].span.to_hex() == "b7ad6b7169203330");
    CHECK(span.kind == models::SpanKind::kServer);
    CHECK(span.status == models::StatusCode::kError);
    CHECK(span.flags == 1);
    CHECK(span.duration_ns == 2'048);  // as exact as the number is
}

TEST_CASE("otlp json: ids and times without use are said, absent ones are not") {
    const models::Trace& trace = one_trace(
        span_json("01", R"(,"parentSpanId":"xyz","links":[{"traceId":"1"},null])") + "," +
        span_json("", R"(,"parentSpanId":"","events":[{"timeUnixNano":"soon"}])") + "," +
        span_json("02", R"(,"parentSpanId":"0000000000000000","kind":null,"flags":null)")
    );
    REQUIRE(trace.spans.size() == 3);
    CHECK(
        trace.warnings ==
        std::vector<std::string>{
            "1 spans have no usable span id",
            "2 references have no usable ids and are left out",
            "1 times or durations are out of range"
        }
    );
}

TEST_CASE("otlp json: spans without a usable trace id are dropped and counted") {
    const TraceBatch batch = decode(document(
        span_json("01") + R"(,{"spanId":"02"},{"traceId":"0","spanId":"03"},null,{"traceId":"a b"})"
    ));
    CHECK(batch.traces.size() == 1);
    REQUIRE(batch.dropped.size() == 1);
    CHECK(batch.dropped[0].reason == "bad_trace_id");
    CHECK(batch.dropped[0].count == 4);
}

TEST_CASE("otlp json: empty answers") {
    for (const char* body :
         {R"({"result":{"resourceSpans":[]}})",
          R"({"result":{}})",
          R"({"result":null})",
          R"({"resourceSpans":null})",
          "\xEF\xBB\xBF {\"resourceSpans\":[]}\n"}) {
        INFO(body);
        const TraceBatch batch = decode(body);
        CHECK(batch.traces.empty());
        CHECK(batch.stopped_by == StoppedBy::kComplete);
        CHECK(batch.warnings.empty());
    }
}

TEST_CASE("otlp json: what is no such JSON is an error that shows its beginning") {
    for (const char* body : {"", "<html>", "[]", "{}", R"({"data":[]})", "{\"result\":3}", "nul"}) {
        INFO(body);
        const auto batch = decode_otlp_traces(body, std::nullopt);
        REQUIRE_FALSE(batch.has_value());
        CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(batch.error().upstream() == "jaeger");
    }
}

TEST_CASE("otlp json: an error beside or instead of a result is passed on") {
    const TraceBatch alone = decode(R"({"error":{"httpCode":500,"message":"storage is gone"}})");
    REQUIRE(alone.errors.size() == 1);
    CHECK(alone.errors[0].code == 500);
    CHECK(alone.errors[0].message == "storage is gone");
    const std::string both = document(span_json("01"));
    const TraceBatch beside = decode(both.substr(0, both.size() - 1) + R"(,"error":"late"})");
    CHECK(beside.traces.size() == 1);
    CHECK(beside.errors.at(0).message == "late");
    CHECK(
        decode_v3_error(R"({"error":{"httpCode":404,"message":"No traces found"}})")->code == 404
    );
    CHECK_FALSE(decode_v3_error(R"({"error":{}})").has_value());
    CHECK_FALSE(decode_v3_error("404 page not found").has_value());
}

TEST_CASE("otlp json: a body cut at any place gives its whole spans and says that it was cut") {
    const std::string whole = document(
        span_json("01", R"(,"attributes":[{"key":"k","value":{"intValue":"1"}}])") + "," +
        span_json("02", R"(,"events":[{"name":"e","attributes":[{"key":"k"}]}])")
    );
    const std::string expected = traces_text(decode(whole).traces);
    const std::size_t first = whole.find("\"01\"");
    const std::size_t first_end = whole.find("]},{") + 2;
    const std::size_t second_end = whole.find("]}]}]}}") + 0;
    REQUIRE(first < first_end);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto batch = decode_otlp_traces(whole.substr(0, size), std::nullopt);
        const std::size_t spans = size < first_end ? 0 : size < second_end ? 1 : 2;
        INFO(size);
        if (spans == 0) {
            CHECK_FALSE(batch.has_value());
            continue;
        }
        REQUIRE(batch.has_value());
        REQUIRE(batch->traces.size() == 1);
        CHECK(batch->traces[0]->spans.size() == spans);
        CHECK(batch->stopped_by == StoppedBy::kBackend);
        CHECK(warned(*batch, "partial_body"));
        CHECK(expected.find(trace_text(*batch->traces[0]).substr(0, 120)) == 0);
    }
    const Error limit(ErrorKind::kTooLarge, "too large");
    const auto limited = decode_otlp_traces(whole.substr(0, second_end), limit);
    REQUIRE(limited.has_value());
    CHECK(limited->stopped_by == StoppedBy::kBytes);
    CHECK(warned(*limited, "receive_limit"));
    CHECK(decode_otlp_traces(whole.substr(0, 40), limit).error().kind() == ErrorKind::kTooLarge);
}

TEST_CASE("otlp json: a document broken in the middle keeps what stands before") {
    const TraceBatch batch = decode(document(span_json("01") + ",{\"traceId\" 5}"));
    CHECK(batch.traces.at(0)->spans.size() == 1);
    CHECK(batch.stopped_by == StoppedBy::kBackend);
    CHECK(warned(batch, "malformed_json"));
}

TEST_CASE("otlp json: bytes that are no UTF-8 are replaced and said") {
    const TraceBatch batch = decode(document(span_json("01", ",\"traceState\":\"x\xff\"")));
    CHECK(batch.traces.at(0)->spans.at(0).tags[1].text() == "x\xEF\xBF\xBD");
    CHECK(warned(batch, "invalid_text"));
}

TEST_CASE("otlp json: values nested without end are cut at a depth and said") {
    std::string value;
    for (int i = 0; i < 90; ++i) {
        value += R"({"arrayValue":{"values":[)";
    }
    for (int i = 0; i < 90; ++i) {
        value += "]}}";
    }
    CHECK(one_tag(value).text() == std::string(32, '[') + "null" + std::string(32, ']'));
    std::string deep = R"({"resourceSpans":[{"x":)" + std::string(100'000, '[');
    CHECK_FALSE(decode_otlp_traces(deep, std::nullopt).has_value());
}

TEST_CASE("otlp json: span by span as from a whole document") {
    const std::string first =
        span_json("01", R"(,"attributes":[{"key":"k","value":{"stringValue":"v"}}])");
    const std::string second = span_json("02", R"(,"parentSpanId":"01")");
    const std::string resource =
        R"("resource":{"attributes":[{"key":"service.name","value":{"stringValue":)";
    const auto body = [&](const std::string& a, const std::string& b) {
        return R"({"result":{"resourceSpans":[{)" + resource +
               R"("a"}}]},"scopeSpans":[{"scope":{"name":"x"},"spans":[]},{"scope":{"name":"lib","version":"1"},"spans":[)" +
               a + R"(]}]},{)" + resource + R"("b"}}]},"scopeSpans":[{"spans":[)" + b + "]}]}]}}";
    };
    const std::string expected = traces_text(decode(body(first, second)).traces);
    OtlpJsonStream stream;
    CHECK(add(stream, 0, 1, first));
    CHECK(add(stream, 1, 0, second));
    CHECK_FALSE(add(stream, 1, 0, "{\"traceId\":"));
    const std::string ahead = first + "," + second + std::string(64, ' ');
    CHECK(stream.take_span(0, 1, ahead) == first.size());
    CHECK(stream.take_span(0, 1, std::string_view(ahead).substr(0, first.size() - 1)) == 0);
    CHECK(stream.take_span(0, 1, " " + ahead) == 0);
    CHECK(stream.span_count() == 3);  // one of them twice: equal spans are one
    CHECK(stream.trace_count() == 1);
    SECTION("whole") {
        const auto batch = stream.finish(body("", ""), std::nullopt);
        REQUIRE(batch.has_value());
        CHECK(traces_text(batch->traces) == expected);
        CHECK(batch->dropped.at(0).reason == "bad_span");
        CHECK(warned(*batch, "malformed_json"));
    }
    SECTION("cut in the middle of the rest, or before anything stands") {
        const std::string rest = body("", "");
        const std::size_t size =
            GENERATE(std::size_t{0}, std::size_t{10}, std::size_t{60}, std::size_t{250});
        const auto batch = stream.finish(rest.substr(0, size), Error(ErrorKind::kDeadline, "late"));
        REQUIRE(batch.has_value());
        CHECK(batch->traces.at(0)->spans.size() == 2);
        CHECK(batch->stopped_by == StoppedBy::kTime);
        CHECK(batch->traces[0]->warnings.size() == 1);
    }
}

TEST_CASE("otlp json: services and operations") {
    CHECK(
        *decode_v3_services_json(R"({"services":["b","a\u0026",null]})", std::nullopt) ==
        std::vector<std::string>{"b", "a&"}
    );
    CHECK(decode_v3_services_json(R"({"services":null})", std::nullopt)->empty());
    CHECK_FALSE(decode_v3_services_json(R"({"services":["b")", std::nullopt).has_value());
    CHECK_FALSE(decode_v3_services_json("{}", std::nullopt).has_value());
    CHECK(
        decode_v3_services_json("", Error(ErrorKind::kDeadline, "late")).error().kind() ==
        ErrorKind::kDeadline
    );
    const auto operations = decode_v3_operations_json(
        R"({"operations":[{"name":"GET /","spanKind":"server"},{"name":"x"},{"spanKind":"y"}]})",
        std::nullopt
    );
    REQUIRE(operations.has_value());
    REQUIRE(operations->size() == 2);
    CHECK(operations->at(0).span_kind == "server");
    CHECK(operations->at(1).name == "x");
}
