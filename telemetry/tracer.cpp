#include "telemetry/tracer.hpp"

#include "core/random.hpp"
#include "core/text.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/span_queue.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meshscope::telemetry {

ActiveSpan& ActiveSpan::operator=(ActiveSpan&& other) noexcept {
    if (this != &other) {
        end();
        tracer_ = other.tracer_;
        span_ = std::move(other.span_);
        started_ = other.started_;
    }
    return *this;
}

void ActiveSpan::end() {
    if (!span_) {
        return;
    }
    const auto took = tracer_->clock().steady_now() - started_;
    span_->end_ns = span_->start_ns + std::chrono::nanoseconds(took).count();
    tracer_->record(std::move(span_));
}

Tracer::Tracer(double sampling_rate, SpanQueue& queue, const Clock& clock, MetricsRegistry* metrics)
    : sampler_(sampling_rate, clock), queue_(queue), clock_(clock), metrics_(metrics) {}

ActiveSpan Tracer::start(RequestContext& context, std::string_view name, SpanKind kind) {
    if (!context.trace.sampled || context.trace.trace.is_zero()) {
        return {};
    }
    auto span = std::make_unique<SpanRecord>();
    span->trace = context.trace.trace;
    span->parent = context.trace.span;
    span->id = random_span_id();
    span->trace_state = context.trace.state;
    span->name = name;
    span->kind = kind;
    span->start_ns = std::chrono::nanoseconds(clock_.now().time_since_epoch()).count();
    context.trace.span = span->id;
    return {*this, std::move(span), clock_.steady_now()};
}

void Tracer::record(SpanPtr span) {
    if (span->name.size() > kMaxSpanNameBytes || !is_valid_utf8(span->name)) {
        span->name = bounded_span_text(span->name, kMaxSpanNameBytes);
    }
    span->end_ns = std::max(span->end_ns, span->start_ns);
    if (!queue_.push(std::move(span))) {
        count_own_spans(metrics_, "queue_full", 1);
    }
}

ActiveSpan start_span(
    Tracer* tracer, RequestContext& context, std::string_view name, SpanKind kind
) {
    return tracer == nullptr ? ActiveSpan() : tracer->start(context, name, kind);
}

void count_own_spans(MetricsRegistry* metrics, std::string_view outcome, std::size_t spans) {
    if (metrics != nullptr) {
        metrics->count(
            "own_spans_total",
            "Spans of the server itself, by what became of them.",
            outcome,
            static_cast<double>(spans)
        );
    }
}

}  // namespace meshscope::telemetry
