#pragma once

#include "core/clock.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/span_queue.hpp"
#include "telemetry/tracer.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

// A tracer and what it recorded.
struct RecordedSpans {
    explicit RecordedSpans(double rate = 1) : tracer(rate, queue, clock, &metrics) {}

    // All that were recorded since the last look.
    std::vector<telemetry::SpanPtr> take() { return queue.take(1000); }

    SystemClock clock;
    telemetry::MetricsRegistry metrics;
    telemetry::SpanQueue queue;
    telemetry::Tracer tracer;
};

// `context` as that of a sampled request, with the ids 1 and 2.
inline RequestContext sampled(RequestContext context) {
    context.trace.trace = TraceId{0, 1};
    context.trace.span = SpanId{2};
    context.trace.sampled = true;
    return context;
}

// The attributes, numbers in digits.
inline std::map<std::string, std::string> texts(const telemetry::SpanRecord& span) {
    std::map<std::string, std::string> out;
    for (const auto& [key, value] : span.attributes) {
        if (const auto* text = std::get_if<std::string>(&value)) {
            out[key] = *text;
        } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            out[key] = std::to_string(*number);
        } else if (const auto* flag = std::get_if<bool>(&value)) {
            out[key] = *flag ? "true" : "false";
        }
    }
    return out;
}

}  // namespace meshscope::test
