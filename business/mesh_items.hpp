#pragma once

#include "business/meta.hpp"
#include "models/cluster_snapshot.hpp"

#include <string>
#include <vector>

namespace meshscope::business {

// What Mesh is asked and answers. Everything points into `snapshot`, which the answer keeps.

struct NamespaceItem {
    const models::NamespaceView* view = nullptr;
    bool ambient = false;
    bool control_plane = false;
    std::string revision;  // of the control plane that injects; "" none
};

struct NamespaceList {
    models::ClusterSnapshotPtr snapshot;
    std::vector<NamespaceItem> items;
    Meta meta;
};

struct NamespaceInfo {
    models::ClusterSnapshotPtr snapshot;
    NamespaceItem item;
    Meta meta;
};

struct ListQuery {
    std::vector<std::string> namespaces;  // empty: all that are visible; others are passed over
    std::string cluster;                  // "" home
    bool references = true;               // look for mesh objects
    bool only_definitions = true;         // services
};
struct ObjectQuery {
    std::string ns;
    std::string name;
    std::string cluster;     // "" home
    bool references = true;  // look for mesh objects
};

struct ServiceItem {
    std::string ns;
    std::string name;
    models::ServicePtr service;                  // null: a host of a ServiceEntry
    models::MeshObjectPtr entry;                 // that one
    std::vector<models::WorkloadPtr> workloads;  // that it selects
    std::vector<models::MeshObjectPtr> references;
    bool app = false;  // the selector has an application label
};
struct WorkloadItem {
    models::WorkloadPtr workload;
    std::vector<models::MeshObjectPtr> references;
};
struct WorkloadList {
    models::ClusterSnapshotPtr snapshot;
    std::vector<WorkloadItem> items;
    Meta meta;
};
struct WaypointRef {
    const models::Workload* waypoint = nullptr;
    std::string label_type;  // where it was named: "workload", "service", "namespace"
};
struct WaypointService {
    models::ServicePtr service;
    std::string label_type;
};
struct WorkloadDetail {
    models::ClusterSnapshotPtr snapshot;
    WorkloadItem item;
    std::vector<ServiceItem> services;               // that select it
    std::vector<WaypointRef> waypoints;              // that answer for it
    std::vector<WaypointService> waypoint_services;  // that a waypoint answers for
    std::vector<models::MeshObjectPtr> entries;      // WorkloadEntries
    Meta meta;
};

struct AppItem {
    std::string ns;
    std::string name;
    std::vector<models::WorkloadPtr> workloads;
    std::vector<models::ServicePtr> services;
    std::vector<models::MeshObjectPtr> references;
};
struct AppList {
    models::ClusterSnapshotPtr snapshot;
    std::vector<AppItem> items;
    Meta meta;
};
struct AppDetail {
    models::ClusterSnapshotPtr snapshot;
    NamespaceItem ns;
    AppItem item;
    std::vector<std::vector<WaypointRef>> waypoints;  // of each workload
    Meta meta;
};
struct MeshServiceList {
    models::ClusterSnapshotPtr snapshot;
    std::vector<ServiceItem> items;
    Meta meta;
};
struct ServiceDetail {
    models::ClusterSnapshotPtr snapshot;
    ServiceItem item;
    std::vector<models::EndpointSubset> endpoints;
    std::vector<WaypointRef> waypoints;
    Meta meta;
};

// A pod as it is now.
struct PodDetail {
    models::Pod pod;
    bool app = false;  // it has an application label
    bool version = false;
    Meta meta;
};

// What is installed in the cluster, as far as its API tells.
struct MeshFacts {
    bool ambient = false;        // a ztunnel runs
    bool istio_api = false;      // kinds of Istio's networking are known
    bool istio_gateway = false;  // its Gateways among them
    bool gateway_api = false;
    bool accessible = false;  // the cluster has been read, and it was not lost since
    // The first that hosts a control plane and that the caller may see; "" none.
    std::string control_plane;
};

// Namespaces that were asked for.
struct NameList {
    std::vector<std::string> names;  // ascending
    Meta meta;
};

}  // namespace meshscope::business
