#include "business/trace_graph_index.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace meshscope::business {

namespace {

using models::GraphNode;
using models::kNoIndex;
using models::NodeIndex;
using models::NodeType;

// "" when the metrics do not tell it.
std::string_view cluster_of(const GraphNode& node) {
    return node.cluster == "unknown" ? std::string_view() : node.cluster;
}

bool fits_cluster(std::string_view a, std::string_view b) {
    return a.empty() || b.empty() || a == b;
}

bool is_object(const GraphNode& node) {
    return node.type == NodeType::kWorkload || node.type == NodeType::kApp;
}

const models::NodeDetails::ServiceEntry* entry_of(const GraphNode& node) {
    return node.details && node.details->service_entry ? &*node.details->service_entry : nullptr;
}

}  // namespace

GraphIndex::GraphIndex(
    const models::Graph& graph, GraphType type, std::vector<std::string> namespaces
)
    : graph_(graph), type_(type) {
    std::sort(namespaces.begin(), namespaces.end());
    for (std::string& ns : namespaces) {
        shown_.push_back({std::move(ns), {}});
    }
    for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
        const GraphNode& node = graph.node(at);
        if (!node.removed && !node.is_inaccessible && node.type != NodeType::kBox) {
            add(at);
        }
    }
    for (Index* index : {&workloads_, &apps_, &services_, &hosts_}) {
        index->order();
    }
    std::sort(patterns_.begin(), patterns_.end(), [](const Pattern& a, const Pattern& b) {
        return std::pair(b.suffix.size(), a.node) < std::pair(a.suffix.size(), b.node);
    });
}

void GraphIndex::add(NodeIndex at) {
    const GraphNode& node = graph_.node(at);
    if (is_object(node) && !node.workload.empty()) {
        workloads_.add(node.workload, at);
    }
    if (is_object(node) && !node.app.empty()) {
        apps_.add(node.app, at);
    }
    if (node.type == NodeType::kService && !node.service.empty()) {
        services_.add(node.service, at);
    }
    if (const auto* entry = entry_of(node)) {
        for (const std::string_view host : entry->hosts) {
            if (host.starts_with("*.")) {
                patterns_.push_back({host.substr(1), at});
            } else {
                hosts_.add(host, at);
            }
        }
    }
    const std::size_t place = place_of(node.ns);
    if (place == shown_.size()) {
        return;
    }
    auto& clusters = shown_[place].clusters;
    if (std::find(clusters.begin(), clusters.end(), cluster_of(node)) == clusters.end()) {
        clusters.push_back(cluster_of(node));
    }
}

std::size_t GraphIndex::place_of(std::string_view ns) const {
    const auto at = std::lower_bound(
        shown_.begin(),
        shown_.end(),
        ns,
        [](const Shown& one, std::string_view wanted) { return one.ns < wanted; }
    );
    return at != shown_.end() && at->ns == ns ? static_cast<std::size_t>(at - shown_.begin())
                                              : shown_.size();
}

template <class Fits>
GraphIndex::Found GraphIndex::find(const Index& index, const Name& name, const Fits& fits) const {
    Found exact;
    Found loose;
    index.each(name.name, [&](NodeIndex at) {
        const GraphNode& node = graph_.node(at);
        const std::string_view cluster = cluster_of(node);
        if (node.ns != name.ns || !fits_cluster(cluster, name.cluster) || !fits(node)) {
            return;
        }
        Found& found = cluster == name.cluster ? exact : loose;
        found.several = static_cast<bool>(found);
        found.node = at;
    });
    Found out = exact ? exact : loose;
    if (out.several) {
        out.node = kNoIndex;
    }
    return out;
}

GraphIndex::Found GraphIndex::workload(const Name& name) const {
    return find(workloads_, name, [&](const GraphNode& node) {
        return node.workload == name.name;
    });
}

