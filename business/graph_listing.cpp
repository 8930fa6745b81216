#include "business/graph_listing.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace meshscope::business {

namespace {

using models::EdgeIndex;
using models::GraphEdge;
using models::GraphNode;
using models::kNoIndex;
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

// What nodes of one cluster and namespace are ordered by.
auto place_of(const GraphNode& node) {
    return std::make_tuple(node.app, node.version, node.service, node.workload);
}

// A node with what mostly decides where it stands.
struct Placed {
    std::uint64_t group;  // rank, cluster and namespace; whether it is of an application
    std::uint64_t app;    // the letters of its name behind those that all begin with
    NodeIndex node;
};

// Up to eight bytes as a number that is ordered as they are.
std::uint64_t first_bytes(std::string_view text) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < sizeof(bytes); ++i) {
        bytes = bytes << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    }
    return bytes;
}

// What the names of all applications begin with.
std::string_view common_beginning(const models::Graph& graph, const std::vector<NodeIndex>& nodes) {
    std::optional<std::string_view> common;
    for (const NodeIndex at : nodes) {
        const std::string_view app = graph.node(at).app;
        if (!app.empty()) {
            common = common.value_or(app);
            const auto other = std::ranges::mismatch(*common, app).in1;
            common = common->substr(0, static_cast<std::size_t>(other - common->begin()));
        }
    }
    return common.value_or(std::string_view());
}

// Places of texts among all of them; those that a graph keeps once are compared once.
class Places {
 public:
    void add(std::string_view text) {
        if (find(text) == kNoIndex) {
            index_.add(hash_of(text), static_cast<std::uint32_t>(texts_.size()));
            texts_.push_back(text);
        }
    }
    void order() {
        std::vector<std::string_view> sorted = texts_;
        std::ranges::sort(sorted);
        for (const std::string_view text : texts_) {
            const auto place = std::ranges::lower_bound(sorted, text) - sorted.begin();
            places_.push_back(static_cast<std::uint64_t>(place));
        }
    }
    [[nodiscard]] std::uint64_t of(std::string_view text) const { return places_[find(text)]; }

 private:
    static std::uint64_t hash_of(std::string_view text) {
        return models::hash_number(
            models::hash_number(models::kHashStart, text.size()),
            reinterpret_cast<std::uintptr_t>(text.data())
        );
    }
    [[nodiscard]] std::uint32_t find(std::string_view text) const {
        return index_.find(hash_of(text), [&](std::uint32_t at) {
            return texts_[at].data() == text.data() && texts_[at].size() == text.size();
        });
    }

    std::vector<std::string_view> texts_;
    std::vector<std::uint64_t> places_;  // of each text
    models::DenseIndex index_;           // by where a text lies
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
    const std::size_t common = common_beginning(graph, nodes_).size();
    std::vector<Placed> placed;
    placed.reserve(nodes_.size());
    for (const NodeIndex at : nodes_) {
        const GraphNode& node = graph.node(at);
        const auto rank = static_cast<std::uint64_t>(rank_of(node.key));
        const std::uint64_t of_app = node.app.empty() ? 0 : 1;
        const std::uint64_t group =
            rank << 62U | clusters.of(node.cluster) << 32U | namespaces.of(node.ns) << 1U | of_app;
        const std::string_view rest = node.app.empty() ? node.app : node.app.substr(common);
        placed.push_back({group, first_bytes(rest), at});
    }
    std::ranges::sort(placed, [&](const Placed& a, const Placed& b) {
        if (a.group != b.group) {
            return a.group < b.group;
        }
        if (a.app != b.app) {
            return a.app < b.app;
        }
        const auto left = place_of(graph.node(a.node));
        const auto right = place_of(graph.node(b.node));
        return left != right ? left < right : node_ids_[a.node] < node_ids_[b.node];
    });
    std::ranges::transform(placed, nodes_.begin(), &Placed::node);
}

void GraphListing::order_edges(const models::Graph& graph) {
    std::vector<std::pair<std::uint64_t, NodeIndex>> by_id;
    by_id.reserve(nodes_.size());
    for (const NodeIndex at : nodes_) {
        by_id.emplace_back(first_bytes(id_of_node(at)), at);
    }
    std::ranges::sort(by_id, [&](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : node_ids_[a.second] < node_ids_[b.second];
    });
    std::vector<std::uint32_t> rank(graph.nodes().size());
    for (std::uint32_t at = 0; at < by_id.size(); ++at) {
        rank[by_id[at].second] = at;
    }
    // Those of one source at a time: where they begin is known from how many others have.
    struct Ends {
        std::uint32_t source, target;  // ranks
    };
    std::vector<Ends> ends;
    ends.reserve(edges_.size());
    std::vector<std::size_t> first(nodes_.size() + 1);
    for (const EdgeIndex at : edges_) {
        const GraphEdge& edge = graph.edge(at);
        ends.push_back({rank[edge.source], rank[edge.target]});
        ++first[ends.back().source];
    }
    std::partial_sum(first.begin(), first.end(), first.begin());
    std::vector<std::pair<std::uint32_t, EdgeIndex>> placed(edges_.size());
    for (std::size_t i = 0; i < edges_.size(); ++i) {
        placed[--first[ends[i].source]] = {ends[i].target, edges_[i]};
    }
    const auto before = [&](const auto& a, const auto& b) {
        return a.first != b.first
                   ? a.first < b.first
                   : graph.edge(a.second).protocol_name < graph.edge(b.second).protocol_name;
    };
    const auto place = [&](std::size_t index) {
        return placed.begin() + static_cast<std::ptrdiff_t>(first[index]);
    };
    for (std::size_t source = 0; source < nodes_.size(); ++source) {
        std::sort(place(source), place(source + 1), before);
    }
    std::ranges::transform(placed, edges_.begin(), &std::pair<std::uint32_t, EdgeIndex>::second);
}

}  // namespace meshscope::business
