#include "handlers/trace_json.hpp"

#include "core/ids.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace meshscope::handlers {

namespace {

constexpr std::int64_t kMaxSafeInteger =
    9007199254740991;  // 2^53 - 1: what browsers read without loss
constexpr std::string_view kRedacted = "redacted";

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

void append_hex16(std::string& out, std::uint64_t value) {
    std::array<char, 16> digits;
    write_hex16(value, digits.data());
    out.append(digits.data(), digits.size());
}

void append_integer_value(std::string& out, std::int64_t value) {
    if (value >= -kMaxSafeInteger && value <= kMaxSafeInteger) {
        append_number(out, value);
        return;
    }
    out.push_back('"');
    append_number(out, value);
    out.push_back('"');
}

void append_double_value(std::string& out, double value) {
    if (std::isfinite(value)) {
        append_number(out, value);
    } else if (std::isnan(value)) {
        out.append("\"NaN\"");
    } else {
        out.append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    }
}

// Wire times are unsigned; a start before 1970 is shown as 0.
void append_micros(std::string& out, std::int64_t nanoseconds) {
    append_number(out, nanoseconds > 0 ? nanoseconds / 1000 : 0);
}

}  // namespace

TraceWriter::TraceWriter(
    const business::TraceView& view, const business::Masker& masker, std::size_t shown
)
    : view_(view),
      masker_(masker),
      keys_(masker),
      shown_(std::min(shown, view.trace->spans.size())),
      id_(view.trace->id.to_hex()) {
    const models::Trace& trace = *view.trace;
    process_ids_.resize(trace.processes.size());
    std::size_t next = 1;
    for (std::size_t i = 0; i < shown_; ++i) {
        std::string& id = process_ids_[trace.spans[i].process];
        if (id.empty() && !view.hides(i)) {
            id = "p" + std::to_string(next++);
        }
    }
}

void TraceWriter::span(std::string& out, std::size_t index) const {
    const models::Span& span = view_.trace->spans[index];
    span_head(out, span);
    if (view_.hides(index)) {
        out.append(R"(,"operationName":"","tags":[],"logs":[],"processID":"redacted")");
        out.append(R"(,"warnings":null,"redacted":true})");
        return;
    }
    visible_part(out, span);
    out.push_back('}');
}

void TraceWriter::lone_span(std::string& out, std::size_t index) const {
    const models::Span& span = view_.trace->spans[index];
    span_head(out, span);
    visible_part(out, span);
    out.append(R"(,"process":)");
    process(out, span.process);
    out.append(R"(,"traceSize":)");
    append_number(out, view_.trace->spans.size());
    out.push_back('}');
}

void TraceWriter::span_head(std::string& out, const models::Span& span) const {
    out.append(R"({"traceID":")").append(id_).append(R"(","spanID":")");
    append_hex16(out, span.id.value);
    out.append(R"(","references":)");
    references(out, span);
    out.append(R"(,"startTime":)");
    append_micros(out, span.start_ns);
    out.append(R"(,"duration":)");
    append_micros(out, span.duration_ns);
}

void TraceWriter::references(std::string& out, const models::Span& span) const {
    out.push_back('[');
    bool comma = false;
    for (const models::Reference& reference : span.references) {
        out.append(comma ? R"(,{"refType":")" : R"({"refType":")");
        comma = true;
        const bool child = reference.type == models::ReferenceType::kChildOf;
        out.append(child ? R"(CHILD_OF","traceID":")" : R"(FOLLOWS_FROM","traceID":")");
        if (reference.trace == view_.trace->id) {
            out.append(id_);
        } else {
            out.append(reference.trace.to_hex());
        }
        out.append(R"(","spanID":")");
        append_hex16(out, reference.span.value);
        out.append(R"("})");
    }
    out.push_back(']');
}

void TraceWriter::visible_part(std::string& out, const models::Span& span) const {
    if (span.flags != 0) {
        out.append(R"(,"flags":)");
        append_number(out, span.flags);
    }
    out.append(R"(,"operationName":)");
    text(out, span.operation);
    out.append(R"(,"tags":)");
    tags(out, span.tags);
    out.append(R"(,"logs":[)");
    bool comma = false;
    for (const models::Log& log : span.logs) {
        out.append(comma ? R"(,{"timestamp":)" : R"({"timestamp":)");
        comma = true;
        append_micros(out, log.time_ns);
        out.append(R"(,"fields":)");
        tags(out, log.fields);
        out.push_back('}');
    }
    out.append(R"(],"processID":")").append(process_ids_[span.process]);
    if (span.warnings.empty()) {
        out.append(R"(","warnings":null)");
        return;
    }
    out.append(R"(","warnings":)");
    char separator = '[';
    for (const std::string_view warning : span.warnings) {
        out.push_back(separator);
        separator = ',';
        text(out, warning);
    }
    out.push_back(']');
}

