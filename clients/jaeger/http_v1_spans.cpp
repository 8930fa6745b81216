#include "clients/jaeger/http_v1_spans.hpp"

#include "clients/jaeger/http_v1_tag.hpp"
#include "clients/jaeger/json_tokens.hpp"
#include "clients/jaeger/trace_groups.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using models::Log;
using models::Process;
using models::Reference;
using models::ReferenceType;
using models::Slice;
using models::Tag;
using simdjson::error_code;
using simdjson::SUCCESS;

constexpr std::int64_t kMaxMicros = std::numeric_limits<std::int64_t>::max() / 1'000;

// The whole text of a value, containers included. Consumes it.
error_code whole_text(json::value value, std::string_view& out) {
    out = value.raw_json_token();
    if (out.front() == '{') {
        json::object object;
        if (const auto error = value.get_object().get(object)) {
            return error;
        }
        return object.raw_json().get(out);
    }
    if (out.front() == '[') {
        json::array array;
        if (const auto error = value.get_array().get(array)) {
            return error;
        }
        return array.raw_json().get(out);
    }
    return SUCCESS;
}

// The text of a hex id: never escaped where it is valid.
std::string_view id_text(std::string_view token) {
    if (!is_string(token)) {
        return {};
    }
    const std::size_t end = token.find('"', 1);
    return token.substr(1, end == std::string_view::npos ? 0 : end - 1);
}

TraceId trace_id_of(std::string_view token) {
    return TraceId::from_hex(id_text(token)).value_or(TraceId{});
}

SpanId span_id_of(std::string_view token) {
    return SpanId::from_hex(id_text(token)).value_or(SpanId{});
}

std::string_view plain(std::string_view token) {
    return is_string(token) ? id_text(token) : std::string_view();
}

}  // namespace

void SpanDecoder::clear() {
    spans_.clear();
    references_.clear();
    processes_.clear();
    texts_.clear();
    oddities_ = {};
    trace_id_ = {};
}

error_code SpanDecoder::decode(json::value value, Decoded& out) {
    clear();
    out = {};
    TraceId id;
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "traceID")) {
            id = trace_id_of(field.raw_json_token());
        } else if (is_key(key, "spans")) {
            spans_.clear();
            references_.clear();
            return for_each_item(field, [&](json::value span) { return decode_span(span); });
        } else if (is_key(key, "processes")) {
            return decode_processes(field);
        } else if (is_key(key, "warnings")) {
            return decode_texts(field, texts_);
        }
        return SUCCESS;
    });
    if (!error) {
        finish(id.is_zero() ? trace_id_ : id, out);
    }
    return error;
}

error_code SpanDecoder::decode_span(json::value value) {
    PendingSpan pending;
    models::Span& span = pending.span;
    pending.first_reference = references_.size();
    SpanId parent;
    std::vector<std::string_view> warnings;
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "traceID")) {
            if (trace_id_.is_zero()) {
                trace_id_ = trace_id_of(field.raw_json_token());
            }
        } else if (is_key(key, "spanID")) {
            span.id = span_id_of(field.raw_json_token());
        } else if (is_key(key, "flags")) {
            span.flags = flags_of(field.raw_json_token());
        } else if (is_key(key, "operationName")) {
            span.operation = text_of(field.raw_json_token(), *storage_).text;
        } else if (is_key(key, "references")) {
            return decode_references(field, pending);
        } else if (is_key(key, "startTime")) {
            span.start_ns = micros_to_nanos(field.raw_json_token());
        } else if (is_key(key, "duration")) {
            span.duration_ns = duration_to_nanos(field.raw_json_token());
        } else if (is_key(key, "tags")) {
            return decode_tags(field, span.tags);
        } else if (is_key(key, "logs")) {
            return decode_logs(field, span.logs);
        } else if (is_key(key, "processID")) {
            pending.process_id = plain(field.raw_json_token());
        } else if (is_key(key, "process")) {
            if (field.raw_json_token().front() == '{') {
                return decode_process(field, pending.process.emplace());
            }
        } else if (is_key(key, "warnings")) {
            return decode_texts(field, warnings);
        } else if (is_key(key, "parentSpanID")) {
            parent = span_id_of(field.raw_json_token());
        }
        return SUCCESS;
    });
    if (error) {
        return error;
    }
    pending.reference_count = references_.size() - pending.first_reference;
    if (pending.reference_count == 0 && !parent.is_zero()) {
        const Reference reference{.trace = {}, .span = parent, .type = ReferenceType::kChildOf};
        references_.push_back(reference);
        pending.reference_count = 1;
    }
    span.warnings = storage_->copy(warnings);
    oddities_.no_span_id += span.id.is_zero() ? 1 : 0;
    spans_.push_back(std::move(pending));
    return SUCCESS;
}

