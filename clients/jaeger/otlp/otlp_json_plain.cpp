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

// A number, bare or in quotes, as it stands.
std::optional<std::string_view> number_token(PlainScanner& scanner) {
    if (!scanner.literal("\"")) {
        return scanner.number();
    }
    const auto word = scanner.word();
    return word ? std::optional(std::string_view(word->data() - 1, word->size() + 2)) : word;
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
        if (!plain_attribute(scanner)) {
            return false;
        }
    } while (scanner.literal(","));
    return scanner.literal("]");
}

bool OtlpJsonSpan::plain_attribute(PlainScanner& scanner) {
    std::vector<Tag>& tags = span_->attributes;
    const std::string_view ahead = scanner.ahead();
    Tag tag;
    if (const std::size_t size = interner_.match(tags.size(), ahead, tag)) {
        scanner.skip(size);
        tags.push_back(tag);
        return true;
    }
    if (!scanner.literal("{\"key\":\"")) {
        return false;
    }
    const auto key = scanner.text();
    if (!key || !scanner.literal(",\"value\":")) {
        return false;
    }
    if (key->text == kWarningsAttribute) {
        return plain_container(scanner, [this](json::value value) { return warnings(value); }) &&
               scanner.literal("}");
    }
    if (const auto read = plain_scalar(scanner, key->text, tag)) {
        if (!*read || !scanner.literal("}}")) {
            return false;
        }
        if (copy_texts_) {
            tag = interner_.intern(tags.size(), tag, ahead.substr(0, scanner.passed(ahead)));
        }
        tags.push_back(tag);
        return true;
    }
    tags.emplace_back();
    const std::string_view name = keep_text(*key);
    return plain_container(
               scanner, [&](json::value value) { return attribute_value(name, value, tags.back()); }
           ) &&
           scanner.literal("}");
}

// Up to the brace that closes it; texts are those of the document. nullopt when it is something
// else: nothing has been read then.
std::optional<bool> OtlpJsonSpan::plain_scalar(
    PlainScanner& scanner, std::string_view key, Tag& out
) {
    if (scanner.literal("{\"stringValue\":\"")) {
        const auto text = scanner.text();
        out = text ? Tag::string(key, text->text, text->verbatim) : Tag();
        return text.has_value();
    }
    if (scanner.literal("{\"intValue\":")) {
        const auto token = number_token(scanner);
        const auto integer = token ? integer_of(*token) : std::nullopt;
        out = Tag::integer(key, integer.value_or(0));
        return integer.has_value();
    }
    if (scanner.literal("{\"boolValue\":")) {
        const bool yes = scanner.literal("true");
        out = Tag::boolean(key, yes);
        return yes || scanner.literal("false");
    }
    if (scanner.literal("{\"doubleValue\":")) {
        const auto token = number_token(scanner);
        const auto number = token ? number_of(*token) : std::nullopt;
        out = Tag::number(key, number.value_or(0));
        return number.has_value();
    }
    return std::nullopt;
}

}  // namespace meshscope::clients::jaeger
