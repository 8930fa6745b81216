#pragma once

#include "clients/jaeger/trace_groups.hpp"
#include "clients/trace_store.hpp"
#include "core/byte_chunks.hpp"
#include "models/tag_interner.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meshscope::clients::jaeger {

// jaeger.api_v2 answers to models, straight from the bytes. Pure; one thread.
//
// The traces of one answer share one Storage, which owns the messages that are kept; their texts
// are slices of them and are kept as they came, valid UTF-8 or not. Spans are grouped by trace id
// however the messages cut and mix them. Spans whose trace id is not 8 or 16 bytes, or is zero, are
// dropped and counted. A span id of another length than 8 becomes zero with a warning.
class V2SpanDecoder {
 public:
    V2SpanDecoder();

    // Beyond so many bytes of memory no more spans are taken: add() then gives false, and full()
    // says why.
    void set_memory_limit(std::size_t bytes) { memory_limit_ = bytes; }
    [[nodiscard]] bool full() const { return full_; }

    // One SpansResponseChunk. False when it is malformed: the whole spans before the fault are
    // kept.
    bool add(std::string message);
    // The same for one that is not kept: texts are copied, repeated ones once.
    bool add(ByteChunks& message);

    [[nodiscard]] std::size_t trace_count() const { return groups_.trace_count(); }
    [[nodiscard]] std::size_t span_count() const { return groups_.span_count(); }
    [[nodiscard]] std::uint64_t dropped() const { return groups_.dropped(); }
    [[nodiscard]] std::size_t memory_bytes() const {
        return storage_->memory_bytes() + span_count() * sizeof(models::Span);
    }

    // The traces in the order of their first spans. `cut`: the answer ended early, so the trace
    // that got the last span comes last and says that it may lack spans. Call once.
    std::vector<models::TracePtr> finish(bool cut) {
        storage_->drop_index();
        return groups_.finish(cut);
    }

 private:
    struct SpanParts {
        models::Span span;
        std::string_view trace_id;
        std::string_view span_id;
        std::string_view process;
        bool has_process = false;
    };

    bool decode_message(std::string_view bytes);
    bool decode_span(std::string_view bytes);
    bool collect(std::string_view bytes, SpanParts& parts);
    bool decode_tag(std::string_view bytes, std::vector<models::Tag>& out);
    bool decode_log(std::string_view bytes);
    bool decode_reference(std::string_view bytes);
    bool decode_time(std::string_view bytes, std::int64_t& nanos);
    bool decode_process(std::string_view bytes, models::Process& out);
    bool process_number(const SpanParts& parts, std::uint32_t& out);
    std::string_view keep(std::string_view text) {
        return copy_texts_ ? storage_->intern(text) : text;
    }

    std::shared_ptr<models::Storage> storage_ = std::make_shared<models::Storage>();
    TraceGroups groups_{storage_};
    std::unordered_map<std::string_view, std::uint32_t> processes_;  // by their encoded bytes
    std::string_view last_process_;
    std::uint32_t last_number_ = 0;
    SpanOddities oddities_;  // of the span at hand
    std::size_t memory_limit_ = std::numeric_limits<std::size_t>::max();
    bool full_ = false;
    bool copy_texts_ = false;
    std::string message_;  // the one at hand, when it is not kept
    models::TagInterner span_tags_{*storage_};
    models::TagInterner log_fields_{*storage_};
    std::vector<models::Tag> tags_;
    std::vector<models::Tag> fields_;
    std::vector<models::Log> logs_;
    std::vector<models::Reference> references_;
    std::vector<std::string_view> warnings_;
};

// As sent; nullopt when malformed.
std::optional<std::vector<std::string>> decode_v2_services(std::string_view message);
// From `operations`, else from the deprecated `operationNames`, whose kinds are unknown.
std::optional<std::vector<Operation>> decode_v2_operations(std::string_view message);

}  // namespace meshscope::clients::jaeger
