#include "demo/otlp/otlp_proto.hpp"

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

#include <limits>
#include <utility>

namespace meshscope::demo {
namespace otlp = opentelemetry::proto::trace::v1;
namespace collector = opentelemetry::proto::collector::trace::v1;
namespace {

using Pairs = google::protobuf::RepeatedPtrField<otlp::KeyValue>;

Attributes attributes_of(const Pairs& pairs);

// No deeper than the parser went.
AttributeValue value_of(const otlp::AnyValue& value) {
    switch (value.value_case()) {
        case otlp::AnyValue::kStringValue:
            return value.string_value();
        case otlp::AnyValue::kBoolValue:
            return value.bool_value();
        case otlp::AnyValue::kIntValue:
            return std::int64_t{value.int_value()};
        case otlp::AnyValue::kDoubleValue:
            return value.double_value();
        case otlp::AnyValue::kBytesValue:
            return Bytes{value.bytes_value()};
        case otlp::AnyValue::kArrayValue: {
            ValueList list;
            for (const otlp::AnyValue& item : value.array_value().values()) {
                list.push_back(value_of(item));
            }
            return list;
        }
        case otlp::AnyValue::kKvlistValue:
            return attributes_of(value.kvlist_value().values());
        case otlp::AnyValue::VALUE_NOT_SET:
            break;
    }
    return {};
}

Attributes attributes_of(const Pairs& pairs) {
    Attributes out;
    out.reserve(static_cast<std::size_t>(pairs.size()));
    for (const otlp::KeyValue& pair : pairs) {
        out.push_back({pair.key(), value_of(pair.value())});
    }
    return out;
}

// Ids that are not of their length are no ids.
TraceId trace_id(const std::string& bytes) {
    return bytes.size() == 16 ? TraceId::from_bytes(bytes).value_or(TraceId{}) : TraceId{};
}
SpanId span_id(const std::string& bytes) { return SpanId::from_bytes(bytes).value_or(SpanId{}); }

template <class Enum>
Enum choice(int value, Enum last) {
    return value > 0 && value <= static_cast<int>(last) ? static_cast<Enum>(value) : Enum{};
}

void read_span(const otlp::Span& in, SpanRecord& span) {
    span.id = span_id(in.span_id());
    span.parent = span_id(in.parent_span_id());
    span.operation = in.name();
    span.trace_state = in.trace_state();
    span.flags = in.flags();
    span.kind = choice(in.kind(), SpanKind::kConsumer);
    span.start_ns = nanos_from_wire(in.start_time_unix_nano());
    span.duration_ns = nanos_from_wire(in.end_time_unix_nano()) - span.start_ns;
    span.status = choice(in.status().code(), StatusCode::kError);
    span.status_message = in.status().message();
    span.attributes = attributes_of(in.attributes());
    for (const otlp::Span::Event& event : in.events()) {
        span.events.push_back(
            {nanos_from_wire(event.time_unix_nano()),
             event.name(),
             attributes_of(event.attributes())}
        );
    }
    for (const otlp::Span::Link& link : in.links()) {
        span.links.push_back(
            {trace_id(link.trace_id()),
             span_id(link.span_id()),
             link.trace_state(),
             attributes_of(link.attributes()),
             link.flags()}
        );
    }
}

void read_scope_spans(const otlp::ScopeSpans& in, Received& out) {
    out.scopes.push_back(
        {in.scope().name(), in.scope().version(), attributes_of(in.scope().attributes())}
    );
    for (const otlp::Span& wire : in.spans()) {
        const TraceId trace = trace_id(wire.trace_id());
        if (trace.is_zero() || span_id(wire.span_id()).is_zero()) {
            out.reject("a span needs a trace_id of 16 and a span_id of 8 bytes, not all zero");
            continue;
        }
        SpanRecord& span = out.spans.emplace_back(ReceivedSpan{trace, {}}).span;
        read_span(wire, span);
        span.process = static_cast<std::uint32_t>(out.processes.size() - 1);
        span.scope = static_cast<std::uint32_t>(out.scopes.size() - 1);
    }
}

}  // namespace

Result<Received> decode_otlp_proto(std::string_view body) {
    collector::ExportTraceServiceRequest request;
    if (body.size() > std::numeric_limits<int>::max() ||
        !request.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return Error(
            ErrorKind::kInvalidArgument, "the request is not an ExportTraceServiceRequest"
        );
    }
    Received out;
    for (const otlp::ResourceSpans& resource : request.resource_spans()) {
        out.processes.push_back({{}, attributes_of(resource.resource().attributes())});
        for (const otlp::ScopeSpans& scope : resource.scope_spans()) {
            read_scope_spans(scope, out);
        }
    }
    return out;
}

std::string otlp_response_proto(std::int64_t rejected, const std::string& why) {
    collector::ExportTraceServiceResponse response;
    if (rejected != 0) {
        response.mutable_partial_success()->set_rejected_spans(rejected);
        response.mutable_partial_success()->set_error_message(why);
    }
    return response.SerializeAsString();
}

}  // namespace meshscope::demo
