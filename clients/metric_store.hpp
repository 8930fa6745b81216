#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/promql.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "models/metric_table.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients {

// `at` and the ends of a range are sent in whole milliseconds.
struct MetricRange {
    SystemTime start;
    SystemTime end;               // not before start; a point lies on it when it is on the grid
    std::chrono::seconds step{};  // at least one second
};

struct VectorAnswer {
    models::MetricVector data;
    std::vector<std::string> warnings;  // the store's own words: parts are missing, and the like
};
struct MatrixAnswer {
    models::MetricMatrix data;
    std::vector<std::string> warnings;
};
using VectorAnswerPtr = std::shared_ptr<const VectorAnswer>;  // never null
using MatrixAnswerPtr = std::shared_ptr<const MatrixAnswer>;

// What is known of a metric store without asking it now (kept by a background prober).
struct MetricStoreState {
    enum class Reachability : std::uint8_t { kUnknown, kReachable, kUnreachable };
    Reachability reachability = Reachability::kUnknown;
    std::string product;          // "Prometheus", "Thanos", "Mimir", "VictoriaMetrics"; "" unknown
    std::string version;          // "2.42.0"; "" unknown
    std::optional<Error> reason;  // set when unreachable
    // How it computes quantiles: bucket counts that differ by less than 1e-12 of their size are
    // taken as equal (Prometheus 2.49 and later).
    bool flattens_small_deltas = false;
    std::optional<std::chrono::seconds> retention;        // unknown: the store does not say
    std::optional<std::chrono::seconds> scrape_interval;  // the global one
    std::chrono::microseconds latency{0};                 // of the last probe
    std::optional<SystemTime> last_success;
    std::optional<SystemTime> last_probe;
};

// A store that answers PromQL. Implementations are usable from every thread; a call runs on the
// caller's. The configured query scope is added to every selector here, by nobody else. Equal
// queries at the same time are asked once (joined in flight, kept for some seconds). Billed as
// "prometheus".
//
// Errors: kInvalidArgument (the store calls the query bad: a bug of ours or a limit of the store,
// its words in the detail), kUpstreamAuth, kUpstreamProtocol, kUpstreamUnavailable, kDeadline,
// kCancelled, kTooLarge (more than we take), kUnavailable (overloaded, or metrics are off). An
// empty answer is an answer: no such series.
class MetricStore {
 public:
    virtual ~MetricStore() = default;

    virtual Awaitable<Result<VectorAnswerPtr>> instant(
        RequestContext context, promql::Expr query, SystemTime at
    ) = 0;

    virtual Awaitable<Result<MatrixAnswerPtr>> range(
        RequestContext context, promql::Expr query, MetricRange range
    ) = 0;

    [[nodiscard]] virtual MetricStoreState state() const = 0;
};

}  // namespace meshscope::clients
