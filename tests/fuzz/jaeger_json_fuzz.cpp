#include "clients/jaeger/http_v1_decoder.hpp"
#include "tests/fuzz/trace_check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

// Any bytes decode or are refused; parents stay inside the trace and without cycles.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshscope;
    std::string body(reinterpret_cast<const char*>(data), size);
    if (const auto batch = clients::jaeger::decode_traces(std::move(body), std::nullopt)) {
        fuzz::check_traces(batch->traces);
    }
    return 0;
}
