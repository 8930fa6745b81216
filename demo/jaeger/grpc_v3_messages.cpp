#include "demo/jaeger/grpc_v3_messages.hpp"

#include "demo/jaeger/grpc_values.hpp"
#include "demo/jaeger/trace_groups.hpp"

namespace meshscope::demo {
namespace otlp = opentelemetry::proto::trace::v1;
namespace {

using Pairs = google::protobuf::RepeatedPtrField<otlp::KeyValue>;

void fill(const Attributes& attributes, Pairs& out);

struct ValueSetter {
    otlp::AnyValue& out;
    void operator()(std::monostate) const {}
    void operator()(const std::string& text) const { out.set_string_value(text); }
    void operator()(bool flag) const { out.set_bool_value(flag); }
    void operator()(std::int64_t number) const { out.set_int_value(number); }
    void operator()(double number) const { out.set_double_value(number); }
    void operator()(const Bytes& bytes) const { out.set_bytes_value(bytes.data); }
    void operator()(const ValueList& list) const {
        otlp::ArrayValue& array = *out.mutable_array_value();
        for (const AttributeValue& value : list) {
            std::visit(ValueSetter{*array.add_values()}, static_cast<const AnyValue&>(value));
        }
    }
    void operator()(const Attributes& map) const {
        fill(map, *out.mutable_kvlist_value()->mutable_values());
    }
};

void fill(const Attributes& attributes, Pairs& out) {
    out.Reserve(out.size() + static_cast<int>(attributes.size()));
    for (const Attribute& attribute : attributes) {
        otlp::KeyValue& pair = *out.Add();
        pair.set_key(attribute.key);
        std::visit(
            ValueSetter{*pair.mutable_value()}, static_cast<const AnyValue&>(attribute.value)
        );
    }
}

void fill_warnings(const SpanRecord& span, Pairs& out) {
    if (span.warnings.empty()) {
        return;
    }
    otlp::KeyValue& pair = *out.Add();
    pair.set_key(kWarningsAttribute);
    for (const std::string& warning : span.warnings) {
        pair.mutable_value()->mutable_array_value()->add_values()->set_string_value(warning);
    }
}

std::uint64_t unsigned_of(std::int64_t nanos) { return static_cast<std::uint64_t>(nanos); }

void fill_span(const std::string& trace_id, const SpanRecord& span, otlp::Span& out) {
    out.set_trace_id(trace_id);
    out.set_span_id(bytes_of(span.id.value));
    if (!span.parent.is_zero()) {
        out.set_parent_span_id(bytes_of(span.parent.value));
    }
    out.set_trace_state(span.trace_state);
    out.set_name(span.operation);
    out.set_kind(static_cast<otlp::Span::SpanKind>(span.kind));
    out.set_start_time_unix_nano(unsigned_of(span.start_ns));
    out.set_end_time_unix_nano(unsigned_of(span.end_ns()));
    out.set_flags(span.flags);
    fill(span.attributes, *out.mutable_attributes());
    fill_warnings(span, *out.mutable_attributes());
    for (const EventRecord& event : span.events) {
        otlp::Span::Event& entry = *out.add_events();
        entry.set_time_unix_nano(unsigned_of(event.time_ns));
        entry.set_name(event.name);
        fill(event.attributes, *entry.mutable_attributes());
    }
    for (const LinkRecord& link : span.links) {
        otlp::Span::Link& entry = *out.add_links();
        entry.set_trace_id(bytes_of(link.trace.high) + bytes_of(link.trace.low));
        entry.set_span_id(bytes_of(link.span.value));
        entry.set_trace_state(link.trace_state);
        entry.set_flags(link.flags);
        fill(link.attributes, *entry.mutable_attributes());
    }
    if (span.status != StatusCode::kUnset || !span.status_message.empty()) {
        out.mutable_status()->set_code(static_cast<otlp::Status::StatusCode>(span.status));
        out.mutable_status()->set_message(span.status_message);
    }
}

}  // namespace

otlp::TracesData to_otlp(const TraceRecord& trace) {
    otlp::TracesData out;
    const std::string trace_id = bytes_of(trace.id.high) + bytes_of(trace.id.low);
    for (const auto& [process, scopes] : grouped(trace)) {
        otlp::ResourceSpans& resource_spans = *out.add_resource_spans();
        Pairs& resource = *resource_spans.mutable_resource()->mutable_attributes();
        fill({{"service.name", trace.processes[process].service}}, resource);
        fill(trace.processes[process].tags, resource);
        for (const auto& [index, spans] : scopes) {
            const ScopeRecord& scope = trace.scopes[index];
            otlp::ScopeSpans& scope_spans = *resource_spans.add_scope_spans();
            scope_spans.mutable_scope()->set_name(scope.name);
            scope_spans.mutable_scope()->set_version(scope.version);
            fill(scope.attributes, *scope_spans.mutable_scope()->mutable_attributes());
            for (const SpanRecord* span : spans) {
                fill_span(trace_id, *span, *scope_spans.add_spans());
            }
        }
    }
    return out;
}

}  // namespace meshscope::demo
