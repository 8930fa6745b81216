#pragma once

#include "models/cluster_snapshot.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace meshscope::models {

// The rules by which workloads are found (the configuration's).
struct DiscoveryRules {
    std::vector<std::string> app_labels{
        "service.istio.io/canonical-name", "app.kubernetes.io/name", "app"
    };
    std::vector<std::string> version_labels{
        "service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"
    };
    // Never Deployment or ReplicaSet.
    std::set<std::string, std::less<>> excluded_kinds{
        "CronJob", "DeploymentConfig", "Job", "ReplicationController"
    };
};

// A controller as the API server has it; its pods are found by owner references.
struct Controller {
    Kind kind;
    ObjectMeta meta;
    bool has_template = false;  // false: metadata only (ReplicaSets and Jobs with an owner)
    Labels template_labels = no_labels();
    Labels template_annotations = no_labels();
    std::int32_t desired = 0;
    std::int32_t current = 0;
    std::int32_t available = 0;
};
using ControllerPtr = std::shared_ptr<const Controller>;

// The objects of one namespace, as the watches keep them; each list ascending by name.
struct NamespaceObjects {
    Namespace object;
    std::vector<PodPtr> pods;
    std::vector<ControllerPtr> controllers;  // all kinds; ascending by name, then kind
    std::vector<ServicePtr> services;
    std::vector<EndpointsPtr> endpoints;
    std::vector<MeshObjectPtr> mesh_objects;
};

// Pure. ReplicaSets, ReplicationControllers and Jobs lead on to their owner, at most 8 steps; a
// chain stops at the last known owner; circles end there; controller=false counts as none; of an
// unknown kind the owner reference's text is the workload. A ReplicaSet without owner is a workload
// when it has replicas or pods. Of one name the kind of the highest rank stays: Deployment,
// DeploymentConfig, ReplicaSet, ReplicationController, StatefulSet, Job, others, Pod.
// WorkloadEntries belong to the WorkloadGroup that owns them, else each is a workload. O(n log n).
NamespaceViewPtr build_namespace(NamespaceObjects objects, const DiscoveryRules& rules);

// A pod and when it was seen deleted or ended.
struct GonePod {
    PodPtr pod;
    SystemTime until;
};

// Makes snapshots of namespaces. Used by one thread.
class ClusterBuilder {
 public:
    explicit ClusterBuilder(std::string cluster);
    void set_cluster(std::string name);
    void put(NamespaceViewPtr view);  // new or instead of the one of that name
    void remove(std::string_view name);
    // A pod that was deleted or has ended, so that its spans are still told apart; the first time
    // of one pod counts. Beyond kMostGone the ones that were remembered first fall out.
    static constexpr std::size_t kMostGone = 20'000;
    void remember(PodPtr gone, SystemTime until);
    void forget_before(SystemTime time);  // those that were gone before
    // The generation is one more than the last one's. About 0.5 µs a pod.
    ClusterSnapshotPtr build();

 private:
    std::string cluster_;
    std::uint64_t generation_ = 0;
    std::map<std::string, NamespaceViewPtr, std::less<>> views_;
    std::deque<GonePod> gone_;
    std::unordered_set<std::string> gone_uids_;
};

}  // namespace meshscope::models
