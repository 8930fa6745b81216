#include "clients/jaeger/otlp/otlp_json_decoder.hpp"
#include "tests/fuzz/trace_check.hpp"
#include "tests/support/trace_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

// Any bytes decode or are refused. A blank in front of a document sends it the ordinary way: the
// same traces come out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshscope;
    using clients::StoppedBy;
    const std::string body(reinterpret_cast<const char*>(data), size);
    const auto quick = clients::jaeger::decode_otlp_traces(body, std::nullopt);
    const auto ordinary = clients::jaeger::decode_otlp_traces(" " + body, std::nullopt);
    for (const auto* batch : {&quick, &ordinary}) {
        if (batch->has_value()) {
            fuzz::check_traces((*batch)->traces);
        }
    }
    if (quick && ordinary && quick->stopped_by == StoppedBy::kComplete &&
        ordinary->stopped_by == StoppedBy::kComplete) {
        fuzz::require(test::traces_text(quick->traces) == test::traces_text(ordinary->traces));
    }
    clients::jaeger::OtlpJsonStream stream;
    const std::string padded = body + std::string(64, ' ');
    if (stream.add_span(0, 0, std::string_view(padded).substr(0, size))) {
        if (const auto batch = stream.finish("{\"resourceSpans\":[]}", std::nullopt)) {
            fuzz::check_traces(batch->traces);
        }
    }
    (void)clients::jaeger::decode_v3_services_json(body, std::nullopt);
    (void)clients::jaeger::decode_v3_operations_json(body, std::nullopt);
    (void)clients::jaeger::decode_v3_error(body);
    return 0;
}
