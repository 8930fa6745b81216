#include "business/mesh.hpp"
#include "business/service_selection.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace meshscope::business {

namespace {

// The service is one of several of that name only once.
void add_services(AppItem& item, const ServiceSelection& selection) {
    for (const models::WorkloadPtr& workload : item.workloads) {
        for (models::ServicePtr& service : selection.services_of(*workload)) {
            item.services.push_back(std::move(service));
        }
    }
    const auto name = [](const models::ServicePtr& service) -> const std::string& {
        return service->meta.name;
    };
    std::ranges::sort(item.services, {}, name);
    const auto rest = std::ranges::unique(item.services);
    item.services.erase(rest.begin(), rest.end());
}

void add_references(AppItem& item, const References& references) {
    auto& out = item.references;
    const auto add = [&out](std::vector<models::MeshObjectPtr> found) {
        for (models::MeshObjectPtr& object : found) {
            if (std::ranges::find(out, object) == out.end()) {
                out.push_back(std::move(object));
            }
        }
    };
    for (const models::WorkloadPtr& workload : item.workloads) {
        add(references.of_workload(*workload));
    }
    for (const models::ServicePtr& service : item.services) {
        add(references.of_service(item.ns, service->meta.name));
    }
}

}  // namespace

Result<AppList> Mesh::apps(const RequestContext& context, const ListQuery& query) const {
    auto opened = open(query.cluster);
    if (!opened) {
        return opened.error();
    }
    AppList list;
    const Views all = visible_views(context.caller, *opened->snapshot);
    const References references(query.references ? all : Views());
    for (const models::NamespaceView* view : wanted(all, query.namespaces)) {
        std::map<std::string_view, std::vector<models::WorkloadPtr>> by_name;
        for (const models::WorkloadPtr& workload : view->workloads) {
            if (!workload->app.empty()) {
                by_name[workload->app].push_back(workload);
            }
        }
        const ServiceSelection selection(*view);
        for (auto& [name, workloads] : by_name) {
            AppItem item{view->object.meta.name, std::string(name), std::move(workloads), {}, {}};
            add_services(item, selection);
            add_references(item, references);
            list.items.push_back(std::move(item));
        }
    }
    list.meta = meta(context, *opened, list.items.size(), "namespace:asc,name:asc");
    list.snapshot = std::move(opened->snapshot);
    return list;
}

Result<AppDetail> Mesh::app(const RequestContext& context, const ObjectQuery& query) const {
    auto opened = open(query.cluster);
    if (!opened) {
        return opened.error();
    }
    const auto view = find(context, *opened->snapshot, query.ns);
    if (!view) {
        return view.error();
    }
    AppDetail detail;
    detail.item = {query.ns, query.name, (*view)->of_app(query.name), {}, {}};
    if (detail.item.workloads.empty()) {
        return Error(
            ErrorKind::kNotFound,
            "there is no application '" + query.name + "' in the namespace '" + query.ns + "'"
        );
    }
    detail.ns = describe_namespace(**view);
    add_services(detail.item, ServiceSelection(**view));
    for (const models::WorkloadPtr& workload : detail.item.workloads) {
        detail.waypoints.push_back(waypoints_of(context, *opened->snapshot, **view, *workload));
    }
    detail.meta = meta(context, *opened, 1, "");
    detail.snapshot = std::move(opened->snapshot);
    return detail;
}

}  // namespace meshscope::business
