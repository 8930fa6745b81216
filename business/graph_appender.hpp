#pragma once

#include "async/caller.hpp"
#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/graph_request.hpp"
#include "business/meta.hpp"
#include "clients/metric_store.hpp"
#include "models/cluster_snapshot.hpp"
#include "models/graph.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// A namespace that the graph is of, visible to the caller.
struct GraphNamespace {
    std::string name;
    std::chrono::seconds range{};  // what its rates are taken over: the duration, less when younger
    bool ambient = false;
};

// Namespaces with the same range: a query is asked for all of them at once.
struct GraphRange {
    std::chrono::seconds range{};
    std::vector<std::string> namespaces;  // ascending
    std::vector<std::string> ambient;     // those of them that are; ascending
};

// What a graph is made of, for one request. Lives until the answer is
// written.
struct GraphWork {
    Caller caller;
    const Access* access = nullptr;
    const Discovery* discovery = nullptr;
    GraphRequest request;
    SystemTime at;                           // the end of the window, in whole seconds
    std::vector<GraphNamespace> namespaces;  // ascending, each once
    std::vector<GraphRange> ranges;          // of `namespaces`, the longest first
    models::ClusterSnapshotPtr snapshot;     // null: no cluster is configured
    std::string home_cluster;                // "" unknown
    models::Graph graph;
    Meta meta;  // warnings and what was left out

    [[nodiscard]] bool visible(std::string_view ns) const;    // to the caller, shown by this server
    [[nodiscard]] bool asked_for(std::string_view ns) const;  // one of `namespaces`
};

// Adds to a graph what its traffic alone does not tell. First all questions of all appenders that
// are wanted are asked at once, together with the traffic's; when everything is answered they are
// applied, one behind the other, on one thread that may be a worker: apply() waits for nothing and
// touches the work only. An appender one of whose questions fails is left out and named in the
// warnings. In the end nodes that the caller may not see lose all that appenders gave them.
class GraphAppender {
 public:
    virtual ~GraphAppender() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;  // as callers name it
    [[nodiscard]] virtual bool wanted(const GraphWork& work) const = 0;
    // True: applied behind all others, when it is known which nodes are outside of the namespaces
    // that were asked for and which ones the caller may not see.
    [[nodiscard]] virtual bool finishes() const { return false; }
    // Instant queries at `work.at`; the graph is still empty. Their number does not grow with that
    // of namespaces.
    [[nodiscard]] virtual std::vector<clients::promql::Expr> questions(const GraphWork& work) const;
    // `answers` are in the order of the questions.
    virtual void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr> answers)
        const = 0;
    // When there are boxes; the others were applied before.
    virtual void apply_to_boxes(GraphWork& work) const;
};

}  // namespace meshscope::business
