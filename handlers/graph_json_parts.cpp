#include "handlers/graph_json_parts.hpp"

#include "handlers/health_json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace meshscope::handlers {

namespace {

using models::GraphNode;
using models::NodeDetails;
using models::NodeKey;

void write_mark(JsonWriter& json, std::string_view name, bool value) {
    if (value) {
        json.field(name, true);
    }
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name).begin_array();
    for (const std::string& text : texts) {
        json.string(text);
    }
    json.end_array();
}

void write_gateway(JsonWriter& json, const NodeDetails::Gateway& gateway) {
    using Role = NodeDetails::Gateway::Role;
    const auto info = [&](std::string_view name, Role role) {
        json.key(name).begin_object();
        if (gateway.role == role) {
            write_list(json, "hostnames", gateway.hostnames);
        }
        json.end_object();
    };
    json.key("isGateway").begin_object();
    info("ingressInfo", Role::kIngress);
    info("egressInfo", Role::kEgress);
    info("gatewayAPIInfo", Role::kGatewayApi);
    json.end_object();
}

void write_has(JsonWriter& json, const GraphNode& node) {
    write_mark(json, "hasCB", node.has_circuit_breaker);
    write_mark(json, "hasFaultInjection", node.has_fault_injection);
    write_mark(json, "hasIngressWaypoint", node.has_ingress_waypoint);
    write_mark(json, "hasMirroring", node.has_mirroring);
    write_mark(json, "hasRequestRouting", node.has_request_routing);
    write_mark(json, "hasRequestTimeout", node.has_request_timeout);
    write_mark(json, "hasTCPTrafficShifting", node.has_tcp_traffic_shifting);
    write_mark(json, "hasTrafficShifting", node.has_traffic_shifting);
    const NodeDetails* details = node.details.get();
    if (details != nullptr && details->virtual_service) {
        json.key("hasVS").begin_object();
        if (!details->virtual_service->names.empty()) {
            write_list(json, "hostnames", details->virtual_service->names);
        }
        json.end_object();
    }
    if (details != nullptr && !details->workload_entries.empty()) {
        json.key("hasWorkloadEntry").begin_array();
        for (const std::string& name : details->workload_entries) {
            json.begin_object().field("name", name).end_object();
        }
        json.end_array();
    }
}

std::string_view box_of(const NodeKey& key) {
    switch (key.kind) {
        case NodeKey::Kind::kClusterBox:
            return "cluster";
        case NodeKey::Kind::kNamespaceBox:
            return "namespace";
        case NodeKey::Kind::kAppBox:
            return "app";
        default:
            return {};
    }
}

void write_rates_by_code(
    JsonWriter& json, std::string_view name, const models::RatesByCode& rates
) {
    json.key(name).begin_object();
    for (const auto& [protocol, by_code] : rates) {
        json.key(protocol).begin_object();
        for (const auto& [code, rate] : by_code) {
            json.field(code, rate);
        }
        json.end_object();
    }
    json.end_object();
}

void write_workload_status(
    JsonWriter& json, const std::string& name, const models::Replicas& replicas
) {
    json.begin_object().field("name", name);
    json.field("desiredReplicas", replicas.desired).field("currentReplicas", replicas.current);
    json.field("availableReplicas", replicas.available);
    json.field("syncedProxies", replicas.synced_proxies).end_object();
}

// Of boxes only where their members have it.
bool has_health(models::NodeType type) {
    return type == models::NodeType::kWorkload || type == models::NodeType::kApp ||
           type == models::NodeType::kService;
}

// Of a workload its own, of an application (also as a box) those of all, of a service none.
void write_replicas(JsonWriter& json, models::NodeType type, const models::NodeHealth& health) {
    if (type == models::NodeType::kWorkload) {
        json.key("workloadStatus");
        if (health.workloads.empty()) {
            json.null();
        } else {
            write_workload_status(
                json, health.workloads.front().first, health.workloads.front().second
            );
        }
    } else if (type == models::NodeType::kApp || type == models::NodeType::kBox) {
        json.key("workloadStatuses").begin_array();
        for (const auto& [name, replicas] : health.workloads) {
            write_workload_status(json, name, replicas);
        }
        json.end_array();
    }
}

}  // namespace

void write_node_labels(JsonWriter& json, const GraphNode& node) {
    if (node.details == nullptr || node.details->labels.empty()) {
        return;
    }
    json.key("labels").begin_object();
    for (const auto& [name, value] : node.details->labels) {
        json.field(name, value);
    }
    json.end_object();
}

void write_node_health(JsonWriter& json, const GraphNode& node, bool asked_for) {
    static const models::NodeHealth kHidden;
    const bool hidden = asked_for && node.is_inaccessible && has_health(node.type);
    const bool judged = node.details != nullptr && node.details->health.has_value();
    json.key("healthData");
    if (!judged && !hidden) {
        json.null();
        return;
    }
    const models::NodeHealth& health = judged ? *node.details->health : kHidden;
    json.begin_object().key("requests").begin_object();
    json.key("healthAnnotations").begin_object();
    if (!health.annotation.empty()) {
        json.field("health.kiali.io/rate", health.annotation);
    }
    json.end_object();
    write_rates_by_code(json, "inbound", health.requests.inbound);
    write_rates_by_code(json, "outbound", health.requests.outbound);
    json.end_object();
    if (judged) {
        write_health_status(json.key("status"), health.status);
    }
    write_replicas(json, node.type, health);
    json.end_object();
}

void write_node_marks(JsonWriter& json, const GraphNode& node) {
    write_has(json, node);
    write_mark(json, "isAmbient", node.is_ambient);
    if (const std::string_view box = box_of(node.key); !box.empty()) {
        json.field("isBox", box);
    }
    write_mark(json, "isDead", node.is_dead);
    const NodeDetails* details = node.details.get();
    if (details != nullptr && details->gateway) {
        write_gateway(json, *details->gateway);
    }
    write_mark(json, "isIdle", node.is_idle);
    write_mark(json, "isInaccessible", node.is_inaccessible);
    write_mark(json, "isInjected", node.is_injected);
    write_mark(json, "isK8sGatewayAPI", node.is_gateway_api);
    write_mark(json, "isOutOfMesh", node.is_out_of_mesh);
    write_mark(json, "isOutside", node.is_outside);
    write_mark(json, "isRoot", node.is_root);
    if (details != nullptr && details->service_entry) {
        const NodeDetails::ServiceEntry& entry = *details->service_entry;
        json.key("isServiceEntry").begin_object();
        write_list(json, "hosts", entry.hosts);
        json.field("location", entry.location).field("namespace", entry.ns).end_object();
    }
    write_mark(json, "isWaypoint", node.is_waypoint);
}

}  // namespace meshscope::handlers
