#include "demo/kubernetes/cluster_objects.hpp"

#include "demo/mesh/random.hpp"

#include <set>
#include <utility>

namespace meshscope::demo {
namespace {

constexpr std::string_view kHashLabel = "pod-template-hash";
constexpr std::string_view kZtunnel = "ztunnel";

std::string image_of(const Workload& workload) {
    if (workload.proxy == Proxy::kRouter) {
        return "docker.io/istio/proxyv2:1.27.1";
    }
    if (workload.proxy == Proxy::kNone) {
        return "docker.io/krakend:2.7.0";
    }
    if (workload.proxy == Proxy::kZtunnel) {
        return "quay.io/example/" + workload.ns + "-" + workload.app + ":1.4.2";
    }
    if (workload.ns == "bookinfo") {
        return "docker.io/istio/examples-bookinfo-" + workload.name + ":1.20.3";
    }
    return "quay.io/kiali/demo_travels_" + workload.app + ":" + workload.version;
}

Labels labels_of(const Workload& workload) {
    Labels out = {{"app", workload.app}};
    if (!workload.version.empty()) {
        out.emplace_back("version", workload.version);
    }
    if (workload.proxy == Proxy::kRouter) {
        out.emplace_back("istio", "ingressgateway");
        out.emplace_back("sidecar.istio.io/inject", "true");
    }
    return out;
}

PodTemplate template_of(const Workload& workload) {
    PodTemplate out;
    out.container = workload.app;
    out.image = image_of(workload);
    out.port = workload.port;
    out.proxy = workload.proxy;
    out.service_account = workload.account();
    out.labels = labels_of(workload);
    if (workload.proxy == Proxy::kRouter) {
        out.annotations = {{"inject.istio.io/templates", "gateway"}};
    }
    return out;
}

std::string service_ip(std::string_view ns, std::string_view name) {
    const std::uint64_t hash = mix(hash_of(ns), hash_of(name));
    return "10.96." + std::to_string(hash % 250 + 1) + "." + std::to_string(hash / 1000 % 250 + 1);
}

}  // namespace

SystemTime ClusterObjects::created() const {
    return stream_.start() - EventStream::kHistory - std::chrono::hours(24);
}

std::string ClusterObjects::first_hash(const Workload& workload) {
    const std::string rest = workload.pod.substr(workload.name.size() + 1);
    return rest.substr(0, rest.find('-'));
}

Owner ClusterObjects::owner(
    const Resource& resource, const std::string& ns, const std::string& name
) {
    return {&resource, name, uid_of(resource, ns, name)};
}

PodPlan ClusterObjects::pod_of(WorkloadIndex index) const {
    const Workload& workload = stream_.topology()[index];
    const std::string set = workload.name + "-" + first_hash(workload);
    PodPlan out;
    out.ns = workload.ns;
    out.name = workload.pod;
    out.generate_name = set + "-";
    out.owner = owner(resource_named("apps", "replicasets"), workload.ns, set);
    out.what = template_of(workload);
    out.what.labels.emplace_back(kHashLabel, first_hash(workload));
    out.created = created();
    out.ip = workload.ip;
    out.node = workload.node;
    out.restarted = workload.name == "ratings-v1";
    out.workload = index;
    return out;
}

ControllerPlan ClusterObjects::deployment_of(const Workload& workload) const {
    ControllerPlan out;
    out.resource = &resource_named("apps", "deployments");
    out.ns = workload.ns;
    out.name = workload.name;
    out.labels = labels_of(workload);
    out.annotations = {{"deployment.kubernetes.io/revision", "2"}};
    out.selector = labels_of(workload);
    out.what = template_of(workload);
    out.created = created();
    out.generation = 2;
    return out;
}

ControllerPlan ClusterObjects::replica_set_of(const Workload& workload, const std::string& hash)
    const {
    ControllerPlan out = deployment_of(workload);
    out.resource = &resource_named("apps", "replicasets");
    out.name = workload.name + "-" + hash;
    out.owner = owner(resource_named("apps", "deployments"), workload.ns, workload.name);
    out.labels.emplace_back(kHashLabel, hash);
    out.selector.emplace_back(kHashLabel, hash);
    out.what.labels.emplace_back(kHashLabel, hash);
    out.generation = 1;
    return out;
}

ServicePlan ClusterObjects::service_of(const Workload& workload) const {
    ServicePlan out;
    out.ns = workload.ns;
    out.name = workload.app;
    out.ip = service_ip(workload.ns, workload.app);
    out.labels = {{"app", workload.app}, {"service", workload.app}};
    out.selector = {{"app", workload.app}};
    out.ports = {{"http", workload.port, workload.port}};
    if (workload.proxy == Proxy::kRouter) {
        out.type = "LoadBalancer";
        out.selector.emplace_back("istio", "ingressgateway");
        out.ports = {{"status-port", 15021, 15021}, {"http2", 80, workload.port}};
    }
    out.created = created();
    return out;
}

std::vector<PodPlan> ClusterObjects::pods_of(const std::string& ns, const std::string& app) const {
    std::vector<PodPlan> out;
    const auto workloads = stream_.topology().workloads();
    for (std::size_t i = 0; i < workloads.size(); ++i) {
        if (workloads[i].ns == ns && workloads[i].app == app) {
            out.push_back(pod_of(static_cast<WorkloadIndex>(i)));
        }
    }
    return out;
}

void ClusterObjects::add_namespaces(std::vector<Object>& out) const {
    std::set<std::string> names = {"default", "kube-system"};
    for (const Workload& workload : stream_.topology().workloads()) {
        names.insert(workload.ns);
    }
    for (const std::string& name : names) {
        Labels labels;
        if (name == "bookinfo" || name == "travel-agency" || name == "crowd") {
            labels.emplace_back("istio-injection", "enabled");
        } else if (name == "bank" || name == "auditors") {
            labels.emplace_back("istio.io/dataplane-mode", "ambient");
        }
        out.push_back(make_namespace(name, std::move(labels), created()));
    }
}

void ClusterObjects::add_workload(std::vector<Object>& out, WorkloadIndex index) const {
    const Workload& workload = stream_.topology()[index];
    out.push_back(make_controller(deployment_of(workload)));
    out.push_back(make_controller(replica_set_of(workload, first_hash(workload))));
    ControllerPlan old =
        replica_set_of(workload, generated_suffix(mix(hash_of(workload.name), 11), 9));
    old.wanted = old.current = old.ready = 0;
    out.push_back(make_controller(old));
    out.push_back(make_pod(pod_of(index)));
}

void ClusterObjects::add_control_plane(std::vector<Object>& out) const {
    const std::string hash = "7c9d8b5f4";
    ControllerPlan plane;
    plane.resource = &resource_named("apps", "deployments");
    plane.ns = "istio-system";
    plane.name = "istiod";
    plane.labels = plane.selector = {{"app", "istiod"}, {"istio", "pilot"}};
    plane.what = {"discovery", "docker.io/istio/pilot:1.27.1", 8080, Proxy::kNone, "istiod"};
    plane.what.labels = plane.labels;
    plane.created = created();
    out.push_back(make_controller(plane));

    ControllerPlan set = plane;
    set.resource = &resource_named("apps", "replicasets");
    set.name += "-" + hash;
    set.owner = owner(*plane.resource, plane.ns, plane.name);
    set.what.labels.emplace_back(kHashLabel, hash);
    set.labels = set.selector = set.what.labels;
    out.push_back(make_controller(set));

    PodPlan pod;
    pod.ns = set.ns;
    pod.generate_name = set.name + "-";
    pod.name = pod.generate_name + "x2v6k";
    pod.owner = owner(*set.resource, set.ns, set.name);
    pod.what = set.what;
    pod.created = created();
    pod.ip = "10.244.200.1";
    pod.node = "demo-node-1";
    out.push_back(make_pod(pod));

    ServicePlan service;
    service.ns = plane.ns;
    service.name = plane.name;
    service.ip = service_ip(plane.ns, plane.name);
    service.labels = service.selector = plane.labels;
    service.ports = {{"grpc-xds", 15010, 15010}};
    service.created = created();
    out.push_back(make_service(service));
    out.push_back(make_endpoints(service, {&pod}));
}

void ClusterObjects::add_database(std::vector<Object>& out) const {
    ControllerPlan set;
    set.resource = &resource_named("apps", "statefulsets");
    set.ns = "bookinfo";
    set.name = "ratings-db";
    set.labels = set.selector = {{"app", "ratings-db"}};
    set.what = {"mongodb", "docker.io/istio/examples-bookinfo-mongodb:1.20.3", 27017};
    set.what.labels = set.labels;
    set.created = created();
    out.push_back(make_controller(set));

    PodPlan pod;
    pod.ns = set.ns;
    pod.name = "ratings-db-0";
    pod.generate_name = "ratings-db-";
    pod.owner = owner(*set.resource, set.ns, set.name);
    pod.what = set.what;
    pod.what.labels.emplace_back("statefulset.kubernetes.io/pod-name", pod.name);
    pod.created = created();
    pod.ip = "10.244.200.2";
    pod.node = "demo-node-2";
    out.push_back(make_pod(pod));

    ServicePlan headless;
    headless.ns = set.ns;
    headless.name = set.name;
    headless.ip = "None";
    headless.labels = headless.selector = set.labels;
    headless.ports = {{"mongo", 27017, 27017}};
    headless.created = created();
    out.push_back(make_service(headless));
    out.push_back(make_endpoints(headless, {&pod}));
}

// One on each node.
void ClusterObjects::add_agents(std::vector<Object>& out) const {
    ControllerPlan cni;
    cni.name = "istio-cni-node";
    cni.labels = {{"k8s-app", "istio-cni-node"}};
    cni.what = {"install-cni", "docker.io/istio/install-cni:1.27.1", 0, Proxy::kNone, "istio-cni"};
    cni.what.host_network = true;
    add_daemon_set(out, std::move(cni));
    ControllerPlan ztunnel;
    ztunnel.name = kZtunnel;
    ztunnel.labels = {{"app", std::string(kZtunnel)}};
    ztunnel.what = {"istio-proxy", "docker.io/istio/ztunnel:1.27.1", 0, Proxy::kNone, "ztunnel"};
    add_daemon_set(out, std::move(ztunnel));
}

void ClusterObjects::add_daemon_set(std::vector<Object>& out, ControllerPlan set) const {
    constexpr int kNodes = 3;
    set.resource = &resource_named("apps", "daemonsets");
    set.ns = "istio-system";
    set.selector = set.what.labels = set.labels;
    set.wanted = set.current = set.ready = kNodes;
    set.created = created();
    out.push_back(make_controller(set));
    const std::uint64_t kind = set.name == "istio-cni-node" ? 77 : hash_of(set.name);
    for (int node = 1; node <= kNodes; ++node) {
        PodPlan pod;
        pod.ns = set.ns;
        pod.generate_name = set.name + "-";
        pod.name =
            pod.generate_name + generated_suffix(mix(kind, static_cast<std::uint64_t>(node)), 5);
        pod.owner = owner(*set.resource, set.ns, set.name);
        pod.what = set.what;
        pod.created = created();
        // That of the node, or one of its own.
        pod.ip = (set.what.host_network ? "10.0.0.1" : "10.244.202.") + std::to_string(node);
        pod.node = "demo-node-" + std::to_string(node);
        pod.ztunnel = set.name == kZtunnel;
        out.push_back(make_pod(pod));
    }
}

std::vector<Object> ClusterObjects::everything() const {
    std::vector<Object> out;
    add_namespaces(out);
    const auto workloads = stream_.topology().workloads();
    std::set<std::pair<std::string, std::string>> served;
    for (std::size_t i = 0; i < workloads.size(); ++i) {
        if (workloads[i].app == kZtunnel) {
            continue;  // that of add_agents()
        }
        add_workload(out, static_cast<WorkloadIndex>(i));
        if (!served.emplace(workloads[i].ns, workloads[i].app).second) {
            continue;
        }
        const ServicePlan service = service_of(workloads[i]);
        out.push_back(make_service(service));
        const std::vector<PodPlan> pods = pods_of(workloads[i].ns, workloads[i].app);
        std::vector<const PodPlan*> members;
        for (const PodPlan& pod : pods) {
            members.push_back(&pod);
        }
        out.push_back(make_endpoints(service, members));
    }
    add_control_plane(out);
    add_database(out);
    add_agents(out);
    for (Object& object : mesh_objects(*this)) {
        out.push_back(std::move(object));
    }
    for (Object& object : out) {
        mark(object, stream_.scenario());
    }
    return out;
}

}  // namespace meshscope::demo
