#include "demo/kubernetes/make_objects.hpp"
#include "demo/mesh/random.hpp"
#include "demo/mesh/time_text.hpp"

namespace meshscope::demo {
namespace {

constexpr std::string_view kProxyImage = "docker.io/istio/proxyv2:1.27.1";
constexpr std::string_view kSidecarStatus =
    R"({"initContainers":["istio-init"],"containers":["istio-proxy"],"volumes":["workload-socket",)"
    R"("istio-envoy","istio-data","istio-podinfo","istio-token"],"imagePullSecrets":null,)"
    R"("revision":"default"})";

struct ContainerPart {
    std::string_view name;
    std::string_view image;
};

std::vector<ContainerPart> containers_of(const PodTemplate& what) {
    std::vector<ContainerPart> out;
    if (what.proxy == Proxy::kRouter) {
        out.push_back({"istio-proxy", kProxyImage});
        return out;
    }
    out.push_back({what.container, what.image});
    if (what.proxy == Proxy::kSidecar) {
        out.push_back({"istio-proxy", kProxyImage});
    }
    return out;
}

void write_container(JsonWriter& json, const ContainerPart& part, std::uint16_t port) {
    json.begin_object().field("name", part.name).field("image", part.image);
    if (port != 0) {
        json.key("ports").begin_array().begin_object();
        json.field("containerPort", port).field("protocol", "TCP");
        json.end_object().end_array();
    }
    json.key("resources").begin_object().key("requests").begin_object();
    json.field("cpu", "10m").field("memory", "40Mi");
    json.end_object().end_object();
    json.field("terminationMessagePath", "/dev/termination-log");
    json.field("imagePullPolicy", "IfNotPresent").end_object();
}

void write_state(JsonWriter& json, const PodPlan& plan) {
    json.key("state").begin_object();
    if (plan.stage == PodStage::kCreating) {
        json.key("waiting").begin_object().field("reason", "ContainerCreating").end_object();
    } else if (plan.stage == PodStage::kRunning) {
        json.key("running").begin_object();
        json.field("startedAt", rfc3339(plan.created + std::chrono::seconds(2))).end_object();
    } else {
        json.key("terminated").begin_object();
        json.field("exitCode", 0).field("reason", "Completed");
        json.field("startedAt", rfc3339(plan.created + std::chrono::seconds(2)));
        json.field("finishedAt", rfc3339(plan.ended.value_or(plan.created))).end_object();
    }
    json.end_object();
}

void write_last_state(JsonWriter& json, const PodPlan& plan, bool restarted) {
    json.key("lastState").begin_object();
    if (restarted) {
        json.key("terminated").begin_object();
        json.field("exitCode", 137).field("reason", "OOMKilled");
        json.field("startedAt", rfc3339(plan.created + std::chrono::seconds(2)));
        json.field("finishedAt", rfc3339(plan.created + std::chrono::minutes(10))).end_object();
    }
    json.end_object();
}

void write_container_statuses(JsonWriter& json, const PodPlan& plan) {
    json.key("containerStatuses").begin_array();
    bool first = true;
    for (const ContainerPart& part : containers_of(plan.what)) {
        const bool restarted = first && plan.restarted;
        first = false;
        json.begin_object().field("name", part.name);
        write_state(json, plan);
        write_last_state(json, plan, restarted);
        json.field("ready", plan.stage == PodStage::kRunning);
        json.field("restartCount", restarted ? 1 : 0).field("image", part.image);
        json.field("imageID", plan.stage == PodStage::kCreating ? "" : part.image);
        if (plan.stage != PodStage::kCreating) {
            const std::uint64_t id = mix(hash_of(plan.name), hash_of(part.name));
            json.field("containerID", "containerd://" + uuid_of(id, mix(id, 2)));
        }
        json.field("started", plan.stage == PodStage::kRunning).end_object();
    }
    json.end_array();
}

std::string_view phase_of(PodStage stage) {
    switch (stage) {
        case PodStage::kCreating:
            return "Pending";
        case PodStage::kRunning:
            return "Running";
        case PodStage::kDone:
            break;
    }
    return "Succeeded";
}

void write_conditions(JsonWriter& json, const PodPlan& plan) {
    json.key("conditions").begin_array();
    for (const std::string_view type :
         {"Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
        const bool ready = type == "Ready" || type == "ContainersReady";
        const bool yes = !ready || plan.stage == PodStage::kRunning;
        json.begin_object().field("type", type).field("status", yes ? "True" : "False");
        if (!yes) {
            json.field(
                "reason", plan.stage == PodStage::kDone ? "PodCompleted" : "ContainersNotReady"
            );
        }
        json.field("lastTransitionTime", rfc3339(plan.created)).end_object();
    }
    json.end_array();
}

void write_status(JsonWriter& json, const PodPlan& plan, const std::string& host) {
    json.key("status").begin_object().field("phase", phase_of(plan.stage));
    write_conditions(json, plan);
    json.field("hostIP", host);
    if (!plan.ip.empty()) {
        json.field("podIP", plan.ip).key("podIPs").begin_array();
        json.begin_object().field("ip", plan.ip).end_object().end_array();
    }
    json.field("startTime", rfc3339(plan.created));
    write_container_statuses(json, plan);
    json.field("qosClass", "Burstable").end_object();
}

// "demo-node-2" has the address 10.0.0.12.
std::string address_of(const std::string& node) {
    return "10.0.0.1" + node.substr(node.size() - 1);
}

std::vector<std::string> cells_of(const PodPlan& plan) {
    const std::string all = std::to_string(containers_of(plan.what).size());
    std::string status = "Running";
    if (plan.deleting) {
        status = "Terminating";
    } else if (plan.stage == PodStage::kCreating) {
        status = "ContainerCreating";
    } else if (plan.stage == PodStage::kDone) {
        status = "Completed";
    }
    return {
        (plan.stage == PodStage::kRunning ? all : "0") + "/" + all,
        status,
        plan.restarted ? "1" : "0",
        plan.ip.empty() ? "<none>" : plan.ip,
        plan.node,
        "<none>",
        "<none>"
    };
}

PodFacts facts_of(const PodPlan& plan) {
    PodFacts facts;
    facts.workload = plan.workload;
    facts.ztunnel_of = plan.ztunnel ? plan.node : "";
    for (const ContainerPart& part : containers_of(plan.what)) {
        facts.containers.emplace_back(part.name);
    }
    if (plan.what.proxy == Proxy::kSidecar) {
        facts.init_container = "istio-init";
    }
    if (plan.stage == PodStage::kCreating) {
        facts.waiting = "ContainerCreating";
    }
    facts.restarted = plan.restarted;
    facts.started = plan.created + std::chrono::seconds(2);
    facts.ended = plan.ended;
    return facts;
}

}  // namespace

void write_pod_spec(JsonWriter& json, const PodTemplate& what, std::string_view node) {
    json.begin_object();
    if (what.proxy == Proxy::kSidecar && !node.empty()) {
        json.key("initContainers").begin_array();
        write_container(json, {"istio-init", kProxyImage}, 0);
        json.end_array();
    }
    json.key("containers").begin_array();
    bool first = true;
    for (const ContainerPart& part : containers_of(what)) {
        // The proxy is put into pods, not into templates.
        if (!first && node.empty()) {
            break;
        }
        write_container(json, part, first ? what.port : std::uint16_t{15090});
        first = false;
    }
    json.end_array();
    json.field("restartPolicy", what.once ? "Never" : "Always");
    json.field("terminationGracePeriodSeconds", 30).field("dnsPolicy", "ClusterFirst");
    json.field("serviceAccountName", what.service_account);
    if (what.host_network) {
        json.field("hostNetwork", true);
    }
    if (!node.empty()) {
        json.field("nodeName", node);
    }
    json.field("schedulerName", "default-scheduler").end_object();
}

Object make_pod(const PodPlan& plan) {
    Object out;
    out.resource = &resource_named("", "pods");
    out.ns = plan.ns;
    out.name = plan.name;
    out.uid = uid_of(*out.resource, plan.ns, plan.name);
    out.generate_name = plan.generate_name;
    out.created = plan.created;
    out.deleting = plan.deleting;
    out.labels = plan.what.labels;
    out.annotations = plan.what.annotations;
    if (plan.what.proxy == Proxy::kSidecar) {
        out.annotations.emplace_back(
            "kubectl.kubernetes.io/default-container", plan.what.container
        );
        out.annotations.emplace_back("sidecar.istio.io/status", kSidecarStatus);
    }
    if (plan.what.proxy == Proxy::kZtunnel) {
        out.annotations.emplace_back("ambient.istio.io/redirection", "enabled");
    } else if (plan.what.proxy != Proxy::kNone) {
        out.labels.emplace_back("security.istio.io/tlsMode", "istio");
        out.labels.emplace_back(
            "service.istio.io/canonical-name", label_of(plan.what.labels, "app")
        );
        const std::string_view version = label_of(plan.what.labels, "version");
        out.labels.emplace_back(
            "service.istio.io/canonical-revision", version.empty() ? "latest" : version
        );
    }
    out.owner = plan.owner;
    out.node = plan.node;
    out.cells = cells_of(plan);
    out.pod = facts_of(plan);
    JsonWriter json(out.members);
    json.key("spec");
    write_pod_spec(json, plan.what, plan.node);
    write_status(json, plan, address_of(plan.node));
    return out;
}

}  // namespace meshscope::demo
