#include "business/mesh.hpp"

#include <algorithm>

namespace meshscope::business {

ServiceItem Mesh::service_item(const models::NamespaceView& view, const models::ServicePtr& service)
    const {
    ServiceItem item;
    item.ns = view.object.meta.name;
    item.name = service->meta.name;
    item.service = service;
    for (const models::WorkloadPtr& workload : view.workloads) {
        if (models::selects(*service->selector, *workload->labels)) {
            item.workloads.push_back(workload);
        }
    }
    item.app = std::ranges::any_of(parts_.rules.app_labels, [&](const std::string& key) {
        return models::has_label(*service->selector, key);
    });
    return item;
}

}  // namespace meshscope::business
