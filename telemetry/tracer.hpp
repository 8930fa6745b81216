#pragma once

#include "async/request_context.hpp"
#include "core/clock.hpp"
#include "telemetry/sampler.hpp"
#include "telemetry/span.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace meshscope::telemetry {

class MetricsRegistry;
class SpanQueue;
class Tracer;

// A span under way; ends with its object. Moved from or default-made it records nothing and costs
// nothing. Used on one thread at a time; its tracer outlives it.
class ActiveSpan {
 public:
    ActiveSpan() = default;
    ActiveSpan(ActiveSpan&&) noexcept = default;
    ActiveSpan& operator=(ActiveSpan&& other) noexcept;
    ~ActiveSpan() { end(); }

    explicit operator bool() const { return span_ != nullptr; }
    // Only when it records.
    SpanRecord& operator*() const { return *span_; }
    SpanRecord* operator->() const { return span_.get(); }
    void end();

 private:
    friend class Tracer;
    ActiveSpan(Tracer& tracer, SpanPtr span, SteadyTime started)
        : tracer_(&tracer), span_(std::move(span)), started_(started) {}

    Tracer* tracer_ = nullptr;
    SpanPtr span_;
    SteadyTime started_{};
};

// Decides which requests are recorded and takes their spans. Thread-safe; never blocks on the way
// out of the process: spans beyond the queue are dropped and counted. Who has no tracer (a null
// pointer) records nothing.
class Tracer {
 public:
    // All outlive the tracer; `metrics` may be null.
    Tracer(double sampling_rate, SpanQueue& queue, const Clock& clock, MetricsRegistry* metrics);

    // For the first span of this process in a trace: see Sampler.
    bool sample(TraceId trace, std::optional<bool> parent) {
        return sampler_.sample(trace, parent);
    }

    // A span below the one of `context`, whose span it becomes: what is called with the context
    // afterwards is its child. Records only when the context belongs to a sampled trace, so work
    // that no request asked for (probes, the exporter's own calls) never shows up.
    ActiveSpan start(RequestContext& context, std::string_view name, SpanKind kind);

    // A span that is finished but for its bounds: name and end are brought into order here.
    void record(SpanPtr span);

    [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
    Sampler sampler_;
    SpanQueue& queue_;
    const Clock& clock_;
    MetricsRegistry* metrics_;
};

// start(), or nothing when there is no tracer.
ActiveSpan start_span(
    Tracer* tracer, RequestContext& context, std::string_view name, SpanKind kind
);

// meshscope_own_spans_total: spans of the server itself by what became of them ("exported",
// "queue_full", ...).
void count_own_spans(MetricsRegistry* metrics, std::string_view outcome, std::size_t spans);

}  // namespace meshscope::telemetry
