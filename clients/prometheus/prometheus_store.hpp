#pragma once

#include "async/governor.hpp"
#include "clients/http/circuit_breaker.hpp"
#include "clients/http/http_client.hpp"
#include "clients/metric_store.hpp"
#include "clients/prometheus/answer_cache.hpp"
#include "clients/prometheus/decode.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::clients::prometheus {

struct StoreCore;

// What a store that does not tell its configuration was set up with.
struct KnownSettings {
    std::chrono::seconds retention{};
    std::chrono::seconds scrape_interval{};
};

// Another page to probe: fine below status 400.
struct HealthCheck {
    HttpClientOptions http;
    std::string target;  // path and query
};

struct PrometheusStoreOptions {
    HttpClientOptions http;
    promql::Scope query_scope;
    std::chrono::milliseconds query_timeout{30'000};  // of a whole call, repetitions included
    std::chrono::milliseconds probe_timeout{5'000};
    std::chrono::milliseconds probe_interval{30'000};
    std::chrono::milliseconds probe_interval_failing{2'000};  // while unreachable or unknown
    std::optional<HealthCheck> health;                        // in place of its own health page
    std::optional<KnownSettings> known;                       // in place of asking
    AnswerCacheOptions cache;
    DecodeLimits limits;
    BreakerOptions breaker;
    WorkerPool* workers = nullptr;  // decodes long bodies; null: the caller's thread
    // Called after reachability, product, version or the reason has changed, from any thread. Must
    // not block.
    std::function<void(const MetricStoreState&)> on_change;
    // Called after each question, from any thread: "ok" or the code of the error, and how long it
    // took. Must not block.
    std::function<void(std::string_view outcome, std::chrono::nanoseconds took)> on_call;
};

// A MetricStore over Prometheus' HTTP API. Every question goes through the governor; equal ones in
// flight are one, and what was answered is kept for a while (answer_cache.hpp). A question is
// repeated once when the store is busy or not ready. While it cannot be reached, questions are
// refused at once with the last reason (CircuitBreaker); the prober goes on.
//
// Warnings of an answer are the store's, and ours: what could not be read, clocks that are apart by
// more than half a minute, a time that is older than what the store keeps.
// kInvalidArgument without asking: a range of more than 11 000 steps, or one whose end is before
// its start.
class PrometheusStore final : public MetricStore {
 public:
    // `governor` and `clock` outlive the store.
    PrometheusStore(PrometheusStoreOptions options, Governor& governor, const Clock& clock);
    ~PrometheusStore() override;

    Awaitable<Result<VectorAnswerPtr>> instant(
        RequestContext context, promql::Expr query, SystemTime at
    ) override;
    Awaitable<Result<MatrixAnswerPtr>> range(
        RequestContext context, promql::Expr query, MetricRange range
    ) override;
    [[nodiscard]] MetricStoreState state() const override;

    // Looks at the store now and updates state().
    Awaitable<MetricStoreState> probe(RequestContext context);
    // Does that until cancelled, in the background class, and forgets old answers. For a TaskGroup.
    Awaitable<> run_prober();

    [[nodiscard]] AnswerCache::Stats cache_stats() const;

 private:
    std::shared_ptr<StoreCore> core_;
};

}  // namespace meshscope::clients::prometheus
