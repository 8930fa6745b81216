#include "clients/otlp/exporter.hpp"

#include "async/with_deadline.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/span_queue.hpp"
#include "telemetry/tracer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::clients::otlp {

namespace {

using Spans = std::vector<telemetry::SpanPtr>;

constexpr std::chrono::minutes kSayAgain{1};
constexpr std::size_t kMaxKinds = 64;
constexpr std::size_t kGrowth = 8;  // spans by which a shrunk batch grows with each success

// What kind of refusal it is; the text that a collector sends may differ each time.
std::string kind_of(const ExportAnswer& answer) {
    if (!answer.error) {
        return "refused";
    }
    const bool by_status = answer.error->code().starts_with("status_");
    return by_status ? answer.error->code() : answer.error->message();
}

}  // namespace

struct OtlpExporter::Impl : std::enable_shared_from_this<OtlpExporter::Impl> {
    Impl(ExporterOptions the_options, ExporterParts the_parts)
        : options(the_options),
          parts(std::move(the_parts)),
          encoder(parts.source),
          batch(options.batch) {}

    static Awaitable<> run(std::shared_ptr<Impl> self);
    Awaitable<> empty_queue();
    Awaitable<> flush();
    // False when the collector could not be reached.
    Awaitable<bool> deliver(Spans spans);
    Awaitable<ExportAnswer> send_with_retries(const Spans& spans, std::string request);
    Awaitable<ExportAnswer> attempt(std::string request);
    Awaitable<> halve(Spans spans);
    void conclude(const ExportAnswer& answer, std::size_t spans, bool may_halve);
    void note_accepted(const ExportAnswer& answer, std::size_t spans);
    void note_reached();
    void note_unreachable(const ExportAnswer& answer);

    Awaitable<> sleep(std::chrono::nanoseconds duration, bool until_woken);
    void wake();
    void ended();
    [[nodiscard]] SteadyTime now() const { return parts.clock->steady_now(); }
    [[nodiscard]] SteadyTime stop_time() {
        const std::scoped_lock lock(mutex);
        return stop_at;
    }
    [[nodiscard]] bool is_open() const { return open_until && now() < *open_until; }
    bool say(const std::string& kind, bool again);
    void warn(std::string_view message, const ExportAnswer& answer, std::size_t spans);
    void count(std::string_view outcome, std::size_t spans) {
        telemetry::count_own_spans(parts.metrics, outcome, spans);
    }

    const ExporterOptions options;
    ExporterParts parts;
    const SpanEncoder encoder;

    // Of run()'s thread.
    std::size_t batch;
    int failures = 0;  // batches in a row
    std::optional<SteadyTime> open_until;
    std::map<std::string, SteadyTime> said;
    std::optional<SteadyTimer> timer;

    std::atomic<bool> stopping{false};
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Executor> executor;  // while run() runs
    SteadyTime stop_at{};
};

// The last one to hear of this is the timer; a wake that comes while a batch is under way is lost,
// and not missed: the queue is looked at before each sleep.
void OtlpExporter::Impl::wake() {
    const std::scoped_lock lock(mutex);
    if (executor) {
        boost::asio::post(*executor, [self = shared_from_this()] {
            if (self->timer) {
                self->timer->cancel();
            }
        });
    }
}

Awaitable<> OtlpExporter::Impl::sleep(std::chrono::nanoseconds duration, bool until_woken) {
    const SteadyTime until =
        std::chrono::steady_clock::now() +
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(duration);
    for (bool woken = false; !woken && !stopping;) {
        timer->expires_at(until);
        const auto [interrupted] = co_await timer->async_wait(boost::asio::as_tuple(use_awaitable));
        const bool cancelled = co_await is_cancelled();
        woken = !interrupted || until_woken || cancelled;
    }
}

void OtlpExporter::Impl::ended() {
    parts.queue->when_grown_to(0, nullptr);
    count("shutdown", parts.queue->take(SIZE_MAX).size());
    const std::scoped_lock lock(mutex);
    executor.reset();
    timer.reset();
    changed.notify_all();
}

