#include "business/graph_appenders.hpp"
#include "business/graph_objects.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace meshscope::business {

namespace {

using models::GraphNode;
using models::LabelSet;
using models::NodeIndex;

bool is_one_of(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string_view first_label(const LabelSet& labels, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (const std::string_view value = models::label(labels, name); !value.empty()) {
            return value;
        }
    }
    return {};
}

class LabelsOfObjects final : public GraphAppender {
 public:
    explicit LabelsOfObjects(models::DiscoveryRules rules) : rules_(std::move(rules)) {}
    [[nodiscard]] std::string_view name() const override { return "labeler"; }
    [[nodiscard]] bool finishes() const override { return true; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kLabeler);
    }

    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        each_node(work.graph, [&](NodeIndex index) {
            GraphNode& node = work.graph.node(index);
            if (node.is_inaccessible || node.is_outside) {
                return;
            }
            LabelSet labels;
            if (const models::Service* service = service_of(work, node)) {
                labels = *service->meta.labels;
            } else {
                labels = shared_labels(workloads_of(work, node));
            }
            std::erase_if(labels, [&](const auto& label) {
                return is_one_of(rules_.app_labels, label.first) ||
                       is_one_of(rules_.version_labels, label.first);
            });
            if (!labels.empty()) {
                node.more().labels = std::move(labels);
            }
        });
    }

 private:
    // What holds of all workloads of an application.
    static LabelSet shared_labels(const std::vector<const models::Workload*>& workloads) {
        LabelSet labels;
        for (const models::Workload* workload : workloads) {
            if (workload == workloads.front()) {
                labels = *workload->labels;
                continue;
            }
            std::erase_if(labels, [&](const auto& label) {
                return models::label(*workload->labels, label.first) != label.second;
            });
        }
        return labels;
    }

    models::DiscoveryRules rules_;
};

class WorkloadEntries final : public GraphAppender {
 public:
    explicit WorkloadEntries(models::DiscoveryRules rules) : rules_(std::move(rules)) {}
    [[nodiscard]] std::string_view name() const override { return "workloadEntry"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kWorkloadEntry);
    }

    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        each_node(work.graph, [&](NodeIndex index) {
            GraphNode& node = work.graph.node(index);
            const models::NamespaceView* view = node.app.empty() ? nullptr : view_of(work, node);
            if (view == nullptr || node.type == models::NodeType::kService) {
                return;
            }
            for (const models::MeshObjectPtr& object : view->mesh_objects) {
                if (object->kind.kind == "WorkloadEntry" && belongs(*object, node)) {
                    node.more().workload_entries.push_back(object->meta.name);
                }
            }
        });
    }

 private:
    [[nodiscard]] bool belongs(const models::MeshObject& entry, const GraphNode& node) const {
        const std::string_view version = first_label(*entry.selector, rules_.version_labels);
        return first_label(*entry.selector, rules_.app_labels) == node.app &&
               (node.version.empty() || version == node.version ||
                (version.empty() && node.version == "latest"));
    }

    models::DiscoveryRules rules_;
};

class MeshCheck final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "meshCheck"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kMeshCheck);
    }

    void apply(GraphWork& work, std::span<const clients::VectorAnswerPtr>) const override {
        each_node(work.graph, [&](NodeIndex index) {
            GraphNode& node = work.graph.node(index);
            const auto workloads = workloads_of(work, node);
            if (workloads.empty() || node.is_dead || is_control_plane(*view_of(work, node))) {
                return;
            }
            node.is_ambient = std::ranges::any_of(workloads, [](const auto* workload) {
                return workload->ambient;
            });
            node.is_out_of_mesh = std::ranges::any_of(workloads, [](const auto* workload) {
                return !workload->sidecar && !workload->ambient && !workload->gateway &&
                       !workload->waypoint;
            });
        });
    }

 private:
    static bool is_control_plane(const models::NamespaceView& view) {
        return std::ranges::any_of(view.workloads, [](const models::WorkloadPtr& workload) {
            return models::label(*workload->labels, "app") == "istiod";
        });
    }
};

}  // namespace

GraphAppenderPtr make_labels(models::DiscoveryRules rules) {
    return std::make_shared<const LabelsOfObjects>(std::move(rules));
}
GraphAppenderPtr make_workload_entries(models::DiscoveryRules rules) {
    return std::make_shared<const WorkloadEntries>(std::move(rules));
}
GraphAppenderPtr make_mesh_check() { return std::make_shared<const MeshCheck>(); }

}  // namespace meshscope::business
