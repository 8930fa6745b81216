#pragma once

#include "core/json_writer.hpp"
#include "models/trace.hpp"

#include <string>
#include <vector>

namespace meshscope::test {

namespace detail {

inline void write_tags(JsonWriter& out, models::Slice<models::Tag> tags) {
    out.begin_array();
    for (const models::Tag& tag : tags) {
        out.begin_array().string(tag.key()).integer(static_cast<int>(tag.type()));
        switch (tag.type()) {
            case models::ValueType::kString:
            case models::ValueType::kBinary:
                out.string(tag.text());
                break;
            case models::ValueType::kBool:
                out.boolean(tag.as_bool());
                break;
            case models::ValueType::kInt64:
                out.integer(tag.as_int());
                break;
            case models::ValueType::kFloat64:
                out.number(tag.as_double());
                break;
        }
        out.end_array();
    }
    out.end_array();
}

inline void write_span(JsonWriter& out, const models::Trace& trace, const models::Span& span) {
    out.begin_object().field("id", span.id.to_hex()).field("operation", span.operation);
    out.field("start", span.start_ns).field("duration", span.duration_ns);
    out.field("parent", span.parent).field("orphan", span.orphan).field("flags", span.flags);
    out.field("kind", static_cast<int>(span.kind)).field("status", static_cast<int>(span.status));
    out.key("references").begin_array();
    for (const models::Reference& reference : span.references) {
        out.begin_array().string(reference.trace.to_hex()).string(reference.span.to_hex());
        out.integer(static_cast<int>(reference.type)).end_array();
    }
    out.end_array().key("tags");
    write_tags(out, span.tags);
    out.key("logs").begin_array();
    for (const models::Log& log : span.logs) {
        out.begin_object().field("time", log.time_ns).key("fields");
        write_tags(out, log.fields);
        out.end_object();
    }
    out.end_array().key("warnings").begin_array();
    for (const std::string_view warning : span.warnings) {
        out.string(warning);
    }
    const models::Process& process = trace.processes.at(span.process);
    out.end_array().field("service", process.service).key("process");
    write_tags(out, process.tags);
    out.end_object();
}

}  // namespace detail

// Everything a trace says, one span a line: equal for equal traces, and readable where they differ.
// Bytes that are no UTF-8 become U+FFFD.
inline std::string trace_text(const models::Trace& trace) {
    std::string text = trace.id.to_hex() + "\n";
    for (const models::Span& span : trace.spans) {
        JsonWriter out(text);
        detail::write_span(out, trace, span);
        text += "\n";
    }
    for (const std::string& warning : trace.warnings) {
        text += "warning: " + warning + "\n";
    }
    return text;
}

inline std::string traces_text(const std::vector<models::TracePtr>& traces) {
    std::string text;
    for (const models::TracePtr& trace : traces) {
        text += trace_text(*trace);
    }
    return text;
}

}  // namespace meshscope::test
