#include "clients/jaeger/otlp/otlp_proto_decoder.hpp"

#include "tests/support/trace_text.hpp"
#include "tests/unit/jaeger/otlp_messages.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <limits>

using namespace meshscope;
using namespace meshscope::clients::jaeger;
using namespace meshscope::test;
using models::ValueType;

namespace {

std::vector<models::TracePtr> decode(const otlp::TracesData& data) {
    OtlpProtoDecoder decoder;
    REQUIRE(decoder.add(data.SerializeAsString()));
    return decoder.finish(false);
}

// The text of the only trace, decoded of a message kept whole.
std::string whole_text(const std::string& message) {
    OtlpProtoDecoder decoder;
    CHECK(decoder.add(message));
    return traces_text(decoder.finish(false));
}

std::string text_in_pieces(const std::string& message, std::size_t size) {
    OtlpProtoDecoder decoder;
    Pieces pieces(message, size);
    CHECK(decoder.add(pieces));
    return traces_text(decoder.finish(false));
}

std::string field(char number, const std::string& bytes) {
    REQUIRE(bytes.size() < 128);
    return std::string(1, static_cast<char>(number << 3 | 2)) +
           std::string(1, static_cast<char>(bytes.size())) + bytes;
}

}  // namespace

TEST_CASE("otlp: a span with everything becomes what Jaeger's older protocols say of it") {
    const auto traces = decode(full_traces());
    REQUIRE(traces.size() == 1);
    CHECK(
        trace_text(*traces[0]) ==
        R"(0af7651916cd43dd8448eb211c80319c
{"id":"b7ad6b7169203331","operation":"GET /reviews","start":1787220000123456789,"duration":1999,"parent":4294967295,"orphan":true,"flags":1,"kind":2,"status":2,"references":[["0af7651916cd43dd8448eb211c80319c","0000000000000007",0],["00000000000000010000000000000002","0000000000000008",1],["00000000000000030000000000000004","0000000000000009",0]],"tags":[["otel.scope.name",0,"io.opentelemetry.http"],["otel.scope.version",0,"1.2"],["s",0,"text"],["b",1,true],["i",2,9007199254740993],["d",3,-0.5],["y",4,"\u0000�"],["a",0,"[\"x\",2]"],["m",0,"{\"k\":false}"],["none",0,""],["span.kind",0,"server"],["otel.status_code",0,"ERROR"],["error",1,true],["otel.status_description",0,"broken"],["w3c.tracestate",0,"vendor=1"]],"logs":[{"time":1787220001000000000,"fields":[["event",0,"retry"],["attempt",2,2]]}],"warnings":["clock skew"],"service":"reviews.bookinfo","process":[["k8s.pod.name",0,"reviews-v2-x"],["process.pid",2,7]]}
)"
    );
}

TEST_CASE("otlp: what an attribute says already is not said again, but a text beside it stays") {
    otlp::TracesData data;
    otlp::ScopeSpans& scope = add_service(data, "a");
    scope.mutable_scope()->set_name("lib");
    otlp::Span& span = add_span(scope, id16(1, 1), 1);
    span.set_kind(otlp::Span::SPAN_KIND_CLIENT);
    span.mutable_status()->set_code(otlp::Status::STATUS_CODE_ERROR);
    add_attribute(span, "span.kind").set_string_value("client");
    add_attribute(span, "error").set_string_value("timeout");
    add_attribute(span, "otel.scope.name").set_string_value("lib");
    add_attribute(span, "otel.status_code").set_string_value("OK");
    otlp::Span::Event& event = *span.add_events();
    event.set_name("retry");
    add_attribute(event, "event").set_string_value("retry");
    const auto traces = decode(data);
    std::string keys;
    for (const models::Tag& tag : traces.at(0)->spans.at(0).tags) {
        keys += std::string(tag.key()) + " ";
    }
    CHECK(keys == "span.kind error otel.scope.name otel.status_code otel.status_code error ");
    CHECK(traces[0]->spans[0].logs[0].fields.size == 1);
    CHECK(traces[0]->spans[0].kind == models::SpanKind::kClient);
    CHECK(traces[0]->spans[0].status == models::StatusCode::kError);
}

