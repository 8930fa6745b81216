#include "business/mesh.hpp"
#include "business/mesh_names.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::string_view kUseWaypoint = "istio.io/use-waypoint";

bool says_waypoint(const models::LabelSet& labels) {
    return models::has_label(labels, kUseWaypoint);
}

// Where the waypoint was named, in the order in which it is looked for.
std::string where_named(
    const models::Workload& workload, const std::vector<models::ServicePtr>& services
) {
    const bool on_pods = std::ranges::any_of(workload.pods, [](const models::PodPtr& pod) {
        return says_waypoint(*pod->meta.labels);
    });
    if (on_pods || says_waypoint(*workload.labels)) {
        return "workload";
    }
    const bool on_service = services.size() == 1 && says_waypoint(*services[0]->meta.labels);
    return on_service ? "service" : "namespace";
}

bool is_kind(const models::Workload& workload, const models::Kind& wanted) {
    return workload.kind.kind == wanted.kind &&
           (wanted.version.empty() ||
            (workload.kind.group == wanted.group && workload.kind.version == wanted.version));
}

bool is_entry_of(const models::MeshObject& object, const models::Workload& workload) {
    if (object.kind.kind != "WorkloadEntry") {
        return false;
    }
    const auto& owner = object.meta.controller;
    const bool in_group = owner && owner->kind.kind == "WorkloadGroup";
    return in_group ? workload.kind.kind == "WorkloadGroup" && owner->name == workload.name
                    : workload.kind.kind == "WorkloadEntry" && object.meta.name == workload.name;
}

}  // namespace

Result<WorkloadList> Mesh::workloads(const RequestContext& context, const ListQuery& query) const {
    auto opened = open(query.cluster);
    if (!opened) {
        return opened.error();
    }
    WorkloadList list;
    const Views all = visible_views(context.caller, *opened->snapshot);
    const References references(query.references ? all : Views());
    for (const models::NamespaceView* view : wanted(all, query.namespaces)) {
        for (const models::WorkloadPtr& workload : view->workloads) {
            list.items.push_back({workload, references.of_workload(*workload)});
        }
    }
    list.meta = meta(context, *opened, list.items.size(), "namespace:asc,name:asc");
    list.snapshot = std::move(opened->snapshot);
    return list;
}

Result<WorkloadDetail> Mesh::workload(
    const RequestContext& context, const ObjectQuery& query, const std::optional<models::Kind>& kind
) const {
    auto opened = open(query.cluster);
    if (!opened) {
        return opened.error();
    }
    const auto view = find(context, *opened->snapshot, query.ns);
    if (!view) {
        return view.error();
    }
    const auto& all = (*view)->workloads;
    const auto found = std::ranges::find_if(all, [&](const models::WorkloadPtr& one) {
        return one->name == query.name && (!kind || is_kind(*one, *kind));
    });
    if (found == all.end()) {
        return Error(
            ErrorKind::kNotFound,
            "there is no workload '" + query.name + "' in the namespace '" + query.ns + "'"
        );
    }
    WorkloadDetail detail;
    const models::Workload& workload = **found;
    const Views visible = visible_views(context.caller, *opened->snapshot);
    detail.item.workload = *found;
    if (query.references) {
        detail.item.references = References(visible).of_workload(workload);
    }
    for (const models::ServicePtr& service : (*view)->services_of(workload)) {
        detail.services.push_back(service_item(**view, service));
    }
    detail.waypoints = waypoints_of(context, *opened->snapshot, **view, workload);
    if (workload.waypoint) {
        detail.waypoint_services = captured_services(*opened->snapshot, visible, workload);
    }
    for (const models::MeshObjectPtr& object : (*view)->mesh_objects) {
        if (is_entry_of(*object, workload)) {
            detail.entries.push_back(object);
        }
    }
    detail.meta = meta(context, *opened, 1, "");
    detail.snapshot = std::move(opened->snapshot);
    return detail;
}

std::vector<WaypointRef> Mesh::waypoints_of(
    const RequestContext& context,
    const models::ClusterSnapshot& snapshot,
    const models::NamespaceView& view,
    const models::Workload& workload
) const {
    const models::Workload* waypoint = waypoint_of(snapshot, workload);
    if (waypoint == nullptr || !find(context, snapshot, waypoint->ns)) {
        return {};
    }
    return {{waypoint, where_named(workload, view.services_of(workload))}};
}

std::vector<WaypointService> Mesh::captured_services(
    const models::ClusterSnapshot& snapshot, const Views& views, const models::Workload& waypoint
) {
    std::vector<WaypointService> out;
    for (const models::NamespaceView* view : views) {
        for (const models::ServicePtr& service : view->services) {
            if (waypoint_of(snapshot, *view, *service) == &waypoint) {
                const bool own = says_waypoint(*service->meta.labels);
                out.push_back({service, own ? "service" : "namespace"});
            }
        }
    }
    return out;
}

}  // namespace meshscope::business
