#include "clients/jaeger/http_v1_decoder.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>
#include <sstream>

namespace meshscope::clients::jaeger {

namespace {

std::string read_data(const std::string& name) {
    std::ifstream file(std::string(MESHSCOPE_SOURCE_DIR) + "/tests/data/jaeger/" + name);
    REQUIRE(file.is_open());
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

std::string envelope(const std::string& traces) { return R"({"data":[)" + traces + "]}"; }

// A trace of one span with these fields besides its id.
std::string with_span(const std::string& fields) {
    return envelope(
        R"({"traceID":"2a","spans":[{"spanID":"1",)" + fields +
        R"(}],"processes":{"p1":{"serviceName":"s"}}})"
    );
}

TraceBatch decode(const std::string& body) {
    auto batch = decode_traces(body, std::nullopt);
    INFO((batch ? "" : batch.error().message()));
    REQUIRE(batch.has_value());
    return std::move(*batch);
}

models::TracePtr decode_one(const std::string& body) {
    TraceBatch batch = decode(body);
    REQUIRE(batch.traces.size() == 1);
    return batch.traces[0];
}

const models::Tag* find_tag(const models::Span& span, std::string_view key) {
    for (const models::Tag& tag : span.tags) {
        if (tag.key() == key) {
            return &tag;
        }
    }
    return nullptr;
}

Error cut_by_deadline() { return Error(ErrorKind::kDeadline, "no more time"); }

}  // namespace

TEST_CASE("the trace of a Bookinfo page with Mixer: tree, durations and the gap") {
    const auto trace = decode_one(read_data("bookinfo_mixer_trace.json"));
    CHECK(trace->id.to_hex() == "2f3a8c1d5e6b7a90");
    CHECK(trace->warnings.empty());
    struct Row {
        const char* service;
        const char* operation;
        int depth;
        std::int64_t duration_us;
    };
    const std::vector<Row> rows{
        {"istio-ingressgateway", "productpage.default.svc.cluster.local:9080/", 0, 41'870},
        {"productpage", "productpage.default.svc.cluster.local:9080/", 1, 40'710},
        {"istio-policy", "/istio.mixer.v1.Mixer/Check", 2, 1'350},
        {"productpage", "details.default.svc.cluster.local:9080/", 2, 6'120},
        {"details", "details.default.svc.cluster.local:9080/", 3, 5'020},
        {"productpage", "reviews.default.svc.cluster.local:9080/", 2, 24'130},
        {"reviews", "reviews.default.svc.cluster.local:9080/", 3, 22'990},
        {"istio-policy", "/istio.mixer.v1.Mixer/Check", 4, 1'620},
        {"reviews", "ratings.default.svc.cluster.local:9080/", 4, 7'480},
        {"ratings", "ratings.default.svc.cluster.local:9080/", 5, 6'310},
    };
    REQUIRE(trace->spans.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const models::Span& span = trace->spans[i];
        INFO("span " << i);
        CHECK(trace->processes[span.process].service == rows[i].service);
        CHECK(span.operation == rows[i].operation);
        CHECK(span.duration_ns == rows[i].duration_us * 1'000);
        int depth = 0;
        for (std::uint32_t at = span.parent; at != models::kNoSpan; at = trace->spans[at].parent) {
            ++depth;
        }
        CHECK(depth == rows[i].depth);
    }
    const models::Span& client = trace->spans[5];
    const models::Span& server = trace->spans[6];
    CHECK(server.parent == 5);
    CHECK(client.duration_ns - server.duration_ns == 1'140'000);
    CHECK(trace->processes.size() == 6);
}

TEST_CASE("ids of Jaeger's JSON") {
    struct Row {
        const char* id;
        const char* shown;  // "" for a trace that is dropped
    };
    const Row row = GENERATE(values<Row>({
        {"000000000000002a", "000000000000002a"},
        {"2a", "000000000000002a"},
        {"0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c"},
        {"AF7651916CD43DD8448EB211C80319C", "0af7651916cd43dd8448eb211c80319c"},
        {"0000000000000000000000000000002a", "000000000000002a"},
        {"", ""},
        {"0", ""},
        {"xyz", ""},
        {"0af7651916cd43dd8448eb211c80319c0", ""},
    }));
    INFO(row.id);
    const TraceBatch batch = decode(envelope(
        R"({"traceID":")" + std::string(row.id) + R"(","spans":[{"spanID":"b7ad6b7169203331"}]})"
    ));
    if (*row.shown == '\0') {
        CHECK(batch.traces.empty());
        REQUIRE(batch.dropped.size() == 1);
        CHECK(batch.dropped[0].reason == "bad_trace_id");
        CHECK(batch.dropped[0].count == 1);
        return;
    }
    REQUIRE(batch.traces.size() == 1);
    CHECK(batch.traces[0]->id.to_hex() == row.shown);
    CHECK(batch.traces[0]->spans[0].id.to_hex() == "b7ad6b7169203331");
}

TEST_CASE("a trace without an id of its own takes that of its spans") {
    CHECK(decode_one(envelope(R"({"spans":[{"traceID":"7","spanID":"1"}]})"))->id.low == 7);
}

TEST_CASE("times of spans") {
    struct Row {
        const char* fields;
        std::int64_t start_ns;
        std::int64_t duration_ns;
        bool warned;
    };
    const Row row = GENERATE(values<Row>({
        {R"("startTime":1787220000123456,"duration":1)", 1'787'220'000'123'456'000, 1'000, false},
        {R"("startTime":"1787220000123456","duration":"1")", 1'787'220'000'123'456'000, 1'000, false
        },
        {R"("startTime":1.5e3,"duration":2.5)", 1'500'000, 2'500, false},
        {R"("startTime":5,"duration":-3)", 5'000, 0, true},
        {R"("startTime":5,"duration":18446744073709551613)", 5'000, 0, true},
        {R"("startTime":9223372036854775807,"duration":0)", 9'223'372'036'854'775'000, 0, true},
        {R"("startTime":1e999,"duration":null)", 0, 0, true},
        {R"("operationName":"none")", 0, 0, false},
    }));
    INFO(row.fields);
    const auto trace = decode_one(with_span(std::string(row.fields) + R"(,"processID":"p1")"));
    CHECK(trace->spans[0].start_ns == row.start_ns);
    CHECK(trace->spans[0].duration_ns == row.duration_ns);
    CHECK(trace->warnings.empty() != row.warned);
}

TEST_CASE("tag values of every type") {
    using models::ValueType;
    struct Row {
        const char* fields;
        ValueType type;
        const char* text;
        std::int64_t integer;
        double number;
    };
    const Row row = GENERATE(values<Row>({
        {R"("type":"string","value":"x")", ValueType::kString, "x", 0, 0},
        {R"("type":"string","value":7)", ValueType::kString, "7", 0, 0},
        {R"("type":"string","value":null)", ValueType::kString, "", 0, 0},
        {R"("type":"string")", ValueType::kString, "", 0, 0},
        {R"("type":"bool","value":true)", ValueType::kBool, "", 1, 0},
        {R"("type":"bool","value":"false")", ValueType::kBool, "", 0, 0},
        {R"("type":"bool","value":"perhaps")", ValueType::kString, "perhaps", 0, 0},
        {R"("type":"int64","value":9007199254740993)", ValueType::kInt64, "", 9007199254740993, 0},
        {R"("type":"int64","value":"9007199254740993")", ValueType::kInt64, "", 9007199254740993, 0
        },
        {R"("type":"int64","value":-9223372036854775808)", ValueType::kInt64, "", INT64_MIN, 0},
        {R"("type":"int64","value":200.0)", ValueType::kInt64, "", 200, 0},
        {R"("type":"int64","value":1.5)", ValueType::kFloat64, "", 0, 1.5},
        {R"("type":"int64","value":18446744073709551616)",
         ValueType::kString,
         "18446744073709551616",
         0,
         0},
        {R"("type":"int64","value":"OK")", ValueType::kString, "OK", 0, 0},
        {R"("type":"float64","value":0.25)", ValueType::kFloat64, "", 0, 0.25},
        {R"("type":"float64","value":3)", ValueType::kFloat64, "", 0, 3},
        {R"("type":"float64","value":"-Infinity")", ValueType::kFloat64, "", 0, -INFINITY},
        {R"("type":"float64","value":1e999)", ValueType::kString, "1e999", 0, 0},
        {R"("type":"binary","value":"AP8=")", ValueType::kBinary, "\0\xFF", 0, 0},
        {R"("type":"binary","value":"no base64!")", ValueType::kString, "no base64!", 0, 0},
        {R"("type":"int","value":5)", ValueType::kInt64, "", 5, 0},
        {R"("type":"odd","value":"text")", ValueType::kString, "text", 0, 0},
        {R"("value":true)", ValueType::kBool, "", 1, 0},
        {R"("value":-0)", ValueType::kInt64, "", 0, 0},
        {R"("value":2.5)", ValueType::kFloat64, "", 0, 2.5},
        {R"("type":"odd","value":{"a":[1,"b"]})", ValueType::kString, R"({"a":[1,"b"]})", 0, 0},
        {R"("type":"string","value":[1, 2])", ValueType::kString, "[1, 2]", 0, 0},
    }));
    INFO(row.fields);
    const auto trace =
        decode_one(with_span(R"("tags":[{"key":"k",)" + std::string(row.fields) + R"( } ] )"));
    REQUIRE(trace->spans[0].tags.size == 1);
    const models::Tag& tag = trace->spans[0].tags[0];
    CHECK(tag.key() == "k");
    REQUIRE(tag.type() == row.type);
    switch (tag.type()) {
        case ValueType::kString:
            CHECK(tag.text() == row.text);
            break;
        case ValueType::kBinary:
            CHECK(tag.text() == std::string_view("\0\xFF", 2));
            break;
        case ValueType::kFloat64:
            CHECK(tag.as_double() == row.number);
            break;
        case ValueType::kBool:
        case ValueType::kInt64:
            CHECK(tag.as_int() == row.integer);
            break;
    }
}

TEST_CASE("a NaN in quotes is a number") {
    const auto trace =
        decode_one(with_span(R"("tags":[{"key":"k","type":"float64","value":"NaN"}])"));
    CHECK(std::isnan(trace->spans[0].tags[0].as_double()));
}

TEST_CASE("bare NaN and Infinity are never a silent loss") {
    const std::string token = GENERATE("NaN", "Infinity", "-Infinity", "nan", "+1", ".5", "0x1F");
    INFO(token);
    const auto batch = decode_traces(
        with_span(R"("tags":[{"key":"k","type":"float64","value":)" + token + "}]"), std::nullopt
    );
    if (!batch) {
        CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
    } else {
        CHECK((!batch->traces.empty() || batch->stopped_by != StoppedBy::kComplete));
    }
}

TEST_CASE("texts without an escape are slices of the body, others are unescaped") {
    struct Row {
        const char* json;
        std::string_view text;
        bool verbatim;
    };
    using namespace std::string_view_literals;
    const Row row = GENERATE(values<Row>({
        {"plain", "plain", true},
        {"", "", true},
        {"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F", true},
        {R"(a\"b\\c\/d)", "a\"b\\c/d", false},
        {R"(\b\f\n\r\t)", "\b\f\n\r\t", false},
        {R"(\u00fc\u20AC)", "\xC3\xBC\xE2\x82\xAC", false},
        {R"(\ud83d\ude00)", "\xF0\x9F\x98\x80", false},
        {R"(x\ud800y)", "x\xEF\xBF\xBDy", false},
        {R"(\udc00\ud83d)", "\xEF\xBF\xBD\xEF\xBF\xBD", false},
        {R"(\ud83d\u0041)", "\xEF\xBF\xBD\x41", false},
        {R"(a\u0000b)", "a\0b"sv, false},
        {R"(\uZZ)", "\xEF\xBF\xBDZZ", false},
    }));
    INFO(row.json);
    const auto trace = decode_one(with_span(
        R"("tags":[{"key":"k","type":"string","value":")" + std::string(row.json) + R"("}])"
    ));
    const models::Tag& tag = trace->spans[0].tags[0];
    CHECK(tag.text() == row.text);
    CHECK(tag.verbatim() == row.verbatim);
}

TEST_CASE("the order of fields does not matter and the last of a repeated one counts") {
    const auto trace = decode_one(
        R"({"errors":null,"total":3,"data":[{"warnings":["odd"],"processes":{"p1":{"tags":[],"serviceName":"a"},)"
        R"("p1":{"serviceName":"b"}},"spans":[],"spans":[{"tags":[{"key":"x"}],"tags":[{"value":"v","type":"string","key":"y"}],)"
        R"("processID":"p1","references":[{"spanID":"9"}],"references":[],"duration":1,"duration":2,"spanID":"5"}],)"
        R"("unknown":{"deep":[[[{}]]]},"traceID":"2a"}],"limit":0})"
    );
    REQUIRE(trace->spans.size() == 1);
    const models::Span& span = trace->spans[0];
    CHECK(span.id.value == 5);
    CHECK(span.duration_ns == 2'000);
    CHECK(span.references.empty());
    REQUIRE(span.tags.size == 1);
    CHECK(span.tags[0].key() == "y");
    CHECK(trace->processes[span.process].service == "b");
    CHECK(trace->warnings == std::vector<std::string>{"odd"});
}

TEST_CASE("references, the leftover parentSpanID, other traces and unknown kinds") {
    const auto trace = decode_one(envelope(
        R"({"traceID":"2a","spans":[)"
        R"({"spanID":"1","startTime":1},)"
        R"({"spanID":"2","startTime":2,"parentSpanID":"1","references":null},)"
        R"({"spanID":"3","startTime":3,"parentSpanID":"1","references":[{"refType":"CHILD_OF","traceID":"02A","spanID":"2"}]},)"
        R"({"spanID":"4","startTime":4,"references":[{"refType":"CHILD_OF","traceID":"bb","spanID":"1"}]},)"
        R"({"spanID":"5","startTime":5,"references":[{"refType":"SOME_LINK","traceID":"2a","spanID":"1"},{"refType":"CHILD_OF","spanID":"3"}]},)"
        R"({"spanID":"6","startTime":6,"references":[{"refType":"CHILD_OF","traceID":"2a","spanID":"ff"}]},)"
        R"({"spanID":"7","startTime":7,"references":[{"refType":"CHILD_OF","traceID":"2a","spanID":"not hex"}]}]})"
    ));
    REQUIRE(trace->spans.size() == 7);
    CHECK(trace->spans[0].parent == models::kNoSpan);
    CHECK(trace->spans[1].parent == 0);
    CHECK(trace->spans[2].parent == 1);
    CHECK(trace->spans[3].parent == models::kNoSpan);
    CHECK_FALSE(trace->spans[3].orphan);
    CHECK(trace->spans[4].parent == 2);
    CHECK(trace->spans[4].references[0].type == models::ReferenceType::kFollowsFrom);
    CHECK(trace->spans[5].orphan);
    CHECK(trace->spans[6].references.empty());
}

TEST_CASE("logs ascend by time and keep their fields") {
    const auto trace = decode_one(with_span(
        R"("flags":1,"warnings":["w\u0031"],"logs":[{"timestamp":9,"fields":[{"key":"event","type":"string","value":"b"}]},)"
        R"({"timestamp":3,"fields":null},{"timestamp":3,"fields":[{"key":"event","type":"string","value":"a"}]}])"
    ));
    const models::Span& span = trace->spans[0];
    CHECK(span.flags == 1);
    REQUIRE(span.warnings.size == 1);
    CHECK(span.warnings[0] == "w1");
    REQUIRE(span.logs.size == 3);
    CHECK(span.logs[0].time_ns == 3'000);
    CHECK(span.logs[0].fields.empty());
    CHECK(span.logs[1].fields[0].text() == "a");
    CHECK(span.logs[2].fields[0].text() == "b");
}

TEST_CASE("a span without a known process gets an empty one; an inline process wins") {
    const auto trace = decode_one(envelope(
        R"({"traceID":"2a","spans":[{"spanID":"1","processID":"p9","startTime":1},{"spanID":"2","startTime":2},)"
        R"({"spanID":"3","startTime":3,"processID":"p1","process":{"serviceName":"inline","tags":[]}}],)"
        R"("processes":{"p1":{"serviceName":"table"}}})"
    ));
    CHECK(trace->processes[trace->spans[0].process].service.empty());
    CHECK(trace->spans[1].process == trace->spans[0].process);
    CHECK(trace->processes[trace->spans[2].process].service == "inline");
    REQUIRE(trace->warnings.size() == 1);
    CHECK(trace->warnings[0].find("2 spans name a process") == 0);
}

TEST_CASE("an empty answer is empty, not an error") {
    const char* body = GENERATE(
        R"({"data":[],"total":0,"limit":0,"offset":0,"errors":null})",
        R"({"data":null,"errors":null})",
        "\xEF\xBB\xBF \n{\"data\":[]}\n",
        R"({"data":[{"traceID":"2a","spans":[]},{"traceID":"2b","spans":null},{"traceID":"2c"}]})"
    );
    const TraceBatch batch = decode(body);
    CHECK(batch.traces.empty());
    CHECK(batch.stopped_by == StoppedBy::kComplete);
}

TEST_CASE("what is no trace JSON is an upstream protocol error that shows its beginning") {
    struct Row {
        std::string body;
        const char* shown;
    };
    const Row row = GENERATE(values<Row>({
        {"", "the body is empty"},
        {"<!doctype html><html>", "<!doctype html>"},
        {"[]", "[]"},
        {"{", "{"},
        {"{}", "{}"},
        {R"({"data":"x"})", "data"},
        {R"({"data":[}]})", "data"},
        {R"({"message":"hello"})", "hello"},
        {std::string("\xFF\xFE{\0\"\0", 6), "..{.\"."},
        {std::string("\x1F\x8B\x08"), "..."},
    }));
    INFO(row.body);
    const auto batch = decode_traces(row.body, std::nullopt);
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(batch.error().message().find(row.shown) != std::string::npos);
}

TEST_CASE("errors of Jaeger are passed on beside the data") {
    const TraceBatch batch = decode(
        R"({"data":[{"traceID":"2a","spans":[{"spanID":"1"}]}],"errors":[{"code":404,"msg":"not \"there\"","traceID":"2b"},{"code":"500","msg":"x"}]})"
    );
    CHECK(batch.traces.size() == 1);
    REQUIRE(batch.errors.size() == 2);
    CHECK(batch.errors[0].code == 404);
    CHECK(batch.errors[0].message == "not \"there\"");
    CHECK(batch.errors[0].trace_id == "2b");
    CHECK(batch.errors[1].code == 500);
    CHECK(
        decode_errors("{\"data\":null,\"errors\":[{\"code\":500,\"msg\":\"boom\"}]}\n").size() == 1
    );
    CHECK(decode_errors("<html>").empty());
    CHECK(decode_errors("").empty());
}

TEST_CASE("a body cut at any byte gives what was whole, and says so") {
    const std::string body =
        R"({"data":[{"traceID":"a1","spans":[{"spanID":"1","processID":"p1","tags":[{"key":"k","type":"string","value":"}]"}]}],)"
        R"("processes":{"p1":{"serviceName":"s","tags":[{"key":"ip","type":"string","value":"\"x"}]}},"warnings":null},)"
        R"({"traceID":"a2","spans":[{"spanID":"1","operationName":"gr)"
        "\xC3\xBC\xC3\x9F"
        R"("},{"spanID":"2"}],"processes":{}}],"total":0,"errors":null})";
    const std::size_t first_span = body.find("}]}],\"processes") + 3;
    const std::size_t first_trace = body.find("\"warnings\":null}") + 16;
    const bool says_why = GENERATE(true, false);
    for (std::size_t size = 0; size < body.size(); ++size) {
        INFO("cut at " << size);
        const auto incomplete = says_why ? std::optional(cut_by_deadline()) : std::nullopt;
        const auto batch = decode_traces(body.substr(0, size), incomplete);
        if (size < first_span) {
            REQUIRE(batch.has_error());
            const auto kind = says_why ? ErrorKind::kDeadline : ErrorKind::kUpstreamProtocol;
            CHECK(batch.error().kind() == kind);
            continue;
        }
        REQUIRE(batch.has_value());
        CHECK(batch->stopped_by == (says_why ? StoppedBy::kTime : StoppedBy::kBackend));
        REQUIRE(batch->warnings.size() == 1);
        CHECK(batch->warnings[0].code == (says_why ? "partial_timeout" : "partial_body"));
        CHECK(batch->traces[0]->id.low == 0xA1);
        CHECK(batch->traces[0]->spans[0].tags[0].text() == "}]");
        if (size >= first_trace) {
            CHECK(batch->traces[0]->warnings.empty());
            CHECK(batch->traces[0]->processes[0].service == "s");
        } else {
            CHECK(batch->traces[0]->warnings.back().find("cut") != std::string::npos);
        }
    }
    CHECK(decode(body).traces.size() == 2);
    CHECK(decode(body).warnings.empty());
    // Whole JSON in a connection that broke afterwards is whole.
    CHECK(decode_traces(body, cut_by_deadline())->stopped_by == StoppedBy::kComplete);
}

