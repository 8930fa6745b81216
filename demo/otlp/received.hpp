#pragma once

#include "core/result.hpp"
#include "demo/spans/span_record.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

struct ReceivedSpan {
    TraceId trace;
    SpanRecord span;  // its process and scope are indices into those of Received
};

// Spans that somebody sent over OTLP, read and not yet stored.
struct Received {
    std::vector<ProcessRecord> processes;
    std::vector<ScopeRecord> scopes;
    std::vector<ReceivedSpan> spans;
    std::int64_t rejected = 0;  // spans without ids
    std::string why;            // of the first one

    void reject(std::string reason) {
        if (rejected++ == 0) {
            why = std::move(reason);
        }
    }
};

// How deep lists and maps may nest; deeper requests are refused whole.
inline constexpr int kMostNesting = 32;

// Reads an ExportTraceServiceRequest in OTLP's JSON. kInvalidArgument names what is wrong.
Result<Received> decode_otlp_json(std::string_view body);

// Unix nanoseconds as a record has them: what 63 bits do not hold is cut off.
std::int64_t nanos_from_wire(std::uint64_t nanos);

// What the collector does before it stores: names that are missing get a placeholder, bad UTF-8
// becomes bytes, a duration is at least 1 ns, attributes are in order of their keys, the events in
// order of their names, links to nowhere become a warning.
void sanitize(Received& received);

}  // namespace meshscope::demo
