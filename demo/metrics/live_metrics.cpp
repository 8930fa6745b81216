#include "demo/metrics/live_metrics.hpp"

#include "core/json_writer.hpp"
#include "demo/metrics/history.hpp"

#include <string_view>
#include <utility>

namespace meshscope::demo {
namespace {

std::int64_t seconds(SystemTime time) { return to_micros(time) / 1'000'000; }

}  // namespace

LiveMetrics::LiveMetrics(const EventStream& stream, const Clock& clock, MetricsOptions options)
    : stream_(stream),
      clock_(clock),
      options_(std::move(options)),
      metrics_(stream, stream.start() - options_.history) {}

LiveMetrics::~LiveMetrics() {
    wanted_ = false;
    if (filling_.joinable()) {
        filling_.join();
    }
}

void LiveMetrics::fill() {
    if (options_.data.empty()) {
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        state_ = State::kFilling;
    }
    filling_ = std::thread([this] { write(); });
}

void LiveMetrics::write() {
    const std::scoped_lock counting(metrics_mutex_);
    BlockWriter block;
    const SystemTime to = stream_.start();
    if (!write_history(metrics_, to - options_.history, to, block, percent_, wanted_)) {
        return;
    }
    const auto name = static_cast<std::uint64_t>(to_micros(to));
    const Result<> written = block.write(options_.data, name);
    const std::scoped_lock lock(mutex_);
    state_ = written ? State::kComplete : State::kFailed;
    error_ = written ? std::string() : written.error().message();
    series_ = block.series();
    samples_ = block.samples();
}

HttpReply LiveMetrics::scrape(const HttpRequest& request) {
    if (request.path != "/metrics") {
        return page_not_found();
    }
    {
        const std::scoped_lock lock(mutex_);
        if (state_ == State::kFilling) {
            return plain_text(503, "the history is being written");
        }
    }
    HttpReply reply;
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    const std::scoped_lock counting(metrics_mutex_);
    metrics_.advance(clock_.now());
    reply.body = exposition(metrics_.groups());
    return reply;
}

HttpReply LiveMetrics::history() const {
    constexpr std::string_view kStates[] = {"none", "filling", "complete", "failed"};
    const std::scoped_lock lock(mutex_);
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object().field("state", kStates[static_cast<std::size_t>(state_)]);
    json.field("percent", state_ == State::kComplete ? 100 : percent_.load());
    json.field("from", seconds(stream_.start() - options_.history));
    json.field("to", seconds(stream_.start()));
    json.field("series", series_).field("samples", samples_);
    if (state_ == State::kFailed) {
        json.field("error", error_);
    }
    json.end_object();
    return reply;
}

}  // namespace meshscope::demo
