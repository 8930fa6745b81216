#pragma once

#include "demo/kubernetes/make_objects.hpp"
#include "demo/mesh/event_stream.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

// What Kubernetes would hold for the simulated mesh: for each of its workloads a Deployment with
// its ReplicaSets (the current one and one of old), its pod, and for each application a service
// with endpoints; the control plane beside them, a StatefulSet, a DaemonSet, and what the mesh is
// configured with. A pure function of the event stream. Immutable.
class ClusterObjects {
 public:
    explicit ClusterObjects(const EventStream& stream) : stream_(stream) {}

    // Everything that is there when the mesh starts, namespaces first.
    [[nodiscard]] std::vector<Object> everything() const;

    // Parts, for what changes later. `hash` names the ReplicaSet.
    [[nodiscard]] PodPlan pod_of(WorkloadIndex index) const;
    [[nodiscard]] ControllerPlan deployment_of(const Workload& workload) const;
    [[nodiscard]] ControllerPlan replica_set_of(const Workload& workload, const std::string& hash)
        const;
    [[nodiscard]] ServicePlan service_of(const Workload& workload) const;
    // Of the workloads of that application in that namespace.
    [[nodiscard]] std::vector<PodPlan> pods_of(const std::string& ns, const std::string& app) const;

    // The name's part that tells the ReplicaSet of the workload's first pod.
    static std::string first_hash(const Workload& workload);
    static Owner owner(const Resource& resource, const std::string& ns, const std::string& name);

    [[nodiscard]] const EventStream& stream() const { return stream_; }
    [[nodiscard]] SystemTime created() const;  // of nearly everything

 private:
    void add_namespaces(std::vector<Object>& out) const;
    void add_workload(std::vector<Object>& out, WorkloadIndex index) const;
    void add_control_plane(std::vector<Object>& out) const;
    void add_database(std::vector<Object>& out) const;
    void add_agents(std::vector<Object>& out) const;
    // `set` with name, labels and what it runs.
    void add_daemon_set(std::vector<Object>& out, ControllerPlan set) const;

    const EventStream& stream_;
};

// VirtualServices, DestinationRules and their like, of Istio and of the Gateway API.
std::vector<Object> mesh_objects(const ClusterObjects& cluster);

// Puts the scenario's marker for that namespace into what the object says of itself.
void mark(Object& object, const Scenario& scenario);

}  // namespace meshscope::demo
