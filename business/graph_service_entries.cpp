#include "business/graph_appenders.hpp"
#include "business/graph_objects.hpp"
#include "business/mesh_references.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

namespace {

using models::EdgeIndex;
using models::Graph;
using models::GraphNode;
using models::MeshObject;
using models::NodeIndex;
using models::NodeKey;
using models::NodeType;

bool is_exported(const MeshObject& entry, const GraphWork& work) {
    const auto& to = entry.export_to;
    return to.empty() || std::ranges::any_of(to, [&](const std::string& ns) {
               return ns == "*" || work.asked_for(ns == "." ? entry.meta.ns : ns);
           });
}

// ServiceEntries by what they are called as.
class Entries {
 public:
    explicit Entries(const GraphWork& work) {
        for (const models::NamespaceView* view : visible_views(work)) {
            for (const models::MeshObjectPtr& object : view->mesh_objects) {
                if (object->kind.kind == "ServiceEntry" && is_exported(*object, work)) {
                    add(*object);
                }
            }
        }
        std::ranges::sort(patterns_, std::ranges::greater(), [](const Pattern& one) {
            return std::pair(one.suffix.size(), one.suffix);
        });
    }

    [[nodiscard]] const MeshObject* of(const GraphNode& node) const {
        const auto exact = by_host_.find(node.service);
        if (exact != by_host_.end()) {
            return exact->second;
        }
        // Of the mesh itself: the metrics name the service and its namespace, entries the host.
        const auto label = by_label_.find(node.service);
        if (label != by_label_.end()) {
            for (const MeshObject* entry : label->second) {
                if (std::ranges::any_of(entry->hosts, [&](const std::string& host) {
                        return names_service(host, entry->meta.ns, node.ns, node.service);
                    })) {
                    return entry;
                }
            }
        }
        for (const Pattern& pattern : patterns_) {
            if (node.service.size() > pattern.suffix.size() &&
                node.service.ends_with(pattern.suffix)) {
                return pattern.entry;
            }
        }
        return nullptr;
    }

 private:
    struct Pattern {
        std::string_view suffix;  // ".example.com"
        const MeshObject* entry;
    };

    void add(const MeshObject& entry) {
        for (const std::string& host : entry.hosts) {
            if (host.starts_with("*.")) {
                patterns_.push_back({std::string_view(host).substr(1), &entry});
            } else {
                by_host_.emplace(host, &entry);  // of several the first one, by namespace and name
                by_label_[std::string_view(host).substr(0, host.find('.'))].push_back(&entry);
            }
        }
    }

    std::map<std::string_view, const MeshObject*> by_host_;
    std::map<std::string_view, std::vector<const MeshObject*>> by_label_;
    std::vector<Pattern> patterns_;
};

void move_edge(Graph& graph, EdgeIndex from, NodeIndex source, NodeIndex target) {
    const EdgeIndex into = graph.add(source, target, graph.edge(from).protocol_name);
    std::vector<models::EdgeResponse> responses;
    graph.each_response(from, [&](const models::EdgeResponse& one) { responses.push_back(one); });
    for (const models::EdgeResponse& one : responses) {
        graph.add_response(into, one.code, one.flags, one.host, one.rate);
    }
    graph.edge(into).rates.add(graph.edge(from).rates);
}

// Everything that the node has goes to the entry's.
void fold(Graph& graph, NodeIndex index, NodeIndex into) {
    std::vector<EdgeIndex> in;
    std::vector<EdgeIndex> out;
    graph.each_in(index, [&](EdgeIndex edge) { in.push_back(edge); });
    graph.each_out(index, [&](EdgeIndex edge) { out.push_back(edge); });
    for (const EdgeIndex edge : in) {
        move_edge(graph, edge, graph.edge(edge).source, into);
    }
    for (const EdgeIndex edge : out) {
        move_edge(graph, edge, into, graph.edge(edge).target);
    }
    std::vector<models::ServiceName> services;
    graph.each_service(index, [&](const models::ServiceName& name) { services.push_back(name); });
    for (const models::ServiceName& name : services) {
        graph.add_service(into, name);
    }
    GraphNode& node = graph.node(into);
    const GraphNode& folded = graph.node(index);
    for (std::size_t protocol = 0; protocol < models::kRatedProtocols; ++protocol) {
        node.in[protocol].add(folded.in[protocol]);
        node.out[protocol] += folded.out[protocol];
    }
    node.is_injected = node.is_injected || folded.is_injected;
    graph.remove_node(index);
}

class ServiceEntries final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "serviceEntry"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kServiceEntry);
    }

    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        const Entries entries(work);
        std::map<const MeshObject*, std::vector<NodeIndex>> found;
        each_node(work.graph, [&](NodeIndex index) {
            const GraphNode& node = work.graph.node(index);
            // A service that is there needs nobody to tell what it is.
            if (node.type == NodeType::kService && !node.is_egress_cluster &&
                service_of(work, node) == nullptr) {
                if (const MeshObject* entry = entries.of(node)) {
                    found[entry].push_back(index);
                }
            }
        });
        for (const auto& [entry, nodes] : found) {
            place(work.graph, *entry, nodes);
        }
    }

 private:
    static void place(Graph& graph, const MeshObject& entry, const std::vector<NodeIndex>& nodes) {
        const std::string_view cluster = graph.node(nodes.front()).cluster;
        const NodeKey key{NodeKey::Kind::kService, cluster, entry.meta.ns, entry.meta.name, {}, {}};
        const NodeIndex into = graph.add(key);
        for (const NodeIndex index : nodes) {
            if (index != into) {
                fold(graph, index, into);
            }
        }
        graph.node(into).more().service_entry = {entry.hosts, entry.location, entry.meta.ns};
    }
};

}  // namespace

GraphAppenderPtr make_service_entries() { return std::make_shared<const ServiceEntries>(); }

}  // namespace meshscope::business
