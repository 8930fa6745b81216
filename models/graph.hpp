#pragma once

#include "core/fetch.hpp"
#include "models/arena.hpp"
#include "models/dense_index.hpp"
#include "models/graph_parts.hpp"
#include "models/list_index.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace meshscope::models {

// Who sends how much to whom: nodes and edges by dense index, in the order in which they were
// added. Every text of it is kept by it, once (`keep`). Filled by one thread, then read by any.
//
// Taken out means marked: indexes stay what they are, `nodes()` and `edges()` hold what was taken
// out too. Boxes are nodes without edges.
class Graph {
 public:
    Graph() = default;
    Graph(Graph&&) = default;
    Graph& operator=(Graph&&) = default;
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;
    ~Graph() = default;

    [[nodiscard]] const std::vector<GraphNode>& nodes() const { return nodes_; }
    [[nodiscard]] const std::vector<GraphEdge>& edges() const { return edges_; }
    // Whoever changes one leaves its key, its ends and its lists as they are, and keeps no
    // reference over add().
    [[nodiscard]] GraphNode& node(NodeIndex index) { return nodes_[index]; }
    [[nodiscard]] const GraphNode& node(NodeIndex index) const { return nodes_[index]; }
    [[nodiscard]] GraphEdge& edge(EdgeIndex index) { return edges_[index]; }
    [[nodiscard]] const GraphEdge& edge(EdgeIndex index) const { return edges_[index]; }

    // The same text, kept as long as the graph; equal texts are kept once.
    std::string_view keep(std::string_view text);

    // For whoever knows what comes next. Of nodes their traffic and lists; of responses the first:
    // the edge should be near.
    void fetch_node(NodeIndex node) const {
        fetch(&nodes_[node].in, sizeof(GraphNode::in));
        fetch(&nodes_[node].first_out, sizeof(EdgeIndex) * 4);
    }
    void fetch_edge(EdgeIndex edge) const { fetch(&edges_[edge], sizeof(GraphEdge)); }
    void fetch_responses(EdgeIndex edge) const {
        const std::uint32_t first = edges_[edge].first_response;
        if (first != kNoIndex) {
            fetch(&responses_[first], sizeof(EdgeResponse));
        }
    }

    // kNoIndex when there is none (or it was taken out).
    [[nodiscard]] NodeIndex find(const NodeKey& key) const;
    [[nodiscard]] EdgeIndex find(NodeIndex source, NodeIndex target, std::string_view protocol)
        const;
    // Room for so many; for numbers that are known to be near.
    void reserve(std::size_t nodes, std::size_t edges);
    // What is there, else a new one without rates. A new node has the type and the names that its
    // key says and nothing else. What was taken out comes back as a new one.
    NodeIndex add(const NodeKey& key);
    EdgeIndex add(NodeIndex source, NodeIndex target, std::string_view protocol);

    void remove_node(NodeIndex index);  // and its edges
    void remove_edge(EdgeIndex index);

    // Edges that were not taken out, in the order in which they were added. `visit(index)` may take
    // out the edge it is given.
    template <class Visit>
    void each_out(NodeIndex node, const Visit& visit) const {
        for (EdgeIndex at = nodes_[node].first_out; at != kNoIndex;) {
            const EdgeIndex next = edges_[at].next_out;
            if (!edges_[at].removed) {
                visit(at);
            }
            at = next;
        }
    }
    template <class Visit>
    void each_in(NodeIndex node, const Visit& visit) const {
        for (EdgeIndex at = nodes_[node].first_in; at != kNoIndex;) {
            const EdgeIndex next = edges_[at].next_in;
            if (!edges_[at].removed) {
                visit(at);
            }
            at = next;
        }
    }
    [[nodiscard]] bool has_out(NodeIndex node) const;
    [[nodiscard]] bool has_in(NodeIndex node) const;

    // Answers that an edge has seen: adds to the one of that code, flags and host.
    void add_response(
        EdgeIndex edge,
        std::string_view code,
        std::string_view flags,
        std::string_view host,
        double rate
    ) {
        add_kept_response(edge, {keep(code), keep(flags), keep(host)}, rate);
    }
    struct KeptAnswer {  // of texts that keep() of this graph gave
        std::string_view code, flags, host;
    };
    void add_kept_response(EdgeIndex edge, const KeptAnswer& answer, double rate);
    template <class Visit>
    void each_response(EdgeIndex edge, const Visit& visit) const {
        for (std::uint32_t at = edges_[edge].first_response; at != kNoIndex;
             at = responses_[at].next) {
            visit(responses_[at]);
        }
    }
    // Services that a node was called as; each once.
    void add_service(NodeIndex node, const ServiceName& service);
    template <class Visit>
    void each_service(NodeIndex node, const Visit& visit) const {
        for (std::uint32_t at = nodes_[node].first_service; at != kNoIndex;
             at = services_[at].next) {
            visit(services_[at].name);
        }
    }

    // Nodes and edges that were not taken out, boxes included.
    [[nodiscard]] std::size_t node_count() const { return node_count_; }
    [[nodiscard]] std::size_t edge_count() const { return edge_count_; }

 private:
    struct Called {
        ServiceName name;
        NodeIndex node = kNoIndex;
        std::uint32_t next = kNoIndex;
    };
    NodeKey kept(const NodeKey& key);

    std::vector<GraphNode> nodes_;
    std::vector<GraphEdge> edges_;
    std::vector<EdgeResponse> responses_;
    std::vector<Called> services_;
    std::vector<std::string_view> texts_;
    DenseIndex node_index_, service_index_, text_index_;
    ListIndex edge_index_;      // by source
    ListIndex response_index_;  // by edge
    Arena memory_;
    std::size_t node_count_ = 0;
    std::size_t edge_count_ = 0;
};

}  // namespace meshscope::models
