#include "tests/bench/traces_otlp.hpp"

#include "opentelemetry/proto/trace/v1/trace.pb.h"

#include <fmt/format.h>

#include <string_view>

namespace meshscope::bench {

namespace {

namespace otlp = ::opentelemetry::proto::trace::v1;

constexpr std::string_view kKindKey = "span.kind";

int kind_of(const BenchSpan& span) {
    for (const BenchTag& tag : span.tags) {
        if (tag.key == kKindKey) {
            return tag.value == "client" ? 3 : 2;
        }
    }
    return 1;
}

std::string big_endian(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        out[7 - i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }
    return out;
}

void append_attribute(std::string& out, const BenchTag& tag) {
    // No text of the input needs an escape but '&', which Go writes as one.
    out.append("{\"key\":\"").append(tag.key).append("\",\"value\":{\"");
    out.append(tag.is_number ? "intValue\":\"" : "stringValue\":\"");
    for (const char c : tag.value) {
        if (c == '&') {
            out.append("\\u0026");
        } else {
            out.push_back(c);
        }
    }
    out.append("\"}}");
}

void append_span(std::string& out, const BenchTrace& trace, const BenchSpan& span) {
    out.append(fmt::format(
        R"({{"traceId":"{:016x}{:016x}","spanId":"{:016x}",)", trace.id_high, trace.id_low, span.id
    ));
    if (span.parent != 0) {
        out.append(fmt::format(R"("parentSpanId":"{:016x}",)", span.parent));
    }
    out.append(fmt::format(
        R"("name":"{}","kind":{},"startTimeUnixNano":"{}","endTimeUnixNano":"{}","attributes":[)",
        span.operation,
        kind_of(span),
        span.start_us * 1000,
        (span.start_us + span.duration_us) * 1000
    ));
    bool comma = false;
    for (const BenchTag& tag : span.tags) {
        if (tag.key != kKindKey) {
            out.append(comma ? "," : "");
            comma = true;
            append_attribute(out, tag);
        }
    }
    out.append("],\"status\":{}}");
}

void append_resource(std::string& out, const BenchTrace& trace, std::size_t process) {
    out.append(R"({"resource":{"attributes":[)");
    append_attribute(out, {"service.name", trace.processes[process].service, false});
    for (const BenchTag& tag : trace.processes[process].tags) {
        out.push_back(',');
        append_attribute(out, tag);
    }
    out.append(R"(]},"scopeSpans":[{"scope":{},"spans":[)");
    bool comma = false;
    for (const BenchSpan& span : trace.spans) {
        if (span.process == process) {
            out.append(comma ? "," : "");
            comma = true;
            append_span(out, trace, span);
        }
    }
    out.append("]}]}");
}

void set_attribute(const BenchTag& tag, otlp::KeyValue& out) {
    out.set_key(tag.key);
    if (tag.is_number) {
        out.mutable_value()->set_int_value(std::stoll(tag.value));
    } else {
        out.mutable_value()->set_string_value(tag.value);
    }
}

void set_span(const BenchTrace& trace, const BenchSpan& span, otlp::Span& out) {
    out.set_trace_id(big_endian(trace.id_high) + big_endian(trace.id_low));
    out.set_span_id(big_endian(span.id));
    if (span.parent != 0) {
        out.set_parent_span_id(big_endian(span.parent));
    }
    out.set_name(span.operation);
    out.set_kind(static_cast<otlp::Span::SpanKind>(kind_of(span)));
    out.set_start_time_unix_nano(span.start_us * 1000);
    out.set_end_time_unix_nano((span.start_us + span.duration_us) * 1000);
    for (const BenchTag& tag : span.tags) {
        if (tag.key != kKindKey) {
            set_attribute(tag, *out.add_attributes());
        }
    }
}

}  // namespace

std::string to_otlp_json(const std::vector<BenchTrace>& traces) {
    std::string out = R"({"result":{"resourceSpans":[)";
    bool comma = false;
    for (const BenchTrace& trace : traces) {
        for (std::size_t process = 0; process < trace.processes.size(); ++process) {
            out.append(comma ? "," : "");
            comma = true;
            append_resource(out, trace, process);
        }
    }
    return out.append("]}}");
}

std::vector<std::string> to_otlp_messages(const std::vector<BenchTrace>& traces) {
    std::vector<std::string> messages;
    for (const BenchTrace& trace : traces) {
        otlp::TracesData data;
        for (const BenchProcess& process : trace.processes) {
            auto& group = *data.add_resource_spans();
            auto& attributes = *group.mutable_resource();
            set_attribute({"service.name", process.service, false}, *attributes.add_attributes());
            for (const BenchTag& tag : process.tags) {
                set_attribute(tag, *attributes.add_attributes());
            }
            group.add_scope_spans();
        }
        for (const BenchSpan& span : trace.spans) {
            auto& group = *data.mutable_resource_spans(static_cast<int>(span.process));
            set_span(trace, span, *group.mutable_scope_spans(0)->add_spans());
        }
        messages.push_back(data.SerializeAsString());
    }
    return messages;
}

}  // namespace meshscope::bench
