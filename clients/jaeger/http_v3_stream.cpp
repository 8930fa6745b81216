#include "clients/jaeger/http_v3_stream.hpp"

#include "clients/jaeger/json_body.hpp"
#include "clients/jaeger/json_element_splitter.hpp"
#include "clients/jaeger/json_tokens.hpp"
#include "clients/jaeger/otlp/otlp_json_decoder.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

class V3TraceStream final : public TraceStream, private JsonElementSplitter::Sink {
 public:
    explicit V3TraceStream(std::size_t memory_limit) : memory_limit_(memory_limit) {}

    bool add(std::string_view bytes) override {
        may_be_plain_ = is_text_piece(bytes);
        state_ = splitter_.feed(bytes);
        stopped_ = state_ == JsonElementSplitter::State::kTooLarge ||
                   spans_.memory_bytes() > memory_limit_;
        return !stopped_ && state_ != JsonElementSplitter::State::kBroken;
    }
    Result<TraceBatch> finish(const std::optional<Error>& incomplete) override;

 private:
    void begin(std::span<const std::uint32_t> place) override {
        resource_ = place[0];
        scope_ = place[1];
    }
    // Most spans are written by Jaeger itself.
    std::size_t take(std::string_view ahead) override {
        return may_be_plain_ ? spans_.take_span(resource_, scope_, ahead) : 0;
    }
    void element(std::string_view json) override { spans_.add_span(resource_, scope_, json); }

    const std::size_t memory_limit_;
    OtlpJsonStream spans_;
    JsonElementSplitter splitter_{{"resourceSpans", "scopeSpans", "spans"}, "result", {}, *this};
    JsonElementSplitter::State state_ = JsonElementSplitter::State::kOpen;
    std::size_t resource_ = 0;
    std::size_t scope_ = 0;
    bool may_be_plain_ = false;
    bool stopped_ = false;
};

Result<TraceBatch> V3TraceStream::finish(const std::optional<Error>& incomplete) {
    using State = JsonElementSplitter::State;
    JsonElementSplitter::Skeleton rest = splitter_.finish();
    const Cut cut = state_ == State::kWhole ? Cut::kNone : Cut::kInsideItem;
    auto batch = spans_.finish(
        std::move(rest.json),
        stopped_ ? std::optional(out_of_memory(memory_limit_)) : incomplete,
        cut
    );
    if (batch && splitter_.left_out() > 0) {
        batch->dropped.push_back({"bad_span", splitter_.left_out()});
        batch->warnings.push_back(
            {"malformed_json",
             std::to_string(splitter_.left_out()) + " spans of Jaeger's answer are too long"}
        );
    }
    return batch;
}

}  // namespace

std::unique_ptr<TraceStream> make_v3_trace_stream(std::size_t memory_limit) {
    return std::make_unique<V3TraceStream>(memory_limit);
}

}  // namespace meshscope::clients::jaeger
