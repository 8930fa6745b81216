#include "business/mesh.hpp"
#include "business/mesh_names.hpp"
#include "business/service_selection.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace meshscope::business {

namespace {

bool is_service_entry(const models::MeshObject& object) {
    return object.kind.kind == "ServiceEntry" && object.kind.group == "networking.istio.io";
}

bool is_here(const models::NamespaceView& view, std::string_view host) {
    const std::string& ns = view.object.meta.name;
    if (!host.starts_with('*')) {
        const std::string_view name = host.substr(0, host.find('.'));
        return view.find_service(name) != nullptr && names_service(host, ns, ns, name);
    }
    return std::ranges::any_of(view.services, [&](const models::ServicePtr& service) {
        return names_service(host, ns, ns, service->meta.name);
    });
}

// Hosts of ServiceEntries that are no Service of the namespace; of equal ones the first.
std::vector<ServiceItem> external_items(const models::NamespaceView& view) {
    std::vector<ServiceItem> out;
    std::set<std::string_view> seen;
    for (const models::MeshObjectPtr& object : view.mesh_objects) {
        if (!is_service_entry(*object)) {
            continue;
        }
        for (const std::string& host : object->hosts) {
            if (!seen.insert(host).second || is_here(view, host)) {
                continue;
            }
            ServiceItem item;
            item.ns = view.object.meta.name;
            item.name = host;
            item.entry = object;
            out.push_back(std::move(item));
        }
    }
    return out;
}

// Where endpoints are not watched: the ready pods that the service selects.
std::vector<models::EndpointSubset> endpoints_of(
    const models::NamespaceView& view, const models::Service& service
) {
    if (const models::Endpoints* found = view.find_endpoints(service.meta.name)) {
        return found->subsets;
    }
    models::EndpointSubset subset;
    for (const models::PodPtr& pod : view.pods) {
        if (pod->counts_as_ready && !pod->ips.empty() &&
            models::selects(*service.selector, *pod->meta.labels)) {
            subset.addresses.push_back({"Pod", pod->meta.name, pod->ips.front()});
        }
    }
    if (subset.addresses.empty()) {
        return {};
    }
    subset.ports = service.ports;
    return {std::move(subset)};
}

}  // namespace

ServiceItem Mesh::service_item(const models::NamespaceView& view, const models::ServicePtr& service)
    const {
    std::vector<models::WorkloadPtr> selected;
    std::ranges::copy_if(
        view.workloads,
        std::back_inserter(selected),
        [&](const models::WorkloadPtr& workload) {
            return models::selects(*service->selector, *workload->labels);
        }
    );
    return service_item(view, service, std::move(selected));
}

ServiceItem Mesh::service_item(
    const models::NamespaceView& view,
    const models::ServicePtr& service,
    std::vector<models::WorkloadPtr> selected
) const {
    ServiceItem item;
    item.ns = view.object.meta.name;
    item.name = service->meta.name;
    item.service = service;
    item.workloads = std::move(selected);
    item.app = std::ranges::any_of(parts_.rules.app_labels, [&](const std::string& key) {
        return models::has_label(*service->selector, key);
    });
    return item;
}

Result<MeshServiceList> Mesh::services(const RequestContext& context, const ListQuery& query)
    const {
    auto opened = open(query.cluster);
    if (!opened) {
        return opened.error();
    }
    MeshServiceList list;
    const Views all = visible_views(context.caller, *opened->snapshot);
    const References references(query.references ? all : Views());
    for (const models::NamespaceView* view : wanted(all, query.namespaces)) {
        std::vector<ServiceItem> items = external_items(*view);
        const ServiceSelection selection(*view);
        for (std::size_t i = 0; i < view->services.size(); ++i) {
            items.push_back(service_item(*view, view->services[i], selection.workloads_of(i)));
        }
        std::ranges::sort(items, {}, &ServiceItem::name);
        for (ServiceItem& item : items) {
            item.references = references.of_service(item.ns, item.name);
            list.items.push_back(std::move(item));
        }
    }
    list.meta = meta(context, *opened, list.items.size(), "namespace:asc,name:asc");
    list.snapshot = std::move(opened->snapshot);
    return list;
}

Result<ServiceDetail> Mesh::service(const RequestContext& context, const ObjectQuery& query) const {
    auto opened = open(query.cluster);
    if (!opened) {
        return opened.error();
    }
    const auto view = find(context, *opened->snapshot, query.ns);
    if (!view) {
        return view.error();
    }
    ServiceDetail detail;
    const auto& services = (*view)->services;
    const auto found = std::ranges::find_if(services, [&](const models::ServicePtr& one) {
        return one->meta.name == query.name;
    });
    if (found != services.end()) {
        detail.item = service_item(**view, *found);
        detail.endpoints = endpoints_of(**view, **found);
        const models::Workload* waypoint = waypoint_of(*opened->snapshot, **view, **found);
        if (waypoint != nullptr && this->find(context, *opened->snapshot, waypoint->ns)) {
            const bool own = models::has_label(*(*found)->meta.labels, "istio.io/use-waypoint");
            detail.waypoints.push_back({waypoint, own ? "service" : "namespace"});
        }
    } else {
        auto external = external_items(**view);
        const auto host = std::ranges::find(external, query.name, &ServiceItem::name);
        if (host == external.end()) {
            return Error(
                ErrorKind::kNotFound,
                "there is no service '" + query.name + "' in the namespace '" + query.ns + "'"
            );
        }
        detail.item = std::move(*host);
    }
    const References references(visible_views(context.caller, *opened->snapshot));
    detail.item.references = references.of_service(query.ns, query.name);
    detail.meta = meta(context, *opened, 1, "");
    const auto cut = std::ranges::count_if(detail.item.references, [](const auto& object) {
        return object->json == nullptr;
    });
    detail.meta.drop("mesh_object_text", static_cast<std::uint64_t>(cut));
    detail.snapshot = std::move(opened->snapshot);
    return detail;
}

}  // namespace meshscope::business
