// The way most answers take: written by Jaeger itself, so without white space. Times, names and
// attributes of simple values are read on the spot; what is rarer is cut out and read like any
// JSON.

#include "clients/jaeger/otlp/otlp_json_span.hpp"
#include "clients/jaeger/plain_scanner.hpp"

#include <optional>

namespace meshscope::clients::jaeger {

using models::Tag;
using simdjson::SUCCESS;

namespace {

// A number, bare or in quotes, as a token without quotes.
std::optional<std::string_view> number_token(PlainScanner& scanner) {
    return scanner.literal("\"") ? scanner.word() : scanner.number();
}

bool read_number(PlainScanner& scanner, std::uint64_t& out) {
    const auto token = number_token(scanner);
    const auto number = token ? unsigned_of(*token) : std::nullopt;
    out = number.value_or(0);
    return number.has_value();
}

template <class Id>
bool read_id(PlainScanner& scanner, Id& out) {
    if (!scanner.literal("\"")) {
        return false;
    }
    const auto text = scanner.word();
    if (!text) {
        return false;
    }
    const auto id = Id::from_hex(*text);
    out = id.value_or(Id{});
    return id || text->empty();
}

}  // namespace

template <class Visit>
bool OtlpJsonSpan::plain_container(PlainScanner& scanner, const Visit& visit) {
    const auto text = scanner.container();
    return text && !parse_json(parser_, *text, visit);
}

bool OtlpJsonSpan::plain_resource(PlainScanner& scanner, std::uint32_t number) {
    const auto text = scanner.container();
    if (!text || text->front() != '{') {
        return false;
    }
    if (known_resource(*text, number)) {
        return true;
    }
    return !parse_json(parser_, *text, [&](json::value value) {
        json::object object;
        const auto error = value.get_object().get(object);
        return error ? error : new_resource(object, *text, number);
    });
}

bool OtlpJsonSpan::plain_scope(PlainScanner& scanner, std::uint32_t number) {
    return plain_container(scanner, [&](json::value value) {
        return describe_scope(value, number);
    });
}

bool OtlpJsonSpan::plain_span(PlainScanner& scanner, std::uint32_t resource, std::uint32_t scope) {
    span_ = &spans_.begin();
    if (!scanner.literal("{\"")) {
        return false;
    }
    do {
        const auto key = scanner.word();
        if (!key || !scanner.literal(":") || !plain_member(scanner, *key)) {
            return false;
        }
    } while (scanner.literal(",\""));
    if (!scanner.literal("}")) {
        return false;
    }
    spans_.finish_span(resource, scope);
    return true;
}

bool OtlpJsonSpan::plain_member(PlainScanner& scanner, std::string_view key) {
    OtlpSpan& span = *span_;
    if (key == "traceId") {
        return read_id(scanner, span.trace);
    }
    if (key == "spanId") {
        return read_id(scanner, span.id);
    }
    if (key == "parentSpanId") {
        return read_id(scanner, span.parent);
    }
    if (key == "name") {
        return plain_text(scanner, span.name);
    }
    if (key == "traceState") {
        return plain_text(scanner, span.trace_state);
    }
    if (key == "startTimeUnixNano") {
        return read_number(scanner, span.start_ns);
    }
    if (key == "endTimeUnixNano") {
        return read_number(scanner, span.end_ns);
    }
    if (key == "kind") {
        return read_number(scanner, span.kind);
    }
    if (key == "flags") {
        return read_number(scanner, span.flags);
    }
    if (key == "attributes") {
        return plain_attributes(scanner);
    }
    if (key == "status") {
        return scanner.literal("{}") ||
               plain_container(scanner, [this](json::value value) { return status(value); });
    }
    if (key == "events") {
        span.logs.clear();
        return plain_container(scanner, [this](json::value value) {
            return for_each_item(value, [this](json::value item) { return event(item); });
        });
    }
    if (key == "links") {
        span.links.clear();
        return plain_container(scanner, [this](json::value value) {
            return for_each_item(value, [this](json::value item) { return link(item); });
        });
    }
    return scanner.skip_value();
}

bool OtlpJsonSpan::plain_text(PlainScanner& scanner, std::string_view& out) {
    if (!scanner.literal("\"")) {
        return false;
    }
    const auto text = scanner.text();
    if (text) {
        out = keep_text(*text);
    }
    return text.has_value();
}

bool OtlpJsonSpan::plain_attributes(PlainScanner& scanner) {
    begin_attributes();
    if (scanner.literal("[]")) {
        return true;
    }
    if (!scanner.literal("[")) {
        return false;
    }
    do {
        if (!scanner.literal("{\"key\":\"")) {
            return false;
        }
        const auto key = scanner.text();
        if (!key || !scanner.literal(",\"value\":") || !plain_value(scanner, *key) ||
            !scanner.literal("}")) {
            return false;
        }
    } while (scanner.literal(","));
    return scanner.literal("]");
}

bool OtlpJsonSpan::plain_value(PlainScanner& scanner, const TokenText& key) {
    if (key.text == kWarningsAttribute) {
        return plain_container(scanner, [this](json::value value) { return warnings(value); });
    }
    Tag& tag = span_->attributes.emplace_back();
    const std::string_view name = keep_text(key);
    if (scanner.literal("{\"stringValue\":\"")) {
        const auto text = scanner.text();
        if (text) {
            tag = Tag::string(name, keep_text(*text), text->verbatim);
        }
        return text && scanner.literal("}");
    }
    if (scanner.literal("{\"intValue\":")) {
        const auto token = number_token(scanner);
        const auto integer = token ? integer_of(*token) : std::nullopt;
        tag = Tag::integer(name, integer.value_or(0));
        return integer && scanner.literal("}");
    }
    if (scanner.literal("{\"boolValue\":")) {
        const bool yes = scanner.literal("true");
        tag = Tag::boolean(name, yes);
        return (yes || scanner.literal("false")) && scanner.literal("}");
    }
    if (scanner.literal("{\"doubleValue\":")) {
        const auto token = number_token(scanner);
        const auto number = token ? number_of(*token) : std::nullopt;
        tag = Tag::number(name, number.value_or(0));
        return number && scanner.literal("}");
    }
    return plain_container(scanner, [&](json::value value) {
        return attribute_value(name, value, tag);
    });
}

}  // namespace meshscope::clients::jaeger
