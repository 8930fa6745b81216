#pragma once

#include "models/cluster.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace meshscope::clients::kubernetes {

enum class Detail : std::uint8_t { kWhole, kMetadata };

// A kind that is watched. The table is the only place that names paths.
struct Resource {
    std::string_view group;  // "" core
    std::string_view
        version;  // tried first; other served versions are found by discovery (Istio v1, v1beta1)
    std::string_view plural;  // "pods"
    std::string_view kind;    // "Pod"
    bool namespaced = true;
    bool demanded = false;  // must be listed once before the cluster counts as synced
    Detail detail = Detail::kWhole;
};

// namespaces* (metadata), pods*, services*, replicasets* (metadata), deployments*, statefulsets*,
// daemonsets*, replicationcontrollers (metadata), jobs (metadata), cronjobs (metadata), endpoints;
// networking.istio.io: serviceentries, workloadentries, workloadgroups, virtualservices,
// destinationrules, gateways; telemetry.istio.io: telemetries; gateway.networking.k8s.io: gateways,
// httproutes, grpcroutes.
// * demanded. Jobs, CronJobs and ReplicationControllers are read whole when their kind is not
// excluded.
std::span<const Resource> resources();

}  // namespace meshscope::clients::kubernetes
