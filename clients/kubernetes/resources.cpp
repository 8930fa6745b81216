#include "clients/kubernetes/resources.hpp"

#include <array>

namespace meshscope::clients::kubernetes {

namespace {

constexpr std::string_view kIstio = "networking.istio.io";
constexpr std::string_view kTelemetry = "telemetry.istio.io";
constexpr std::string_view kGatewayApi = "gateway.networking.k8s.io";

constexpr Resource core(
    std::string_view plural, std::string_view kind, bool demanded, Detail detail
) {
    return {
        .group = {},
        .version = "v1",
        .plural = plural,
        .kind = kind,
        .namespaced = plural != "namespaces",
        .demanded = demanded,
        .detail = detail
    };
}

constexpr Resource of_group(
    std::string_view group,
    std::string_view plural,
    std::string_view kind,
    bool demanded,
    Detail detail
) {
    Resource resource = core(plural, kind, demanded, detail);
    resource.group = group;
    return resource;
}

constexpr Resource optional(
    std::string_view group, std::string_view plural, std::string_view kind
) {
    return of_group(group, plural, kind, false, Detail::kWhole);
}

constexpr std::array kResources = {
    core("namespaces", "Namespace", true, Detail::kMetadata),
    core("pods", "Pod", true, Detail::kWhole),
    core("services", "Service", true, Detail::kWhole),
    of_group("apps", "replicasets", "ReplicaSet", true, Detail::kMetadata),
    of_group("apps", "deployments", "Deployment", true, Detail::kWhole),
    of_group("apps", "statefulsets", "StatefulSet", true, Detail::kWhole),
    of_group("apps", "daemonsets", "DaemonSet", true, Detail::kWhole),
    core("replicationcontrollers", "ReplicationController", false, Detail::kMetadata),
    of_group("batch", "jobs", "Job", false, Detail::kMetadata),
    of_group("batch", "cronjobs", "CronJob", false, Detail::kMetadata),
    core("endpoints", "Endpoints", false, Detail::kWhole),
    optional(kIstio, "serviceentries", "ServiceEntry"),
    optional(kIstio, "workloadentries", "WorkloadEntry"),
    optional(kIstio, "workloadgroups", "WorkloadGroup"),
    optional(kIstio, "virtualservices", "VirtualService"),
    optional(kIstio, "destinationrules", "DestinationRule"),
    optional(kIstio, "gateways", "Gateway"),
    optional(kTelemetry, "telemetries", "Telemetry"),
    optional(kGatewayApi, "gateways", "Gateway"),
    optional(kGatewayApi, "httproutes", "HTTPRoute"),
    optional(kGatewayApi, "grpcroutes", "GRPCRoute"),
};

}  // namespace

std::span<const Resource> resources() { return kResources; }

}  // namespace meshscope::clients::kubernetes
