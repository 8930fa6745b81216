#include "core/text.hpp"
#include "demo/jaeger/json_v1.hpp"
#include "demo/jaeger/json_v3.hpp"
#include "demo/jaeger/received_traces.hpp"
#include "demo/otlp/gunzip.hpp"
#include "demo/otlp/otlp_proto.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

// What anybody may send is refused or kept within the bounds, and what is kept can be shown.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshscope;
    using namespace meshscope::demo;
    constexpr std::size_t kMost = 1UL << 20U;
    std::string body(reinterpret_cast<const char*>(data), size);
    if (looks_like_gzip(body)) {
        Result<std::string> whole = gunzip(body, kMost);
        if (!whole) {
            return 0;
        }
        body = *std::move(whole);
    }
    Result<Received> received =
        body.starts_with('{') ? decode_otlp_json(body) : decode_otlp_proto(body);
    if (!received) {
        return 0;
    }
    sanitize(*received);
    for (const ReceivedSpan& item : received->spans) {
        if (item.span.duration_ns < 1 || item.trace.is_zero() || item.span.id.is_zero() ||
            !is_valid_utf8(item.span.operation) || item.span.operation.empty()) {
            __builtin_trap();
        }
    }
    MemoryBounds bounds;
    bounds.bytes = 20'000;
    bounds.spans = 5;
    ReceivedTraces traces(bounds);
    const std::size_t sent = received->spans.size();
    const std::size_t no_room = traces.add(*std::move(received));
    const auto kept = traces.all();
    if (traces.spans() > bounds.spans || traces.spans() + no_room > sent) {
        __builtin_trap();
    }
    if (!is_valid_utf8(traces_json(kept, {})) || !is_valid_utf8(otlp_json(kept))) {
        __builtin_trap();
    }
    return 0;
}
