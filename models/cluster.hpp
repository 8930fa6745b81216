#pragma once

#include "core/clock.hpp"

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Objects of a Kubernetes cluster, as far as this server needs them. Immutable once in a snapshot.
// Unknown is "", an empty list or nullopt. Lists are ascending by name unless said otherwise.
namespace meshscope::models {

using LabelSet = std::vector<std::pair<std::string, std::string>>;  // ascending, unique keys
using Labels = std::shared_ptr<const LabelSet>;  // never null in objects; equal sets are shared

const Labels& no_labels();                                             // the empty set
std::string_view label(const LabelSet& labels, std::string_view key);  // "" when absent
bool has_label(const LabelSet& labels, std::string_view key);
// Whether `labels` has every pair of `selector`. An empty selector selects nothing.
bool selects(const LabelSet& selector, const LabelSet& labels);

struct Kind {
    std::string group;  // "" core
    std::string version;
    std::string kind;  // "Deployment"
    friend auto operator<=>(const Kind&, const Kind&) = default;
};

struct OwnerRef {
    Kind kind;
    std::string name;
    std::string uid;
    friend auto operator<=>(const OwnerRef&, const OwnerRef&) = default;
};
using OwnerPtr = std::shared_ptr<const OwnerRef>;

struct ObjectMeta {
    std::string name;
    std::string ns;  // "" cluster-scoped
    std::string uid;
    std::string resource_version;  // opaque
    SystemTime created;
    bool deleting = false;  // deletionTimestamp is set
    Labels labels = no_labels();
    // Of snapshots those that are of use: without values above 4 KiB, last-applied configuration,
    // what network plugins write, and sidecar.istio.io/status.
    Labels annotations = no_labels();
    OwnerPtr controller;  // the first owner with controller=true; null: none; equal ones are shared
};

struct Namespace {
    ObjectMeta meta;
};

struct Container {
    std::string name;
    std::string image;
    bool init = false;      // in initContainers
    bool always = false;    // an init container that runs on: a native sidecar
    bool injected = false;  // named in sidecar.istio.io/status
    bool ready = false;
    friend auto operator<=>(const Container&, const Container&) = default;
};
using ContainerList = std::vector<Container>;  // as in the spec: init containers, then containers
using Containers = std::shared_ptr<const ContainerList>;  // never null in pods; equal are shared

const Containers& no_containers();

enum class PodPhase : std::uint8_t { kUnknown, kPending, kRunning, kSucceeded, kFailed };

struct Pod {
    ObjectMeta meta;
    PodPhase phase = PodPhase::kUnknown;
    std::string status_reason;  // "Evicted"
    std::string status_message;
    std::string node;
    std::string service_account;
    bool host_network = false;     // its addresses are the node's: never evidence of identity
    bool ambient = false;          // redirected by ambient.istio.io/redirection
    bool counts_as_ready = false;  // Running, not deleting, all containers ready
    std::vector<std::string> ips;  // podIP first, then the rest of podIPs
    Containers containers = no_containers();
};
using PodPtr = std::shared_ptr<const Pod>;

struct ServicePort {
    std::string name;
    std::string protocol;
    std::int32_t port = 0;
};

struct Service {
    ObjectMeta meta;
    std::string type;  // "ClusterIP"
    std::string external_name;
    std::vector<std::string> ips;  // clusterIPs
    std::vector<std::string> ip_families;
    Labels selector = no_labels();  // never null; empty: none
    std::vector<ServicePort> ports;
};
using ServicePtr = std::shared_ptr<const Service>;

struct EndpointAddress {
    std::string kind;  // "Pod"
    std::string name;
    std::string ip;
};
struct EndpointSubset {
    std::vector<EndpointAddress> addresses;  // ready ones
    std::vector<ServicePort> ports;
};
struct Endpoints {
    std::string service;
    std::vector<EndpointSubset> subsets;
};
using EndpointsPtr = std::shared_ptr<const Endpoints>;

// What an object of Istio does to the traffic of its hosts; bits.
enum MeshTrait : std::uint16_t {
    kCircuitBreaker = 1,  // of a host or a subset of it: bounded connections, outliers left out
    kFaultInjection = 2,
    kMirroring = 4,
    kRequestRouting = 8,  // HTTP routes that match some requests only
    kRequestTimeout = 16,
    kTrafficShifting = 32,  // HTTP routes to several destinations
    kTcpTrafficShifting = 64,
};

// An object of Istio or the Gateway API: what we read of it, and its text for who wants all.
struct MeshObject {
    Kind kind;
    ObjectMeta meta;
    std::vector<std::string>
        hosts;  // ServiceEntry, VirtualService, Gateway; DestinationRule: its one
    std::vector<std::string> gateways;  // VirtualService; parentRefs of routes
    std::vector<std::string> backends;  // hosts that routes and destinations name
    Labels selector = no_labels();  // workload selector; of WorkloadEntry its labels; never null
    std::vector<std::string> addresses;  // WorkloadEntry, ServiceEntry endpoints
    std::string service_account;         // WorkloadEntry
    std::string location;                // ServiceEntry: "MESH_EXTERNAL", "MESH_INTERNAL"
    std::vector<std::string>
        export_to;             // namespaces that see it: "." its own, "*" all (also: none)
    std::uint16_t traits = 0;  // of MeshTrait
    std::shared_ptr<const std::string>
        json;  // the whole object without managedFields; null when the
               // bound of kept texts (32 MiB a cluster) was reached
};
using MeshObjectPtr = std::shared_ptr<const MeshObject>;

// What runs: a controller, or a pod without one. Pods are led to it by owner references.
struct Workload {
    Kind kind;
    std::string name;
    std::string ns;
    std::string uid;                   // of the controller; "" when only owner references name it
    std::string resource_version;      // "" likewise
    SystemTime created;                // of the controller, else of the oldest pod
    Labels labels = no_labels();       // of the pod template, else of the first pod
    Labels annotations = no_labels();  // of the controller
    Labels template_annotations = no_labels();
    std::string app;             // value of the application label that decides; "" none
    std::string version;         // likewise
    std::string canonical_name;  // as Istio names it: label, else app, else the workload's name
    std::int32_t desired = 0;
    std::int32_t current = 0;
    std::int32_t available = 0;
    std::vector<PodPtr> pods;
    std::vector<std::string> service_accounts;  // ascending, unique
    bool sidecar = false;  // all pods have a proxy; true without pods, as clients of old expect
    bool ambient = false;
    bool gateway = false;
    bool waypoint = false;
    bool ztunnel = false;
    bool virtual_machine = false;  // of WorkloadEntry or WorkloadGroup
};
using WorkloadPtr = std::shared_ptr<const Workload>;

}  // namespace meshscope::models
