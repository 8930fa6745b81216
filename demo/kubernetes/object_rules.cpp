#include "demo/kubernetes/object_rules.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace meshscope::demo {
namespace {

using nlohmann::json;

// A member, null where there is none.
const json& part(const json& object, std::string_view name) {
    static const json kNone;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() ? *found : kNone;
}

bool is_text(const json& value) {
    return value.is_string() && !value.get_ref<const std::string&>().empty();
}

bool is_port(const json& value) {
    return value.is_number_integer() && value.get<std::int64_t>() >= 1 &&
           value.get<std::int64_t>() <= 65535;
}

std::string texts_only(const json& map, const std::string& path) {
    for (const auto& [key, value] : map.items()) {
        if (!value.is_string()) {
            return path + "[" + key + "]: Invalid value: must be a string";
        }
    }
    return "";
}

std::string container_fault(
    const json& container, const std::set<std::string>& volumes, const std::string& path
) {
    if (!is_text(part(container, "name"))) {
        return path + ".name: Required value";
    }
    if (!is_text(part(container, "image"))) {
        return path + ".image: Required value";
    }
    for (const json& port : part(container, "ports")) {
        if (!is_port(part(port, "containerPort"))) {
            return path + ".ports: Invalid value: must be between 1 and 65535, inclusive";
        }
    }
    for (const json& mount : part(container, "volumeMounts")) {
        const json& name = part(mount, "name");
        if (!is_text(name) || volumes.count(name.get<std::string>()) == 0) {
            return path + ".volumeMounts: Not found: " + name.dump();
        }
    }
    return "";
}

std::string template_fault(const json& object) {
    const json& spec = part(object, "spec");
    const json& pod = part(spec, "template");
    const json& labels = part(part(pod, "metadata"), "labels");
    const json& wanted = part(part(spec, "selector"), "matchLabels");
    if (!wanted.is_object() || wanted.empty()) {
        return "spec.selector: Required value";
    }
    for (const auto& [key, value] : wanted.items()) {
        if (part(labels, key) != value) {
            return "spec.template.metadata.labels: Invalid value: " + labels.dump() +
                   ": `selector` does not match template `labels`";
        }
    }
    std::set<std::string> volumes;
    for (const json& volume : part(part(pod, "spec"), "volumes")) {
        const json& name = part(volume, "name");
        if (!is_text(name) || !volumes.insert(name.get<std::string>()).second) {
            return "spec.template.spec.volumes: Invalid value: each needs a name of its own";
        }
    }
    const json& containers = part(part(pod, "spec"), "containers");
    if (!containers.is_array() || containers.empty()) {
        return "spec.template.spec.containers: Required value";
    }
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const std::string path = "spec.template.spec.containers[" + std::to_string(i) + "]";
        if (std::string fault = container_fault(containers[i], volumes, path); !fault.empty()) {
            return fault;
        }
    }
    return "";
}

std::string service_fault(const json& object) {
    const json& ports = part(part(object, "spec"), "ports");
    if (!ports.is_array() || ports.empty()) {
        return "spec.ports: Required value";
    }
    std::set<std::string> names;
    for (const json& port : ports) {
        if (!is_port(part(port, "port"))) {
            return "spec.ports: Invalid value: must be between 1 and 65535, inclusive";
        }
        const json& name = part(port, "name");
        if (ports.size() > 1 && (!is_text(name) || !names.insert(name.get<std::string>()).second)) {
            return "spec.ports: each of several ports needs a name of its own";
        }
    }
    return "";
}

std::string role_fault(const json& object) {
    for (const json& rule : part(object, "rules")) {
        const json& verbs = part(rule, "verbs");
        if (!verbs.is_array() || verbs.empty()) {
            return "rules.verbs: Required value: verbs must contain at least one value";
        }
        const bool pages = part(rule, "nonResourceURLs").is_array();
        if (!pages && (part(rule, "apiGroups").empty() || part(rule, "resources").empty())) {
            return "rules: Required value: resource rules must supply at least one api group and "
                   "one resource";
        }
    }
    return "";
}

std::string binding_fault(const json& object) {
    const json& role = part(object, "roleRef");
    if (part(role, "apiGroup") != "rbac.authorization.k8s.io" || !is_text(part(role, "name")) ||
        (part(role, "kind") != "Role" && part(role, "kind") != "ClusterRole")) {
        return "roleRef: Required value: apiGroup, kind and name of a Role or ClusterRole";
    }
    for (const json& subject : part(object, "subjects")) {
        if (part(subject, "kind") == "ServiceAccount" && !is_text(part(subject, "namespace"))) {
            return "subjects.namespace: Required value";
        }
    }
    return "";
}

std::string autoscaler_fault(const json& object) {
    const json& spec = part(object, "spec");
    const json& most = part(spec, "maxReplicas");
    const json& least = part(spec, "minReplicas");
    if (!most.is_number_integer() || most.get<std::int64_t>() < 1) {
        return "spec.maxReplicas: Invalid value: must be greater than 0";
    }
    if (least.is_number_integer() && least.get<std::int64_t>() > most.get<std::int64_t>()) {
        return "spec.maxReplicas: Invalid value: must be greater than or equal to `minReplicas`";
    }
    return is_text(part(part(spec, "scaleTargetRef"), "name"))
               ? ""
               : "spec.scaleTargetRef.name: Required value";
}

std::string budget_fault(const json& object) {
    const json& spec = part(object, "spec");
    return part(spec, "minAvailable").is_null() || part(spec, "maxUnavailable").is_null()
               ? ""
               : "spec: Invalid value: minAvailable and maxUnavailable cannot be both set";
}

}  // namespace

std::string invalid_because(std::string_view kind, const json& object) {
    if (kind == "ConfigMap" || kind == "Secret") {
        return texts_only(part(object, "data"), "data");
    }
    if (kind == "Deployment" || kind == "ReplicaSet") {
        return template_fault(object);
    }
    if (kind == "Service") {
        return service_fault(object);
    }
    if (kind == "Role" || kind == "ClusterRole") {
        return role_fault(object);
    }
    if (kind == "RoleBinding" || kind == "ClusterRoleBinding") {
        return binding_fault(object);
    }
    if (kind == "HorizontalPodAutoscaler") {
        return autoscaler_fault(object);
    }
    return kind == "PodDisruptionBudget" ? budget_fault(object) : "";
}

}  // namespace meshscope::demo
