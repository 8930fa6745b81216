#pragma once

#include "clients/jaeger/otlp/otlp_span.hpp"
#include "models/tag_interner.hpp"
#include "models/trace.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meshscope {
class ProtoReader;
}

namespace meshscope::clients::jaeger {

// The parts of OTLP that are read whole (Resource, InstrumentationScope, Span), from their encoded
// bytes. Each is false when the bytes are malformed.
class OtlpProtoSpan {
 public:
    explicit OtlpProtoSpan(OtlpSpans& spans)
        : spans_(spans), span_tags_(spans.storage()), field_tags_(spans.storage()) {}

    // The bytes go away after each call, so that texts are copied, repeated ones once.
    void copy_texts(bool copy) { copy_texts_ = copy; }

    // The number of a Resource or a Scope; the same for the same bytes.
    bool resource(std::string_view bytes, std::uint32_t& number);
    bool scope(std::string_view bytes, std::uint32_t& number);
    // The same for one that already has a number, because its spans came first.
    bool describe_resource(std::string_view bytes, std::uint32_t number);
    bool describe_scope(std::string_view bytes, std::uint32_t number);
    bool span(std::string_view bytes, std::uint32_t resource, std::uint32_t scope);

 private:
    // Numbers by encoded bytes; most often it is those of the last call.
    struct Known {
        std::unordered_map<std::string_view, std::uint32_t> numbers;
        std::string_view last;
        std::uint32_t last_number = 0;
    };

    bool find(Known& known, std::string_view bytes, std::uint32_t& number);
    std::uint32_t remember(Known& known, std::string_view bytes, std::uint32_t number);
    std::string_view keep(std::string_view text);
    bool attribute(std::string_view bytes, std::vector<models::Tag>& out, bool of_span = false);
    bool value(std::string_view key, std::string_view bytes, models::Tag& out);
    bool warnings(std::string_view value);
    bool event(std::string_view bytes);
    bool link(std::string_view bytes);
    bool status(std::string_view bytes);

    OtlpSpans& spans_;
    OtlpSpan* span_ = nullptr;
    models::TagInterner span_tags_;
    models::TagInterner field_tags_;
    bool copy_texts_ = false;
    Known resources_;
    Known scopes_;
    std::vector<models::Tag> fields_;
};

}  // namespace meshscope::clients::jaeger
