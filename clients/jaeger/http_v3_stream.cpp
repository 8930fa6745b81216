#include "clients/jaeger/http_v3_stream.hpp"

#include "clients/jaeger/json_body.hpp"
#include "clients/jaeger/json_element_splitter.hpp"
#include "clients/jaeger/otlp/otlp_json_decoder.hpp"
#include "clients/json/json_tokens.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

constexpr std::size_t kBeginning = 128;

class V3TraceStream final : public TraceStream, private JsonElementSplitter::Sink {
 public:
    explicit V3TraceStream(std::size_t memory_limit) : memory_limit_(memory_limit) {}

    bool add(std::string_view bytes) override {
        beginning_.append(bytes.substr(0, kBeginning - std::min(kBeginning, beginning_.size())));
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
    // Which resource the spans of a second list belong to would only be known at its end.
    JsonElementSplitter splitter_{
        {"resourceSpans", "scopeSpans", "spans"}, "result", {.one_list = true}, *this
    };
    JsonElementSplitter::State state_ = JsonElementSplitter::State::kOpen;
    std::string beginning_;
    std::size_t resource_ = 0;
    std::size_t scope_ = 0;
    bool may_be_plain_ = false;
    bool stopped_ = false;
};

Result<TraceBatch> V3TraceStream::finish(const std::optional<Error>& incomplete) {
    using State = JsonElementSplitter::State;
    JsonElementSplitter::Skeleton rest = splitter_.finish();
    const bool broken = state_ == State::kBroken;
    if (broken && rest.json.empty()) {
        return not_json(beginning_, "no JSON object");
    }
    const Cut cut = state_ == State::kWhole ? Cut::kNone : Cut::kInsideItem;
    std::optional<Error> why = incomplete;
    if (broken) {
        why = std::nullopt;  // the rest is missing because it was not wanted
    } else if (stopped_) {
        why = out_of_memory(memory_limit_);
    }
    auto batch = spans_.finish(std::move(rest.json), why, cut, broken);
    if (batch && splitter_.left_out() > 0) {
        batch->dropped.push_back({"bad_span", splitter_.left_out()});
        batch->warnings.push_back(
            {"malformed_json",
             std::to_string(splitter_.left_out()) + " spans of Jaeger's answer are too long"}
        );
        if (batch->stopped_by == StoppedBy::kComplete) {
            batch->stopped_by = StoppedBy::kBackend;
        }
    }
    return batch;
}

}  // namespace

std::unique_ptr<TraceStream> make_v3_trace_stream(std::size_t memory_limit) {
    return std::make_unique<V3TraceStream>(memory_limit);
}

}  // namespace meshscope::clients::jaeger
