#include "models/graph.hpp"

#include <algorithm>
#include <cstring>

namespace meshscope::models {

namespace {

std::uint64_t edge_hash(NodeIndex source, NodeIndex target, std::string_view protocol) {
    const std::uint64_t ends = (std::uint64_t{source} << 32U) | target;
    return hash_text(hash_number(kHashStart, ends), protocol);
}

// Of kept texts, which are equal where they lie.
std::uint64_t response_hash(
    EdgeIndex edge, std::string_view code, std::string_view flags, std::string_view host
) {
    std::uint64_t hash = hash_number(kHashStart, edge);
    for (const std::string_view text : {code, flags, host}) {
        hash = hash_number(hash, reinterpret_cast<std::uintptr_t>(text.data()));
    }
    return hash;
}

NodeType type_of(NodeKey::Kind kind) {
    switch (kind) {
        case NodeKey::Kind::kService:
            return NodeType::kService;
        case NodeKey::Kind::kWorkload:
            return NodeType::kWorkload;
        case NodeKey::Kind::kApp:
        case NodeKey::Kind::kAppWorkload:
        case NodeKey::Kind::kAppVersion:
            return NodeType::kApp;
        case NodeKey::Kind::kAggregate:
            return NodeType::kAggregate;
        case NodeKey::Kind::kClusterBox:
        case NodeKey::Kind::kNamespaceBox:
        case NodeKey::Kind::kAppBox:
            return NodeType::kBox;
        case NodeKey::Kind::kUnknownSource:
            break;
    }
    return NodeType::kUnknown;
}

// The names that the key itself has; those that readers of traffic know are set by them.
void name_by_key(GraphNode& node) {
    const NodeKey& key = node.key;
    node.type = type_of(key.kind);
    node.cluster = key.cluster;
    node.ns = key.ns;
    switch (key.kind) {
        case NodeKey::Kind::kService:
            node.service = key.name;
            break;
        case NodeKey::Kind::kWorkload:
        case NodeKey::Kind::kAppWorkload:
            node.workload = key.name;
            break;
        case NodeKey::Kind::kAppVersion:
            node.version = key.more;
            [[fallthrough]];
        case NodeKey::Kind::kApp:
        case NodeKey::Kind::kAppBox:
            node.app = key.name;
            break;
        case NodeKey::Kind::kAggregate:
            node.service = key.service;
            break;
        case NodeKey::Kind::kUnknownSource:
        case NodeKey::Kind::kClusterBox:
        case NodeKey::Kind::kNamespaceBox:
            break;
    }
}

}  // namespace

std::string_view Graph::keep(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    const std::uint64_t hash = hash_text(kHashStart, text);
    const auto same = [&](std::uint32_t index) { return texts_[index] == text; };
    const std::uint32_t found = text_index_.find(hash, same);
    if (found != kNoIndex) {
        return texts_[found];
    }
    auto* bytes = static_cast<char*>(memory_.allocate(text.size(), 1));
    std::memcpy(bytes, text.data(), text.size());
    text_index_.add(hash, static_cast<std::uint32_t>(texts_.size()));
    return texts_.emplace_back(bytes, text.size());
}

NodeKey Graph::kept(const NodeKey& key) {
    return {
        key.kind, keep(key.cluster), keep(key.ns), keep(key.name), keep(key.more), keep(key.service)
    };
}

NodeIndex Graph::find(const NodeKey& key) const {
    return node_index_.find(key.hash(), [&](NodeIndex index) {
        return !nodes_[index].removed && nodes_[index].key == key;
    });
}

EdgeIndex Graph::find(NodeIndex source, NodeIndex target, std::string_view protocol) const {
    if (source >= nodes_.size()) {
        return kNoIndex;
    }
    const auto next = [&](EdgeIndex index) { return edges_[index].next_out; };
    const auto same = [&](EdgeIndex index) {
        const GraphEdge& edge = edges_[index];
        return !edge.removed && edge.source == source && edge.target == target &&
               edge.protocol_name == protocol;
    };
    const auto hash = [&] { return edge_hash(source, target, protocol); };
    return edge_index_.find(nodes_[source].first_out, next, same, hash);
}

void Graph::reserve(std::size_t nodes, std::size_t edges) {
    nodes_.reserve(nodes);
    node_index_.reserve(nodes);
    services_.reserve(nodes);
    service_index_.reserve(nodes);
    edges_.reserve(edges);
    responses_.reserve(edges + edges / 4);
    texts_.reserve(3 * nodes);
    text_index_.reserve(3 * nodes);
}

NodeIndex Graph::add(const NodeKey& key) {
    const NodeIndex found = find(key);
    if (found != kNoIndex) {
        return found;
    }
    const auto index = static_cast<NodeIndex>(nodes_.size());
    GraphNode& node = nodes_.emplace_back();
    node.key = kept(key);
    name_by_key(node);
    node_index_.add(key.hash(), index);
    ++node_count_;
    return index;
}

EdgeIndex Graph::add(NodeIndex source, NodeIndex target, std::string_view protocol) {
    const EdgeIndex found = find(source, target, protocol);
    if (found != kNoIndex) {
        return found;
    }
    const auto index = static_cast<EdgeIndex>(edges_.size());
    GraphEdge& edge = edges_.emplace_back();
    edge.source = source;
    edge.target = target;
    edge.protocol = protocol_of(protocol);
    edge.protocol_name = keep(protocol);
    GraphNode& from = nodes_[source];
    (from.last_out == kNoIndex ? from.first_out : edges_[from.last_out].next_out) = index;
    from.last_out = index;
    GraphNode& to = nodes_[target];
    (to.last_in == kNoIndex ? to.first_in : edges_[to.last_in].next_in) = index;
    to.last_in = index;
    const auto next = [&](EdgeIndex at) { return edges_[at].next_out; };
    const auto hash = [&](EdgeIndex at) {
        return edge_hash(edges_[at].source, edges_[at].target, edges_[at].protocol_name);
    };
    edge_index_.add(from.first_out, index, next, hash);
    ++edge_count_;
    return index;
}

void Graph::remove_edge(EdgeIndex index) {
    if (!edges_[index].removed) {
        edges_[index].removed = true;
        --edge_count_;
    }
}

void Graph::remove_node(NodeIndex index) {
    if (nodes_[index].removed) {
        return;
    }
    nodes_[index].removed = true;
    --node_count_;
    each_out(index, [this](EdgeIndex edge) { remove_edge(edge); });
    each_in(index, [this](EdgeIndex edge) { remove_edge(edge); });
}

bool Graph::has_out(NodeIndex node) const {
    EdgeIndex at = nodes_[node].first_out;
    while (at != kNoIndex && edges_[at].removed) {
        at = edges_[at].next_out;
    }
    return at != kNoIndex;
}

bool Graph::has_in(NodeIndex node) const {
    EdgeIndex at = nodes_[node].first_in;
    while (at != kNoIndex && edges_[at].removed) {
        at = edges_[at].next_in;
    }
    return at != kNoIndex;
}

void Graph::add_kept_response(EdgeIndex edge, const KeptAnswer& answer, double rate) {
    const auto next = [&](std::uint32_t index) { return responses_[index].next; };
    const auto same = [&](std::uint32_t index) {
        const EdgeResponse& one = responses_[index];
        return one.edge == edge && one.code.data() == answer.code.data() &&
               one.flags.data() == answer.flags.data() && one.host.data() == answer.host.data();
    };
    std::uint32_t& first = edges_[edge].first_response;
    const auto hash = [&] { return response_hash(edge, answer.code, answer.flags, answer.host); };
    const std::uint32_t found = response_index_.find(first, next, same, hash);
    if (found != kNoIndex) {
        responses_[found].rate += rate;
        return;
    }
    const auto index = static_cast<std::uint32_t>(responses_.size());
    responses_.push_back({answer.code, answer.flags, answer.host, rate, edge, first});
    first = index;
    response_index_.add(first, index, next, [&](std::uint32_t at) {
        const EdgeResponse& one = responses_[at];
        return response_hash(edge, one.code, one.flags, one.host);
    });
}

void Graph::add_service(NodeIndex node, const ServiceName& service) {
    std::uint64_t hash = hash_text(hash_number(kHashStart, node), service.cluster);
    hash = hash_text(hash_text(hash, service.ns), service.name);
    const std::uint32_t found = service_index_.find(hash, [&](std::uint32_t index) {
        return services_[index].node == node && services_[index].name == service;
    });
    if (found != kNoIndex) {
        return;
    }
    const auto index = static_cast<std::uint32_t>(services_.size());
    const ServiceName name{keep(service.cluster), keep(service.ns), keep(service.name)};
    services_.push_back({name, node, nodes_[node].first_service});
    nodes_[node].first_service = index;
    service_index_.add(hash, index);
}

}  // namespace meshscope::models