TEST_CASE("a receive limit and a lost connection are told apart") {
    const std::string cut = R"({"data":[{"traceID":"a1","spans":[{"spanID":"1"},{"spa)";
    const auto limit = decode_traces(cut, Error(ErrorKind::kTooLarge, "more than 1 MiB"));
    CHECK(limit->stopped_by == StoppedBy::kBytes);
    CHECK(limit->warnings[0].code == "receive_limit");
    CHECK(limit->warnings[0].message.find("more than 1 MiB") != std::string::npos);
    const auto lost = decode_traces(cut, Error(ErrorKind::kUpstreamUnavailable, "reset"));
    CHECK(lost->stopped_by == StoppedBy::kBackend);
}

TEST_CASE("a document broken in the middle gives the traces before it") {
    const auto batch = decode_traces(
        R"({"data":[{"traceID":"a1","spans":[{"spanID":"1"}]},{"traceID" "a2"},{"traceID":"a3","spans":[{"spanID":"1"}]}]})",
        std::nullopt
    );
    REQUIRE(batch.has_value());
    CHECK(batch->traces.size() == 1);
    CHECK(batch->stopped_by == StoppedBy::kBackend);
    CHECK(batch->warnings[0].code == "malformed_json");
}

TEST_CASE("bad bytes anywhere never break the decoder") {
    const std::string body = read_data("bookinfo_mixer_trace.json").substr(0, 2'500);
    const char bad = GENERATE('\xFF', '\0', '\x01', '"', '{', ']', '\\');
    for (std::size_t at = 0; at < body.size(); at += 3) {
        std::string broken = body;
        broken[at] = bad;
        const auto batch = decode_traces(std::move(broken), cut_by_deadline());
        if (batch) {
            CHECK(batch->stopped_by != StoppedBy::kLimit);
        }
    }
}

TEST_CASE("bad UTF-8 is replaced and said, never failing the trace") {
    const std::string body = with_span(
        "\"operationName\":\"a\xFF\xC3(b\",\"tags\":[{\"key\":\"k\",\"type\":\"string\",\"value\":"
        "\"x\x01y\"}]"
    );
    const TraceBatch batch = decode(body);
    REQUIRE(batch.traces.size() == 1);
    CHECK(batch.traces[0]->spans[0].operation == "a\xEF\xBF\xBD\xEF\xBF\xBD(b");
    CHECK(find_tag(batch.traces[0]->spans[0], "k")->text() == "x y");
    REQUIRE(batch.warnings.size() == 1);
    CHECK(batch.warnings[0].code == "invalid_text");
}

TEST_CASE("nesting of any depth is no trouble") {
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    const auto trace =
        decode_one(with_span(R"("odd":)" + deep + R"(,"tags":[{"key":"k","value":)" + deep + "}]"));
    CHECK(trace->spans[0].tags[0].text().size() == deep.size());
    CHECK(decode_traces(R"({"data":)" + std::string(100'000, '['), std::nullopt).has_error());
}

TEST_CASE("a trace beyond 4 MiB keeps every span") {
    constexpr int kSpans = 6'000;
    std::string body = R"({"data":[{"traceID":"2a","spans":[)";
    const std::string filler(700, 'x');
    for (int i = 0; i < kSpans; ++i) {
        body += std::string(i == 0 ? "" : ",") + R"({"spanID":")" +
                SpanId{std::uint64_t(i) + 1}.to_hex() + R"(","startTime":)" + std::to_string(i) +
                R"(,"processID":"p1","tags":[{"key":"f","type":"string","value":")" + filler +
                R"("}]})";
    }
    body += R"(],"processes":{"p1":{"serviceName":"s","tags":[]}}}]})";
    REQUIRE(body.size() > 4UL * 1024 * 1024);
    const auto trace = decode_one(body);
    CHECK(trace->spans.size() == kSpans);
    CHECK(trace->spans.back().tags[0].text() == filler);
    const auto cut = decode_traces(body.substr(0, body.size() / 2), cut_by_deadline());
    CHECK(cut->traces.at(0)->spans.size() > kSpans / 3);
}

TEST_CASE("services and operations") {
    const auto services = decode_services(
        R"({"data":["b","a\u002fb",null,7],"total":2,"errors":null})", std::nullopt
    );
    CHECK(services->names == std::vector<std::string>{"b", "a/b"});
    CHECK(decode_services(R"({"data":null,"total":0})", std::nullopt)->names.empty());
    CHECK(decode_services("[]", std::nullopt).error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(
        decode_services(R"({"data":["a","b)", cut_by_deadline()).error().kind() ==
        ErrorKind::kDeadline
    );
    CHECK(decode_services("{\"data\":[\"a\xFF\"]}", std::nullopt)->names.at(0) == "a\xEF\xBF\xBD");

    const auto operations = decode_operations(
        R"({"data":["GET /",{"name":"POST /","spanKind":"server"},{"spanKind":"client"}]})",
        std::nullopt
    );
    REQUIRE(operations->operations.size() == 2);
    CHECK(operations->operations[0].name == "GET /");
    CHECK(operations->operations[0].span_kind.empty());
    CHECK(operations->operations[1].span_kind == "server");
}

}  // namespace meshscope::clients::jaeger
