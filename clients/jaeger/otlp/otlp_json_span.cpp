#include "clients/jaeger/otlp/otlp_json_span.hpp"

#include "clients/jaeger/otlp/otlp_json_value.hpp"
#include "clients/json/json_tokens.hpp"
#include "core/text.hpp"

#include <optional>

namespace meshscope::clients::jaeger {

using models::Tag;
using simdjson::error_code;
using simdjson::SUCCESS;

std::string_view OtlpJsonSpan::keep(std::string_view token) {
    if (!copy_texts_) {
        return text_of(token, spans_.storage()).text;
    }
    return spans_.storage().intern(copy_of(token));
}

std::string_view OtlpJsonSpan::keep_text(const TokenText& text) {
    return copy_texts_ ? spans_.storage().intern(text.text) : text.text;
}

Tag OtlpJsonSpan::text_tag(std::string_view key, std::string_view token) {
    if (copy_texts_) {
        return Tag::string(key, keep(token));
    }
    const TokenText text = text_of(token, spans_.storage());
    return Tag::string(key, text.text, text.verbatim);
}

// What cannot be read as what it should be stays text.
Tag OtlpJsonSpan::scalar(std::string_view key, AnyMember member, std::string_view token) {
    if (member == AnyMember::kBool) {
        if (const auto flag = boolean_of(token)) {
            return Tag::boolean(key, *flag);
        }
    } else if (member == AnyMember::kInt) {
        if (const auto integer = integer_of(token)) {
            return Tag::integer(key, *integer);
        }
        ++span_->oddities.bad_number;
    } else if (member == AnyMember::kDouble) {
        if (const auto number = number_of(token)) {
            return Tag::number(key, *number);
        }
        ++span_->oddities.bad_number;
    } else if (member == AnyMember::kBytes) {
        if (const auto bytes = base64_decode(copy_of(token))) {
            return Tag::binary(key, spans_.storage().intern(*bytes));
        }
        ++span_->oddities.bad_binary;
    }
    return text_tag(key, token);
}

error_code OtlpJsonSpan::describe_resource(json::value value, std::uint32_t number) {
    json::object object;
    std::string_view text;
    if (value.raw_json_token().front() != '{') {
        return SUCCESS;
    }
    if (const auto error = value.get_object().get(object)) {
        return error;
    }
    if (const auto error = object.raw_json().get(text)) {
        return error;
    }
    if (known_resource(text, number)) {
        return SUCCESS;
    }
    bool empty = false;
    const auto error = object.reset().get(empty);
    return error ? error : new_resource(object, text, number);
}

bool OtlpJsonSpan::known_resource(std::string_view text, std::uint32_t number) {
    const auto known = resources_.find(text);
    if (known == resources_.end()) {
        return false;
    }
    spans_.same_resource(number, known->second);
    return true;
}

error_code OtlpJsonSpan::new_resource(
    json::object object, std::string_view text, std::uint32_t number
) {
    span_ = &spans_.begin();
    fields_.clear();
    const auto error = for_each_field(object, [&](const char* key, json::value field) {
        return is_key(key, "attributes") ? attributes(field, fields_) : SUCCESS;
    });
    if (!error) {
        spans_.describe_resource(number, fields_);
        resources_.emplace(copy_texts_ ? spans_.storage().copy(text) : text, number);
    }
    return error;
}

// Of a repeated field the last counts.
void OtlpJsonSpan::begin_attributes() {
    span_->attributes.resize(OtlpSpan::kScopeTags);
    span_->warnings.clear();
}

error_code OtlpJsonSpan::describe_scope(json::value value, std::uint32_t number) {
    std::string_view name;
    std::string_view version;
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "name")) {
            name = keep(field.raw_json_token());
        } else if (is_key(key, "version")) {
            version = keep(field.raw_json_token());
        }
        return SUCCESS;
    });
    spans_.describe_scope(number, name, version);
    return error;
}

error_code OtlpJsonSpan::span(json::value value, std::uint32_t resource, std::uint32_t scope) {
    OtlpSpan& span = spans_.begin();
    span_ = &span;
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        const std::string_view token = field.raw_json_token();
        if (is_key(key, "traceId")) {
            span.trace = trace_id_of(token).value_or(TraceId{});
        } else if (is_key(key, "spanId")) {
            span.id = span_id_of(token).value_or(SpanId{});
        } else if (is_key(key, "parentSpanId")) {
            const auto parent = span_id_of(token);
            span.parent = parent.value_or(SpanId{});
            span.oddities.bad_reference += parent || is_absent(token) ? 0U : 1U;
        } else if (is_key(key, "name")) {
            span.name = keep(token);
        } else if (is_key(key, "kind")) {
            span.kind = kind_of(token);
        } else if (is_key(key, "startTimeUnixNano")) {
            span.start_ns = time_of(token);
        } else if (is_key(key, "endTimeUnixNano")) {
            span.end_ns = time_of(token);
        } else if (is_key(key, "attributes")) {
            begin_attributes();
            return attributes(field, span.attributes, true);
        } else if (is_key(key, "events")) {
            span.logs.clear();
            return for_each_item(field, [this](json::value item) { return event(item); });
        } else if (is_key(key, "links")) {
            span.links.clear();
            return for_each_item(field, [this](json::value item) { return link(item); });
        } else if (is_key(key, "status")) {
            return status(field);
        } else if (is_key(key, "flags")) {
            span.flags = unsigned_of(token).value_or(0);
        } else if (is_key(key, "traceState")) {
            span.trace_state = keep(token);
        }
        return SUCCESS;
    });
    if (!error) {
        spans_.finish_span(resource, scope);
    }
    return error;
}

