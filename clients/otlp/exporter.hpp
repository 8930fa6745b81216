#pragma once

#include "async/awaitable.hpp"
#include "clients/otlp/encode_spans.hpp"
#include "clients/otlp/span_sender.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace meshscope::telemetry {
class Logger;
class MetricsRegistry;
class SpanQueue;
}  // namespace meshscope::telemetry

namespace meshscope::clients::otlp {

struct ExporterOptions {
    std::size_t batch = 512;                    // spans of one request
    std::size_t smallest_batch = 32;            // however often the collector is overwhelmed
    std::chrono::milliseconds interval{5'000};  // a batch that is not full is sent after
    std::chrono::milliseconds attempt_timeout{10'000};
    int retries = 3;                                  // of one batch
    std::chrono::milliseconds first_pause{1'000};     // before a retry; twice as long each time
    std::chrono::milliseconds longest_pause{10'000};  // whatever the collector asks for
    std::chrono::milliseconds longest_batch{30'000};  // no retry begins later than that
    int failures_to_open = 3;                         // batches in a row
    std::chrono::milliseconds open_for{30'000};       // nothing is sent meanwhile
};

// What the exporter works with; all pointers outlive it.
struct ExporterParts {
    SpanSource source;
    std::unique_ptr<SpanSender> sender;
    telemetry::SpanQueue* queue = nullptr;
    const Clock* clock = nullptr;
    telemetry::Logger* logger = nullptr;
    telemetry::MetricsRegistry* metrics = nullptr;
};

// Empties the queue of own spans into a collector. What the collector does not take is dropped and
// counted (meshscope_own_spans_total); while it is away the queue fills and drops for itself. A
// batch it calls too large is halved once, and the next ones are smaller for a while. Says each
// kind of refusal once, and at most once a minute that it cannot be reached.
class OtlpExporter {
 public:
    OtlpExporter(ExporterOptions options, ExporterParts parts);
    ~OtlpExporter();  // run() must have ended
    OtlpExporter(const OtlpExporter&) = delete;
    OtlpExporter& operator=(const OtlpExporter&) = delete;

    // Until stop() or cancelled. Once.
    Awaitable<> run();

    // From another thread: sends what is queued, one attempt for each batch, and ends run(). Waits
    // for that at most `patience`; true when run() has ended (or never began). What is left then is
    // lost when run() is cancelled.
    bool stop(std::chrono::milliseconds patience);

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshscope::clients::otlp
