#pragma once

#include "business/graph_listing.hpp"
#include "business/graphs.hpp"
#include "business/trace_flow.hpp"
#include "business/trace_graph.hpp"
#include "business/traces.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

// Which graph traces are laid over. What is not given follows from the trace, where there is one:
// the namespaces that its spans name (that the caller may see and that are there), a window that
// ends soon after it and begins before it.
struct TraceGraphQuery {
    GraphRequest graph;  // namespaces may be empty
    bool duration_given = false;
};

struct LaidTrace {
    std::shared_ptr<const GraphWork> graph;
    std::shared_ptr<const TraceIdentities> identities;  // texts of `laid` point into it
    TraceView view;
    TraceOnGraph laid;
    Meta meta;
};

struct FlowTrace {
    TraceId id;
    std::uint64_t placed = 0;
    std::uint64_t total = 0;
};
struct FailedTrace {
    TraceId id;
    Error error;
};
struct LaidTraces {
    std::shared_ptr<const GraphWork> graph;
    TraceFlow flow;
    std::vector<FlowTrace> traces;    // in the order asked for, each once
    std::vector<TraceId> missing;     // not found, or the caller may see none of their spans
    std::vector<FailedTrace> failed;  // that could not be read
    Meta meta;
};

// Traces laid over the traffic graph of their time. Usable from every thread. A graph for this has
// the nodes and edges, with their ids, of the graphs that are shown for the same parameters; what
// only decorates them is not asked for.
class TraceGraphs {
 public:
    static constexpr std::size_t kMostTraces = 500;
    static constexpr std::size_t kTracesAtOnce = 8;
    static constexpr std::size_t kMostNamespaces = 50;  // of a trace that names them itself

    struct Parts {
        std::shared_ptr<const Traces> traces;
        std::shared_ptr<const Graphs> graphs;
        clients::Cluster* cluster = nullptr;  // null: spans are taken at their word
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        Discovery discovery{{}};
        WorkerPool* workers = nullptr;  // takes large traces; null: nothing is handed over
    };
    explicit TraceGraphs(Parts parts) : parts_(std::move(parts)) {}

    // Errors: those of Traces::by_id and of Graphs::of.
    Awaitable<Result<LaidTrace>> of(RequestContext context, TraceId id, TraceGraphQuery query)
        const;
    // Many traces as flow; each is let go when it is counted. `query` names its namespaces.
    // Errors: kInvalidArgument for none or more than kMostTraces ids; those of Graphs::of; that of
    // a trace when none could be read.
    Awaitable<Result<LaidTraces>> flow(
        RequestContext context, std::vector<TraceId> ids, TraceGraphQuery query
    ) const;

 private:
    struct Counting;
    Awaitable<bool> count(RequestContext context, TraceId id, Counting* counting) const;
    [[nodiscard]] std::vector<std::string> namespaces_of(
        const Caller& caller, const LaidTrace& laid
    ) const;
    [[nodiscard]] models::ClusterSnapshotPtr snapshot() const;

    Parts parts_;
};

}  // namespace meshscope::business