GraphIndex::Found GraphIndex::whole_app(const Name& name) const {
    return find(apps_, name, [&](const GraphNode& node) {
        return node.app == name.name && node.type == NodeType::kApp && node.workload.empty() &&
               node.version.empty();
    });
}

GraphIndex::Found GraphIndex::any_of_app(const Name& name) const {
    return find(apps_, name, [&](const GraphNode& node) { return node.app == name.name; });
}

GraphIndex::Found GraphIndex::service(const Name& name) const {
    return find(services_, name, [&](const GraphNode& node) { return node.service == name.name; });
}

GraphIndex::Found GraphIndex::host(std::string_view cluster, std::string_view host) const {
    Found found;
    const auto take = [&](NodeIndex at) {
        if (fits_cluster(cluster_of(graph_.node(at)), cluster) && found.node != at) {
            found.several = found.several || found;
            found.node = at;
        }
    };
    hosts_.each(host, [&](NodeIndex at) {
        const auto& hosts = entry_of(graph_.node(at))->hosts;
        if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) {
            take(at);
        }
    });
    for (std::size_t i = 0; i < patterns_.size() && !found; ++i) {
        if (host.ends_with(patterns_[i].suffix) && host.size() > patterns_[i].suffix.size()) {
            take(patterns_[i].node);
        }
    }
    if (!found && !host.empty()) {
        services_.each(host, [&](NodeIndex at) {
            if (graph_.node(at).service == host) {
                take(at);
            }
        });
    }
    if (found.several) {
        found.node = kNoIndex;
    }
    return found;
}

GraphIndex::Found GraphIndex::target_of(NodeIndex source, const Name& service) const {
    Found found;
    graph_.each_out(source, [&](models::EdgeIndex edge) {
        const NodeIndex target = graph_.edge(edge).target;
        const GraphNode& node = graph_.node(target);
        if (node.is_inaccessible || node.type == NodeType::kService || target == found.node) {
            return;
        }
        bool called = false;
        graph_.each_service(target, [&](const models::ServiceName& name) {
            called = called || (name.ns == service.ns && name.name == service.name &&
                                fits_cluster(cluster_of(node), service.cluster));
        });
        if (called) {
            found.several = found.several || found;
            found.node = target;
        }
    });
    if (found.several) {
        found.node = kNoIndex;
    }
    return found;
}

NodeIndex GraphIndex::service_between(NodeIndex source, NodeIndex target) const {
    Found found;
    graph_.each_service(target, [&](const models::ServiceName& name) {
        const NodeIndex one = service({cluster_of(graph_.node(target)), name.ns, name.name}).node;
        if (one != kNoIndex && one != found.node && one != target &&
            edge(source, one, SpanCall::Protocol::kUnknown) != kNoIndex) {
            found.several = found.several || found;
            found.node = one;
        }
    });
    return found.several ? kNoIndex : found.node;
}

models::EdgeIndex GraphIndex::edge(NodeIndex source, NodeIndex target, SpanCall::Protocol protocol)
    const {
    constexpr std::array<std::string_view, 3> kNames{"http", "grpc", "tcp"};
    const auto wanted = static_cast<std::size_t>(protocol);
    if (wanted < kNames.size()) {
        const models::EdgeIndex found = graph_.find(source, target, kNames[wanted]);
        if (found != kNoIndex) {
            return found;
        }
    }
    for (const std::string_view name : kNames) {
        const models::EdgeIndex found = graph_.find(source, target, name);
        if (found != kNoIndex) {
            return found;
        }
    }
    return kNoIndex;
}

bool GraphIndex::shows(std::string_view cluster, std::string_view ns) const {
    const std::size_t place = place_of(ns);
    if (place == shown_.size()) {
        return false;
    }
    const auto& clusters = shown_[place].clusters;
    return clusters.empty() || std::any_of(clusters.begin(), clusters.end(), [&](auto one) {
               return fits_cluster(one, cluster);
           });
}

}  // namespace meshscope::business
