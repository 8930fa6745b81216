#include "demo/jaeger/json_v3.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "demo/jaeger/trace_groups.hpp"

#include <array>

namespace meshscope::demo {
namespace {

std::string hex(TraceId id) {
    std::string out(32, '0');
    write_hex16(id.high, out.data());
    write_hex16(id.low, out.data() + 16);
    return out;
}

void text(JsonWriter& json, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        json.field(name, value);
    }
}

void number(JsonWriter& json, std::string_view name, std::uint64_t value) {
    if (value != 0) {
        json.key(name).unsigned_integer(value);
    }
}

void time(JsonWriter& json, std::string_view name, std::int64_t nanos) {
    if (nanos != 0) {
        json.key(name).plain_string(std::to_string(static_cast<std::uint64_t>(nanos)));
    }
}

void write_pairs(JsonWriter& json, const Attributes& attributes);

struct ValueWriter {
    JsonWriter& json;
    void operator()(std::monostate) const {}
    void operator()(const std::string& value) const { json.field("stringValue", value); }
    void operator()(bool flag) const { json.field("boolValue", flag); }
    void operator()(std::int64_t value) const {
        json.key("intValue").plain_string(std::to_string(value));
    }
    void operator()(double value) const { json.field("doubleValue", value); }
    void operator()(const Bytes& bytes) const {
        json.field("bytesValue", base64_encode(bytes.data));
    }
    void operator()(const ValueList& list) const {
        json.key("arrayValue").begin_object().key("values").begin_array();
        for (const AttributeValue& value : list) {
            json.begin_object();
            std::visit(*this, static_cast<const AnyValue&>(value));
            json.end_object();
        }
        json.end_array().end_object();
    }
    void operator()(const Attributes& map) const {
        json.key("kvlistValue").begin_object().key("values").begin_array();
        write_pairs(json, map);
        json.end_array().end_object();
    }
};

void write_pairs(JsonWriter& json, const Attributes& attributes) {
    for (const Attribute& attribute : attributes) {
        json.begin_object().field("key", attribute.key).key("value").begin_object();
        std::visit(ValueWriter{json}, static_cast<const AnyValue&>(attribute.value));
        json.end_object().end_object();
    }
}

void write_attributes(JsonWriter& json, const Attributes& attributes) {
    if (!attributes.empty()) {
        json.key("attributes").begin_array();
        write_pairs(json, attributes);
        json.end_array();
    }
}

Attributes with_warnings(const SpanRecord& span) {
    Attributes out = span.attributes;
    if (!span.warnings.empty()) {
        out.push_back({kWarningsAttribute, ValueList(span.warnings.begin(), span.warnings.end())});
    }
    return out;
}

void write_events(JsonWriter& json, const SpanRecord& span) {
    if (span.events.empty()) {
        return;
    }
    json.key("events").begin_array();
    for (const EventRecord& event : span.events) {
        json.begin_object();
        time(json, "timeUnixNano", event.time_ns);
        text(json, "name", event.name);
        write_attributes(json, event.attributes);
        json.end_object();
    }
    json.end_array();
}

void write_links(JsonWriter& json, const SpanRecord& span) {
    if (span.links.empty()) {
        return;
    }
    json.key("links").begin_array();
    for (const LinkRecord& link : span.links) {
        json.begin_object();
        json.field("traceId", hex(link.trace)).field("spanId", link.span.to_hex());
        text(json, "traceState", link.trace_state);
        write_attributes(json, link.attributes);
        number(json, "flags", link.flags);
        json.end_object();
    }
    json.end_array();
}

void write_span(JsonWriter& json, const std::string& trace_id, const SpanRecord& span) {
    json.begin_object().field("traceId", trace_id).field("spanId", span.id.to_hex());
    text(json, "traceState", span.trace_state);
    if (!span.parent.is_zero()) {
        json.field("parentSpanId", span.parent.to_hex());
    }
    number(json, "flags", span.flags);
    text(json, "name", span.operation);
    number(json, "kind", static_cast<std::uint64_t>(span.kind));
    time(json, "startTimeUnixNano", span.start_ns);
    time(json, "endTimeUnixNano", span.end_ns());
    if (span.warnings.empty()) {
        write_attributes(json, span.attributes);
    } else {
        write_attributes(json, with_warnings(span));
    }
    write_events(json, span);
    write_links(json, span);
    json.key("status").begin_object();
    text(json, "message", span.status_message);
    number(json, "code", static_cast<std::uint64_t>(span.status));
    json.end_object().end_object();
}

void write_scope_spans(
    JsonWriter& json, const TraceRecord& trace, const ScopeRecord& scope, const SpanPointers& spans
) {
    json.begin_object().key("scope").begin_object();
    text(json, "name", scope.name);
    text(json, "version", scope.version);
    write_attributes(json, scope.attributes);
    json.end_object().key("spans").begin_array();
    const std::string trace_id = hex(trace.id);
    for (const SpanRecord* span : spans) {
        write_span(json, trace_id, *span);
    }
    json.end_array().end_object();
}

void write_trace(JsonWriter& json, const TraceRecord& trace) {
    for (const auto& [process, scopes] : grouped(trace)) {
        json.begin_object().key("resource").begin_object().key("attributes").begin_array();
        write_pairs(json, {{"service.name", trace.processes[process].service}});
        write_pairs(json, trace.processes[process].tags);
        json.end_array().end_object().key("scopeSpans").begin_array();
        for (const auto& [scope, spans] : scopes) {
            write_scope_spans(json, trace, trace.scopes[scope], spans);
        }
        json.end_array().end_object();
    }
}

void write_counts(JsonWriter& json, std::uint64_t spans, std::uint64_t errors) {
    number(json, "spanCount", spans);
    number(json, "errorSpanCount", errors);
}

void write_summary(JsonWriter& json, const TraceRecord& trace) {
    using Counts = std::array<std::uint64_t, 2>;  // spans, errors
    std::map<std::string_view, Counts> services;
    std::map<SpanId, int> known;
    Counts all{};
    for (const SpanRecord& span : trace.spans) {
        Counts& service = services[trace.processes[span.process].service];
        const std::uint64_t error = span.status == StatusCode::kError ? 1 : 0;
        for (Counts* counts : {&all, &service}) {
            ++(*counts)[0];
            (*counts)[1] += error;
        }
        ++known[span.id];
    }
    const SpanRecord* root = nullptr;
    std::uint64_t orphans = 0;
    for (const SpanRecord& span : trace.spans) {
        if (span.parent.is_zero()) {
            root = root == nullptr ? &span : root;
        } else if (known.count(span.parent) == 0) {
            ++orphans;
        }
    }
    json.begin_object().field("traceId", hex(trace.id));
    if (root != nullptr) {
        text(json, "rootServiceName", trace.processes[root->process].service);
        text(json, "rootOperationName", root->operation);
    }
    time(json, "minStartTimeUnixNano", trace.start_ns);
    time(json, "maxEndTimeUnixNano", trace.end_ns);
    write_counts(json, all[0], all[1]);
    number(json, "orphanSpanCount", orphans);
    json.key("services").begin_array();
    for (const auto& [name, counts] : services) {
        json.begin_object().field("name", name);
        write_counts(json, counts[0], counts[1]);
        json.end_object();
    }
    json.end_array().end_object();
}

}  // namespace

std::string otlp_json(std::span<const TraceRecordPtr> traces) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("result").begin_object().key("resourceSpans").begin_array();
    for (const TraceRecordPtr& trace : traces) {
        write_trace(json, *trace);
    }
    json.end_array().end_object().end_object();
    return out;
}

std::string summaries_json(std::span<const TraceRecordPtr> traces) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("summaries").begin_array();
    for (const TraceRecordPtr& trace : traces) {
        write_summary(json, *trace);
    }
    json.end_array().end_object();
    return out;
}

}  // namespace meshscope::demo
