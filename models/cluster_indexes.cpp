#include "models/cluster_indexes.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace meshscope::models {

namespace {

using Address = ClusterSnapshot::Indexes::Address;

void add_addresses(HashIndex<Address>& out, const Pod& pod, SystemTime until) {
    if (pod.host_network) {
        return;
    }
    for (const std::string& ip : pod.ips) {
        out.add(ip, {&pod, until});
    }
}

// A pod that has ended keeps its address in its status, and another may have it by then.
bool holds_its_address(const Pod& pod) {
    return pod.phase != PodPhase::kSucceeded && pod.phase != PodPhase::kFailed;
}

}  // namespace

ClusterSnapshot::Indexes::Indexes(
    const std::vector<NamespaceViewPtr>& views, std::vector<GonePod> gone_pods
)
    : gone(std::move(gone_pods)) {
    std::size_t pods = gone.size();
    std::size_t workloads = 0;
    for (const NamespaceViewPtr& view : views) {
        pods += view->pods.size();
        workloads += view->workloads.size();
    }
    addresses.reserve(pods);
    uids.reserve(pods);
    by_name.reserve(workloads);
    for (const GonePod& one : gone) {
        add_addresses(addresses, *one.pod, one.until);
        gone_names.push_back(one.pod.get());
        uids.add(one.pod->meta.uid, {one.pod.get(), false});
    }
    for (const NamespaceViewPtr& view : views) {
        for (const PodPtr& pod : view->pods) {
            if (holds_its_address(*pod)) {
                add_addresses(addresses, *pod, SystemTime::max());
            }
            uids.add(pod->meta.uid, {pod.get(), true});
        }
        by_name.insert(by_name.end(), view->workloads.begin(), view->workloads.end());
    }
    std::copy_if(
        by_name.begin(),
        by_name.end(),
        std::back_inserter(by_app),
        [](const WorkloadPtr& one) { return !one->app.empty(); }
    );
    addresses.order();
    uids.order();
    std::sort(gone_names.begin(), gone_names.end(), [](const Pod* a, const Pod* b) {
        return std::tie(a->meta.ns, a->meta.name, b->meta.created) <
               std::tie(b->meta.ns, b->meta.name, a->meta.created);
    });
    std::sort(by_name.begin(), by_name.end(), [](const WorkloadPtr& a, const WorkloadPtr& b) {
        return std::tie(a->name, a->ns) < std::tie(b->name, b->ns);
    });
    std::sort(by_app.begin(), by_app.end(), [](const WorkloadPtr& a, const WorkloadPtr& b) {
        return std::tie(a->app, a->ns, a->name) < std::tie(b->app, b->ns, b->name);
    });
}

}  // namespace meshscope::models
