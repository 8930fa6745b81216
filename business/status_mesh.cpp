#include "business/mesh_sampling.hpp"
#include "business/status.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

// What the cluster tells of the mesh itself, and what is linked to.
namespace meshscope::business {

namespace {

Health health_of(const models::Workload& workload) {
    if (workload.desired == 0) {
        return Health::kNotReady;
    }
    const bool whole =
        workload.desired == workload.available && workload.desired == workload.current;
    return whole ? Health::kHealthy : Health::kUnhealthy;
}

// The tag of an image, "1.27.1"; "" without one. A port is no tag, a digest is none either.
std::string_view tag_of(std::string_view image) {
    image = image.substr(0, image.find('@'));
    const std::size_t slash = image.rfind('/');
    const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    const std::size_t colon = image.find(':', begin);
    return colon == std::string_view::npos ? std::string_view() : image.substr(colon + 1);
}

// Of the mesh's own program in the workload's first pod.
std::string version_of(const models::Workload& workload) {
    if (workload.pods.empty()) {
        return {};
    }
    for (const models::Container& container : *workload.pods.front()->containers) {
        if (container.name == "discovery" || container.name == "istio-proxy") {
            return std::string(tag_of(container.image));
        }
    }
    return {};
}

ComponentStatus component_of(const models::Workload& workload, bool core) {
    ComponentStatus component;
    component.name = workload.name;
    component.health = health_of(workload);
    component.core = core;
    component.version = version_of(workload);
    if (component.health == Health::kUnhealthy) {
        component.reason =
            Error(
                ErrorKind::kUnavailable,
                std::to_string(workload.available) + " of " + std::to_string(workload.desired) +
                    " replicas of " + workload.ns + "/" + workload.name + " are available"
            )
                .with_code("replicas");
    }
    return component;
}

bool is_wanted(
    const WantedComponent& wanted,
    const std::vector<std::string>& control_planes,
    const models::Workload& workload
) {
    const bool there = wanted.ns.empty() ? std::ranges::count(control_planes, workload.ns) > 0
                                         : wanted.ns == workload.ns;
    return there && models::label(*workload.labels, "app") == wanted.app;
}

// What is wanted, in one of the namespaces `places`; one entry when it is in none.
std::vector<ComponentStatus> look_for(
    const models::ClusterSnapshot& cluster,
    const WantedComponent& wanted,
    const std::vector<std::string>& places
) {
    std::vector<ComponentStatus> out;
    for (const std::string& place : places) {
        const models::NamespaceView* view = cluster.find(place);
        if (view == nullptr) {
            continue;
        }
        for (const models::WorkloadPtr& workload : view->workloads) {
            if (is_wanted(wanted, places, *workload)) {
                out.push_back(component_of(*workload, wanted.core));
            }
        }
    }
    if (out.empty()) {
        ComponentStatus& missing = out.emplace_back();
        missing.name = wanted.app;
        missing.health = Health::kNotFound;
        missing.core = wanted.core;
        missing.reason =
            Error(
                ErrorKind::kNotFound,
                "namespace " + places.front() + " has no workload with the label app=" + wanted.app
            )
                .with_hint(
                    {"external_services.istio.component_status.components",
                     "install it, or correct app_label and namespace"}
                );
    }
    return out;
}

}  // namespace

std::vector<ComponentStatus> Status::mesh_components(const Caller& caller) const {
    if (parts_.cluster == nullptr || parts_.access == nullptr || !parts_.cluster->state().synced) {
        return {};
    }
    const models::ClusterSnapshotPtr snapshot = parts_.cluster->snapshot();
    const std::vector<std::string> control_planes = control_planes_of(*snapshot);
    std::vector<ComponentStatus> found;
    for (const WantedComponent& wanted : parts_.wanted) {
        std::vector<std::string> places =
            wanted.ns.empty() ? control_planes : std::vector<std::string>{wanted.ns};
        std::erase_if(places, [&](const std::string& ns) {
            return !parts_.access->visible(caller, ns);
        });
        if (!places.empty()) {
            std::ranges::move(look_for(*snapshot, wanted, places), std::back_inserter(found));
        }
    }
    for (const models::NamespaceViewPtr& view : snapshot->namespaces) {
        if (!parts_.access->visible(caller, view->object.meta.name)) {
            continue;
        }
        for (const models::WorkloadPtr& workload : view->workloads) {
            const bool listed =
                workload->gateway || (parts_.wanted.empty() && is_control_plane(*workload));
            const bool there = std::ranges::any_of(parts_.wanted, [&](const auto& wanted) {
                return is_wanted(wanted, control_planes, *workload);
            });
            if (listed && !there) {
                found.push_back(component_of(*workload, is_control_plane(*workload)));
            }
        }
    }
    std::ranges::sort(found, [](const ComponentStatus& a, const ComponentStatus& b) {
        return a.core != b.core ? a.core : a.name < b.name;
    });
    return found;
}

DashboardLinks Status::dashboard_links() const {
    DashboardLinks out;
    if (parts_.dashboards == nullptr) {
        return out;
    }
    out.enabled = true;
    clients::DashboardsState state = parts_.dashboards->state();
    const DashboardSettings& settings = parts_.dashboard_settings;
    const bool there = state.reachability == clients::DashboardsState::Reachability::kReachable;
    if (!there && state.found.empty()) {
        out.unavailable =
            state.reason ? *state.reason
                         : Error(ErrorKind::kUpstreamUnavailable, "Grafana was not reached yet")
                               .with_upstream("grafana");
        return out;
    }
    out.datasource_uid = settings.datasource_uid;
    if (settings.external_url.empty()) {
        out.meta.warn(
            "no_external_url",
            "external_services.grafana.external_url is not set: there is no address for links"
        );
        state.found.clear();
    }
    for (clients::FoundDashboard& one : state.found) {
        const auto variables = settings.variables.find(one.name);
        out.links.push_back(
            {std::move(one.name),
             settings.external_url + one.path,
             variables == settings.variables.end() ? DashboardSettings::Variables{}
                                                   : variables->second}
        );
    }
    if (!there && state.reason) {
        out.meta.warn("upstream_unreachable", state.reason->message());
    }
    out.meta.returned = out.links.size();
    out.meta.scanned = settings.variables.size();
    out.meta.order = "as configured";
    return out;
}

}  // namespace meshscope::business
