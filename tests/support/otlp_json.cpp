#include "tests/support/otlp_json.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace meshscope::test {

namespace {

namespace otlp = opentelemetry::proto::trace::v1;

void write_attributes(
    JsonWriter& out, const google::protobuf::RepeatedPtrField<otlp::KeyValue>& attributes
);

void write_value(JsonWriter& out, const otlp::AnyValue& value) {
    out.begin_object();
    switch (value.value_case()) {
        case otlp::AnyValue::kStringValue:
            out.field("stringValue", value.string_value());
            break;
        case otlp::AnyValue::kBoolValue:
            out.field("boolValue", value.bool_value());
            break;
        case otlp::AnyValue::kIntValue:
            out.field("intValue", std::to_string(value.int_value()));
            break;
        case otlp::AnyValue::kDoubleValue:
            out.field("doubleValue", value.double_value());
            break;
        case otlp::AnyValue::kBytesValue:
            out.field("bytesValue", base64_encode(value.bytes_value()));
            break;
        case otlp::AnyValue::kArrayValue:
            out.key("arrayValue").begin_object().key("values").begin_array();
            for (const otlp::AnyValue& item : value.array_value().values()) {
                write_value(out, item);
            }
            out.end_array().end_object();
            break;
        case otlp::AnyValue::kKvlistValue:
            out.key("kvlistValue").begin_object().key("values");
            write_attributes(out, value.kvlist_value().values());
            out.end_object();
            break;
        case otlp::AnyValue::VALUE_NOT_SET:
            break;
    }
    out.end_object();
}

void write_attributes(
    JsonWriter& out, const google::protobuf::RepeatedPtrField<otlp::KeyValue>& attributes
) {
    out.begin_array();
    for (const otlp::KeyValue& attribute : attributes) {
        out.begin_object().field("key", attribute.key());
        if (attribute.has_value()) {
            out.key("value");
            write_value(out, attribute.value());
        }
        out.end_object();
    }
    out.end_array();
}

void write_text(JsonWriter& out, std::string_view name, const std::string& text) {
    if (!text.empty()) {
        out.field(name, text);
    }
}

void write_id(JsonWriter& out, std::string_view name, const std::string& bytes) {
    write_text(out, name, to_hex(bytes));
}

void write_number(JsonWriter& out, std::string_view name, std::uint64_t number) {
    if (number != 0) {
        out.field(name, std::to_string(number));
    }
}

template <class Owner>
void write_own_attributes(JsonWriter& out, const Owner& owner) {
    if (owner.attributes_size() > 0) {
        out.key("attributes");
        write_attributes(out, owner.attributes());
    }
}

void write_event(JsonWriter& out, const otlp::Span::Event& event) {
    out.begin_object();
    write_number(out, "timeUnixNano", event.time_unix_nano());
    write_text(out, "name", event.name());
    write_own_attributes(out, event);
    out.end_object();
}

void write_link(JsonWriter& out, const otlp::Span::Link& link) {
    out.begin_object();
    write_id(out, "traceId", link.trace_id());
    write_id(out, "spanId", link.span_id());
    write_text(out, "traceState", link.trace_state());
    write_own_attributes(out, link);
    out.end_object();
}

void write_span(JsonWriter& out, const otlp::Span& span) {
    out.begin_object();
    write_id(out, "traceId", span.trace_id());
    write_id(out, "spanId", span.span_id());
    write_text(out, "traceState", span.trace_state());
    write_id(out, "parentSpanId", span.parent_span_id());
    write_text(out, "name", span.name());
    if (span.kind() != 0) {
        out.field("kind", static_cast<int>(span.kind()));
    }
    write_number(out, "startTimeUnixNano", span.start_time_unix_nano());
    write_number(out, "endTimeUnixNano", span.end_time_unix_nano());
    write_own_attributes(out, span);
    if (span.events_size() > 0) {
        out.key("events").begin_array();
        for (const otlp::Span::Event& event : span.events()) {
            write_event(out, event);
        }
        out.end_array();
    }
    if (span.links_size() > 0) {
        out.key("links").begin_array();
        for (const otlp::Span::Link& link : span.links()) {
            write_link(out, link);
        }
        out.end_array();
    }
    out.key("status").begin_object();
    write_text(out, "message", span.status().message());
    if (span.status().code() != 0) {
        out.field("code", static_cast<int>(span.status().code()));
    }
    out.end_object();
    if (span.flags() != 0) {
        out.field("flags", span.flags());
    }
    out.end_object();
}

void write_scope_spans(JsonWriter& out, const otlp::ScopeSpans& scope_spans) {
    out.begin_object().key("scope").begin_object();
    write_text(out, "name", scope_spans.scope().name());
    write_text(out, "version", scope_spans.scope().version());
    out.end_object().key("spans").begin_array();
    for (const otlp::Span& span : scope_spans.spans()) {
        write_span(out, span);
    }
    out.end_array().end_object();
}

}  // namespace

std::string to_otlp_json(const otlp::TracesData& data) {
    std::string text;
    JsonWriter out(text);
    out.begin_object().key("resourceSpans").begin_array();
    for (const otlp::ResourceSpans& resource_spans : data.resource_spans()) {
        out.begin_object().key("resource").begin_object();
        write_own_attributes(out, resource_spans.resource());
        out.end_object().key("scopeSpans").begin_array();
        for (const otlp::ScopeSpans& scope_spans : resource_spans.scope_spans()) {
            write_scope_spans(out, scope_spans);
        }
        out.end_array().end_object();
    }
    out.end_array().end_object();
    return text;
}

}  // namespace meshscope::test