TEST_CASE("otlp: kind and status as tags and as they are") {
    struct Row {
        int kind;
        int status;
        const char* tags;
        models::SpanKind native;
    };
    const Row row = GENERATE(
        Row{0, 0, "", models::SpanKind::kUnspecified},
        Row{1, 1, "span.kind=internal otel.status_code=OK ", models::SpanKind::kInternal},
        Row{2, 0, "span.kind=server ", models::SpanKind::kServer},
        Row{3, 0, "span.kind=client ", models::SpanKind::kClient},
        Row{4, 0, "span.kind=producer ", models::SpanKind::kProducer},
        Row{5, 0, "span.kind=consumer ", models::SpanKind::kConsumer},
        Row{6, 7, "", models::SpanKind::kUnspecified},
        Row{-1, -1, "", models::SpanKind::kUnspecified}
    );
    otlp::TracesData data;
    otlp::Span& span = add_span(add_service(data, "a"), id16(1, 1), 1);
    span.set_kind(static_cast<otlp::Span::SpanKind>(row.kind));
    span.mutable_status()->set_code(static_cast<otlp::Status::StatusCode>(row.status));
    const auto traces = decode(data);
    std::string tags;
    for (const models::Tag& tag : traces.at(0)->spans.at(0).tags) {
        tags += std::string(tag.key()) + "=" + std::string(tag.text()) + " ";
    }
    CHECK(tags == row.tags);
    CHECK(traces[0]->spans[0].kind == row.native);
}

TEST_CASE("otlp: trace ids of the wire") {
    struct Row {
        std::string bytes;
        const char* hex;  // nullptr: the span is dropped
    };
    const Row row = GENERATE(
        Row{id16(0, 0x2a), "000000000000002a"},
        Row{be64(0x2a), "000000000000002a"},
        Row{"", nullptr},
        Row{"12345", nullptr},
        Row{std::string(20, 'x'), nullptr},
        Row{std::string(16, '\0'), nullptr}
    );
    otlp::TracesData data;
    otlp::ScopeSpans& scope = add_service(data, "a");
    add_span(scope, row.bytes, 1);
    add_span(scope, id16(9, 9), 2);
    OtlpProtoDecoder decoder;
    REQUIRE(decoder.add(data.SerializeAsString()));
    CHECK(decoder.dropped() == (row.hex == nullptr ? 1 : 0));
    CHECK(decoder.span_count() == (row.hex == nullptr ? 1 : 2));
    const auto traces = decoder.finish(false);
    REQUIRE(traces.size() == (row.hex == nullptr ? 1 : 2));
    CHECK(
        traces[0]->id.to_hex() == (row.hex == nullptr ? "0000000000000009"
                                                        "0000000000000009"
                                                      : row.hex)
    );
}

TEST_CASE("otlp: ids without use are roots, or left out and said") {
    otlp::TracesData data;
    otlp::ScopeSpans& scope = add_service(data, "a");
    add_span(scope, id16(1, 1), 1).set_parent_span_id(std::string(8, '\0'));
    add_span(scope, id16(1, 1), 2).set_parent_span_id("abc");
    add_span(scope, id16(1, 1), 3).set_span_id("abc");
    add_span(scope, id16(1, 1), 4).add_links()->set_span_id(be64(1));
    const auto traces = decode(data);
    REQUIRE(traces.at(0)->spans.size() == 4);
    for (const models::Span& span : traces[0]->spans) {
        CHECK(span.references.empty());
        CHECK(span.parent == models::kNoSpan);
    }
    CHECK(
        traces[0]->warnings ==
        std::vector<std::string>{
            "1 spans have no usable span id", "2 references have no usable ids and are left out"
        }
    );
}

TEST_CASE("otlp: times beyond the range saturate, an end before the start is no duration") {
    otlp::TracesData data;
    otlp::ScopeSpans& scope = add_service(data, "a");
    otlp::Span& late = add_span(scope, id16(1, 1), 1);
    late.set_start_time_unix_nano(std::numeric_limits<std::uint64_t>::max());
    late.set_end_time_unix_nano(std::numeric_limits<std::uint64_t>::max());
    add_span(scope, id16(1, 1), 2).set_end_time_unix_nano(0);
    const auto traces = decode(data);
    const auto& spans = traces.at(0)->spans;
    CHECK(spans.at(0).duration_ns == 0);
    CHECK(spans.at(1).start_ns == std::numeric_limits<std::int64_t>::max());
    CHECK(spans.at(1).duration_ns == 0);
    REQUIRE(traces[0]->warnings.size() == 2);
    CHECK(traces[0]->warnings[0].find("negative duration") != std::string::npos);
    CHECK(traces[0]->warnings[1] == "2 times or durations are out of range");
}

