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

auto place_of(const GraphNode& node) {
    return std::make_tuple(
        rank_of(node.key),
        node.cluster,
        node.ns,
        node.app,
        node.version,
        node.service,
        node.workload
    );
}

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
    std::ranges::sort(nodes_, [&](NodeIndex a, NodeIndex b) {
        const auto left = place_of(graph.node(a));
        const auto right = place_of(graph.node(b));
        return left != right ? left < right : node_ids_[a] < node_ids_[b];
    });
}

void GraphListing::order_edges(const models::Graph& graph) {
    std::vector<NodeIndex> by_id = nodes_;
    std::ranges::sort(by_id, [&](NodeIndex a, NodeIndex b) { return node_ids_[a] < node_ids_[b]; });
    std::vector<std::uint32_t> rank(graph.nodes().size());
    for (std::uint32_t at = 0; at < by_id.size(); ++at) {
        rank[by_id[at]] = at;
    }
    const auto place = [&](EdgeIndex at) {
        const GraphEdge& edge = graph.edge(at);
        return std::make_tuple(rank[edge.source], rank[edge.target], edge.protocol_name);
    };
    std::ranges::sort(edges_, [&](EdgeIndex a, EdgeIndex b) { return place(a) < place(b); });
}

}  // namespace meshscope::business