std::uint64_t OtlpJsonSpan::time_of(std::string_view token) {
    const auto nanos = unsigned_of(token);
    span_->oddities.bad_time += nanos || token.front() == 'n' ? 0U : 1U;
    return nanos.value_or(0);
}

error_code OtlpJsonSpan::attributes(json::value value, std::vector<Tag>& out, bool of_span) {
    return for_each_item(value, [&](json::value item) { return attribute(item, out, of_span); });
}

error_code OtlpJsonSpan::attribute(json::value value, std::vector<Tag>& out, bool of_span) {
    json::object object;
    if (value.raw_json_token().front() != '{') {
        return SUCCESS;
    }
    if (const auto error = value.get_object().get(object)) {
        return error;
    }
    std::optional<std::string_view> key;
    bool has_value = false;
    bool value_first = false;
    const auto read = [&](json::value field) {
        has_value = true;
        return of_span && *key == kWarningsAttribute
                   ? warnings(field)
                   : attribute_value(*key, field, out.emplace_back());
    };
    auto error = for_each_field(object, [&](const char* name, json::value field) {
        if (is_key(name, "key")) {
            key = keep(field.raw_json_token());
        } else if (is_key(name, "value") && !has_value) {
            if (key) {
                return read(field);
            }
            value_first = true;
        }
        return SUCCESS;
    });
    key = key.value_or(std::string_view());
    bool empty = false;
    if (!error && value_first && !has_value && !(error = object.reset().get(empty))) {
        error = for_each_field(object, [&](const char* name, json::value field) {
            return is_key(name, "value") && !has_value ? read(field) : SUCCESS;
        });
    }
    if (!error && !has_value && !(of_span && *key == kWarningsAttribute)) {
        out.push_back(Tag::string(*key, {}));
    }
    return error;
}

error_code OtlpJsonSpan::attribute_value(std::string_view key, json::value value, Tag& out) {
    out = Tag::string(key, {});
    return for_each_field(value, [&](const char* name, json::value field) {
        const std::string_view token = field.raw_json_token();
        const AnyMember member = any_member(name);
        if (member == AnyMember::kUnknown || token.front() == 'n') {
            return SUCCESS;
        }
        if (member != AnyMember::kArray && member != AnyMember::kMap) {
            out = scalar(key, member, token);
            return SUCCESS;
        }
        json_.clear();
        JsonWriter writer(json_);
        const auto error = write_values(member, field, writer, span_->oddities, kDeepestValue);
        out = Tag::string(key, spans_.storage().intern(json_));
        return error;
    });
}

// An array of texts, or one text; anything else is passed over.
error_code OtlpJsonSpan::warnings(json::value value) {
    const auto text = [this](const char* name, json::value field) {
        if (any_member(name) == AnyMember::kString && is_string(field.raw_json_token())) {
            span_->warnings.push_back(keep(field.raw_json_token()));
        }
    };
    return for_each_field(value, [&](const char* name, json::value field) {
        text(name, field);
        if (any_member(name) != AnyMember::kArray) {
            return SUCCESS;
        }
        return for_each_field(field, [&](const char* inner, json::value values) {
            if (!is_key(inner, "values")) {
                return SUCCESS;
            }
            return for_each_item(values, [&](json::value item) {
                return for_each_field(item, [&](const char* member, json::value scalar_value) {
                    text(member, scalar_value);
                    return SUCCESS;
                });
            });
        });
    });
}

error_code OtlpJsonSpan::event(json::value value) {
    if (value.raw_json_token().front() != '{') {
        return SUCCESS;
    }
    std::uint64_t time = 0;
    std::string_view name;
    fields_.assign(1, Tag());
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "timeUnixNano")) {
            time = time_of(field.raw_json_token());
        } else if (is_key(key, "name")) {
            name = keep(field.raw_json_token());
        } else if (is_key(key, "attributes")) {
            return attributes(field, fields_);
        }
        return SUCCESS;
    });
    spans_.add_event(time, name, fields_);
    return error;
}

error_code OtlpJsonSpan::link(json::value value) {
    if (value.raw_json_token().front() != '{') {
        return SUCCESS;
    }
    TraceId trace;
    SpanId span;
    fields_.clear();
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "traceId")) {
            trace = trace_id_of(field.raw_json_token()).value_or(TraceId{});
        } else if (is_key(key, "spanId")) {
            span = span_id_of(field.raw_json_token()).value_or(SpanId{});
        } else if (is_key(key, "attributes")) {
            return attributes(field, fields_);
        }
        return SUCCESS;
    });
    spans_.add_link(trace, span, fields_);
    return error;
}

error_code OtlpJsonSpan::status(json::value value) {
    return for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "code")) {
            span_->status = status_of(field.raw_json_token());
        } else if (is_key(key, "message")) {
            span_->status_message = keep(field.raw_json_token());
        }
        return SUCCESS;
    });
}

}  // namespace meshscope::clients::jaeger