TEST_CASE("otlp: resources without a name, with a number for one, without anything") {
    otlp::TracesData data;
    otlp::ResourceSpans& bare = *data.add_resource_spans();
    add_span(*bare.add_scope_spans(), id16(1, 1), 1);
    otlp::ResourceSpans& unnamed = *data.add_resource_spans();
    add_attribute(*unnamed.mutable_resource(), "host.name").set_string_value("h");
    add_span(*unnamed.add_scope_spans(), id16(1, 1), 2);
    otlp::ResourceSpans& number = *data.add_resource_spans();
    add_attribute(*number.mutable_resource(), "service.name").set_int_value(7);
    add_span(*number.add_scope_spans(), id16(1, 1), 3);
    otlp::ResourceSpans& twice = *data.add_resource_spans();
    add_attribute(*twice.mutable_resource(), "service.name").set_string_value("first");
    add_attribute(*twice.mutable_resource(), "service.name").set_string_value("second");
    add_span(*twice.add_scope_spans(), id16(1, 1), 4);
    const auto traces = decode(data);
    std::string services;
    for (const models::Process& process : traces.at(0)->processes) {
        services += std::string(process.service) + " ";
    }
    CHECK(services == "OTLPResourceNoServiceName OTLPResourceNoServiceName 7 first ");
    CHECK(traces[0]->processes[1].tags[0].text() == "h");
    CHECK(traces[0]->processes[3].tags.empty());
}

TEST_CASE("otlp: spans are grouped by trace, equal resources are one process") {
    OtlpProtoDecoder decoder;
    for (std::uint64_t message = 0; message < 2; ++message) {
        otlp::TracesData data;
        for (std::uint64_t i = 0; i < 3; ++i) {
            otlp::ScopeSpans& scope = add_service(data, i == 1 ? "ratings" : "reviews");
            add_span(scope, id16(0, 1), 10 * message + i + 1);
            add_span(scope, id16(0, 2), 100 + 10 * message + i + 1);
        }
        REQUIRE(decoder.add(data.SerializeAsString()));
        REQUIRE(decoder.add(std::string()));
    }
    CHECK(decoder.trace_count() == 2);
    SECTION("whole") {
        const auto traces = decoder.finish(false);
        REQUIRE(traces.size() == 2);
        for (const auto& trace : traces) {
            CHECK(trace->spans.size() == 6);
            REQUIRE(trace->processes.size() == 2);
            CHECK(trace->processes[0].service == "reviews");
            CHECK(trace->warnings.empty());
        }
        CHECK(traces[0]->processes[0].service.data() == traces[1]->processes[0].service.data());
    }
    SECTION("cut: the trace at hand is last and says so") {
        const auto traces = decoder.finish(true);
        CHECK(traces.at(1)->id == TraceId{0, 2});
        CHECK(traces[1]->warnings.size() == 1);
    }
}

TEST_CASE("otlp: equal spans are one") {
    otlp::TracesData data = full_traces();
    data.MergeFrom(full_traces());
    data.MergeFrom(full_traces());
    data.mutable_resource_spans(2)->mutable_scope_spans(0)->mutable_spans(0)->set_name("other");
    const auto traces = decode(data);
    CHECK(traces.at(0)->spans.size() == 2);
}

TEST_CASE("otlp: in pieces of any size, with the parts of the message in any order") {
    const otlp::TracesData data = full_traces();
    const otlp::ResourceSpans& part = data.resource_spans(0);
    const otlp::ScopeSpans& scope_spans = part.scope_spans(0);
    const std::string resource = "\x0a" +
                                 std::string(1, static_cast<char>(part.resource().ByteSizeLong())) +
                                 part.resource().SerializeAsString();
    const std::string scope = field(1, scope_spans.scope().SerializeAsString());
    const auto enclose = [](char number, const std::string& bytes) {
        std::string out(1, static_cast<char>(number << 3 | 2));
        out.push_back(static_cast<char>(0x80U | (bytes.size() & 0x7FU)));
        out.push_back(static_cast<char>(bytes.size() >> 7U));
        return out + bytes;
    };
    const std::string span = enclose(2, scope_spans.spans(0).SerializeAsString());
    const std::string unknown("\xf8\x07\x01\x0d\x01\x02\x03\x04\x3a\x02xy", 12);
    const std::string expected = whole_text(data.SerializeAsString());
    for (const std::string& message :
         {data.SerializeAsString(),
          enclose(1, enclose(2, span + scope) + resource),
          enclose(1, unknown + enclose(2, unknown + span + unknown + scope) + unknown + resource)
         }) {
        CHECK(whole_text(message) == expected);
        for (const std::size_t size : {1U, 2U, 3U, 7U, 64U, 4096U}) {
            CHECK(text_in_pieces(message, size) == expected);
        }
    }
}