error_code SpanDecoder::decode_references(json::value value, PendingSpan& span) {
    references_.resize(span.first_reference);  // of a repeated field the last counts
    return for_each_item(value, [&](json::value item) {
        Reference reference;
        const auto error = for_each_field(item, [&](const char* key, json::value field) {
            if (is_key(key, "refType")) {
                const bool child = plain(field.raw_json_token()) == "CHILD_OF";
                reference.type = child ? ReferenceType::kChildOf : ReferenceType::kFollowsFrom;
            } else if (is_key(key, "traceID")) {
                reference.trace = referenced_trace(id_text(field.raw_json_token()));
            } else if (is_key(key, "spanID")) {
                reference.span = span_id_of(field.raw_json_token());
            }
            return SUCCESS;
        });
        if (!error && !reference.span.is_zero()) {
            references_.push_back(reference);
        }
        return error;
    });
}

// Nearly always the trace at hand, whose id has been read before.
TraceId SpanDecoder::referenced_trace(std::string_view text) {
    if (text.empty() || text != last_trace_text_) {
        last_trace_text_ = text;
        last_trace_ = TraceId::from_hex(text).value_or(TraceId{});
    }
    return last_trace_;
}

error_code SpanDecoder::decode_tags(json::value value, Slice<Tag>& out) {
    tags_.clear();
    const auto error = for_each_item(value, [&](json::value item) { return decode_tag(item); });
    out = storage_->copy(tags_);
    return error;
}

error_code SpanDecoder::decode_tag(json::value value) {
    std::string_view key;
    std::string_view type;
    std::string_view content;
    bool is_tag = false;
    const auto error = for_each_field(value, [&](const char* name, json::value field) {
        if (is_key(name, "key")) {
            key = text_of(field.raw_json_token(), *storage_).text;
            is_tag = true;
        } else if (is_key(name, "type")) {
            type = plain(field.raw_json_token());
        } else if (is_key(name, "value")) {
            is_tag = true;
            return whole_text(field, content);
        }
        return SUCCESS;
    });
    if (!error && is_tag) {
        tags_.push_back(make_tag(key, type, content, *storage_, oddities_.bad_binary));
    }
    return error;
}

error_code SpanDecoder::decode_logs(json::value value, Slice<Log>& out) {
    logs_.clear();
    const auto error = for_each_item(value, [&](json::value item) {
        Log log;
        const auto failed = for_each_field(item, [&](const char* key, json::value field) {
            if (is_key(key, "timestamp")) {
                log.time_ns = micros_to_nanos(field.raw_json_token());
            } else if (is_key(key, "fields")) {
                return decode_tags(field, log.fields);
            }
            return SUCCESS;
        });
        if (!failed) {
            logs_.push_back(log);
        }
        return failed;
    });
    keep_logs(out);
    return error;
}

void SpanDecoder::keep_logs(Slice<Log>& out) {
    sort_by_time(logs_);
    out = storage_->copy(logs_);
}

std::uint32_t SpanDecoder::flags_of(std::string_view token) {
    const auto flags = integer_of(token).value_or(0);
    return flags < 0 || flags > 0xFFFFFFFF ? 0 : static_cast<std::uint32_t>(flags);
}

error_code SpanDecoder::decode_process(json::value value, Process& out) {
    return for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "serviceName")) {
            out.service = text_of(field.raw_json_token(), *storage_).text;
        } else if (is_key(key, "tags")) {
            return decode_tags(field, out.tags);
        }
        return SUCCESS;
    });
}

