#include "demo/jaeger/http_api.hpp"
#include "demo/otlp/gunzip.hpp"
#include "demo/otlp/intake.hpp"
#include "demo/otlp/intake_grpc.hpp"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <array>

using namespace meshscope;
using namespace meshscope::demo;
using nlohmann::json;
namespace otlp = opentelemetry::proto::trace::v1;
namespace collector = opentelemetry::proto::collector::trace::v1;

namespace {

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";

struct Collector {
    explicit Collector(MemoryBounds bounds = {}, std::size_t most = 100'000)
        : archive(EventStream(*scenario_named("fixture"), 1, clock.now()), clock, bounds),
          intake(archive, counters, most),
          jaeger(archive, clock, {}, release, counters) {}

    HttpReply post(
        std::string body,
        std::string type = "application/json",
        std::string encoding = {},
        std::string_view path = "/v1/traces"
    ) {
        HttpRequest request = parse_target("POST", path);
        request.content_type = std::move(type);
        request.content_encoding = std::move(encoding);
        request.body = std::move(body);
        return intake.handle(request);
    }
    json get(const std::string& target) {
        return json::parse(jaeger.handle(parse_target("GET", target)).body);
    }
    // The one span of the trace, as v1 and as v3 show it.
    json span_v1() { return get("/api/traces/" + kTrace)["data"][0]["spans"].at(0); }
    json resource_v3() { return get("/api/v3/traces/" + kTrace)["result"]["resourceSpans"].at(0); }

    test::ManualClock clock;
    Counters counters;
    RunningRelease release;
    TraceArchive archive;
    OtlpIntake intake;
    JaegerHttpApi jaeger;
};

std::string request_of(const std::string& members, const std::string& id = "b7ad6b7169203331") {
    return R"({"resourceSpans":[{"resource":{"attributes":[)"
           R"({"key":"service.name","value":{"stringValue":"shop"}},)"
           R"({"key":"host.name","value":{"stringValue":"a"}}]},)"
           R"("scopeSpans":[{"scope":{"name":"lib","version":"1.2"},"spans":[{"traceId":")" +
           kTrace + R"(","spanId":")" + id + R"(","name":"pay")" + members + "}]}]}]}";
}

const std::string kTimes =
    R"(,"startTimeUnixNano":"1763683200000001500","endTimeUnixNano":1763683200002001500)";

std::string gzip(const std::string& text) {
    std::string out(compressBound(text.size()) + 64, '\0');
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::map<std::string, json> tags(const json& pairs) {
    std::map<std::string, json> out;
    for (const json& pair : pairs) {
        out[pair["key"]] = pair["value"];
    }
    return out;
}

collector::ExportTraceServiceRequest proto_request(const std::string& name = "pay") {
    collector::ExportTraceServiceRequest request;
    otlp::ResourceSpans& resource = *request.add_resource_spans();
    otlp::KeyValue& service = *resource.mutable_resource()->add_attributes();
    service.set_key("service.name");
    service.mutable_value()->set_string_value("shop");
    otlp::Span& span = *resource.add_scope_spans()->add_spans();
    span.set_trace_id(std::string(15, '\0') + "\x07");
    span.set_span_id(std::string(7, '\0') + "\x09");
    span.set_name(name);
    span.set_start_time_unix_nano(1'763'683'200'000'000'000);
    span.set_end_time_unix_nano(1'763'683'200'000'000'500);
    return request;
}

}  // namespace

