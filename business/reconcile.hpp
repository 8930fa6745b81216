#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/meta.hpp"
#include "business/no_metrics.hpp"
#include "business/reconcile_edges.hpp"
#include "business/reconcile_rules.hpp"
#include "clients/cluster.hpp"
#include "clients/metric_store.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::business {

class FoundCalls;
class Logs;
class Traces;

struct ReconcileQuery {
    std::string ns, workload;
    std::string cluster;              // "" the home cluster
    std::optional<SystemTime> start;  // kReconcileWindow before the end
    std::optional<SystemTime> end;    // kSettled before now
    std::optional<double> sampling;   // the rate that is configured in the mesh, 0 to 1
    std::uint32_t limit = 2'000;      // traces of one search, at most kMaxTraceLimit
    bool lines = true;                // access lines are read, too
};

// What is younger may still be on its way to a store.
inline constexpr std::chrono::seconds kSettled{60};
inline constexpr std::chrono::minutes kReconcileWindow{10};
inline constexpr std::chrono::hours kLongestReconcile{24};

// Requests that ended the same way, by the metrics of the proxy that counts the edge.
struct OutcomeCount {
    std::string code;   // HTTP, "0" no response
    std::string flags;  // "-" none
    double requests = 0;
    bool may_leave_no_span = false;
};

struct LineCounts {
    std::uint64_t lines = 0;
    std::uint64_t errors = 0;  // status 5xx or none
};

struct ReconciledEdge {
    EdgePeer peer;
    EdgeCounts counts;
    std::vector<OutcomeCount> outcomes;  // descending by requests
    std::optional<LineCounts> lines;     // nullopt: not read
    EdgeVerdict verdict;
};

struct WorkloadReconciliation {
    std::string cluster;
    SamplingRate rate;
    std::vector<ReconciledEdge> edges;  // inbound first, then by namespace, workload, service
    std::string no_lines;               // why lines were not read; "" they were
    Meta meta;                          // used: the window, where traces were cut only what is left
};

// Metrics, traces and access lines of a workload's calls, held against each other. Usable from
// every thread.
//
// Two queries of metrics (four where a search was cut: then both are for what it has covered), one
// search of traces, and where spans are missing one for each of the kMostPeers busiest peers that
// the caller may see, one after the other.
//
// Errors: `unavailable` without metrics, kForbidden and kNotFound as Metrics has them,
// kInvalidArgument for an empty window and one longer than kLongestReconcile, the metric store's.
// Traces and lines that cannot be had leave the rest: edges are `unknown`, with a warning.
class Reconcile {
 public:
    static constexpr std::size_t kMostPeers = 8;
    static constexpr std::size_t kMostEdges = 200;  // the busiest; those of metrics

    struct Parts {
        clients::MetricStore* metrics = nullptr;  // null: every call fails with `unavailable`
        Error unavailable = no_metrics();
        const Traces* traces = nullptr;
        const Logs* logs = nullptr;
        clients::Cluster* cluster = nullptr;  // null: names and addresses alone tell
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        Discovery discovery{{}};
        std::string home_cluster = "Kubernetes";  // where no cluster tells its name
        WorkerPool* workers = nullptr;            // reads many traces; null: nothing is handed over
    };
    explicit Reconcile(Parts parts);

    Awaitable<Result<WorkloadReconciliation>> of(RequestContext context, ReconcileQuery query)
        const;

 private:
    struct Run;
    [[nodiscard]] std::optional<Error> open(const RequestContext& context, Run& run) const;
    Awaitable<std::optional<Error>> count_requests(RequestContext context, Run& run) const;
    Awaitable<> find_calls(RequestContext context, Run& run) const;
    Awaitable<bool> search(RequestContext context, Run& run, const EdgePeer* peer) const;
    Awaitable<> read_lines(RequestContext context, Run& run) const;
    [[nodiscard]] WorkloadReconciliation answer(const RequestContext& context, Run& run) const;

    Parts parts_;
};

}  // namespace meshscope::business
