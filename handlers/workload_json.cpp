#include "handlers/workload_json.hpp"

#include "handlers/health_json.hpp"
#include "handlers/mesh_json.hpp"
#include "handlers/meta_json.hpp"

#include <algorithm>

namespace meshscope::handlers {

namespace {

using models::Container;
using models::Workload;

constexpr std::string_view kInject = "sidecar.istio.io/inject";
constexpr std::string_view kDashboards = "dashboards.kiali.io/templates";

// The template's label decides; without it the annotation counts only when it says no.
void write_injection(JsonWriter& json, const Workload& workload) {
    const std::string_view label = models::label(*workload.labels, kInject);
    if (label == "true" || label == "false") {
        json.field("istioInjectionAnnotation", label == "true");
    } else if (models::label(*workload.template_annotations, kInject) == "false") {
        json.field("istioInjectionAnnotation", false);
    }
}

// All members but health and waypoints, which lists and details have in different forms.
void write_common(JsonWriter& json, const business::WorkloadItem& item, std::string_view cluster) {
    const Workload& workload = *item.workload;
    json.field("name", workload.name).field("namespace", workload.ns).field("cluster", cluster);
    write_kind(json.key("gvk"), workload.kind);
    json.field("createdAt", created_text(workload.created));
    json.field("resourceVersion", workload.resource_version);
    write_injection(json, workload);
    json.field("istioSidecar", workload.sidecar).field("isAmbient", workload.ambient);
    json.field("isGateway", workload.gateway).field("isWaypoint", workload.waypoint);
    json.field("isZtunnel", workload.ztunnel).key("additionalDetailSample").null();
    write_labels(json.key("labels"), *workload.labels);
    json.field("appLabel", !workload.app.empty()).field("versionLabel", !workload.version.empty());
    json.field("podCount", workload.pods.size());
    write_labels(json.key("annotations"), *workload.annotations);
    write_only(json.key("healthAnnotations"), *workload.annotations, kHealthRate);
    write_references(json.key("istioReferences"), item.references, cluster);
    write_only(json.key("dashboardAnnotations"), *workload.template_annotations, kDashboards);
    write_texts(json.key("serviceAccountNames"), workload.service_accounts);
    if (!workload.template_annotations->empty()) {
        write_labels(json.key("templateAnnotations"), *workload.template_annotations);
    }
}

void write_containers(JsonWriter& json, const models::Pod& pod, bool injected, bool init) {
    json.begin_array();
    for (const Container& container : *pod.containers) {
        if (container.injected != injected || container.init != init) {
            continue;
        }
        json.begin_object().field("name", container.name).field("image", container.image);
        json.field("isProxy", injected || container.name == "istio-proxy");
        json.field("isReady", container.ready);
        json.field("isAmbient", !injected && pod.ambient).end_object();
    }
    json.end_array();
}

std::string_view phase_text(models::PodPhase phase) {
    switch (phase) {
        case models::PodPhase::kUnknown:
            return "Unknown";
        case models::PodPhase::kPending:
            return "Pending";
        case models::PodPhase::kRunning:
            return "Running";
        case models::PodPhase::kSucceeded:
            return "Succeeded";
        case models::PodPhase::kFailed:
            return "Failed";
    }
    return "Unknown";
}

void write_entries(
    JsonWriter& json, const std::vector<models::MeshObjectPtr>& entries, const Workload& workload
) {
    json.begin_array();
    for (const models::MeshObjectPtr& entry : entries) {
        json.begin_object().field("name", entry->meta.name);
        write_labels(json.key("labels"), *entry->selector);
        json.field("createdAt", created_text(entry->meta.created));
        json.field("appLabel", !workload.app.empty());
        json.field("versionLabel", !workload.version.empty()).end_object();
    }
    json.end_array();
}

void write_waypoint_services(
    JsonWriter& json,
    const std::vector<business::WaypointService>& services,
    std::string_view cluster
) {
    json.begin_array();
    for (const auto& [service, label_type] : services) {
        json.begin_object().field("cluster", cluster).field("labelType", label_type);
        json.field("name", service->meta.name).field("namespace", service->meta.ns).end_object();
    }
    json.end_array();
}

}  // namespace

void write_pod(JsonWriter& json, const models::Pod& pod, bool app, bool version) {
    json.begin_object().field("name", pod.meta.name).field("status", phase_text(pod.phase));
    json.field("statusMessage", pod.status_message).field("statusReason", pod.status_reason);
    json.field("serviceAccountName", pod.service_account);
    json.field("createdAt", created_text(pod.meta.created)).key("createdBy").begin_array();
    if (const auto& owner = pod.meta.controller) {
        json.begin_object().field("name", owner->name).field("kind", owner->kind.kind).end_object();
    }
    write_labels(json.end_array().key("labels"), *pod.meta.labels);
    write_labels(json.key("annotations"), *pod.meta.annotations);
    write_containers(json.key("containers"), pod, false, false);
    write_containers(json.key("istioContainers"), pod, true, false);
    write_containers(json.key("istioInitContainers"), pod, true, true);
    json.field("appLabel", app).field("versionLabel", version).field("protocol", "");
    json.key("proxyStatus").null().end_object();
}

void write_workload_item(
    JsonWriter& json,
    const business::WorkloadItem& item,
    std::string_view cluster,
    const business::HealthView* health
) {
    write_common(json.begin_object(), item, cluster);
    write_health(json.key("health"), *item.workload, health);
    json.key("waypointWorkloads").null().end_object();
}

void write_workload_detail(
    JsonWriter& json, const business::WorkloadDetail& detail, const business::HealthView* health
) {
    const Workload& workload = *detail.item.workload;
    const std::string& cluster = detail.snapshot->cluster;
    write_common(json.begin_object(), detail.item, cluster);
    json.field("desiredReplicas", workload.desired).field("currentReplicas", workload.current);
    json.field("availableReplicas", workload.available).key("pods").begin_array();
    for (const models::PodPtr& pod : workload.pods) {
        write_pod(json, *pod, !workload.app.empty(), !workload.version.empty());
    }
    json.end_array().key("services").begin_array();
    for (const business::ServiceItem& service : detail.services) {
        write_service_item(json, service, cluster, false, health);
    }
    json.end_array().key("runtimes").begin_array().end_array();
    json.key("additionalDetails").begin_array().end_array();
    json.key("validations").begin_object().end_object().key("waypointServices");
    if (workload.waypoint) {
        write_waypoint_services(json, detail.waypoint_services, cluster);
    } else {
        json.null();
    }
    write_waypoints(json.key("waypointWorkloads"), detail.waypoints, cluster);
    json.key("workloadEntries");
    if (workload.virtual_machine) {
        write_entries(json, detail.entries, workload);
    } else {
        json.null();
    }
    write_health(json.key("health"), workload, health);
    write_meta(json.key("meta"), detail.meta);
    json.end_object();
}

}  // namespace meshscope::handlers