TEST_CASE("a span that was sent is there in every protocol") {
    Collector collector;
    const HttpReply reply = collector.post(request_of(
        kTimes +
        R"(,"kind":4,"flags":257,"traceState":"a=b","parentSpanId":"00f067aa0ba902b7",)"
        R"("status":{"code":2,"message":"no money"},"attributes":[)"
        R"({"key":"z","value":{"arrayValue":{"values":[{"intValue":"1"},{"intValue":2}]}}},)"
        R"({"key":"big","value":{"intValue":"9223372036854775807"}},)"
        R"({"key":"raw","value":{"bytesValue":"AAE="}},)"
        R"({"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}}]}}},)"
        R"({"key":"half","value":{"doubleValue":0.5}},{"key":"nothing","value":{}}],)"
        R"("events":[{"timeUnixNano":"1763683200000002000","name":"exception",)"
        R"("attributes":[{"key":"exception.type","value":{"stringValue":"Broke"}}]}],)"
        R"("links":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}])"
    ));
    REQUIRE(reply.status == 200);
    CHECK(reply.body == "{}");

    const json v1 = collector.span_v1();
    CHECK(v1["startTime"] == 1'763'683'200'000'001);
    CHECK(v1["duration"] == 2'000);
    auto found = tags(v1["tags"]);
    CHECK(found["z"] == "[1,2]");
    CHECK(found["map"] == R"({"k":true})");
    CHECK(found["raw"] == "AAE=");
    CHECK(found["big"] == "9223372036854775807");
    CHECK(found["half"] == 0.5);
    CHECK(found["nothing"] == "");
    CHECK(found["span.kind"] == "producer");
    CHECK(found["error"] == true);
    CHECK(found["otel.status_code"] == "ERROR");
    CHECK(found["otel.status_description"] == "no money");
    CHECK(found["otel.scope.name"] == "lib");
    CHECK(found["w3c.tracestate"] == "a=b");
    CHECK(v1["references"][0]["refType"] == "CHILD_OF");
    CHECK(v1["references"][1]["refType"] == "FOLLOWS_FROM");
    CHECK(v1["references"][1]["traceID"] == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(tags(v1["logs"][0]["fields"])["event"] == "exception");

    const json resource = collector.resource_v3();
    CHECK(resource["resource"]["attributes"].size() == 2);
    const json span = resource["scopeSpans"][0]["spans"][0];
    CHECK(span["startTimeUnixNano"] == "1763683200000001500");
    CHECK(span["endTimeUnixNano"] == "1763683200002001500");
    CHECK(span["kind"] == 4);
    CHECK(span["flags"] == 257);
    CHECK(span["status"]["message"] == "no money");
    CHECK(tags(span["attributes"])["z"]["arrayValue"]["values"][1]["intValue"] == "2");

    const json search =
        collector.get("/api/traces?service=shop&start=0&end=4000000000000000&tag=error:true");
    CHECK(search["data"].size() == 1);
    CHECK(collector.get("/api/services")["data"].dump().find("shop") != std::string::npos);
    CHECK(
        collector.get("/api/operations?service=shop")["data"][0] ==
        json({{"name", "pay"}, {"spanKind", "producer"}})
    );
}

TEST_CASE("protobuf and JSON, packed and not, are read alike") {
    struct Row {
        bool protobuf;
        bool packed;
    };
    const auto row =
        GENERATE(values<Row>({{false, false}, {false, true}, {true, false}, {true, true}}));
    Collector collector;
    const std::string plain =
        row.protobuf ? proto_request().SerializeAsString() : request_of(kTimes);
    const HttpReply reply = collector.post(
        row.packed ? gzip(plain) : plain,
        row.protobuf ? "application/x-protobuf" : "application/json; charset=utf-8",
        row.packed ? "gzip" : ""
    );
    CHECK(reply.status == 200);
    CHECK(reply.body == (row.protobuf ? "" : "{}"));
    CHECK(
        collector.get("/api/traces?service=shop&start=0&end=4000000000000000")["data"].size() == 1
    );
}

TEST_CASE("what cannot be taken is refused in words") {
    struct Row {
        std::string body;
        std::string type;
        std::string encoding;
        unsigned status;
    };
    std::string deep(1'000, '[');
    const std::vector<Row> rows = {
        {"{}", "text/plain", "", 415},
        {"{}", "application/json", "br", 415},
        {"", "application/json", "", 400},
        {"[]", "application/json", "", 400},
        {"{\"resourceSpans\":{}}", "application/json", "", 400},
        {request_of(R"(,"startTimeUnixNano":"x")"), "application/json", "", 400},
        {request_of(R"(,"startTimeUnixNano":-1)"), "application/json", "", 400},
        {request_of(R"(,"attributes":[{"key":"a","value":{"bytesValue":"?"}}])"),
         "application/json",
         "",
         400},
        {deep, "application/json", "", 400},
        {"\xff\xff\xff", "application/x-protobuf", "", 400},
        {"no gzip", "application/json", "gzip", 400},
        {gzip(request_of(kTimes)).substr(0, 60), "application/json", "gzip", 400},
        {std::string(100'001, ' '), "application/json", "", 413},
        {gzip(std::string(10'000'000, ' ')), "application/json", "gzip", 413},
    };
    for (const Row& row : rows) {
        INFO(row.body.substr(0, 80));
        Collector collector;
        const HttpReply reply = collector.post(row.body, row.type, row.encoding);
        CHECK(reply.status == row.status);
        CHECK_FALSE(reply.body.empty());
        CHECK(collector.archive.services().size() == 12);
    }
    Collector collector;
    CHECK(collector.post("{}", "application/json", "", "/v1/metrics").status == 404);
    CHECK(collector.intake.handle(parse_target("GET", "/v1/traces")).status == 405);
}

TEST_CASE("spans without ids are rejected, the others stay") {
    Collector collector;
    std::string two = request_of(kTimes);
    const std::string bad = R"({"traceId":"12","spanId":"b7ad6b7169203331","name":"x"},)";
    two.insert(two.find(R"({"traceId")"), bad);
    const json body = json::parse(collector.post(two).body);
    CHECK(body["partialSuccess"]["rejectedSpans"] == "1");
    CHECK_THAT(
        body["partialSuccess"]["errorMessage"].get<std::string>(), Catch::Contains("traceId")
    );
    CHECK(collector.span_v1()["operationName"] == "pay");
}

TEST_CASE("what a collector repairs") {
    Collector collector;
    auto request = proto_request("");
    request.mutable_resource_spans(0)->clear_resource();
    otlp::Span& span = *request.mutable_resource_spans(0)->mutable_scope_spans(0)->mutable_spans(0);
    span.set_end_time_unix_nano(1);
    span.add_links();
    span.add_events()->set_name("b");
    span.add_events()->set_name("a");
    for (const auto& [key, value] : {std::pair("b\xff", "v"), std::pair("a", "\xc3\x28")}) {
        otlp::KeyValue& pair = *span.add_attributes();
        pair.set_key(key);
        pair.mutable_value()->set_string_value(value);
    }
    REQUIRE(collector.post(request.SerializeAsString(), "application/x-protobuf").status == 200);
    const json trace = collector.get("/api/traces/7")["data"][0];
    CHECK(trace["processes"]["p1"]["serviceName"] == "missing-service-name");
    const json& shown = trace["spans"][0];
    CHECK(shown["operationName"] == "empty-span-name");
    CHECK(shown["duration"] == 0);  // one nanosecond
    CHECK(shown["warnings"][0] == "Invalid span link removed");
    CHECK(tags(shown["logs"][0]["fields"])["event"] == "a");
    CHECK(shown["tags"][0] == json({{"key", "a"}, {"type", "binary"}, {"value", "wyg="}}));
    CHECK(shown["tags"][1]["key"] == "invalid-tag-key-1");
}

TEST_CASE("spans of one trace join, equal ones are kept once") {
    Collector collector;
    const std::string first = request_of(kTimes);
    for (const std::string& body :
         {first, first, request_of(kTimes, "00000000000000aa"), request_of(kTimes + R"(,"kind":2)")
         }) {
        CHECK(collector.post(body).status == 200);
    }
    const json trace = collector.get("/api/traces/" + kTrace)["data"][0];
    CHECK(trace["spans"].size() == 3);
    CHECK(trace["processes"].size() == 1);
}

TEST_CASE("a trace that somebody holds does not change under him") {
    Collector collector;
    collector.post(request_of(kTimes));
    const TraceRecordPtr held = collector.archive.find(*TraceId::from_hex(kTrace));
    REQUIRE(held->spans.size() == 1);
    collector.post(request_of(kTimes, "00000000000000aa"));
    CHECK(held->spans.size() == 1);
    CHECK(collector.archive.find(held->id)->spans.size() == 2);
}

TEST_CASE("memory is bounded: the oldest traces fall out whole") {
    const auto request = [](int number) {
        std::string body = request_of(kTimes);
        const std::string digits = std::to_string(1'000 + number);
        return body.replace(body.find(kTrace), 4, digits);
    };
    const bool by_spans = GENERATE(true, false);
    MemoryBounds bounds;
    (by_spans ? bounds.spans : bounds.bytes) = by_spans ? 10 : 20'000;
    Collector collector(bounds);
    for (int i = 0; i < 200; ++i) {
        CHECK(collector.post(request(i)).body == "{}");
    }
    const std::size_t kept =
        collector.get("/api/traces?service=shop&start=0&end=4000000000000000&limit=1000")["data"]
            .size();
    CHECK(kept >= 8);
    CHECK(kept < 60);
    CHECK(collector.archive.find(*TraceId::from_hex("1199" + kTrace.substr(4))) != nullptr);
    CHECK(collector.archive.find(*TraceId::from_hex("1000" + kTrace.substr(4))) == nullptr);
}

TEST_CASE("of a trace that is larger than the memory the rest is rejected, and it is said") {
    MemoryBounds bounds;
    bounds.spans = 2;
    Collector collector(bounds);
    collector.post(request_of(kTimes, "00000000000000a1"));
    collector.post(request_of(kTimes, "00000000000000a2"));
    const json body = json::parse(collector.post(request_of(kTimes, "00000000000000a3")).body);
    CHECK(body["partialSuccess"]["rejectedSpans"] == "1");
    CHECK(collector.get("/api/traces/" + kTrace)["data"][0]["spans"].size() == 2);
}

TEST_CASE("a number that is none breaks the old JSON and nothing else") {
    Collector collector;
    collector.post(
        request_of(kTimes + R"(,"attributes":[{"key":"n","value":{"doubleValue":"NaN"}}])")
    );
    CHECK(collector.jaeger.handle(parse_target("GET", "/api/traces/" + kTrace)).status == 500);
    const json span = collector.resource_v3()["scopeSpans"][0]["spans"][0];
    CHECK(span["attributes"][0]["value"]["doubleValue"] == "NaN");
}

TEST_CASE("spans come in over gRPC, packed too, and never more than is allowed") {
    Collector collector;
    OtlpGrpcApi api(collector.intake);
    REQUIRE(api.listen("127.0.0.1", 0).has_value());
    const auto stub = collector::TraceService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(api.port()), grpc::InsecureChannelCredentials()
    ));
    const auto send = [&](const collector::ExportTraceServiceRequest& request, bool packed) {
        grpc::ClientContext context;
        if (packed) {
            context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
        }
        collector::ExportTraceServiceResponse response;
        return stub->Export(&context, request, &response).error_code();
    };
    CHECK(send(proto_request(), false) == grpc::StatusCode::OK);
    CHECK(send(proto_request(std::string(5'000, 'x')), true) == grpc::StatusCode::OK);
    CHECK(collector.get("/api/traces/7")["data"][0]["spans"].size() == 2);
    const auto large = proto_request(std::string(200'000, 'x'));
    CHECK(send(large, false) == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK(send(large, true) == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK(collector.get("/api/traces/7")["data"][0]["spans"].size() == 2);
}
