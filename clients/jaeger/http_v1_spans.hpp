#pragma once

#include "models/trace.hpp"
#include "models/trace_builder.hpp"

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meshscope::clients::jaeger {

namespace json = simdjson::ondemand;

class PlainScanner;

// Walks an array or object and hands each item on; anything else (null, say) is passed over.
// `visit` returns an error code. An unread item is skipped by the iterator.
template <class Visit>
simdjson::error_code for_each_item(json::value value, const Visit& visit) {
    json::array array;
    if (value.raw_json_token().front() != '[') {
        return simdjson::SUCCESS;
    }
    if (const auto error = value.get_array().get(array)) {
        return error;
    }
    for (auto result : array) {
        json::value item;
        if (const auto error = std::move(result).get(item)) {
            return error;
        }
        if (const auto error = visit(item)) {
            return error;
        }
    }
    return simdjson::SUCCESS;
}

template <class Visit>
simdjson::error_code for_each_field(json::value value, const Visit& visit) {
    json::object object;
    if (value.raw_json_token().front() != '{') {
        return simdjson::SUCCESS;
    }
    if (const auto error = value.get_object().get(object)) {
        return error;
    }
    for (auto result : object) {
        json::field field;
        if (const auto error = std::move(result).get(field)) {
            return error;
        }
        if (const auto error = visit(field.key().raw(), field.value())) {
            return error;
        }
    }
    return simdjson::SUCCESS;
}

// Whether the key that begins at `raw` is `name`. Safe because documents are padded.
template <std::size_t N>
bool is_key(const char* raw, const char (&name)[N]) {
    return std::char_traits<char>::compare(raw, name, N - 1) == 0 && raw[N - 1] == '"';
}

// Decodes traces of one document, one after the other, into one Storage. Buffers are reused.
class SpanDecoder {
 public:
    explicit SpanDecoder(std::shared_ptr<models::Storage> storage) : storage_(std::move(storage)) {}

    struct Decoded {
        models::TracePtr trace;           // nullptr when there is no span or no usable id
        std::uint64_t spans_dropped = 0;  // for want of a trace id
    };
    simdjson::error_code decode(json::value value, Decoded& out);
    // The same for a trace written as Jaeger itself writes it. False when it is not: nothing is
    // decided then, and the decoder can go on with decode().
    bool decode_plain(PlainScanner& scanner, Decoded& out);

 private:
    struct PendingSpan {
        models::Span span;
        std::string_view process_id;
        std::optional<models::Process> process;  // inline
        std::size_t first_reference = 0;
        std::size_t reference_count = 0;
    };
    struct NamedProcess {
        models::Process process;
        std::optional<std::uint32_t> index;  // in the builder, once a span uses it
    };
    // What is odd in this trace: counted, said once.
    struct Oddities {
        std::uint64_t bad_binary = 0;
        std::uint64_t bad_time = 0;
        std::uint64_t no_process = 0;
        std::uint64_t no_span_id = 0;
    };

    simdjson::error_code decode_span(json::value value);
    simdjson::error_code decode_tags(json::value value, models::Slice<models::Tag>& out);
    simdjson::error_code decode_tag(json::value value);
    simdjson::error_code decode_logs(json::value value, models::Slice<models::Log>& out);
    simdjson::error_code decode_references(json::value value, PendingSpan& span);
    simdjson::error_code decode_process(json::value value, models::Process& out);
    simdjson::error_code decode_processes(json::value value);
    simdjson::error_code decode_texts(json::value value, std::vector<std::string_view>& out);
    void clear();
    bool plain_span(PlainScanner& scanner);
    bool plain_references(PlainScanner& scanner);
    bool plain_times(PlainScanner& scanner, models::Span& span);
    bool plain_logs(PlainScanner& scanner, models::Span& span);
    bool plain_processes(PlainScanner& scanner);
    void keep_logs(models::Slice<models::Log>& out);
    static std::uint32_t flags_of(std::string_view token);
    TraceId referenced_trace(std::string_view text);
    std::int64_t micros_to_nanos(std::string_view token);
    std::int64_t duration_to_nanos(std::string_view token);
    void finish(TraceId id, Decoded& out);
    void add_pending(models::TraceBuilder& builder, TraceId id, PendingSpan& pending);
    std::uint32_t process_index(models::TraceBuilder& builder, const PendingSpan& pending);
    void warn_of_oddities(models::TraceBuilder& builder) const;

    std::shared_ptr<models::Storage> storage_;
    std::vector<PendingSpan> spans_;
    std::vector<models::Reference> references_;
    std::vector<models::Tag> tags_;
    std::vector<models::Log> logs_;
    std::vector<std::string_view> texts_;
    std::unordered_map<std::string_view, NamedProcess> processes_;
    TraceId trace_id_;
    std::string_view last_trace_text_;  // of a reference, and what it says
    TraceId last_trace_;
    Oddities oddities_;
};

}  // namespace meshscope::clients::jaeger
