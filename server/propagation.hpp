#pragma once

#include "core/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::server {

// What a request says about the trace it belongs to.
struct RemoteParent {
    TraceId trace;                // zero: none, a new trace starts
    SpanId span;                  // the caller's
    std::optional<bool> sampled;  // nullopt: the caller has not decided
    std::string state;            // tracestate, fit to be passed on
};

// Collects the header fields that carry a trace and reads the first kind that is there: W3C
// traceparent, b3, X-B3-*, uber-trace-id. What is malformed or there twice counts as no trace at
// all; a weaker kind is not asked then. Keeps views of the values.
class TraceHeaders {
 public:
    // Takes note of a field of the request; false when it carries no trace.
    bool note(std::string_view name, std::string_view value);
    [[nodiscard]] RemoteParent parent() const;

 private:
    enum Field : std::uint8_t {
        kTraceparent,
        kB3,
        kB3TraceId,
        kB3SpanId,
        kB3Sampled,
        kB3Flags,
        kUberTraceId,
        kFields
    };
    struct Value {
        std::string_view text;
        unsigned count = 0;
    };

    [[nodiscard]] static Field field_of(std::string_view name);
    [[nodiscard]] bool has(Field field) const { return values_[field].count > 0; }
    [[nodiscard]] std::optional<std::string_view> single(Field field) const;
    [[nodiscard]] RemoteParent w3c() const;
    [[nodiscard]] RemoteParent b3_multi() const;

    std::array<Value, kFields> values_;
    std::string state_;  // all tracestate fields, joined
    bool any_ = false;
};

// The single b3 field: "{trace}-{span}[-{0|1|d}[-{parent}]]" or the decision alone; ids of 8 or 16
// bytes for the trace and 8 for the spans.
std::optional<RemoteParent> parse_b3(std::string_view text);

// "{trace}:{span}:{parent}:{flags}" in hex, leading zeros may be missing, maybe percent-encoded.
std::optional<RemoteParent> parse_uber_trace_id(std::string_view text);

}  // namespace meshscope::server
