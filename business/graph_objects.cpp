#include "business/graph_objects.hpp"

namespace meshscope::business {

namespace {

using models::GraphNode;
using models::NodeType;

bool is_of_app(const models::Workload& workload, const GraphNode& node) {
    const bool app = workload.canonical_name == node.app || workload.app == node.app;
    return app && (node.version.empty() || workload.version == node.version);
}

}  // namespace

const models::NamespaceView* view_of(const GraphWork& work, const GraphNode& node) {
    const bool home =
        node.cluster == work.home_cluster || node.cluster == "unknown" || work.home_cluster.empty();
    return work.snapshot && home && work.visible(node.ns) ? work.snapshot->find(node.ns) : nullptr;
}

std::vector<const models::Workload*> workloads_of(const GraphWork& work, const GraphNode& node) {
    std::vector<const models::Workload*> out;
    const models::NamespaceView* view = view_of(work, node);
    if (view == nullptr || (node.type != NodeType::kWorkload && node.type != NodeType::kApp)) {
        return out;
    }
    if (!node.workload.empty()) {
        if (const models::Workload* workload = view->find_workload(node.workload)) {
            out.push_back(workload);
        }
        return out;
    }
    for (const models::WorkloadPtr& workload : view->workloads) {
        if (is_of_app(*workload, node)) {
            out.push_back(workload.get());
        }
    }
    return out;
}

const models::Service* service_of(const GraphWork& work, const GraphNode& node) {
    const models::NamespaceView* view =
        node.type == NodeType::kService ? view_of(work, node) : nullptr;
    return view == nullptr ? nullptr : view->find_service(node.service);
}

std::vector<const models::NamespaceView*> visible_views(const GraphWork& work) {
    std::vector<const models::NamespaceView*> out;
    if (work.snapshot) {
        for (const models::NamespaceViewPtr& view : work.snapshot->namespaces) {
            if (work.visible(view->object.meta.name)) {
                out.push_back(view.get());
            }
        }
    }
    return out;
}

}  // namespace meshscope::business
