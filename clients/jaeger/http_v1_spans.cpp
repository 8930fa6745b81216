#include "clients/jaeger/http_v1_spans.hpp"

#include "clients/jaeger/http_v1_tag.hpp"
#include "clients/jaeger/trace_groups.hpp"
#include "clients/json/json_tokens.hpp"

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

error_code SpanDecoder::decode(json::value value, Decoded& out) {
    settle();
    clear();
    out = {};
    TraceId id;
    const std::size_t ahead = ahead_.size();
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "traceID")) {
            id = trace_id_of(field.raw_json_token());
        } else if (is_key(key, "spans")) {
            if (field.raw_json_token().front() == '[') {
                take_spans();
            }
            return for_each_item(field, [&](json::value span) { return decode_span(span); });
        } else if (is_key(key, "processes")) {
            return decode_processes(field);
        } else if (is_key(key, "warnings")) {
            return decode_texts(field, texts_);
        }
        return SUCCESS;
    });
    if (!error || ahead_.size() != ahead) {  // what came ahead is not lost with what is around it
        finish(id.is_zero() ? now_.trace_id : id, out);
    }
    return error;
}

error_code SpanDecoder::add_span(json::value value) {
    const std::size_t references = now_.references.size();
    const auto error = decode_span(value);
    if (error) {
        now_.references.resize(references);
    }
    spans_ahead_ += error ? 0U : 1U;
    return error;
}

error_code SpanDecoder::decode_span(json::value value) {
    models::Span span;
    const std::size_t first_reference = now_.references.size();
    TraceId trace;
    SpanId parent;
    std::string_view process_id;
    std::optional<Process> process;
    std::vector<std::string_view> warnings;
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "traceID")) {
            trace = trace_id_of(field.raw_json_token());
        } else if (is_key(key, "spanID")) {
            span.id = span_id_of(field.raw_json_token());
        } else if (is_key(key, "flags")) {
            span.flags = flags_of(field.raw_json_token());
        } else if (is_key(key, "operationName")) {
            span.operation = keep(text_of(field.raw_json_token(), *storage_).text);
        } else if (is_key(key, "references")) {
            return decode_references(field, first_reference);
        } else if (is_key(key, "startTime")) {
            span.start_ns = micros_to_nanos(field.raw_json_token());
        } else if (is_key(key, "duration")) {
            span.duration_ns = duration_to_nanos(field.raw_json_token());
        } else if (is_key(key, "tags")) {
            return decode_tags(field, span.tags, span_tags_);
        } else if (is_key(key, "logs")) {
            return decode_logs(field, span.logs);
        } else if (is_key(key, "processID")) {
            process_id = plain(field.raw_json_token());
        } else if (is_key(key, "process")) {
            if (field.raw_json_token().front() == '{') {
                return decode_process(field, process.emplace());
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
    if (now_.references.size() == first_reference && !parent.is_zero()) {
        const Reference reference{.trace = {}, .span = parent, .type = ReferenceType::kChildOf};
        now_.references.push_back(reference);
    }
    span.references.size = static_cast<std::uint32_t>(now_.references.size() - first_reference);
    span.warnings = storage_->copy(warnings);
    if (process) {
        span.process = static_cast<std::uint32_t>(now_.used.size());
        now_.used.push_back({{}, std::move(process)});
    } else {
        span.process = use_process(process_id);
    }
    push_span(span, trace);
    return SUCCESS;
}

error_code SpanDecoder::decode_references(json::value value, std::size_t first) {
    std::vector<Reference>& references = now_.references;
    references.resize(first);  // of a repeated field the last counts
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
            references.push_back(reference);
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

error_code SpanDecoder::decode_tags(
    json::value value, Slice<Tag>& out, models::TagInterner& interner
) {
    tags_.clear();
    const auto error = for_each_item(value, [&](json::value item) { return decode_tag(item); });
    out = keep_tags(interner);
    return error;
}

Slice<Tag> SpanDecoder::keep_tags(models::TagInterner& interner) {
    if (!texts_stay_) {
        for (std::size_t i = 0; i < tags_.size(); ++i) {
            tags_[i] = interner.intern(i, tags_[i]);
        }
    }
    return storage_->copy(tags_);
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
        tags_.push_back(make_tag(key, type, content, *storage_, now_.oddities.bad_binary));
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
                return decode_tags(field, log.fields, log_fields_);
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
            out.service = keep(text_of(field.raw_json_token(), *storage_).text);
        } else if (is_key(key, "tags")) {
            return decode_tags(field, out.tags, process_tags_);
        }
        return SUCCESS;
    });
}

error_code SpanDecoder::decode_processes(json::value value) {
    processes_.clear();
    return for_each_field(value, [&](const char* key, json::value field) {
        Process& process = processes_[keep(key_text(key))] = {};
        return decode_process(field, process);
    });
}

error_code SpanDecoder::decode_texts(json::value value, std::vector<std::string_view>& out) {
    out.clear();
    return for_each_item(value, [&](json::value item) {
        const std::string_view token = item.raw_json_token();
        if (is_string(token)) {
            out.push_back(keep(text_of(token, *storage_).text));
        }
        return SUCCESS;
    });
}

std::int64_t SpanDecoder::micros_to_nanos(std::string_view token) {
    if (const auto micros = integer_of(token)) {
        if (*micros <= kMaxMicros && *micros >= -kMaxMicros) {
            return *micros * 1'000;
        }
        ++now_.oddities.bad_time;
        return *micros > 0 ? kMaxMicros * 1'000 : -kMaxMicros * 1'000;
    }
    const auto number = number_of(token);
    if (number && *number < 9e15 && *number > -9e15) {
        return static_cast<std::int64_t>(*number * 1'000);
    }
    ++now_.oddities.bad_time;
    return 0;
}

std::int64_t SpanDecoder::duration_to_nanos(std::string_view token) {
    // A negative duration that went through an unsigned type comes out close to 2^64.
    constexpr std::size_t kItsDigits = 20;
    if (token.size() >= kItsDigits) {
        const auto number = number_of(token);
        if (number && *number > 1.7e19 && *number < 1.9e19) {
            ++now_.oddities.bad_time;
            return 0;
        }
    }
    return micros_to_nanos(token);
}

}  // namespace meshscope::clients::jaeger
