#include "demo/jaeger/json_v1.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "demo/jaeger/v1_mapping.hpp"

namespace meshscope::demo {
namespace {

struct ValueWriter {
    JsonWriter& json;
    void operator()(const std::string& text) const { value("string").string(text); }
    void operator()(bool flag) const { value("bool").boolean(flag); }
    void operator()(std::int64_t number) const { value("int64").safe_integer(number); }
    void operator()(double number) const { value("float64").number(number); }
    void operator()(const Bytes& bytes) const { value("binary").string(base64_encode(bytes.data)); }
    template <class Nothing>
    void operator()(const Nothing& /*mapped away*/) const {
        value("string").string("");
    }

    [[nodiscard]] JsonWriter& value(const char* type) const {
        return json.field("type", type).key("value");
    }
};

void write_tag(JsonWriter& json, std::string_view key, const AttributeValue& value) {
    json.begin_object().field("key", key);
    std::visit(ValueWriter{json}, static_cast<const AnyValue&>(value));
    json.end_object();
}

void write_references(JsonWriter& json, const TraceRecord& trace, const SpanRecord& span) {
    json.key("references").begin_array();
    for (const Reference& reference : references(trace, span)) {
        json.begin_object();
        json.field("refType", reference.child_of ? "CHILD_OF" : "FOLLOWS_FROM");
        json.field("traceID", reference.trace.to_hex());
        json.field("spanID", reference.span.to_hex());
        json.end_object();
    }
    json.end_array();
}

void write_span(
    JsonWriter& json, const TraceRecord& trace, const SpanRecord& span, const std::string& trace_id
) {
    const TagSink tag = [&json](std::string_view key, const AttributeValue& value) {
        write_tag(json, key, value);
    };
    json.begin_object();
    json.field("traceID", trace_id);
    json.field("spanID", span.id.to_hex());
    json.field("operationName", span.operation);
    write_references(json, trace, span);
    json.field("startTime", span.start_us());
    json.field("duration", span.duration_us());
    json.key("tags").begin_array();
    each_tag(trace, span, tag);
    json.end_array();
    json.key("logs").begin_array();
    for (const EventRecord& event : span.events) {
        json.begin_object();
        json.field("timestamp", event.time_ns / 1000);
        json.key("fields").begin_array();
        each_field(event, tag);
        json.end_array();
        json.end_object();
    }
    json.end_array();
    json.field("processID", "p" + std::to_string(span.process + 1));
    json.key("warnings");
    if (span.warnings.empty()) {
        json.null();
    } else {
        json.begin_array();
        for (const std::string& warning : span.warnings) {
            json.string(warning);
        }
        json.end_array();
    }
    json.end_object();
}

void write_trace(JsonWriter& json, const TraceRecord& trace) {
    const std::string trace_id = trace.id.to_hex();
    json.begin_object();
    json.field("traceID", trace_id);
    json.key("spans").begin_array();
    for (const SpanRecord& span : trace.spans) {
        write_span(json, trace, span, trace_id);
    }
    json.end_array();
    json.key("processes").begin_object();
    for (std::size_t i = 0; i < trace.processes.size(); ++i) {
        json.key("p" + std::to_string(i + 1)).begin_object();
        json.field("serviceName", trace.processes[i].service);
        json.key("tags").begin_array();
        each_process_tag(
            trace.processes[i],
            [&json](std::string_view key, const AttributeValue& value) {
                write_tag(json, key, value);
            }
        );
        json.end_array();
        json.end_object();
    }
    json.end_object();
    json.key("warnings").null();
    json.end_object();
}

void write_errors(JsonWriter& json, std::span<const JsonError> errors) {
    json.key("errors");
    if (errors.empty()) {
        json.null();
        return;
    }
    json.begin_array();
    for (const JsonError& error : errors) {
        json.begin_object();
        if (error.code != 0) {
            json.field("code", error.code);
        }
        json.field("msg", error.message);
        if (!error.trace_id.empty()) {
            json.field("traceID", error.trace_id);
        }
        json.end_object();
    }
    json.end_array();
}

// `data` writes the value of the member "data".
template <class Data>
std::string envelope(std::size_t total, std::span<const JsonError> errors, Data data) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("data");
    data(json);
    json.field("total", total);
    json.field("limit", 0);
    json.field("offset", 0);
    write_errors(json, errors);
    json.end_object();
    return out;
}

}  // namespace

std::string traces_json(std::span<const TraceRecordPtr> traces, std::span<const JsonError> errors) {
    return envelope(0, errors, [&](JsonWriter& json) {
        json.begin_array();
        for (const TraceRecordPtr& trace : traces) {
            write_trace(json, *trace);
        }
        json.end_array();
    });
}

std::string names_json(std::span<const std::string> names) {
    return envelope(names.size(), {}, [&](JsonWriter& json) {
        if (names.empty()) {
            json.null();
            return;
        }
        json.begin_array();
        for (const std::string& name : names) {
            json.string(name);
        }
        json.end_array();
    });
}

std::string operations_json(std::span<const OperationName> operations) {
    return envelope(operations.size(), {}, [&](JsonWriter& json) {
        json.begin_array();
        for (const OperationName& operation : operations) {
            json.begin_object();
            json.field("name", operation.name);
            json.field("spanKind", operation.kind);
            json.end_object();
        }
        json.end_array();
    });
}

std::string error_json(const JsonError& error) {
    std::string out = envelope(0, {&error, 1}, [](JsonWriter& json) { json.null(); });
    out.push_back('\n');
    return out;
}

}  // namespace meshscope::demo
