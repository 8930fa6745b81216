#include "business/mesh_names.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::business {

namespace {

using models::ClusterSnapshot;
using models::LabelSet;
using models::NamespaceView;
using models::Service;
using models::Workload;

constexpr std::string_view kUse = "istio.io/use-waypoint";
constexpr std::string_view kUseNamespace = "istio.io/use-waypoint-namespace";
constexpr std::string_view kFor = "istio.io/waypoint-for";
constexpr std::string_view kGatewayName = "gateway.networking.k8s.io/gateway-name";

// Answers for nothing: says so itself or as the Gateway that it was made of.
bool is_for_none(const NamespaceView& view, const Workload& waypoint) {
    if (models::label(*waypoint.labels, kFor) == "none") {
        return true;
    }
    const std::string_view gateway = models::label(*waypoint.labels, kGatewayName);
    const auto& all = view.mesh_objects;
    return std::any_of(all.begin(), all.end(), [&](const models::MeshObjectPtr& object) {
        return object->kind.kind == "Gateway" &&
               object->kind.group == "gateway.networking.k8s.io" && object->meta.name == gateway &&
               models::label(*object->meta.labels, kFor) == "none";
    });
}

const Workload* waypoint_named(
    const ClusterSnapshot& cluster, std::string_view ns, std::string_view name
) {
    const NamespaceView* view = cluster.find(ns);
    if (view == nullptr) {
        return nullptr;
    }
    for (const models::WorkloadPtr& workload : view->workloads) {
        const bool named =
            workload->name == name || models::label(*workload->labels, kGatewayName) == name;
        if (workload->waypoint && named) {
            return is_for_none(*view, *workload) ? nullptr : workload.get();
        }
    }
    return nullptr;
}

// What one level says: nothing (nullopt), nobody (null), or a waypoint. A waypoint that is not
// there or answers for nothing is nobody.
std::optional<const Workload*> level(
    const ClusterSnapshot& cluster, std::string_view own_ns, const LabelSet& labels
) {
    const std::string_view name = models::label(labels, kUse);
    if (name.empty()) {
        return std::nullopt;
    }
    if (name == "none") {
        return nullptr;
    }
    const std::string_view ns = models::label(labels, kUseNamespace);
    return waypoint_named(cluster, ns.empty() ? own_ns : ns, name);
}

// As for workloads: labels that Istio's gateway controller sets.
bool is_waypoint_service(const Service& service) {
    const LabelSet& labels = *service.meta.labels;
    return models::label(labels, "gateway.istio.io/managed") == "istio.io-mesh-controller" ||
           to_lower(models::label(labels, kGatewayName)).find("waypoint") != std::string::npos;
}

bool is_synced(const ClusterSnapshot* cluster) {
    return cluster != nullptr && cluster->generation != 0;
}

Error not_found(std::string_view what, std::string_view ns, std::string_view name) {
    return Error(
        ErrorKind::kNotFound,
        std::string(what) + " " + std::string(name) + " not found in namespace " + std::string(ns)
    );
}

ResolvedName named(std::string_view ns, std::string_view app, std::string_view lookup) {
    return {std::string(app), std::string(lookup), std::string(ns)};
}

ResolvedName by_waypoint(std::string_view ns, std::string_view app, const Workload& waypoint) {
    ResolvedName out = named(waypoint.ns, app, waypoint.name);
    out.home = waypoint.ns == ns ? "" : std::string(ns);
    return out;
}

// Under which a waypoint reports for `host`; the namespace is part of it when names have one.
ResolvedName by_host(
    std::string_view ns, std::string_view app, std::string_view host, const NamingRule& rule
) {
    std::string_view domain = rule.identity_domain;
    while (domain.starts_with('.')) {
        domain.remove_prefix(1);
    }
    std::string lookup(host);
    if (rule.namespace_selector) {
        lookup.append(".").append(ns);
    }
    lookup.append(".").append(domain);
    return named(ns, app, lookup);
}

bool has_service_entry(const NamespaceView& view, std::string_view host) {
    const auto& all = view.mesh_objects;
    return std::any_of(all.begin(), all.end(), [&](const models::MeshObjectPtr& object) {
        return object->kind.kind == "ServiceEntry" &&
               std::find(object->hosts.begin(), object->hosts.end(), host) != object->hosts.end();
    });
}

std::string_view app_of(const LabelSet& labels, const NamingRule& rule) {
    for (const std::string& key : rule.app_labels) {
        const std::string_view value = models::label(labels, key);
        if (!value.empty()) {
            return value;
        }
    }
    return {};
}

// The first service by name that selects one of the application's workloads; "" none.
std::string_view first_service(
    const NamespaceView& view, const std::vector<models::WorkloadPtr>& workloads
) {
    for (const models::ServicePtr& service : view.services) {
        const bool selects =
            std::any_of(workloads.begin(), workloads.end(), [&](const models::WorkloadPtr& one) {
                return models::selects(*service->selector, *one->labels);
            });
        if (selects) {
            return service->meta.name;
        }
    }
    return {};
}

}  // namespace

