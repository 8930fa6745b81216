#pragma once

#include "clients/jaeger/otlp/otlp_json_value.hpp"
#include "clients/jaeger/otlp/otlp_span.hpp"
#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"
#include "models/tag_interner.hpp"
#include "models/trace.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meshscope::clients::jaeger {

class PlainScanner;

// The parts of OTLP/JSON: Resource, InstrumentationScope, Span. An error code says that the JSON
// around is broken; values that are only odd are counted.
class OtlpJsonSpan {
 public:
    explicit OtlpJsonSpan(OtlpSpans& spans) : spans_(spans), interner_(spans.storage()) {}

    // The document goes away after each call, so that texts are copied, repeated ones once.
    void copy_texts(bool copy) { copy_texts_ = copy; }

    // Describes a resource or scope that has a number already; the same text only once.
    simdjson::error_code describe_resource(json::value value, std::uint32_t number);
    simdjson::error_code describe_scope(json::value value, std::uint32_t number);
    simdjson::error_code span(json::value value, std::uint32_t resource, std::uint32_t scope);

    // The same for what is written without white space, as Jaeger itself writes it; text that is
    // UTF-8, with simdjson's padding behind it. False when it is anything else: nothing is decided
    // then.
    bool plain_resource(PlainScanner& scanner, std::uint32_t number);
    bool plain_scope(PlainScanner& scanner, std::uint32_t number);
    bool plain_span(PlainScanner& scanner, std::uint32_t resource, std::uint32_t scope);

 private:
    bool known_resource(std::string_view text, std::uint32_t number);
    simdjson::error_code new_resource(
        json::object object, std::string_view text, std::uint32_t number
    );
    bool plain_member(PlainScanner& scanner, std::string_view key);
    bool plain_attributes(PlainScanner& scanner);
    std::optional<bool> plain_scalar(PlainScanner& scanner, std::string_view key, models::Tag& out);
    bool plain_attribute(PlainScanner& scanner);
    bool plain_text(PlainScanner& scanner, std::string_view& out);
    template <class Visit>
    bool plain_container(PlainScanner& scanner, const Visit& visit);
    void begin_attributes();
    std::string_view keep(std::string_view token);
    std::string_view keep_text(const TokenText& text);
    models::Tag text_tag(std::string_view key, std::string_view token);
    models::Tag scalar(std::string_view key, AnyMember member, std::string_view token);
    simdjson::error_code attributes(
        json::value value, std::vector<models::Tag>& out, bool of_span = false
    );
    simdjson::error_code attribute(json::value value, std::vector<models::Tag>& out, bool of_span);
    simdjson::error_code attribute_value(std::string_view key, json::value value, models::Tag& out);
    simdjson::error_code warnings(json::value value);
    simdjson::error_code event(json::value value);
    simdjson::error_code link(json::value value);
    simdjson::error_code status(json::value value);
    std::uint64_t time_of(std::string_view token);

    OtlpSpans& spans_;
    OtlpSpan* span_ = nullptr;
    models::TagInterner interner_;  // of attributes of spans
    bool copy_texts_ = false;
    std::unordered_map<std::string_view, std::uint32_t> resources_;  // by their JSON
    std::vector<models::Tag> fields_;
    std::string json_;
    json::parser parser_;  // for parts of a plain document
};

}  // namespace meshscope::clients::jaeger
