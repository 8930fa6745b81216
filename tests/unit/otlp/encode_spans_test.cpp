#include "clients/otlp/encode_spans.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>
#include <string>
#include <vector>

namespace meshscope::test {
namespace {

using clients::otlp::SpanEncoder;
using clients::otlp::SpanSource;
using telemetry::SpanPtr;
using telemetry::SpanRecord;
namespace wire = opentelemetry::proto::trace::v1;
using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;

SpanSource source() {
    SpanSource made;
    made.resource.push_back({"service.name", "meshscope"});
    made.resource.push_back({"answer", std::int64_t{42}});
    made.scope_name = "meshscope";
    made.scope_version = "1.2.3";
    return made;
}

Request decode(const std::vector<SpanPtr>& spans) {
    const std::string bytes = SpanEncoder(source()).encode(spans);
    Request request;
    REQUIRE(request.ParseFromString(bytes));
    REQUIRE(request.resource_spans_size() == 1);
    REQUIRE(request.resource_spans(0).scope_spans_size() == 1);
    return request;
}

wire::Span round_trip(SpanRecord record) {
    std::vector<SpanPtr> spans;
    spans.push_back(std::make_unique<SpanRecord>(std::move(record)));
    const Request request = decode(spans);
    REQUIRE(request.resource_spans(0).scope_spans(0).spans_size() == 1);
    return request.resource_spans(0).scope_spans(0).spans(0);
}

std::string bytes_of(std::initializer_list<int> values) {
    std::string out;
    for (const int value : values) {
        out += static_cast<char>(value);
    }
    return out;
}

TEST_CASE("resource and scope stand once before all spans", "[otlp]") {
    std::vector<SpanPtr> spans;
    for (int i = 0; i < 3; ++i) {
        spans.push_back(std::make_unique<SpanRecord>());
        spans.back()->name = "span " + std::to_string(i);
    }
    const Request request = decode(spans);
    const auto& resource = request.resource_spans(0).resource();
    REQUIRE(resource.attributes_size() == 2);
    CHECK(resource.attributes(0).key() == "service.name");
    CHECK(resource.attributes(0).value().string_value() == "meshscope");
    CHECK(resource.attributes(1).value().int_value() == 42);
    const auto& scope = request.resource_spans(0).scope_spans(0);
    CHECK(scope.scope().name() == "meshscope");
    CHECK(scope.scope().version() == "1.2.3");
    REQUIRE(scope.spans_size() == 3);
    CHECK(scope.spans(2).name() == "span 2");
}

TEST_CASE("a span keeps all of its parts on the wire", "[otlp]") {
    SpanRecord span;
    span.trace = TraceId{0x0102030405060708, 0x090A0B0C0D0E0F10};
    span.id = SpanId{0x1112131415161718};
    span.parent = SpanId{0x2122232425262728};
    span.remote_parent = true;
    span.trace_state = "vendor=1";
    span.name = "GET /api/traces/{traceId}";
    span.kind = telemetry::SpanKind::kServer;
    span.start_ns = 1'763'683'200'000'000'001;
    span.end_ns = 1'763'683'200'000'000'999;
    span.set("text", "value");
    span.set("empty", "");
    span.set("yes", true);
    span.set("no", false);
    span.set("zero", std::int64_t{0});
    span.set("negative", std::int64_t{-5});
    span.set("half", 0.5);
    span.fail("503", "the reason");
    const wire::Span got = round_trip(std::move(span));
    CHECK(got.trace_id() == bytes_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
    CHECK(got.span_id() == bytes_of({0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18}));
    CHECK(got.parent_span_id() == bytes_of({0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28}));
    CHECK(got.trace_state() == "vendor=1");
    CHECK(got.name() == "GET /api/traces/{traceId}");
    CHECK(got.kind() == wire::Span::SPAN_KIND_SERVER);
    CHECK(got.start_time_unix_nano() == 1'763'683'200'000'000'001U);
    CHECK(got.end_time_unix_nano() == 1'763'683'200'000'000'999U);
    CHECK(got.flags() == 0x301);
    CHECK(got.status().code() == wire::Status::STATUS_CODE_ERROR);
    CHECK(got.status().message() == "the reason");
    CHECK(got.dropped_attributes_count() == 0);
    REQUIRE(got.attributes_size() == 8);
    using Value = wire::AnyValue;
    CHECK(got.attributes(0).value().string_value() == "value");
    CHECK(got.attributes(1).value().value_case() == Value::kStringValue);
    CHECK(got.attributes(2).value().bool_value());
    CHECK(got.attributes(3).value().value_case() == Value::kBoolValue);
    CHECK(got.attributes(4).value().value_case() == Value::kIntValue);
    CHECK(got.attributes(5).value().int_value() == -5);
    CHECK(got.attributes(6).value().double_value() == 0.5);
    CHECK(got.attributes(7).key() == "error.type");
}

TEST_CASE("a root has no parent and a plain span no status", "[otlp]") {
    SpanRecord span;
    span.trace = TraceId{0, 7};
    span.id = SpanId{8};
    const wire::Span got = round_trip(std::move(span));
    CHECK(got.parent_span_id().empty());
    CHECK(got.trace_id().size() == 16);
    CHECK_FALSE(got.has_status());
    CHECK(got.flags() == 0x101);
    CHECK(got.kind() == wire::Span::SPAN_KIND_INTERNAL);
}

TEST_CASE("what a span lost by its limits is counted on the wire", "[otlp]") {
    SpanRecord span;
    for (int i = 0; i < 140; ++i) {
        span.set("key" + std::to_string(i), std::string(1024UL * 1024, 'x'));
    }
    const wire::Span got = round_trip(std::move(span));
    CHECK(got.attributes_size() == 128);
    CHECK(got.dropped_attributes_count() == 12);
    CHECK(got.attributes(0).value().string_value().size() == 4096);
}

}  // namespace
}  // namespace meshscope::test
