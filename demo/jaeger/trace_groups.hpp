#pragma once

#include "demo/spans/span_record.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace meshscope::demo {

using SpanPointers = std::vector<const SpanRecord*>;

// The spans of a trace by resource, and in it by scope: the nesting of OTLP. Keys are indices into
// the trace's processes and scopes.
inline std::map<std::uint32_t, std::map<std::uint32_t, SpanPointers>> grouped(
    const TraceRecord& trace
) {
    std::map<std::uint32_t, std::map<std::uint32_t, SpanPointers>> out;
    for (const SpanRecord& span : trace.spans) {
        out[span.process][span.scope].push_back(&span);
    }
    return out;
}

// Where a client of api_v3 finds what Jaeger has to say about a span.
inline constexpr const char* kWarningsAttribute = "@jaeger@warnings";

}  // namespace meshscope::demo
