#pragma once

#include "clients/otlp/exporter.hpp"
#include "core/text.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/span_queue.hpp"
#include "telemetry/tracer.hpp"
#include "tests/support/io_threads.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace meshscope::test {

// The system's clock, which a test may set forward.
class ShiftedClock final : public Clock {
 public:
    [[nodiscard]] SystemTime now() const override { return real_.now() + shift(); }
    [[nodiscard]] SteadyTime steady_now() const override { return real_.steady_now() + shift(); }
    void advance(std::chrono::seconds by) { seconds_ += by.count(); }

 private:
    [[nodiscard]] std::chrono::seconds shift() const { return std::chrono::seconds(seconds_); }
    SystemClock real_;
    std::atomic<std::int64_t> seconds_{0};
};

// Quick where a person would wait.
inline clients::otlp::ExporterOptions quick() {
    using std::chrono::milliseconds;
    clients::otlp::ExporterOptions options;
    options.interval = milliseconds(5);
    options.attempt_timeout = kPatience;
    options.first_pause = milliseconds(1);
    options.longest_pause = milliseconds(3);
    options.open_for = std::chrono::hours(1);
    return options;
}

inline clients::otlp::ExporterOptions in_batches_of(std::size_t spans) {
    clients::otlp::ExporterOptions options = quick();
    options.batch = spans;
    return options;
}

// An exporter on a thread of its own, with its queue, log and metrics.
class ExporterRun {
 public:
    explicit ExporterRun(
        std::unique_ptr<clients::otlp::SpanSender> sender,
        clients::otlp::ExporterOptions options = quick()
    )
        : logger(
              {.level = telemetry::LogLevel::kInfo,
               .format = telemetry::LogFormat::kText,
               .clock = nullptr,
               .sink = [this](std::string_view line) { note(line); }}
          ),
          exporter(options, parts(std::move(sender))) {}

    ~ExporterRun() { stop(kPatience); }
    ExporterRun(const ExporterRun&) = delete;
    ExporterRun& operator=(const ExporterRun&) = delete;

    void start() { running_ = thread_.start(exporter.run()); }
    bool stop(std::chrono::milliseconds patience) {
        const bool ended = exporter.stop(patience);
        if (running_.valid() && ended) {
            running_.get();
        }
        return ended;
    }

    void add(int spans) {
        for (int i = 0; i < spans; ++i) {
            RequestContext context;
            context.trace.trace = TraceId{1, ++made_};
            context.trace.span = SpanId{made_};
            context.trace.sampled = true;
            tracer.start(context, "span", telemetry::SpanKind::kInternal).end();
        }
    }

    // Of meshscope_own_spans_total.
    [[nodiscard]] int counted(const std::string& outcome) const {
        const std::string text = metrics.expose();
        const std::string name = "meshscope_own_spans_total{reason=\"" + outcome + "\"} ";
        const std::size_t at = text.find(name);
        return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + name.size());
    }
    [[nodiscard]] bool eventually(const std::function<bool()>& done) const {
        const auto limit = std::chrono::steady_clock::now() + kPatience;
        while (!done()) {
            if (std::chrono::steady_clock::now() > limit) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    [[nodiscard]] bool will_count(const std::string& outcome, int spans) const {
        return eventually([&] { return counted(outcome) >= spans; });
    }

    [[nodiscard]] std::string log() const {
        const std::scoped_lock lock(mutex_);
        return log_;
    }
    [[nodiscard]] int lines_with(std::string_view text) const {
        const std::string all = log();
        int count = 0;
        for (const std::string_view line : split(all, '\n')) {
            count += line.find(text) != std::string_view::npos ? 1 : 0;
        }
        return count;
    }

    ShiftedClock clock;
    telemetry::MetricsRegistry metrics;
    telemetry::SpanQueue queue;
    telemetry::Tracer tracer{1, queue, clock, &metrics};
    telemetry::Logger logger;
    clients::otlp::OtlpExporter exporter;

 private:
    clients::otlp::ExporterParts parts(std::unique_ptr<clients::otlp::SpanSender> sender) {
        clients::otlp::ExporterParts made;
        made.source.resource.push_back({"service.name", "meshscope"});
        made.source.scope_name = "meshscope";
        made.sender = std::move(sender);
        made.queue = &queue;
        made.clock = &clock;
        made.logger = &logger;
        made.metrics = &metrics;
        return made;
    }
    void note(std::string_view line) {
        const std::scoped_lock lock(mutex_);
        log_ += line;
        log_ += '\n';
    }

    mutable std::mutex mutex_;
    std::string log_;
    std::uint64_t made_ = 0;
    IoThread thread_;
    std::future<void> running_;
};

}  // namespace meshscope::test