Awaitable<> OtlpExporter::Impl::run(std::shared_ptr<Impl> self) {
    bool cancelled = false;
    while (!cancelled && !self->stopping) {
        const bool open = self->is_open();
        const auto pause = open ? std::chrono::nanoseconds(*self->open_until - self->now())
                                : std::chrono::nanoseconds(self->options.interval);
        co_await self->sleep(pause, !open);
        cancelled = co_await is_cancelled();
        if (!cancelled && !self->stopping) {
            co_await self->empty_queue();
        }
    }
    if (!cancelled) {
        co_await self->flush();
    }
    self->ended();
}

Awaitable<> OtlpExporter::Impl::empty_queue() {
    bool cancelled = false;
    while (parts.queue->size() > 0 && !stopping && !is_open() && !cancelled) {
        Spans spans = parts.queue->take(batch);
        co_await deliver(std::move(spans));
        cancelled = co_await is_cancelled();
    }
}

Awaitable<> OtlpExporter::Impl::flush() {
    bool reached = true;
    while (reached && parts.queue->size() > 0 && now() < stop_time()) {
        Spans spans = parts.queue->take(batch);
        reached = co_await deliver(std::move(spans));
    }
}

Awaitable<bool> OtlpExporter::Impl::deliver(Spans spans) {
    const ExportAnswer answer = co_await send_with_retries(spans, encoder.encode(spans));
    const bool halves = answer.verdict == Verdict::kTooLarge && spans.size() > 1;
    conclude(answer, spans.size(), halves);
    if (halves) {
        co_await halve(std::move(spans));
    }
    co_return answer.verdict != Verdict::kAgain;
}

Awaitable<> OtlpExporter::Impl::halve(Spans spans) {
    const auto middle = spans.begin() + static_cast<std::ptrdiff_t>(spans.size() / 2);
    Spans rest(std::make_move_iterator(middle), std::make_move_iterator(spans.end()));
    spans.erase(middle, spans.end());
    for (Spans* half : {&spans, &rest}) {
        const ExportAnswer answer = co_await send_with_retries(*half, encoder.encode(*half));
        conclude(answer, half->size(), false);
    }
}

Awaitable<ExportAnswer> OtlpExporter::Impl::send_with_retries(
    const Spans& spans, std::string request
) {
    const SteadyTime begun = now();
    // While it is not known whether the collector is back, one attempt tells.
    const int retries = failures >= options.failures_to_open ? 0 : options.retries;
    std::chrono::nanoseconds pause = options.first_pause;
    for (int tried = 0;; ++tried) {
        ExportAnswer answer = co_await attempt(request);
        const bool cancelled = co_await is_cancelled();
        const bool late = now() - begun > options.longest_batch;
        if (answer.verdict != Verdict::kAgain || tried >= retries || stopping || cancelled ||
            late) {
            co_return answer;
        }
        if (parts.logger != nullptr) {
            parts.logger->debug(
                "own spans are sent again",
                {{"spans", static_cast<std::int64_t>(spans.size())},
                 {"reason", std::string_view(answer.error ? answer.error->message() : "")}}
            );
        }
        const auto wished = std::max(pause, answer.retry_after.value_or(pause));
        co_await sleep(std::min<std::chrono::nanoseconds>(wished, options.longest_pause), false);
        pause *= 2;
    }
}

Awaitable<ExportAnswer> OtlpExporter::Impl::attempt(std::string request) {
    RequestContext context;  // of no trace: this call leaves no span
    context.priority = Priority::kBackground;
    const SteadyTime begun = std::chrono::steady_clock::now();
    context.deadline = Deadline::after(begun, options.attempt_timeout);
    if (stopping) {
        context.deadline = context.deadline.earlier(Deadline(stop_time()));
    }
    ExportAnswer answer = co_await parts.sender->send(std::move(context), std::move(request));
    if (parts.metrics != nullptr) {
        const std::string outcome = answer.error ? answer.error->code() : "ok";
        parts.metrics->count_upstream_call(
            "otlp", outcome, std::chrono::steady_clock::now() - begun
        );
    }
    co_return answer;
}

