#include "models/cluster_snapshot.hpp"

#include "models/cluster_indexes.hpp"
#include "models/owner_chain.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::models {

namespace {

const std::string& name_of(const Workload& workload) { return workload.name; }
template <class Object>
const std::string& name_of(const Object& object) {
    return object.meta.name;
}
const std::string& name_of(const NamespaceView& view) { return view.object.meta.name; }
const std::string& name_of(const Endpoints& endpoints) { return endpoints.service; }

// In a list that is ascending by name; its end: none.
template <class Object>
auto place_of(const std::vector<std::shared_ptr<const Object>>& list, std::string_view name) {
    const auto at = std::lower_bound(
        list.begin(),
        list.end(),
        name,
        [](const auto& one, std::string_view wanted) { return name_of(*one) < wanted; }
    );
    return at != list.end() && name_of(**at) == name ? at : list.end();
}

template <class Object>
const Object* find_named(
    const std::vector<std::shared_ptr<const Object>>& list, std::string_view name
) {
    const auto at = place_of(list, name);
    return at == list.end() ? nullptr : at->get();
}

template <class Key>
std::span<const WorkloadPtr> range_of(
    const std::vector<WorkloadPtr>& list, std::string_view wanted, const Key& key
) {
    const auto begin = std::partition_point(list.begin(), list.end(), [&](const WorkloadPtr& one) {
        return key(*one) < wanted;
    });
    const auto end = std::partition_point(begin, list.end(), [&](const WorkloadPtr& one) {
        return key(*one) == wanted;
    });
    return {begin, end};
}

}  // namespace

const Workload* NamespaceView::find_workload(std::string_view name) const {
    return find_named(workloads, name);
}

const Service* NamespaceView::find_service(std::string_view name) const {
    return find_named(services, name);
}

const Pod* NamespaceView::find_pod(std::string_view name) const { return find_named(pods, name); }

const Endpoints* NamespaceView::find_endpoints(std::string_view service) const {
    return find_named(endpoints, service);
}

WorkloadPtr NamespaceView::workload_of_pod(std::string_view name) const {
    const auto at = place_of(pods, name);
    return at == pods.end() ? nullptr : pod_workloads[static_cast<std::size_t>(at - pods.begin())];
}

std::vector<WorkloadPtr> NamespaceView::of_app(std::string_view app) const {
    std::vector<WorkloadPtr> found;
    std::copy_if(
        workloads.begin(),
        workloads.end(),
        std::back_inserter(found),
        [&](const WorkloadPtr& one) { return one->app == app; }
    );
    return found;
}

std::vector<ServicePtr> NamespaceView::services_of(const Workload& workload) const {
    std::vector<ServicePtr> found;
    for (const ServicePtr& service : services) {
        if (selects(*service->selector, *workload.labels)) {
            found.push_back(service);
        }
    }
    return found;
}

const NamespaceView* ClusterSnapshot::find(std::string_view name_space) const {
    return find_named(namespaces, name_space);
}

const Workload* ClusterSnapshot::find_workload(std::string_view ns, std::string_view name) const {
    const NamespaceView* view = find(ns);
    return view == nullptr ? nullptr : view->find_workload(name);
}

const Pod* ClusterSnapshot::pod_at(std::string_view ip, SystemTime time) const {
    if (!indexes_) {
        return nullptr;
    }
    const Pod* found = nullptr;
    bool several = false;
    indexes_->addresses.each(ip, [&](const Indexes::Address& address) {
        const Pod& pod = *address.pod;
        if (time < pod.meta.created || time >= address.until ||
            std::find(pod.ips.begin(), pod.ips.end(), ip) == pod.ips.end()) {
            return;
        }
        several = several || (found != nullptr && found->meta.uid != pod.meta.uid);
        found = &pod;
    });
    return several ? nullptr : found;
}

const Pod* ClusterSnapshot::pod_by_uid(std::string_view uid) const {
    if (!indexes_) {
        return nullptr;
    }
    Indexes::Known found{nullptr, false};
    indexes_->uids.each(uid, [&](const Indexes::Known& known) {
        if (!found.here && known.pod->meta.uid == uid) {
            found = known;
        }
    });
    return found.pod;
}

const Pod* ClusterSnapshot::pod_named(std::string_view ns, std::string_view name) const {
    const NamespaceView* view = find(ns);
    if (const Pod* here = view == nullptr ? nullptr : view->find_pod(name)) {
        return here;
    }
    if (!indexes_) {
        return nullptr;
    }
    const auto& gone = indexes_->gone_names;
    const auto at = std::partition_point(gone.begin(), gone.end(), [&](const Pod* one) {
        return one->meta.ns < ns || (one->meta.ns == ns && one->meta.name < name);
    });
    return at != gone.end() && (*at)->meta.ns == ns && (*at)->meta.name == name ? *at : nullptr;
}

const Workload* ClusterSnapshot::workload_of(const Pod& pod) const {
    const NamespaceView* view = find(pod.meta.ns);
    if (view == nullptr) {
        return nullptr;
    }
    const auto here = place_of(view->pods, pod.meta.name);
    if (here != view->pods.end() && (*here)->meta.uid == pod.meta.uid) {
        return view->pod_workloads[static_cast<std::size_t>(here - view->pods.begin())].get();
    }
    if (!pod.meta.controller) {
        return nullptr;
    }
    const OwnerRef& owner = *pod.meta.controller;
    if (leads_on(owner.kind.kind)) {
        const auto found = view->workload_of_controller.find(owner.name);
        return found == view->workload_of_controller.end() ? nullptr : found->second.get();
    }
    const Workload* named = view->find_workload(owner.name);
    return named != nullptr && named->kind.kind == owner.kind.kind ? named : nullptr;
}

std::span<const WorkloadPtr> ClusterSnapshot::workloads_named(std::string_view name) const {
    if (!indexes_) {
        return {};
    }
    return range_of(indexes_->by_name, name, [](const Workload& one) -> std::string_view {
        return one.name;
    });
}

std::span<const WorkloadPtr> ClusterSnapshot::workloads_of_app(std::string_view app) const {
    if (!indexes_) {
        return {};
    }
    return range_of(indexes_->by_app, app, [](const Workload& one) -> std::string_view {
        return one.app;
    });
}

}  // namespace meshscope::models
