#include "clients/jaeger/http_v1_decoder.hpp"
#include "clients/jaeger/http_v1_stream.hpp"
#include "clients/jaeger/http_v3_stream.hpp"
#include "clients/jaeger/json_element_splitter.hpp"
#include "clients/jaeger/otlp/otlp_json_decoder.hpp"
#include "tests/support/trace_text.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

// However a document is cut into pieces, the splitter finds the same; and of a valid one the
// streamed answer gives the traces that the whole one gives. The first byte says how long the
// pieces are.
namespace {

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::jaeger;

constexpr std::size_t kPlenty = 1'000'000'000;

template <class Feed>
void in_pieces(const std::string& text, std::size_t size, const Feed& feed) {
    for (std::size_t at = 0; at < text.size(); at += size) {
        std::string piece = text.substr(at, size);
        piece.reserve(piece.size() + 64);
        feed(piece);
    }
}

class Recorder final : public JsonElementSplitter::Sink {
 public:
    void begin(std::span<const std::uint32_t> place) override {
        for (const std::uint32_t position : place) {
            all += '<' + std::to_string(position);
        }
    }
    void element(std::string_view json) override {
        all += '|';
        all += json;
    }
    std::string all;
};

std::string split(const std::string& text, std::size_t size) {
    Recorder recorder;
    JsonElementSplitter::Limits limits;
    limits.element_bytes = 1'000;
    JsonElementSplitter splitter({"data", "spans"}, "result", limits, recorder);
    auto state = JsonElementSplitter::State::kOpen;
    in_pieces(text, size, [&](const std::string& piece) { state = splitter.feed(piece); });
    const auto skeleton = splitter.finish();
    return recorder.all + '#' + skeleton.json + '#' + std::to_string(skeleton.open) + '#' +
           std::to_string(static_cast<int>(state)) + '#' + std::to_string(splitter.left_out());
}

std::string text_of(const Result<TraceBatch>& batch) {
    if (!batch) {
        return "error";
    }
    std::string text = test::traces_text(batch->traces);
    for (const StoreError& error : batch->errors) {
        text += std::to_string(error.code) + error.message + '\n';
    }
    for (const Dropped& dropped : batch->dropped) {
        text += dropped.reason + std::to_string(dropped.count) + '\n';
    }
    return text;
}

bool is_sound(const Result<TraceBatch>& batch) {
    return batch && batch->stopped_by == StoppedBy::kComplete && batch->warnings.empty();
}

void compare(
    const Result<TraceBatch>& whole,
    std::unique_ptr<TraceStream> stream,
    const std::string& text,
    std::size_t size,
    bool is_valid
) {
    in_pieces(text, size, [&](const std::string& piece) { stream->add(piece); });
    const auto streamed = stream->finish(std::nullopt);
    if (is_valid && is_sound(whole) && text_of(streamed) != text_of(whole)) {
        __builtin_trap();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::size_t piece = 1 + data[0] % 64;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (split(text, piece) != split(text, text.size() + 1)) {
        __builtin_trap();
    }
    simdjson::dom::parser parser;
    const bool is_valid = parser.parse(text).error() == simdjson::SUCCESS;
    compare(
        decode_traces(text, std::nullopt), make_v1_trace_stream(kPlenty), text, piece, is_valid
    );
    compare(
        decode_otlp_traces(text, std::nullopt), make_v3_trace_stream(kPlenty), text, piece, is_valid
    );
    return 0;
}
