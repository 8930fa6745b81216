#include "demo/kubernetes/make_objects.hpp"

namespace meshscope::demo {
namespace {

Object blank(std::string_view plural, const std::string& ns, const std::string& name) {
    Object out;
    out.resource = &resource_named("", plural);
    out.ns = ns;
    out.name = name;
    out.uid = uid_of(*out.resource, ns, name);
    return out;
}

std::string port_text(const ServicePlan& plan) {
    std::string out;
    for (const ServicePort& port : plan.ports) {
        out += out.empty() ? "" : ",";
        out += std::to_string(port.port) + "/TCP";
    }
    return out;
}

}  // namespace

Object make_service(const ServicePlan& plan) {
    Object out = blank("services", plan.ns, plan.name);
    out.created = plan.created;
    out.labels = plan.labels;
    std::string selector;
    for (const auto& [key, value] : plan.selector) {
        selector += selector.empty() ? "" : ",";
        selector += key + "=" + value;
    }
    const bool balanced = plan.type == "LoadBalancer";
    out.cells = {
        plan.type, plan.ip, balanced ? "172.18.0.240" : "<none>", port_text(plan), selector
    };
    JsonWriter json(out.members);
    json.key("spec").begin_object().key("ports").begin_array();
    for (const ServicePort& port : plan.ports) {
        json.begin_object().field("name", port.name).field("protocol", "TCP");
        json.field("port", port.port).field("targetPort", port.target).end_object();
    }
    json.end_array();
    write_labels(json, "selector", plan.selector);
    json.field("clusterIP", plan.ip).key("clusterIPs").begin_array().string(plan.ip).end_array();
    json.field("type", plan.type).field("sessionAffinity", "None");
    json.key("ipFamilies").begin_array().string("IPv4").end_array();
    json.field("ipFamilyPolicy", "SingleStack").field("internalTrafficPolicy", "Cluster");
    json.end_object().key("status").begin_object().key("loadBalancer").begin_object();
    if (balanced) {
        json.key("ingress").begin_array().begin_object();
        json.field("ip", "172.18.0.240").end_object().end_array();
    }
    json.end_object().end_object();
    return out;
}

Object make_endpoints(const ServicePlan& plan, const std::vector<const PodPlan*>& pods) {
    Object out = blank("endpoints", plan.ns, plan.name);
    out.created = plan.created;
    out.labels = plan.labels;
    std::string text;
    JsonWriter json(out.members);
    json.key("subsets").begin_array();
    std::vector<const PodPlan*> ready;
    for (const PodPlan* pod : pods) {
        if (pod->stage == PodStage::kRunning && !pod->ip.empty() && !pod->deleting) {
            ready.push_back(pod);
        }
    }
    if (!ready.empty()) {
        json.begin_object().key("addresses").begin_array();
        for (const PodPlan* pod : ready) {
            json.begin_object().field("ip", pod->ip).field("nodeName", pod->node);
            json.key("targetRef").begin_object().field("kind", "Pod");
            json.field("namespace", pod->ns).field("name", pod->name);
            json.field("uid", uid_of(resource_named("", "pods"), pod->ns, pod->name));
            json.end_object().end_object();
            text += text.empty() ? "" : ",";
            text += pod->ip + ":" + std::to_string(plan.ports.front().target);
        }
        json.end_array().key("ports").begin_array();
        for (const ServicePort& port : plan.ports) {
            json.begin_object().field("name", port.name).field("port", port.target);
            json.field("protocol", "TCP").end_object();
        }
        json.end_array().end_object();
    }
    json.end_array();
    out.cells = {text.empty() ? "<none>" : text};
    return out;
}

Object make_namespace(std::string_view name, Labels labels, SystemTime created) {
    Object out = blank("namespaces", "", std::string(name));
    out.created = created;
    out.labels = std::move(labels);
    out.labels.emplace_back("kubernetes.io/metadata.name", name);
    out.cells = {"Active"};
    JsonWriter json(out.members);
    json.key("spec").begin_object().key("finalizers").begin_array().string("kubernetes");
    json.end_array().end_object();
    json.key("status").begin_object().field("phase", "Active").end_object();
    return out;
}

}  // namespace meshscope::demo