error_code SpanDecoder::decode_processes(json::value value) {
    processes_.clear();
    return for_each_field(value, [&](const char* key, json::value field) {
        const char* end = key;
        while (*end != '"') {
            end += *end == '\\' ? 2 : 1;
        }
        const std::string_view name(key, static_cast<std::size_t>(end - key));
        NamedProcess& named = processes_[name] = {};
        return decode_process(field, named.process);
    });
}

error_code SpanDecoder::decode_texts(json::value value, std::vector<std::string_view>& out) {
    out.clear();
    return for_each_item(value, [&](json::value item) {
        const std::string_view token = item.raw_json_token();
        if (is_string(token)) {
            out.push_back(text_of(token, *storage_).text);
        }
        return SUCCESS;
    });
}

std::int64_t SpanDecoder::micros_to_nanos(std::string_view token) {
    if (const auto micros = integer_of(token)) {
        if (*micros <= kMaxMicros && *micros >= -kMaxMicros) {
            return *micros * 1'000;
        }
        ++oddities_.bad_time;
        return *micros > 0 ? kMaxMicros * 1'000 : -kMaxMicros * 1'000;
    }
    const auto number = number_of(token);
    if (number && *number < 9e15 && *number > -9e15) {
        return static_cast<std::int64_t>(*number * 1'000);
    }
    ++oddities_.bad_time;
    return 0;
}

std::int64_t SpanDecoder::duration_to_nanos(std::string_view token) {
    // A negative duration that went through an unsigned type comes out close to 2^64.
    constexpr std::size_t kItsDigits = 20;
    if (token.size() >= kItsDigits) {
        const auto number = number_of(token);
        if (number && *number > 1.7e19 && *number < 1.9e19) {
            ++oddities_.bad_time;
            return 0;
        }
    }
    return micros_to_nanos(token);
}

void SpanDecoder::finish(TraceId id, Decoded& out) {
    if (id.is_zero()) {
        out.spans_dropped = spans_.size();
        return;
    }
    models::TraceBuilder builder(id, storage_);
    builder.reserve(spans_.size());
    for (PendingSpan& pending : spans_) {
        add_pending(builder, id, pending);
    }
    for (const std::string_view text : texts_) {
        builder.add_warning(std::string(text));
    }
    warn_of_oddities(builder);
    out.trace = builder.finish();
}

void SpanDecoder::add_pending(models::TraceBuilder& builder, TraceId id, PendingSpan& pending) {
    const auto first = references_.begin() + static_cast<std::ptrdiff_t>(pending.first_reference);
    std::vector<Reference> references(
        first, first + static_cast<std::ptrdiff_t>(pending.reference_count)
    );
    for (Reference& reference : references) {
        reference.trace = reference.trace.is_zero() ? id : reference.trace;
    }
    pending.span.references = storage_->copy(references);
    pending.span.process = process_index(builder, pending);
    builder.add_span(pending.span);
}

std::uint32_t SpanDecoder::process_index(
    models::TraceBuilder& builder, const PendingSpan& pending
) {
    if (pending.process) {
        return builder.add_process(*pending.process);
    }
    const auto found = processes_.find(pending.process_id);
    if (found == processes_.end()) {
        ++oddities_.no_process;
        return builder.add_process({});
    }
    NamedProcess& named = found->second;
    if (!named.index) {
        named.index = builder.add_process(named.process);
    }
    return *named.index;
}

void SpanDecoder::warn_of_oddities(models::TraceBuilder& builder) const {
    const auto warn = [&](std::uint64_t count, const char* text) {
        if (count > 0) {
            builder.add_warning(std::to_string(count) + text);
        }
    };
    warn(oddities_.no_process, " spans name a process that the answer does not hold");
    warn(oddities_.no_span_id, " spans have no usable span id");
    warn(oddities_.bad_time, " times or durations are out of range");
    warn(oddities_.bad_binary, " binary values are no base64 and are shown as text");
}

}  // namespace meshscope::clients::jaeger
