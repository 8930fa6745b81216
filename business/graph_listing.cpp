#include "business/graph_listing.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace meshscope::business {

namespace {

using models::EdgeIndex;
using models::GraphEdge;
using models::GraphNode;
using models::NodeIndex;
using models::NodeKey;

// SHA-256, the same state again for every text.
class Hasher {
 public:
    Hasher()
        : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free),
          sha_(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free) {}

    void hex(std::string_view text, std::array<char, 64>& out) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::array<unsigned char, 32> digest{};
        const bool done = EVP_DigestInit_ex2(context_.get(), sha_.get(), nullptr) == 1 &&
                          EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1 &&
                          EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1;
        if (!done) {
            throw std::runtime_error("SHA-256 is not available");
        }
        std::size_t at = 0;
        for (const unsigned char byte : digest) {
            out[at++] = kDigits[byte >> 4U];
            out[at++] = kDigits[byte & 15U];
        }
    }

 private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
    std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha_;
};

int rank_of(const NodeKey& key) {
    switch (key.kind) {
        case NodeKey::Kind::kClusterBox:
            return 0;
        case NodeKey::Kind::kNamespaceBox:
            return 1;
        case NodeKey::Kind::kAppBox:
            return 2;
        default:
            return 3;
    }
}

// What nodes of one cluster, namespace and application are ordered by.
auto place_of(const GraphNode& node) {
    return std::make_tuple(node.version, node.service, node.workload);
}

// A node with what mostly decides where it stands.
struct Placed {
    std::uint64_t group;  // rank, cluster and namespace
    std::string_view app;
    NodeIndex node;
};

// Places of texts among all of them.
class Places {
 public:
    void add(std::string_view text) {
        if (texts_.empty() || texts_.back() != text) {
            texts_.push_back(text);
        }
    }
    void order() {
        std::ranges::sort(texts_);
        const auto twice = std::ranges::unique(texts_);
        texts_.erase(twice.begin(), twice.end());
    }
    [[nodiscard]] std::uint64_t of(std::string_view text) const {
        return static_cast<std::uint64_t>(std::ranges::lower_bound(texts_, text) - texts_.begin());
    }

 private:
    std::vector<std::string_view> texts_;
};

template <std::size_t N>
std::string_view view(const std::array<char, N>& id) {
    return {id.data(), id.size()};
}

}  // namespace

GraphListing::GraphListing(const models::Graph& graph) {
    name(graph);
    order_nodes(graph);
    order_edges(graph);
}

std::string_view GraphListing::id_of_node(NodeIndex index) const { return view(node_ids_[index]); }

std::string_view GraphListing::id_of_edge(EdgeIndex index) const { return view(edge_ids_[index]); }

void GraphListing::name(const models::Graph& graph) {
    Hasher hasher;
    std::string text;
    node_ids_.resize(graph.nodes().size());
    edge_ids_.resize(graph.edges().size());
    for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
        if (!graph.node(at).removed) {
            text.clear();
            graph.node(at).key.append_text(text);
            hasher.hex(text, node_ids_[at]);
            nodes_.push_back(at);
        }
    }
    const auto name_edge = [&](EdgeIndex at) {
        const GraphEdge& edge = graph.edge(at);
        text.assign(view(node_ids_[edge.source])).append(".");
        text.append(view(node_ids_[edge.target])).append(".").append(edge.protocol_name);
        hasher.hex(text, edge_ids_[at]);
    };
    for (EdgeIndex at = 0; at < graph.edges().size(); ++at) {
        const GraphEdge& edge = graph.edge(at);
        if (edge.removed) {
            continue;
        }
        name_edge(at);
        edges_.push_back(at);
        if (edge.waypoint_back != models::kNoIndex) {
            name_edge(edge.waypoint_back);
        }
    }
}

void GraphListing::order_nodes(const models::Graph& graph) {
    Places clusters;
    Places namespaces;
    for (const NodeIndex at : nodes_) {
        clusters.add(graph.node(at).cluster);
        namespaces.add(graph.node(at).ns);
    }
    clusters.order();
    namespaces.order();
    std::vector<Placed> placed;
    placed.reserve(nodes_.size());
    for (const NodeIndex at : nodes_) {
        const GraphNode& node = graph.node(at);
        const auto rank = static_cast<std::uint64_t>(rank_of(node.key));
        const std::uint64_t group =
            rank << 62U | clusters.of(node.cluster) << 31U | namespaces.of(node.ns);
        placed.push_back({group, node.app, at});
    }
    std::ranges::sort(placed, [&](const Placed& a, const Placed& b) {
        if (a.group != b.group) {
            return a.group < b.group;
        }
        if (const int order = a.app.compare(b.app); order != 0) {
            return order < 0;
        }
        const auto left = place_of(graph.node(a.node));
        const auto right = place_of(graph.node(b.node));
        return left != right ? left < right : node_ids_[a.node] < node_ids_[b.node];
    });
    std::ranges::transform(placed, nodes_.begin(), &Placed::node);
}

void GraphListing::order_edges(const models::Graph& graph) {
    std::vector<NodeIndex> by_id = nodes_;
    std::ranges::sort(by_id, [&](NodeIndex a, NodeIndex b) { return node_ids_[a] < node_ids_[b]; });
    std::vector<std::uint64_t> rank(graph.nodes().size());
    for (std::uint32_t at = 0; at < by_id.size(); ++at) {
        rank[by_id[at]] = at;
    }
    std::vector<std::pair<std::uint64_t, EdgeIndex>> placed;
    placed.reserve(edges_.size());
    for (const EdgeIndex at : edges_) {
        const GraphEdge& edge = graph.edge(at);
        placed.emplace_back(rank[edge.source] << 32U | rank[edge.target], at);
    }
    std::ranges::sort(placed, [&](const auto& a, const auto& b) {
        return a.first != b.first
                   ? a.first < b.first
                   : graph.edge(a.second).protocol_name < graph.edge(b.second).protocol_name;
    });
    std::ranges::transform(placed, edges_.begin(), &std::pair<std::uint64_t, EdgeIndex>::second);
}

}  // namespace meshscope::business