const Workload* waypoint_of(const ClusterSnapshot& cluster, const Workload& workload) {
    const NamespaceView* view = cluster.find(workload.ns);
    if (view == nullptr || !workload.ambient || workload.waypoint || workload.ztunnel) {
        return nullptr;
    }
    if (const auto found = level(cluster, workload.ns, *workload.labels)) {
        return *found;
    }
    for (const models::PodPtr& pod : workload.pods) {
        if (const auto found = level(cluster, workload.ns, *pod->meta.labels)) {
            return *found;
        }
    }
    const auto services = view->services_of(workload);
    if (services.size() == 1) {
        if (const auto found = level(cluster, workload.ns, *services.front()->meta.labels)) {
            return *found;
        }
    }
    return level(cluster, workload.ns, *view->object.meta.labels).value_or(nullptr);
}

const Workload* waypoint_of(
    const ClusterSnapshot& cluster, const NamespaceView& ns, const Service& service
) {
    const std::string& own = ns.object.meta.name;
    if (const auto found = level(cluster, own, *service.meta.labels)) {
        return *found;
    }
    return level(cluster, own, *ns.object.meta.labels).value_or(nullptr);
}

Result<ResolvedName> name_of_app(
    const ClusterSnapshot* cluster,
    std::string_view ns,
    std::string_view app,
    const NamingRule& rule,
    bool use_waypoint_name
) {
    const NamespaceView* view = is_synced(cluster) ? cluster->find(ns) : nullptr;
    if (view == nullptr) {
        return resolve_app(ns, app);
    }
    std::vector<models::WorkloadPtr> workloads = view->of_app(app);
    std::erase_if(workloads, [](const auto& one) { return one->waypoint || one->ztunnel; });
    for (const models::WorkloadPtr& workload : workloads) {
        const Workload* waypoint = waypoint_of(*cluster, *workload);
        if (waypoint == nullptr) {
            continue;
        }
        if (use_waypoint_name) {
            return by_waypoint(ns, app, *waypoint);
        }
        const std::string_view service = first_service(*view, workloads);
        return service.empty() ? resolve_app(ns, app) : by_host(ns, app, service, rule);
    }
    return resolve_app(ns, app);
}

Result<ResolvedName> name_of_service(
    const ClusterSnapshot* cluster,
    std::string_view ns,
    std::string_view service,
    const NamingRule& rule,
    bool use_waypoint_name
) {
    if (!is_synced(cluster)) {
        return resolve_app(ns, service);
    }
    const NamespaceView* view = cluster->find(ns);
    const Service* object = view == nullptr ? nullptr : view->find_service(service);
    if (object == nullptr) {
        const bool external = view != nullptr && has_service_entry(*view, service);
        return external ? Result<ResolvedName>(resolve_app(ns, service))
                        : not_found("Service", ns, service);
    }
    if (is_waypoint_service(*object)) {
        return resolve_app(ns, service);
    }
    const std::string_view selected = app_of(*object->selector, rule);
    const std::string_view app = selected.empty() ? service : selected;
    if (const Workload* waypoint = waypoint_of(*cluster, *view, *object)) {
        return use_waypoint_name ? by_waypoint(ns, service, *waypoint)
                                 : by_host(ns, service, app, rule);
    }
    return named(ns, app, app);
}

Result<ResolvedName> name_of_workload(
    const ClusterSnapshot* cluster,
    std::string_view ns,
    std::string_view workload,
    const NamingRule& rule,
    bool use_waypoint_name
) {
    if (!is_synced(cluster)) {
        return resolve_app(ns, workload);
    }
    const Workload* object = cluster->find_workload(ns, workload);
    if (object == nullptr) {
        return not_found("Workload", ns, workload);
    }
    if (object->gateway || object->waypoint) {
        return resolve_app(ns, workload);
    }
    const std::string& app = object->app.empty() ? object->canonical_name : object->app;
    if (const Workload* waypoint = waypoint_of(*cluster, *object)) {
        return use_waypoint_name ? by_waypoint(ns, app, *waypoint) : by_host(ns, app, app, rule);
    }
    return named(ns, app, app);
}

}  // namespace meshscope::business
