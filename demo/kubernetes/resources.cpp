#include "demo/kubernetes/resources.hpp"

#include <array>
#include <stdexcept>

namespace meshscope::demo {
namespace {

constexpr std::string_view kNetworking = "networking.istio.io";
constexpr std::string_view kTelemetry = "telemetry.istio.io";
constexpr std::string_view kSecurity = "security.istio.io";
constexpr std::string_view kGatewayApi = "gateway.networking.k8s.io";
constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kNet = "networking.k8s.io";
constexpr std::string_view kMonitoring = "monitoring.coreos.com";

constexpr std::string_view kPodColumns =
    "Ready,Status,Restarts,Age,+IP,+Node,+Nominated Node,+Readiness Gates";
constexpr std::string_view kReplicaColumns = "Desired,Current,Ready,Age";

// A kind that the mesh has no objects of; callers may write some.
constexpr Resource written(
    std::string_view group,
    std::string_view version,
    std::string_view plural,
    std::string_view kind,
    std::string_view short_name,
    bool namespaced = true,
    bool custom = false
) {
    return {group, version, plural, kind, short_name, namespaced, custom, "Age", true};
}

constexpr std::array kResources = {
    Resource{"", "v1", "namespaces", "Namespace", "ns", false, false, "Status,Age"},
    Resource{"", "v1", "pods", "Pod", "po", true, false, kPodColumns},
    Resource{
        "",
        "v1",
        "services",
        "Service",
        "svc",
        true,
        false,
        "Type,Cluster-IP,External-IP,Port(s),Age,+Selector",
        true
    },
    Resource{"", "v1", "endpoints", "Endpoints", "ep", true, false, "Endpoints,Age"},
    Resource{
        "",
        "v1",
        "replicationcontrollers",
        "ReplicationController",
        "rc",
        true,
        false,
        kReplicaColumns
    },
    Resource{
        "apps",
        "v1",
        "deployments",
        "Deployment",
        "deploy",
        true,
        false,
        "Ready,Up-to-date,Available,Age,+Containers,+Images,+Selector",
        true
    },
    Resource{"apps", "v1", "replicasets", "ReplicaSet", "rs", true, false, kReplicaColumns, true},
    Resource{"apps", "v1", "statefulsets", "StatefulSet", "sts", true, false, "Ready,Age"},
    Resource{
        "apps",
        "v1",
        "daemonsets",
        "DaemonSet",
        "ds",
        true,
        false,
        "Desired,Current,Ready,Up-to-date,Available,Node Selector,Age"
    },
    Resource{"batch", "v1", "jobs", "Job", "", true, false, "Status,Completions,Duration,Age"},
    Resource{
        "batch",
        "v1",
        "cronjobs",
        "CronJob",
        "cj",
        true,
        false,
        "Schedule,Timezone,Suspend,Active,Last Schedule,Age"
    },
    Resource{kNetworking, "v1", "serviceentries", "ServiceEntry", "se", true, true},
    Resource{kNetworking, "v1", "workloadentries", "WorkloadEntry", "we", true, true},
    Resource{kNetworking, "v1", "workloadgroups", "WorkloadGroup", "wg", true, true},
    Resource{kNetworking, "v1", "virtualservices", "VirtualService", "vs", true, true},
    Resource{kNetworking, "v1", "destinationrules", "DestinationRule", "dr", true, true},
    Resource{kNetworking, "v1", "gateways", "Gateway", "gw", true, true},
    Resource{kSecurity, "v1", "peerauthentications", "PeerAuthentication", "pa", true, true},
    Resource{kSecurity, "v1", "authorizationpolicies", "AuthorizationPolicy", "ap", true, true},
    Resource{kGatewayApi, "v1", "gatewayclasses", "GatewayClass", "gc", false, true},
    Resource{kGatewayApi, "v1", "gateways", "Gateway", "gtw", true, true},
    Resource{kGatewayApi, "v1", "httproutes", "HTTPRoute", "", true, true},
    Resource{kGatewayApi, "v1", "grpcroutes", "GRPCRoute", "", true, true},
    written(kTelemetry, "v1", "telemetries", "Telemetry", "telemetry", true, true),
    written("", "v1", "configmaps", "ConfigMap", "cm"),
    written("", "v1", "secrets", "Secret", ""),
    written("", "v1", "serviceaccounts", "ServiceAccount", "sa"),
    written(kRbac, "v1", "clusterroles", "ClusterRole", "", false),
    written(kRbac, "v1", "clusterrolebindings", "ClusterRoleBinding", "", false),
    written(kRbac, "v1", "roles", "Role", ""),
    written(kRbac, "v1", "rolebindings", "RoleBinding", ""),
    written(kNet, "v1", "networkpolicies", "NetworkPolicy", "netpol"),
    written(kNet, "v1", "ingresses", "Ingress", "ing"),
    written("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa"),
    written("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb"),
    written(kMonitoring, "v1", "servicemonitors", "ServiceMonitor", "", true, true),
    written(kMonitoring, "v1", "prometheusrules", "PrometheusRule", "", true, true),
};

}  // namespace

std::string Resource::api_version() const {
    std::string out(group);
    if (!group.empty()) {
        out += '/';
    }
    return out.append(version);
}

std::string Resource::qualified() const {
    std::string out(plural);
    if (!group.empty()) {
        out += '.';
        out += group;
    }
    return out;
}

std::span<const Resource> resources() { return kResources; }

const Resource& resource_named(std::string_view group, std::string_view plural) {
    for (const Resource& resource : kResources) {
        if (resource.group == group && resource.plural == plural) {
            return resource;
        }
    }
    throw std::logic_error("no resource named " + std::string(plural));
}

}  // namespace meshscope::demo
