#pragma once

#include "business/graph_request.hpp"
#include "business/trace_calls.hpp"
#include "models/graph.hpp"
#include "models/hash_index.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// Finds nodes and edges of one graph by what spans tell. Built once for a graph in O(n log n),
// immutable, usable from every thread. What the caller may not see, what was taken out and boxes
// are never found.
class GraphIndex {
 public:
    // The graph must outlive the index. `namespaces`: those that it was asked for.
    GraphIndex(const models::Graph& graph, GraphType type, std::vector<std::string> namespaces);

    // One node, or none; `several` when more than one would do as well.
    struct Found {
        models::NodeIndex node = models::kNoIndex;
        bool several = false;
        explicit operator bool() const { return node != models::kNoIndex; }
    };

    // An object as a span tells of it. A cluster that either side does not know fits every one, if
    // only one does.
    struct Name {
        std::string_view cluster;
        std::string_view ns;
        std::string_view name;
    };
    [[nodiscard]] Found workload(const Name& name) const;
    // Application nodes of no particular version.
    [[nodiscard]] Found whole_app(const Name& name) const;
    // Workloads and versions of the application, application nodes included.
    [[nodiscard]] Found any_of_app(const Name& name) const;
    [[nodiscard]] Found service(const Name& name) const;
    // A service entry with that host (one that names it whole before patterns, longer patterns
    // before shorter ones), else a service node that is called so.
    [[nodiscard]] Found host(std::string_view cluster, std::string_view host) const;
    // The node that `source` has an edge to and that was called as that service.
    [[nodiscard]] Found target_of(models::NodeIndex source, const Name& service) const;

    // The node of the only service that `target` was called as and `source` calls; kNoIndex without
    // one.
    [[nodiscard]] models::NodeIndex service_between(
        models::NodeIndex source, models::NodeIndex target
    ) const;
    // The edge, that of the protocol before others; kNoIndex without one.
    [[nodiscard]] models::EdgeIndex edge(
        models::NodeIndex source, models::NodeIndex target, SpanCall::Protocol protocol
    ) const;

    // Whether the graph shows that namespace of that cluster: it was asked for, and what it shows
    // of it is not of other clusters alone.
    [[nodiscard]] bool shows(std::string_view cluster, std::string_view ns) const;

    [[nodiscard]] GraphType type() const { return type_; }
    [[nodiscard]] const models::Graph& graph() const { return graph_; }

 private:
    using Index = models::HashIndex<models::NodeIndex>;
    struct Pattern {
        std::string_view suffix;  // ".example.com"
        models::NodeIndex node;
    };
    struct Shown {
        std::string ns;
        std::vector<std::string_view> clusters;  // those of its nodes; "" some name none
    };

    void add(models::NodeIndex at);
    [[nodiscard]] std::size_t place_of(std::string_view ns) const;  // in shown_; its size: none
    template <class Fits>
    [[nodiscard]] Found find(const Index& index, const Name& name, const Fits& fits) const;

    const models::Graph& graph_;
    GraphType type_;
    Index workloads_;
    Index apps_;
    Index services_;
    Index hosts_;
    std::vector<Pattern> patterns_;  // longest first
    std::vector<Shown> shown_;       // ascending by namespace
};

}  // namespace meshscope::business
