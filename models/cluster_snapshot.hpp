#pragma once

#include "models/cluster.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meshscope::models {

// One namespace, whole. Built anew when anything in it has changed, shared by the snapshots between
// which nothing did. All lists ascending by name.
struct NamespaceView {
    Namespace object;
    std::vector<PodPtr> pods;
    // Of each of `pods` the workload that it belongs to, also of kinds that are left out of
    // `workloads`.
    std::vector<WorkloadPtr> pod_workloads;
    std::vector<WorkloadPtr> workloads;  // excluded kinds left out; one for each name
    std::vector<ServicePtr> services;
    std::vector<EndpointsPtr> endpoints;      // only where endpoints may be watched
    std::vector<MeshObjectPtr> mesh_objects;  // by kind, then name
    // Controllers known by name (ReplicaSets, Jobs) with the workload they belong to: pods that are
    // gone are led to their owner by them.
    std::unordered_map<std::string, WorkloadPtr> workload_of_controller;

    [[nodiscard]] const Workload* find_workload(std::string_view name) const;  // null: none
    [[nodiscard]] const Service* find_service(std::string_view name) const;
    [[nodiscard]] const Pod* find_pod(std::string_view name) const;
    [[nodiscard]] const Endpoints* find_endpoints(std::string_view service) const;
    [[nodiscard]] WorkloadPtr workload_of_pod(std::string_view name) const;
    // The workloads whose `app` is this, ascending by name; O(workloads).
    [[nodiscard]] std::vector<WorkloadPtr> of_app(std::string_view app) const;
    // The services whose selector is not empty and matches the template labels.
    [[nodiscard]] std::vector<ServicePtr> services_of(const Workload& workload) const;
};
using NamespaceViewPtr = std::shared_ptr<const NamespaceView>;

// The cluster at one moment: immutable, shared by all threads, swapped whole. Everything found in
// it lives as long as it; who keeps a pointer keeps the snapshot.
class ClusterSnapshot {
 public:
    struct Indexes;  // made by the builder

    std::string cluster;           // "Kubernetes": configured, else found, else that
    std::uint64_t generation = 0;  // another number: another content; 0: nothing is known yet
    std::vector<NamespaceViewPtr> namespaces;  // ascending by name; all, whatever the selectors say

    [[nodiscard]] const NamespaceView* find(std::string_view name_space) const;  // O(log n)
    [[nodiscard]] const Workload* find_workload(std::string_view ns, std::string_view name) const;

    // The pod that had this address then. Null when none or more than one had (also: pods on the
    // host's network). Times before the first sync count as then when the pod was created before.
    [[nodiscard]] const Pod* pod_at(std::string_view ip, SystemTime time) const;
    // Null when it is unknown. Pods that are gone are found as long as the builder remembers them.
    [[nodiscard]] const Pod* pod_by_uid(std::string_view uid) const;
    // Here or gone; of several that had the name the one that is here, else the youngest.
    [[nodiscard]] const Pod* pod_named(std::string_view ns, std::string_view name) const;
    // Of a pod here or gone, null when its controller is unknown.
    [[nodiscard]] const Workload* workload_of(const Pod& pod) const;

    // Those of that name or application in all namespaces, ascending by namespace, for names
    // without one.
    [[nodiscard]] std::span<const WorkloadPtr> workloads_named(std::string_view name) const;
    [[nodiscard]] std::span<const WorkloadPtr> workloads_of_app(std::string_view app) const;

 private:
    friend class ClusterBuilder;
    std::shared_ptr<const Indexes> indexes_;  // null: nothing is known
};
using ClusterSnapshotPtr = std::shared_ptr<const ClusterSnapshot>;

}  // namespace meshscope::models