// What is counted is counted last: who sees the number finds the log line, too.
void OtlpExporter::Impl::conclude(const ExportAnswer& answer, std::size_t spans, bool may_halve) {
    if (answer.verdict == Verdict::kAgain) {
        note_unreachable(answer);
        return count("unreachable", spans);
    }
    note_reached();
    if (answer.verdict == Verdict::kAccepted) {
        return note_accepted(answer, spans);
    }
    if (answer.verdict == Verdict::kTooLarge || answer.verdict == Verdict::kExhausted) {
        batch = std::max(options.smallest_batch, batch / 2);
    }
    if (!may_halve) {
        if (say(kind_of(answer), false)) {
            warn("the span collector refuses own spans", answer, spans);
        }
        count(answer.verdict == Verdict::kTooLarge ? "too_large" : "refused", spans);
    }
}

void OtlpExporter::Impl::note_accepted(const ExportAnswer& answer, std::size_t spans) {
    const auto rejected =
        std::min(spans, static_cast<std::size_t>(std::max<std::int64_t>(answer.rejected, 0)));
    if ((rejected > 0 || !answer.message.empty()) && say("partial", false)) {
        warn("the span collector took a batch in part", answer, rejected);
    }
    batch = std::min(options.batch, batch + kGrowth);
    if (rejected > 0) {
        count("rejected", rejected);
    }
    count("exported", spans - rejected);
}

void OtlpExporter::Impl::note_reached() {
    if (std::exchange(failures, 0) > 0 && parts.logger != nullptr) {
        parts.logger->info("the span collector is reached again");
    }
    open_until.reset();
}

void OtlpExporter::Impl::note_unreachable(const ExportAnswer& answer) {
    ++failures;
    if (failures >= options.failures_to_open) {
        open_until = now() + options.open_for;
    }
    if (say("unreachable", true)) {
        warn("own spans cannot be delivered", answer, 0);
    }
}

// Whether this kind of trouble is to be said: the first time, and when `again` once a minute.
bool OtlpExporter::Impl::say(const std::string& kind, bool again) {
    const SteadyTime at = now();
    if (said.size() >= kMaxKinds && !said.contains(kind)) {
        return false;
    }
    const auto [known, first] = said.emplace(kind, at);
    if (!first && (!again || at - known->second < kSayAgain)) {
        return false;
    }
    known->second = at;
    return true;
}

void OtlpExporter::Impl::warn(
    std::string_view message, const ExportAnswer& answer, std::size_t spans
) {
    if (parts.logger == nullptr) {
        return;
    }
    const Error error = answer.error.value_or(Error(ErrorKind::kUpstreamProtocol, answer.message));
    parts.logger->warn(
        message,
        {{"reason", std::string_view(error.message())},
         {"detail", std::string_view(error.detail())},
         {"spans", static_cast<std::int64_t>(spans)},
         {"setting", std::string_view(error.hint().setting)},
         {"advice", std::string_view(error.hint().advice)}}
    );
}

OtlpExporter::OtlpExporter(ExporterOptions options, ExporterParts parts)
    : impl_(std::make_shared<Impl>(options, std::move(parts))) {}

OtlpExporter::~OtlpExporter() = default;

Awaitable<> OtlpExporter::run() {
    const std::shared_ptr<Impl> impl = impl_;
    const Executor executor = co_await boost::asio::this_coro::executor;
    {
        const std::scoped_lock lock(impl->mutex);
        impl->executor = executor;
        impl->timer.emplace(executor);
    }
    impl->parts.queue->when_grown_to(impl->options.batch, [weak = impl->weak_from_this()] {
        if (const auto strong = weak.lock()) {
            strong->wake();
        }
    });
    co_await Impl::run(impl);
}

bool OtlpExporter::stop(std::chrono::milliseconds patience) {
    const SteadyTime until = std::chrono::steady_clock::now() + patience;
    {
        const std::scoped_lock lock(impl_->mutex);
        impl_->stop_at = impl_->now() + patience;
    }
    impl_->stopping = true;
    impl_->wake();
    std::unique_lock lock(impl_->mutex);
    return impl_->changed.wait_until(lock, until, [this] { return !impl_->executor; });
}

}  // namespace meshscope::clients::otlp
