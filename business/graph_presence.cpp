#include "business/graph_appenders.hpp"
#include "business/graph_objects.hpp"
#include "business/traffic_identity.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace meshscope::business {

namespace {

using models::GraphNode;
using models::NodeIndex;
using models::NodeKey;
using models::NodeType;

// What the metrics of the past tell of and the cluster has no more.
class DeadNodes final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "deadNode"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kDeadNode);
    }

    // What is taken out takes its edges along, so that others may be of no use then.
    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        bool changed = true;
        while (changed) {
            changed = false;
            each_node(work.graph, [&](NodeIndex index) {
                if (is_gone(work, index)) {
                    work.graph.remove_node(index);
                    changed = true;
                }
            });
        }
        each_node(work.graph, [&](NodeIndex index) {
            const auto workloads = workloads_of(work, work.graph.node(index));
            work.graph.node(index).is_dead =
                !workloads.empty() && std::ranges::all_of(workloads, [](const auto* workload) {
                    return workload->pods.empty();
                });
        });
    }

 private:
    [[nodiscard]] static bool is_gone(const GraphWork& work, NodeIndex index) {
        const GraphNode& node = work.graph.node(index);
        if (node.has_traffic()) {
            return false;
        }
        if (node.type == NodeType::kService) {
            const bool entry = node.details && node.details->service_entry;
            return !entry && !node.is_egress_cluster && !work.graph.has_out(index);
        }
        if (node.type == NodeType::kUnknown) {
            return true;
        }
        const models::NamespaceView* view = view_of(work, node);
        return !node.workload.empty() && view != nullptr &&
               view->find_workload(node.workload) == nullptr;
    }
};

// Workloads and services that no metric tells of.
class IdleNodes final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "idleNode"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kIdleNode) && !work.request.focus;
    }

    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        if (!work.snapshot) {
            return;
        }
        const Seen seen = what_is_there(work.graph);
        for (const GraphNamespace& one : work.namespaces) {
            const models::NamespaceView* view = work.snapshot->find(one.name);
            if (view == nullptr) {
                continue;
            }
            if (work.request.inject_services) {
                add_services(work, *view, seen);
            }
            if (work.request.type != GraphType::kService) {
                add_workloads(work, *view, seen);
            }
        }
    }

 private:
    using Names = std::set<std::pair<std::string_view, std::string_view>>;  // namespace, name
    struct Seen {
        Names workloads;
        Names services;
    };

    static Seen what_is_there(models::Graph& graph) {
        Seen seen;
        each_node(graph, [&](NodeIndex index) {
            const GraphNode& node = graph.node(index);
            if (node.type == NodeType::kService) {
                seen.services.emplace(node.ns, node.service);
            } else if (!node.workload.empty()) {
                seen.workloads.emplace(node.ns, node.workload);
            }
        });
        return seen;
    }

    static void add(GraphWork& work, const EndNames& names) {
        const auto key = identify(names, work.request.type);
        if (!key || work.graph.find(*key) != models::kNoIndex) {
            return;
        }
        const EndNames kept{
            names.cluster,
            names.service_ns,
            work.graph.keep(names.service),
            names.workload_ns,
            work.graph.keep(names.workload),
            work.graph.keep(names.app),
            work.graph.keep(names.version)
        };
        GraphNode& node = work.graph.node(work.graph.add(*key));
        show_names(node, kept, work.request.type);
        node.is_idle = true;
    }

    static void add_services(GraphWork& work, const models::NamespaceView& view, const Seen& seen) {
        for (const models::ServicePtr& service : view.services) {
            const std::string_view ns = view.object.meta.name;
            if (!seen.services.contains({ns, service->meta.name})) {
                EndNames names;
                names.cluster = work.home_cluster;
                names.service_ns = ns;
                names.service = service->meta.name;
                add(work, names);
            }
        }
    }

    static void add_workloads(
        GraphWork& work, const models::NamespaceView& view, const Seen& seen
    ) {
        for (const models::WorkloadPtr& workload : view.workloads) {
            const std::string_view ns = view.object.meta.name;
            if (!seen.workloads.contains({ns, workload->name})) {
                EndNames names;
                names.cluster = work.home_cluster;
                names.workload_ns = ns;
                names.workload = workload->name;
                names.app = workload->canonical_name;
                names.version = workload->version;
                if (names.version.empty()) {
                    names.version = "latest";
                }
                add(work, names);
            }
        }
    }
};

}  // namespace

GraphAppenderPtr make_dead_nodes() { return std::make_shared<const DeadNodes>(); }
GraphAppenderPtr make_idle_nodes() { return std::make_shared<const IdleNodes>(); }

}  // namespace meshscope::business
