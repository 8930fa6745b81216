#include "clients/jaeger/grpc/v2_decoder.hpp"
#include "tests/support/trace_text.hpp"
#include "tests/unit/jaeger/grpc_v2_messages.hpp"
#include "tests/unit/jaeger/pieces.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace meshscope;
using namespace meshscope::clients::jaeger;
using namespace meshscope::test;
using models::ValueType;

namespace {

constexpr std::uint64_t kHigh = 0x0af7651916cd43dd;
constexpr std::uint64_t kLow = 0x8448eb211c80319c;

std::vector<models::TracePtr> decode(const v2::SpansResponseChunk& chunk) {
    V2SpanDecoder decoder;
    REQUIRE(decoder.add(chunk.SerializeAsString()));
    return decoder.finish(false);
}

models::Tag one_tag(const std::function<void(v2::KeyValue&)>& fill) {
    static std::vector<models::TracePtr> kept;  // the tag points into its trace
    v2::SpansResponseChunk chunk;
    fill(*add_span(chunk, id16(1, 1), 1).add_tags());
    kept = decode(chunk);
    return kept.at(0)->spans.at(0).tags[0];
}

}  // namespace

TEST_CASE("a message that is not kept gives the same traces in less memory") {
    v2::SpansResponseChunk chunk;
    for (std::uint64_t i = 1; i <= 100; ++i) {
        v2::Span& span = add_span(chunk, id16(kHigh, kLow), i);
        span.set_operation_name("GET /products");
        span.mutable_process()->set_service_name("productpage");
        v2::KeyValue& tag = *span.add_tags();
        tag.set_key("http.url");
        tag.set_v_str("http://productpage:9080/products");
        span.add_warnings("clock skew");
    }
    V2SpanDecoder kept;
    V2SpanDecoder copied;
    for (const std::string& message : {full_chunk(), chunk.SerializeAsString()}) {
        REQUIRE(kept.add(message));
        std::string gone = message;
        Pieces pieces(gone, 7);
        REQUIRE(copied.add(pieces));
        gone.assign(gone.size(), '#');
    }
    for (int i = 0; i < 200; ++i) {  // what comes behind overwrites nothing
        Pieces pieces(chunk.SerializeAsString(), 1'000);
        REQUIRE(copied.add(pieces));
        REQUIRE(kept.add(chunk.SerializeAsString()));
    }
    CHECK(copied.span_count() == kept.span_count());
    CHECK(copied.memory_bytes() * 3 < kept.memory_bytes() * 2);
    Pieces broken("\x0a\x05", 1);
    CHECK_FALSE(copied.add(broken));
    CHECK(traces_text(copied.finish(false)) == traces_text(kept.finish(false)));
}

TEST_CASE("a span with everything comes through whole") {
    V2SpanDecoder decoder;
    REQUIRE(decoder.add(full_chunk()));
    const auto traces = decoder.finish(false);
    REQUIRE(traces.size() == 1);
    const models::Trace& trace = *traces[0];
    CHECK(trace.id.to_hex() == "0af7651916cd43dd8448eb211c80319c");
    CHECK(trace.warnings.empty());
    const models::Span& span = trace.spans.at(0);
    CHECK(span.id.to_hex() == "b7ad6b7169203331");
    CHECK(span.operation == "GET /reviews");
    CHECK(span.start_ns == 1'787'220'000'123'456'789);
    CHECK(span.duration_ns == 1'999);
    CHECK(span.flags == 1);
    CHECK(span.orphan);
    REQUIRE(span.references.size == 2);
    CHECK(span.references[0].trace == trace.id);
    CHECK(span.references[0].span == SpanId{7});
    CHECK(span.references[1].type == models::ReferenceType::kFollowsFrom);
    CHECK(span.references[1].trace == TraceId{1, 2});
    REQUIRE(span.tags.size == 5);
    CHECK(span.tags[0].text() == "text");
    CHECK(span.tags[1].as_bool());
    CHECK(span.tags[2].as_int() == 9'007'199'254'740'993);
    CHECK(span.tags[3].as_double() == -0.5);
    CHECK(span.tags[4].type() == ValueType::kBinary);
    CHECK(span.tags[4].text() == std::string_view("\0\xff", 2));
    REQUIRE(span.logs.size == 1);
    CHECK(span.logs[0].time_ns == 1'787'220'001'000'000'000);
    CHECK(span.logs[0].fields[0].key() == "event");
    CHECK(span.logs[0].fields[0].text() == "retry");
    CHECK(span.warnings[0] == "clock skew");
    CHECK(trace.processes.at(span.process).service == "reviews.bookinfo");
    CHECK(trace.processes.at(span.process).tags[0].text() == "10.0.0.1");
}

TEST_CASE("trace ids of the wire") {
    struct Row {
        std::string bytes;
        const char* hex;  // nullptr: the span is dropped
    };
    const Row row = GENERATE(
        Row{id16(0, 0x2a), "000000000000002a"},
        Row{id16(kHigh, kLow), "0af7651916cd43dd8448eb211c80319c"},
        Row{be64(0x2a), "000000000000002a"},
        Row{"", nullptr},
        Row{"12345", nullptr},
        Row{std::string(20, 'x'), nullptr},
        Row{std::string(16, '\0'), nullptr},
        Row{std::string(8, '\0'), nullptr}
    );
    v2::SpansResponseChunk chunk;
    add_span(chunk, row.bytes, 1);
    add_span(chunk, id16(9, 9), 2);
    V2SpanDecoder decoder;
    REQUIRE(decoder.add(chunk.SerializeAsString()));
    CHECK(decoder.dropped() == (row.hex == nullptr ? 1 : 0));
    const auto traces = decoder.finish(false);
    REQUIRE(traces.size() == (row.hex == nullptr ? 1 : 2));
    if (row.hex != nullptr) {
        CHECK(traces[0]->id.to_hex() == row.hex);
    }
}

TEST_CASE("a span id of another length, or zero, is kept with a warning") {
    v2::SpansResponseChunk chunk;
    add_span(chunk, id16(1, 1), 1)
        .set_span_id(GENERATE(std::string(), std::string("123"), std::string(8, '\0')));
    const auto traces = decode(chunk);
    REQUIRE(traces.size() == 1);
    CHECK(traces[0]->spans.at(0).id.is_zero());
    CHECK(traces[0]->warnings == std::vector<std::string>{"1 spans have no usable span id"});
}

TEST_CASE("values are taken by their type, else as what they are") {
    CHECK(one_tag([](auto& tag) { tag.set_v_type(v2::INT64); }).as_int() == 0);
    CHECK(one_tag([](auto& tag) { tag.set_v_type(v2::BOOL); }).type() == ValueType::kBool);
    CHECK(one_tag([](auto&) {}).text().empty());
    const auto mislabelled = one_tag([](auto& tag) {
        tag.set_v_type(v2::INT64);
        tag.set_v_str("200");
    });
    CHECK(mislabelled.type() == ValueType::kString);
    CHECK(mislabelled.text() == "200");
    const auto unknown = one_tag([](auto& tag) {
        tag.set_v_type(static_cast<v2::ValueType>(77));
        tag.set_v_int64(-5);
    });
    CHECK(unknown.type() == ValueType::kInt64);
    CHECK(unknown.as_int() == -5);
    const auto both = one_tag([](auto& tag) {
        tag.set_v_type(v2::FLOAT64);
        tag.set_v_str("x");
        tag.set_v_float64(std::numeric_limits<double>::quiet_NaN());
    });
    CHECK(both.type() == ValueType::kFloat64);
    CHECK(std::isnan(both.as_double()));
}

TEST_CASE("bytes that are no UTF-8 are kept as they are and spoil nothing") {
    v2::SpansResponseChunk chunk;
    v2::Span& span = add_span(chunk, id16(1, 1), 1, "bad \xff\xfe op");
    add_tag(span, "k\x80", v2::STRING).set_v_str("\xc3(");
    span.mutable_process()->set_service_name("svc\xf0\x28");
    const auto traces = decode(chunk);
    CHECK(traces.at(0)->spans.at(0).operation == "bad \xff\xfe op");
    CHECK(traces.at(0)->spans.at(0).tags[0].text() == "\xc3(");
    CHECK(traces.at(0)->processes.at(0).service == "svc\xf0\x28");
}

TEST_CASE("times saturate, negative durations become zero, each said once") {
    v2::SpansResponseChunk chunk;
    for (std::uint64_t i = 1; i <= 2; ++i) {
        v2::Span& late = add_span(chunk, id16(1, 1), i);
        late.mutable_start_time()->set_seconds(std::numeric_limits<std::int64_t>::max());
        v2::Span& early = add_span(chunk, id16(1, 1), 10 + i);
        early.mutable_start_time()->set_seconds(std::numeric_limits<std::int64_t>::min());
        early.mutable_duration()->set_seconds(-3);
    }
    const auto traces = decode(chunk);
    const auto& spans = traces.at(0)->spans;
    CHECK(spans.at(0).start_ns == std::numeric_limits<std::int64_t>::min());
    CHECK(spans.at(0).duration_ns == 0);
    CHECK(spans.at(3).start_ns == std::numeric_limits<std::int64_t>::max());
    const auto& warnings = traces[0]->warnings;
    CHECK(
        std::count(warnings.begin(), warnings.end(), "4 times or durations are out of range") == 1
    );
}

TEST_CASE("spans are grouped by trace however the messages cut and mix them") {
    V2SpanDecoder decoder;
    v2::SpansResponseChunk first;
    add_span(first, id16(1, 1), 1);
    add_span(first, id16(2, 2), 2);
    v2::SpansResponseChunk second;
    add_span(second, id16(1, 1), 3);
    REQUIRE(decoder.add(first.SerializeAsString()));
    REQUIRE(decoder.add(v2::SpansResponseChunk().SerializeAsString()));
    REQUIRE(decoder.add(second.SerializeAsString()));
    CHECK(decoder.span_count() == 3);
    SECTION("whole") {
        const auto traces = decoder.finish(false);
        REQUIRE(traces.size() == 2);
        CHECK(traces[0]->id == TraceId{1, 1});
        CHECK(traces[0]->spans.size() == 2);
        CHECK(traces[0]->warnings.empty());
    }
    SECTION("cut: the trace at hand is last and says so") {
        const auto traces = decoder.finish(true);
        CHECK(traces.at(1)->id == TraceId{1, 1});
        CHECK(traces[1]->warnings.size() == 1);
        CHECK(traces[0]->warnings.empty());
    }
}

TEST_CASE("equal processes are one, also over traces; a missing one is said") {
    V2SpanDecoder decoder;
    v2::SpansResponseChunk chunk;
    for (std::uint64_t trace = 1; trace <= 2; ++trace) {
        add_span(chunk, id16(0, trace), 1);
        add_span(chunk, id16(0, trace), 2).mutable_process()->set_service_name("ratings");
        add_span(chunk, id16(0, trace), 3);
        add_span(chunk, id16(0, trace), 4).clear_process();
    }
    REQUIRE(decoder.add(chunk.SerializeAsString()));
    const auto traces = decoder.finish(false);
    REQUIRE(traces.size() == 2);
    for (const auto& trace : traces) {
        REQUIRE(trace->processes.size() == 3);
        CHECK(trace->spans[0].process == trace->spans[2].process);
        CHECK(trace->processes[trace->spans[1].process].service == "ratings");
        CHECK(trace->processes[trace->spans[3].process].service.empty());
        CHECK(trace->warnings == std::vector<std::string>{"1 spans have no process"});
    }
    CHECK(traces[0]->processes[0].service.data() == traces[1]->processes[0].service.data());
}

TEST_CASE("logs come out ascending, those of one time as on the wire") {
    v2::SpansResponseChunk chunk;
    v2::Span& span = add_span(chunk, id16(1, 1), 1);
    for (const int second : {5, 3, 5, 1}) {
        auto& log = *span.add_logs();
        log.mutable_timestamp()->set_seconds(second);
        log.add_fields()->set_v_str(std::to_string(span.logs_size()));
    }
    const auto traces = decode(chunk);
    std::string order;
    for (const models::Log& log : traces.at(0)->spans.at(0).logs) {
        order += log.fields[0].text();
    }
    CHECK(order == "4213");
}

TEST_CASE("a reference without usable ids is left out and said; an unknown type is a link") {
    v2::SpansResponseChunk chunk;
    add_span(chunk, id16(1, 1), 1);
    v2::Span& child = add_span(chunk, id16(1, 1), 2);
    child.add_references()->set_span_id("12");
    auto& parent = *child.add_references();
    parent.set_span_id(be64(1));
    parent.set_ref_type(static_cast<v2::SpanRefType>(7));
    const auto traces = decode(chunk);
    const models::Span& span = traces.at(0)->spans.at(1);
    REQUIRE(span.references.size == 1);
    CHECK(span.references[0].type == models::ReferenceType::kFollowsFrom);
    CHECK(span.references[0].trace == TraceId{1, 1});
    CHECK(traces[0]->warnings.size() == 1);
}

TEST_CASE("unknown fields, also of known numbers with another wire type, are passed over") {
    std::string bytes = full_chunk();
    const std::string unknown(
        "\xf8\x07\x01\x0d\x01\x02\x03\x04\x08\x05", 10
    );  // field 127, fixed32 1, varint 1
    V2SpanDecoder decoder;
    CHECK(decoder.add(unknown + bytes + unknown));
    CHECK(decoder.finish(false).at(0)->spans.size() == 1);
}

TEST_CASE("a message cut at any place gives its whole spans or none, and never a wrong one") {
    v2::SpansResponseChunk extra;
    add_span(extra, id16(2, 2), 5);
    const std::string head = extra.SerializeAsString();
    const std::string whole = head + full_chunk();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        // A copy of its own size, so that a sanitizer sees a read beyond it.
        V2SpanDecoder decoder;
        const bool complete = decoder.add(std::string(whole, 0, size));
        CHECK(complete == (size == 0 || size == head.size()));
        CHECK(decoder.trace_count() == (size < head.size() ? 0 : 1));
        CHECK(decoder.finish(true).size() == (size < head.size() ? 0 : 1));
    }
}

TEST_CASE("a message with any one byte changed is decoded or refused, without harm") {
    const std::string whole = full_chunk();
    std::size_t refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const int flip : {1, 0x80, 0xff, 0x07}) {
            std::string changed = whole;
            changed[at] = static_cast<char>(changed[at] ^ flip);
            V2SpanDecoder decoder;
            refused += decoder.add(std::move(changed)) ? 0U : 1U;
            CHECK(decoder.finish(false).size() <= 1);
        }
    }
    CHECK(refused > 0);
}

TEST_CASE("services and operations, with the deprecated names as a fallback") {
    v2::GetServicesResponse services;
    services.add_services("b");
    services.add_services("a");
    CHECK(*decode_v2_services(services.SerializeAsString()) == std::vector<std::string>{"b", "a"});
    CHECK(decode_v2_services("")->empty());
    CHECK_FALSE(decode_v2_services("\x0a\x05x").has_value());
    v2::GetOperationsResponse operations;
    operations.add_operation_names("old");
    CHECK(decode_v2_operations(operations.SerializeAsString())->at(0).name == "old");
    auto& operation = *operations.add_operations();
    operation.set_name("GET /");
    operation.set_span_kind("server");
    const auto decoded = decode_v2_operations(operations.SerializeAsString());
    REQUIRE(decoded->size() == 1);
    CHECK(decoded->at(0).name == "GET /");
    CHECK(decoded->at(0).span_kind == "server");
    CHECK_FALSE(decode_v2_operations("\x12\x02\x0a\x09").has_value());
}