void TraceWriter::processes(std::string& out) const {
    char separator = '{';
    for (std::uint32_t i = 0; i < process_ids_.size(); ++i) {
        if (!process_ids_[i].empty()) {
            out.push_back(separator);
            separator = ',';
            process_member(out, i);
        }
    }
    if (view_.hidden) {
        out.push_back(separator);
        separator = ',';
        out.append("\"").append(kRedacted).append(R"(":{"serviceName":"redacted","tags":[]})");
    }
    out.append(separator == '{' ? "{}" : "}");
}

void TraceWriter::process_member(std::string& out, std::uint32_t index) const {
    out.append("\"").append(process_ids_[index]).append("\":");
    process(out, index);
}

void TraceWriter::warnings(std::string& out) const {
    char separator = '[';
    const auto add = [&](std::string_view warning) {
        out.push_back(separator);
        separator = ',';
        text(out, warning);
    };
    if (!view_.hidden) {
        std::for_each(view_.trace->warnings.begin(), view_.trace->warnings.end(), add);
    }
    const std::size_t spans = view_.trace->spans.size();
    if (shown_ < spans) {
        add("only the first " + std::to_string(shown_) + " of " + std::to_string(spans) +
            " spans are shown: the answer is cut by its size");
    }
    out.append(separator == '[' ? "null" : "]");
}

void TraceWriter::process(std::string& out, std::uint32_t index) const {
    const models::Process& process = view_.trace->processes[index];
    out.append(R"({"serviceName":)");
    append_json_string(out, process.service);
    out.append(R"(,"tags":)");
    tags(out, process.tags);
    out.push_back('}');
}

void TraceWriter::tags(std::string& out, models::Slice<models::Tag> tags) const {
    out.push_back('[');
    bool comma = false;
    for (const models::Tag& item : tags) {
        if (comma) {
            out.push_back(',');
        }
        comma = true;
        written_.append(out, item, [&] { tag(out, item); });
    }
    out.push_back(']');
}

bool TraceWriter::secret(const models::Tag& tag, business::Masker::KeyRule rule) const {
    const bool open = rule == business::Masker::KeyRule::kOpen;
    if (open && tag.type() != models::ValueType::kString &&
        tag.type() != models::ValueType::kBinary) {
        return false;
    }
    return (!open || business::may_hold_secret(tag.text())) && masker_.sensitive(tag);
}

void TraceWriter::tag(std::string& out, const models::Tag& tag) const {
    const TagKeys::Entry& known = keys_.of(tag.key());
    out.append(known.head);
    if (secret(tag, known.rule)) {
        out.append(R"("string","value":)");
        append_json_string(out, masker_.masked_text(tag));
        out.push_back('}');
        return;
    }
    switch (tag.type()) {
        case models::ValueType::kString:
            out.append(R"("string","value":)");
            if (tag.verbatim()) {
                out.append("\"").append(tag.text()).push_back('"');
            } else {
                append_json_string(out, tag.text());
            }
            break;
        case models::ValueType::kBool:
            out.append(tag.as_bool() ? R"("bool","value":true)" : R"("bool","value":false)");
            break;
        case models::ValueType::kInt64:
            out.append(R"("int64","value":)");
            append_integer_value(out, tag.as_int());
            break;
        case models::ValueType::kFloat64:
            out.append(R"("float64","value":)");
            append_double_value(out, tag.as_double());
            break;
        case models::ValueType::kBinary:
            out.append(R"("binary","value":)");
            if (tag.text().empty()) {
                out.append("null");
            } else {
                out.append("\"").append(base64_encode(tag.text())).push_back('"');
            }
            break;
    }
    out.push_back('}');
}

void TraceWriter::text(std::string& out, std::string_view text) const {
    if (masker_.sensitive_text(text)) {
        append_json_string(out, masker_.masked_text(text));
    } else {
        append_json_string(out, text);
    }
}

}  // namespace meshscope::handlers
