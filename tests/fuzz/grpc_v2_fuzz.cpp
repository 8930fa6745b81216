#include "clients/jaeger/grpc/v2_decoder.hpp"
#include "tests/fuzz/trace_check.hpp"
#include "tests/support/trace_text.hpp"
#include "tests/unit/jaeger/pieces.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace meshscope;

std::vector<models::TracePtr> decode(const std::string& message, int times) {
    clients::jaeger::V2SpanDecoder decoder;
    const bool sound = decoder.add(message);
    for (int i = 1; i < times; ++i) {
        fuzz::require(decoder.add(message) == sound);
    }
    return decoder.finish(!sound);
}

// As a long answer is decoded: from pieces, of which nothing is kept.
std::vector<models::TracePtr> decode_copied(const std::string& message) {
    clients::jaeger::V2SpanDecoder decoder;
    constexpr std::size_t kPiece = 7;
    test::Pieces pieces(message, kPiece);
    const bool sound = decoder.add(pieces);
    return decoder.finish(!sound);
}

}  // namespace

// Any bytes decode or are refused, to the same whether they are kept or copied. A message that
// comes twice gives the same spans, each once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string message(reinterpret_cast<const char*>(data), size);
    const auto once = decode(message, 1);
    const auto twice = decode(message, 2);
    fuzz::check_traces(once);
    fuzz::check_traces(twice);
    fuzz::require(test::traces_text(once) == test::traces_text(decode_copied(message)));
    fuzz::require(once.size() == twice.size());
    for (std::size_t i = 0; i < once.size(); ++i) {
        fuzz::require(once[i]->id == twice[i]->id);
        fuzz::require(once[i]->spans.size() == twice[i]->spans.size());
        fuzz::require(once[i]->processes.size() == twice[i]->processes.size());
    }
    (void)clients::jaeger::decode_v2_services(message);
    (void)clients::jaeger::decode_v2_operations(message);
    return 0;
}
