#include "clients/prometheus/prometheus_store.hpp"

#include "async/with_deadline.hpp"
#include "clients/http/look_pause.hpp"
#include "clients/http/retry_after.hpp"
#include "clients/prometheus/prober.hpp"
#include "clients/prometheus/store_core.hpp"
#include "clients/prometheus/store_facts.hpp"

#include <cstdlib>
#include <functional>
#include <utility>

namespace meshscope::clients::prometheus {

namespace {

using std::chrono::seconds;

// Prometheus' own limit, for each series.
constexpr std::int64_t kMostSteps = 11'000;
constexpr seconds kClocksApart{30};

std::optional<Error> wrong_range(const MetricRange& range) {
    const auto bad = [](std::string text) {
        return Error(ErrorKind::kInvalidArgument, std::move(text)).with_upstream("prometheus");
    };
    if (range.step < seconds(1) || range.end < range.start) {
        return bad("a range of metrics ends before it begins, or its step is less than a second");
    }
    if ((range.end - range.start) / range.step > kMostSteps) {
        return bad("a range of metrics has more than 11000 steps")
            .with_code("metrics_query_too_large")
            .with_hint({"", "ask for a shorter time or larger steps"});
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> StoreCore::remarks(const HttpResponse& response, SystemTime oldest) const {
    std::vector<std::string> texts;
    const SystemTime now = clock.now();
    if (const auto theirs = parse_http_date(response.header("date"))) {
        const auto apart = std::chrono::duration_cast<seconds>(now - *theirs);
        if (apart > kClocksApart || apart < -kClocksApart) {
            texts.push_back(
                "the clock of Prometheus is " + std::to_string(std::abs(apart.count())) + " s " +
                (apart.count() > 0 ? "behind" : "ahead of") +
                " this server's: what is asked about now may be empty"
            );
        }
    }
    const auto retention = state.get().retention;
    if (retention && oldest < now - *retention) {
        texts.push_back(
            "Prometheus keeps samples for " + duration_text(*retention) + ": older ones are missing"
        );
    }
    return texts;
}

PrometheusStore::PrometheusStore(
    PrometheusStoreOptions options, Governor& governor, const Clock& clock
)
    : core_(std::make_shared<StoreCore>(std::move(options), governor, clock)) {
    if (const auto& known = core_->options.known) {
        core_->state.update([&](MetricStoreState& state) {
            state.retention = known->retention;
            state.scrape_interval = known->scrape_interval;
        });
    }
}

PrometheusStore::~PrometheusStore() = default;

Awaitable<Result<VectorAnswerPtr>> PrometheusStore::instant(
    RequestContext context, promql::Expr query, SystemTime at
) {
    const auto core = core_;
    const std::string text = query.text(core->options.query_scope);
    if (auto kept = core->cache.find(text, at)) {
        ++context.bill->of("prometheus").cached;
        co_return kept;
    }
    std::function<Awaitable<Result<VectorAnswer>>(RequestContext)> operation =
        [core, text, at](RequestContext inner) {
            QueryForm form;
            form.add("query", text).add_time("time", at);
            StoreCore::Decoder<VectorAnswer> decoder = [core](std::string body) {
                return decode_vector(std::move(body), core->options.limits);
            };
            return StoreCore::ask<VectorAnswer>(
                core, std::move(inner), "/api/v1/query", std::move(form), at, std::move(decoder)
            );
        };
    auto answer = co_await core->governor.call<VectorAnswer>(
        std::move(context),
        "instant " + std::to_string(to_millis(at)) + " " + text,
        core->options.query_timeout,
        std::move(operation)
    );
    if (answer) {
        core->cache.keep(text, at, *answer);
    }
    co_return answer;
}

Awaitable<Result<MatrixAnswerPtr>> PrometheusStore::range(
    RequestContext context, promql::Expr query, MetricRange range
) {
    const auto core = core_;
    if (auto error = wrong_range(range)) {
        co_return std::move(*error);
    }
    const std::string text = query.text(core->options.query_scope);
    if (auto kept = core->cache.find(text, range)) {
        ++context.bill->of("prometheus").cached;
        co_return kept;
    }
    std::function<Awaitable<Result<MatrixAnswer>>(RequestContext)> operation =
        [core, text, range](RequestContext inner) {
            QueryForm form;
            form.add("query", text).add_time("start", range.start).add_time("end", range.end);
            form.add("step", std::to_string(range.step.count()));
            const Grid grid{to_millis(range.start), range.step.count() * 1'000};
            StoreCore::Decoder<MatrixAnswer> decoder = [core, grid](std::string body) {
                return decode_matrix(std::move(body), grid, core->options.limits);
            };
            return StoreCore::ask<MatrixAnswer>(
                core,
                std::move(inner),
                "/api/v1/query_range",
                std::move(form),
                range.start,
                std::move(decoder)
            );
        };
    std::string key = "range " + std::to_string(to_millis(range.start)) + " " +
                      std::to_string(to_millis(range.end)) + " " +
                      std::to_string(range.step.count()) + " " + text;
    auto answer = co_await core->governor.call<MatrixAnswer>(
        std::move(context), std::move(key), core->options.query_timeout, std::move(operation)
    );
    if (answer) {
        core->cache.keep(text, range, *answer);
    }
    co_return answer;
}

MetricStoreState PrometheusStore::state() const { return core_->state.get(); }

AnswerCache::Stats PrometheusStore::cache_stats() const { return core_->cache.stats(); }

Awaitable<MetricStoreState> PrometheusStore::probe(RequestContext context) {
    const auto core = core_;
    co_return co_await look_at(core, std::move(context));
}

Awaitable<> PrometheusStore::run_prober() {
    const auto core = core_;
    while (true) {
        RequestContext context;
        context.priority = Priority::kBackground;
        const MetricStoreState seen = co_await look_at(core, std::move(context));
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return;
        }
        const bool fine = seen.reachability == MetricStoreState::Reachability::kReachable;
        // Early once a call has found that what the last look saw is gone.
        std::function<bool()> hurry = [core] {
            core->cache.expire();
            return core->suspicious.load(std::memory_order_relaxed) ||
                   core->state.get().reachability != MetricStoreState::Reachability::kReachable;
        };
        const auto slice = core->options.probe_interval_failing;
        const bool rested = co_await rest_between_looks(
            fine ? core->options.probe_interval : slice, slice, std::move(hurry)
        );
        if (!rested) {
            co_return;
        }
    }
}

}  // namespace meshscope::clients::prometheus