TEST_CASE("otlp: texts of a message in pieces are kept once") {
    otlp::TracesData data;
    otlp::ScopeSpans& scope = add_service(data, "a");
    for (std::uint64_t i = 1; i <= 2; ++i) {
        add_attribute(add_span(scope, id16(1, 1), i), "user_agent").set_string_value("curl");
    }
    OtlpProtoDecoder decoder;
    Pieces pieces(data.SerializeAsString(), 10);
    REQUIRE(decoder.add(pieces));
    const auto traces = decoder.finish(false);
    const auto& spans = traces.at(0)->spans;
    CHECK(spans.at(0).tags[0].text() == "curl");
    CHECK(spans[0].tags[0].text().data() == spans.at(1).tags[0].text().data());
    CHECK(spans[0].tags[0].key().data() == spans[1].tags[0].key().data());
    CHECK(spans[0].operation.data() == spans[1].operation.data());
}

TEST_CASE("otlp: a message cut at any place gives its whole spans, and never a wrong one") {
    otlp::TracesData head;
    add_span(add_service(head, "a"), id16(2, 2), 5);
    const std::string first = head.SerializeAsString();
    const std::string whole = first + full_traces().SerializeAsString();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::size_t expected = size < first.size() ? 0 : 1;
        // A copy of its own size, so that a sanitizer sees a read beyond it.
        OtlpProtoDecoder decoder;
        CHECK(decoder.add(std::string(whole, 0, size)) == (size == 0 || size == first.size()));
        CHECK(decoder.finish(true).size() == expected);
        OtlpProtoDecoder in_pieces;
        Pieces pieces(whole.substr(0, size), 16);
        CHECK(in_pieces.add(pieces) == (size == 0 || size == first.size()));
        CHECK(in_pieces.finish(true).size() == expected);
    }
}

TEST_CASE("otlp: a message with any one byte changed is decoded or refused, the same in pieces") {
    const std::string whole = full_traces().SerializeAsString();
    std::size_t refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const int flip : {1, 0x80, 0xff, 0x07}) {
            std::string changed = whole;
            changed[at] = static_cast<char>(changed[at] ^ flip);
            OtlpProtoDecoder in_pieces;
            Pieces pieces(changed, 13);
            const bool sound = in_pieces.add(pieces);
            OtlpProtoDecoder decoder;
            CHECK(decoder.add(std::move(changed)) == sound);
            refused += sound ? 0U : 1U;
            CHECK(traces_text(decoder.finish(false)) == traces_text(in_pieces.finish(false)));
        }
    }
    CHECK(refused > 0);
}

TEST_CASE("otlp: bytes that are no UTF-8 are kept as they are and spoil nothing") {
    otlp::TracesData data;
    otlp::Span& span = add_span(add_service(data, "svc\xf0\x28"), id16(1, 1), 1, "bad \xff op");
    add_attribute(span, "k\x80").set_string_value("\xc3(");
    const auto traces = decode(data);
    CHECK(traces.at(0)->spans.at(0).operation == "bad \xff op");
    CHECK(traces.at(0)->spans.at(0).tags[0].text() == "\xc3(");
    CHECK(traces.at(0)->processes.at(0).service == "svc\xf0\x28");
}

TEST_CASE("otlp: values nested without end are cut at a depth and said") {
    otlp::TracesData data;
    otlp::AnyValue* value = &add_attribute(add_span(add_service(data, "a"), id16(1, 1), 1), "deep");
    for (int i = 0; i < 90; ++i) {
        value = value->mutable_array_value()->add_values();
    }
    const auto traces = decode(data);
    CHECK(
        traces.at(0)->spans.at(0).tags[0].text() ==
        std::string(32, '[') + "null" + std::string(32, ']')
    );
    CHECK(traces[0]->warnings.at(0) == "1 values are nested too deeply and are shown in part");
}

TEST_CASE("otlp: services and operations") {
    CHECK(*decode_v3_services(field(1, "b") + field(1, "a")) == std::vector<std::string>{"b", "a"});
    CHECK(decode_v3_services("")->empty());
    CHECK_FALSE(decode_v3_services("\x0a\x05x").has_value());
    const auto operations =
        decode_v3_operations(field(1, field(1, "GET /") + field(2, "server")) + field(1, ""));
    REQUIRE(operations->size() == 2);
    CHECK(operations->at(0).name == "GET /");
    CHECK(operations->at(0).span_kind == "server");
    CHECK(operations->at(1).name.empty());
    CHECK_FALSE(decode_v3_operations(field(1, "\x0a\x05x")).has_value());
}
