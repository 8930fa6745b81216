#pragma once

#include "clients/json/json_walk.hpp"
#include "models/tag_interner.hpp"
#include "models/trace.hpp"
#include "models/trace_builder.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meshscope::clients::jaeger {

class PlainScanner;

// Decodes traces of one document, one after the other, into one Storage. Buffers are reused.
class SpanDecoder {
 public:
    // `texts_stay`: what is decoded lives as long as the Storage, so texts are slices of it. Else
    // they are copied, those that repeat once.
    explicit SpanDecoder(std::shared_ptr<models::Storage> storage, bool texts_stay = true)
        : storage_(std::move(storage)), texts_stay_(texts_stay) {}

    struct Decoded {
        models::TracePtr trace;           // nullptr when there is no span or no usable id
        std::uint64_t spans_dropped = 0;  // for want of a trace id
    };
    simdjson::error_code decode(json::value value, Decoded& out);
    // The same for a trace written as Jaeger itself writes it. False when it is not: nothing is
    // decided then, and the decoder can go on with decode().
    bool decode_plain(PlainScanner& scanner, Decoded& out);

    // Spans that come before what is around them: the next ones belong to another trace. decode()
    // then finds the spans of trace after trace in this order, and those in the document besides.
    void begin_trace();
    simdjson::error_code add_span(json::value value);
    // The same for a span written as Jaeger itself writes it. False when it is not: nothing has
    // happened.
    bool add_plain_span(PlainScanner& scanner);
    // What the spans of traces to come take beside the Storage.
    [[nodiscard]] std::size_t bytes_ahead() const {
        return spans_ahead_ * sizeof(models::Span) + bytes_settled_ + bytes_beside_spans(now_);
    }
    // The next trace that decode() has not come to, as far as it is known; false when none is left.
    bool decode_rest(Decoded& out);

 private:
    // Processes as spans name them; what the names mean comes later.
    struct UsedProcess {
        std::string_view id;
        std::optional<models::Process> process;  // inline
    };
    // What is odd in this trace: counted, said once.
    struct Oddities {
        std::uint64_t bad_binary = 0;
        std::uint64_t bad_time = 0;
        std::uint64_t no_process = 0;
        std::uint64_t no_span_id = 0;
    };
    // A trace whose spans come. Of a span, `process` is an index into `used`, and only the number
    // of references is known: they follow each other in `references`.
    struct Pending {
        models::SpanList spans;
        std::vector<models::Reference> references;
        std::vector<UsedProcess> used;
        std::unordered_map<std::string_view, std::uint32_t> used_by_id;
        std::uint32_t last_used = 0;
        TraceId trace_id;  // of the first span that has one
        Oddities oddities;

        void clear();
    };

    static std::size_t bytes_beside_spans(const Pending& pending) {
        return sizeof(Pending) + pending.references.size() * sizeof(models::Reference) +
               pending.used.size() * sizeof(UsedProcess);
    }
    simdjson::error_code decode_span(json::value value);
    simdjson::error_code decode_tags(
        json::value value, models::Slice<models::Tag>& out, models::TagInterner& interner
    );
    simdjson::error_code decode_tag(json::value value);
    simdjson::error_code decode_logs(json::value value, models::Slice<models::Log>& out);
    simdjson::error_code decode_references(json::value value, std::size_t first);
    simdjson::error_code decode_process(json::value value, models::Process& out);
    simdjson::error_code decode_processes(json::value value);
    simdjson::error_code decode_texts(json::value value, std::vector<std::string_view>& out);
    void clear();
    void settle();
    void take_spans();
    void push_span(const models::Span& span, TraceId trace);
    bool plain_span(PlainScanner& scanner);
    bool plain_tags(
        PlainScanner& scanner, models::Slice<models::Tag>& out, models::TagInterner& interner
    );
    bool plain_references(PlainScanner& scanner);
    bool plain_times(PlainScanner& scanner, models::Span& span);
    bool plain_logs(PlainScanner& scanner, models::Span& span);
    bool plain_processes(PlainScanner& scanner);
    void keep_logs(models::Slice<models::Log>& out);
    std::string_view keep(std::string_view text) {
        return texts_stay_ ? text : storage_->intern(text);
    }
    models::Slice<models::Tag> keep_tags(models::TagInterner& interner);
    std::uint32_t use_process(std::string_view id);
    static std::uint32_t flags_of(std::string_view token);
    TraceId referenced_trace(std::string_view text);
    std::int64_t micros_to_nanos(std::string_view token);
    std::int64_t duration_to_nanos(std::string_view token);
    void finish(TraceId id, Decoded& out);
    std::vector<std::uint32_t> name_processes(models::TraceBuilder& builder);
    void warn_of_oddities(models::TraceBuilder& builder) const;

    std::shared_ptr<models::Storage> storage_;
    bool texts_stay_;
    Pending now_;
    std::deque<Pending> ahead_;  // spans that came before their traces
    bool begun_ = false;         // now_ is such, too
    std::size_t spans_ahead_ = 0;
    std::size_t bytes_settled_ = 0;  // of what came ahead, but for its spans
    std::vector<models::Tag> tags_;
    models::TagInterner span_tags_{*storage_};
    models::TagInterner log_fields_{*storage_};
    models::TagInterner process_tags_{*storage_};
    std::vector<models::Log> logs_;
    std::vector<std::string_view> texts_;
    std::unordered_map<std::string_view, models::Process> processes_;  // of the trace, by id
    std::string last_trace_text_;  // of a reference, and what it says
    TraceId last_trace_;
};

}  // namespace meshscope::clients::jaeger
