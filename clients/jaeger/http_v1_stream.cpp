#include "clients/jaeger/http_v1_stream.hpp"

#include "clients/jaeger/http_v1_envelope.hpp"
#include "clients/jaeger/http_v1_spans.hpp"
#include "clients/jaeger/json_body.hpp"
#include "clients/jaeger/json_element_splitter.hpp"
#include "clients/jaeger/plain_scanner.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using simdjson::error_code;

constexpr std::size_t kBeginning = 128;

class V1TraceStream final : public TraceStream, private JsonElementSplitter::Sink {
 public:
    explicit V1TraceStream(std::size_t memory_limit) : memory_limit_(memory_limit) {}

    bool add(std::string_view bytes) override;
    Result<TraceBatch> finish(const std::optional<Error>& incomplete) override;

 private:
    void begin(std::span<const std::uint32_t>) override { decoder_.begin_trace(); }
    std::size_t take(std::string_view ahead) override;
    void element(std::string_view json) override;
    error_code decode(std::string_view json);
    error_code decode_skeleton(std::string skeleton, BodyOutcome& outcome);
    void decode_rest();
    void say_what_is_left_out(TraceBatch& batch) const;
    [[nodiscard]] bool over_limit() const {
        return storage_->memory_bytes() + decoder_.bytes_ahead() > memory_limit_;
    }

    const std::size_t memory_limit_;
    std::shared_ptr<models::Storage> storage_ = std::make_shared<models::Storage>();
    SpanDecoder decoder_{storage_, false};
    JsonElementSplitter splitter_{{"data", "spans"}, "", {}, *this};
    JsonElementSplitter::State state_ = JsonElementSplitter::State::kOpen;
    json::parser parser_;
    std::string beginning_;
    TraceBatch batch_;
    bool has_data_ = false;
    bool may_be_plain_ = false;
    bool stopped_ = false;
    bool cleaned_ = false;
    std::uint64_t unreadable_ = 0;
    error_code fault_ = simdjson::SUCCESS;  // of an unreadable span
};

bool V1TraceStream::add(std::string_view bytes) {
    beginning_.append(bytes.substr(0, kBeginning - std::min(kBeginning, beginning_.size())));
    may_be_plain_ = is_text_piece(bytes);
    state_ = splitter_.feed(bytes);
    stopped_ = over_limit() || state_ == JsonElementSplitter::State::kTooLarge;
    return !stopped_ && state_ != JsonElementSplitter::State::kBroken;
}

// Most spans are written by Jaeger itself.
std::size_t V1TraceStream::take(std::string_view ahead) {
    if (!may_be_plain_) {
        return 0;
    }
    PlainScanner scanner(ahead, *storage_);
    return decoder_.add_plain_span(scanner) ? scanner.passed(ahead) : 0;
}

void V1TraceStream::element(std::string_view json) {
    error_code error = decode(json);
    if (is_text_fault(error)) {
        std::string clean = clean_json_text(json);
        clean.reserve(clean.size() + simdjson::SIMDJSON_PADDING);
        error = decode(clean);
        cleaned_ = true;
    }
    if (error) {
        ++unreadable_;
        fault_ = error;
    }
}

error_code V1TraceStream::decode(std::string_view json) {
    PlainScanner scanner(json, *storage_);
    if (simdjson::validate_utf8(json) && decoder_.add_plain_span(scanner)) {
        return simdjson::SUCCESS;
    }
    const simdjson::padded_string_view padded(
        json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING
    );
    json::document document;
    if (const auto error = parser_.iterate(padded).get(document)) {
        return error;
    }
    json::value span;
    if (const auto error = document.get_value().get(span)) {
        return error;
    }
    return decoder_.add_span(span);
}

// What is around the spans. Its texts stay where they are.
error_code V1TraceStream::decode_skeleton(std::string skeleton, BodyOutcome& outcome) {
    skeleton.reserve(skeleton.size() + simdjson::SIMDJSON_PADDING);
    const std::string_view text = storage_->adopt(std::move(skeleton));
    const error_code error = walk_traces(without_mark(text), decoder_, batch_, has_data_);
    if (!is_text_fault(error) || outcome.cleaned) {
        return error;
    }
    outcome.cleaned = true;
    return decode_skeleton(clean_json_text(text), outcome);
}

// Traces of which nothing but spans came.
void V1TraceStream::decode_rest() {
    SpanDecoder::Decoded decoded;
    std::uint64_t dropped = 0;
    while (decoder_.decode_rest(decoded)) {
        dropped += decoded.spans_dropped;
        if (decoded.trace) {
            batch_.traces.push_back(std::move(decoded.trace));
        }
    }
    if (dropped > 0) {
        batch_.dropped.push_back({"bad_trace_id", dropped});
    }
}

void V1TraceStream::say_what_is_left_out(TraceBatch& batch) const {
    const std::uint64_t count = unreadable_ + splitter_.left_out();
    if (count == 0) {
        return;
    }
    batch.dropped.push_back({"bad_span", count});
    std::string message = std::to_string(count) + " spans of Jaeger's answer ";
    message += unreadable_ == 0
                   ? "are too long"
                   : std::string("cannot be read (") + simdjson::error_message(fault_) + ")";
    batch.warnings.push_back({"malformed_json", std::move(message)});
    if (batch.stopped_by == StoppedBy::kComplete) {
        batch.stopped_by = StoppedBy::kBackend;
    }
}

Result<TraceBatch> V1TraceStream::finish(const std::optional<Error>& incomplete) {
    using State = JsonElementSplitter::State;
    JsonElementSplitter::Skeleton skeleton = splitter_.finish();
    BodyOutcome outcome;
    outcome.beginning = beginning_;
    outcome.cleaned = cleaned_;
    if (!skeleton.json.empty()) {
        outcome.error = decode_skeleton(std::move(skeleton.json), outcome);
    }
    decode_rest();
    storage_->drop_index();
    constexpr std::size_t kOpenInTrace = 3;
    if (state_ == State::kBroken && !outcome.error) {
        outcome.error = simdjson::TAPE_ERROR;
    } else if (state_ != State::kWhole) {
        outcome.cut = skeleton.open < kOpenInTrace ? Cut::kBetweenItems : Cut::kInsideItem;
    }
    if (!outcome.error && outcome.cut == Cut::kInsideItem && !batch_.traces.empty()) {
        mark_last_trace(batch_);
    }
    std::optional<Error> why = incomplete;
    if (state_ == State::kBroken) {
        why = std::nullopt;  // the rest is missing because it was not wanted
    } else if (stopped_) {
        why = out_of_memory(memory_limit_);
    }
    auto batch = batch_of(std::move(batch_), has_data_, outcome, why);
    if (batch) {
        say_what_is_left_out(*batch);
    }
    return batch;
}

}  // namespace

std::unique_ptr<TraceStream> make_v1_trace_stream(std::size_t memory_limit) {
    return std::make_unique<V1TraceStream>(memory_limit);
}

}  // namespace meshscope::clients::jaeger
