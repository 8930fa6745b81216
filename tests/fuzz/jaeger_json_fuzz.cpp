#include "clients/jaeger/http_v1_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

// Any bytes decode or are refused; parents stay inside the trace and without cycles.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshscope;
    std::string body(reinterpret_cast<const char*>(data), size);
    const auto batch = clients::jaeger::decode_traces(std::move(body), std::nullopt);
    if (!batch) {
        return 0;
    }
    for (const models::TracePtr& trace : batch->traces) {
        for (const models::Span& span : trace->spans) {
            if (span.process >= trace->processes.size()) {
                __builtin_trap();
            }
            std::size_t steps = 0;
            for (std::uint32_t at = span.parent; at != models::kNoSpan;
                 at = trace->spans[at].parent) {
                if (at >= trace->spans.size() || ++steps > trace->spans.size()) {
                    __builtin_trap();
                }
            }
        }
    }
    return 0;
}
