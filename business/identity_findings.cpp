#include "business/identity_findings.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace meshscope::business {

namespace {

using models::NamespaceView;
using models::Workload;

void drop_workload(Finding& finding) {
    finding.workload = {};
    finding.object = nullptr;
}

// Whether an attribute that is named after `key`'s kind may speak of a workload of this kind.
// Controllers that are not Kubernetes' own name their pods as Deployments do.
bool kind_fits(std::string_view key, std::string_view kind) {
    struct Row {
        std::string_view key;
        std::string_view kind;
    };
    constexpr std::array<Row, 6> kKinds{{
        {"k8s.statefulset.name", "StatefulSet"},
        {"k8s.daemonset.name", "DaemonSet"},
        {"k8s.cronjob.name", "CronJob"},
        {"k8s.job.name", "Job"},
        {"k8s.replicaset.name", "ReplicaSet"},
        {"k8s.pod.name", "Pod"},
    }};
    if (key == "k8s.deployment.name") {
        return std::none_of(kKinds.begin(), kKinds.end(), [&](const Row& row) {
            return row.kind == kind;
        });
    }
    return std::any_of(kKinds.begin(), kKinds.end(), [&](const Row& row) {
        return row.key == key && row.kind == kind;
    });
}

}  // namespace

std::string_view canonical_revision(const Workload& workload) {
    for (const std::string_view key :
         {"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"}) {
        const std::string_view value = models::label(*workload.labels, key);
        if (!value.empty()) {
            return value;
        }
    }
    return "latest";
}

Finding ClusterEvidence::by_canonical_name(
    std::string_view ns, Clue service, Clue revision, Evidence evidence
) const {
    Finding out{.evidence = evidence, .rule = service.rule, .ns = ns};
    out.service = service.text;
    out.app = service.text;
    const NamespaceView* view = cluster_.find(ns);
    if (view == nullptr) {
        return out;
    }
    if (view->find_service(service.text) == nullptr) {
        out.service = {};  // Istio's canonical services need not be services
    }
    const Workload* only = nullptr;
    std::size_t fitting = 0;
    for (const models::WorkloadPtr& workload : view->workloads) {
        if (workload->canonical_name != service.text) {
            continue;
        }
        out.found = true;
        if (!revision || canonical_revision(*workload) == revision.text) {
            only = workload.get();
            ++fitting;
        }
    }
    if (fitting == 1) {
        out.take(only);
    }
    return out;
}

Finding ClusterEvidence::peer() const {
    const IdentityClues::Peer& peer = clues_.peer;
    if (!peer) {
        return {};
    }
    std::string_view ns = peer.ns.text;
    if (ns.empty() && !clues_.alone.waypoint) {
        ns = clues_.own_ns().text;
    }
    if (!peer.workload) {
        return ns.empty()
                   ? Finding()
                   : by_canonical_name(ns, peer.service, peer.revision, Evidence::kIstioPeer);
    }
    Finding out{.evidence = Evidence::kIstioPeer, .rule = peer.workload.rule, .ns = ns};
    out.workload = peer.workload.text;
    out.service = peer.service.text;
    out.app = peer.app ? peer.app.text : peer.service.text;
    if (ns.empty()) {
        const auto all = cluster_.workloads_named(out.workload);
        if (all.size() != 1) {
            return {};
        }
        out.ns = all.front()->ns;
        out.placed = false;
    }
    out.take(cluster_.find_workload(out.ns, out.workload));
    if (peer.pod) {
        const models::Pod* pod = cluster_.pod_named(out.ns, peer.pod.text);
        const bool fits = pod == nullptr || cluster_.workload_of(*pod) == out.object;
        out.pod = fits ? peer.pod.text : std::string_view();
    }
    return out;
}

Finding ClusterEvidence::canonical() const {
    const Clue ns = clues_.istio_ns ? clues_.istio_ns : clues_.own_ns();
    if (!ns || !clues_.canonical) {
        return clues_.istio_ns
                   ? Finding{.evidence = Evidence::kCanonical, .rule = ns.rule, .ns = ns.text}
                   : Finding();
    }
    Finding out =
        by_canonical_name(ns.text, clues_.canonical, clues_.revision, Evidence::kCanonical);
    if (out.object == nullptr) {
        return out;
    }
    for (const Clue& pod : {clues_.node_pod, clues_.pod}) {
        const Finding named = pod ? pod_in(ns.text, pod, Evidence::kNodeId) : Finding();
        if (!named.workload.empty() && named.workload != out.workload) {
            drop_workload(out);
            return out;
        }
    }
    return out;
}

Finding ClusterEvidence::controller() const {
    const std::string_view ns = clues_.own_ns().text;
    if (!clues_.controller || ns.empty()) {
        return {};
    }
    Finding out{.evidence = Evidence::kKubernetes, .rule = clues_.controller.rule, .ns = ns};
    const NamespaceView* view = cluster_.find(ns);
    if (view == nullptr) {
        out.workload = clues_.controller.text;
        return out;
    }
    const std::string name(clues_.controller.text);
    if (out.rule == "k8s.replicaset.name" || out.rule == "k8s.job.name") {
        const auto led = view->workload_of_controller.find(name);
        if (led != view->workload_of_controller.end()) {
            out.take(led->second.get());
            return out;
        }
    }
    const Workload* there = view->find_workload(name);
    if (there != nullptr && kind_fits(out.rule, there->kind.kind)) {
        out.take(there);
    } else if (there == nullptr && out.rule != "k8s.replicaset.name") {
        out.workload = clues_.controller.text;
    }
    return out;
}

Finding ClusterEvidence::kubernetes() const {
    if (const models::Pod* pod = cluster_.pod_by_uid(clues_.pod_uid.text)) {
        Finding out{.evidence = Evidence::kKubernetes, .rule = clues_.pod_uid.rule};
        out.ns = pod->meta.ns;
        out.pod = pod->meta.name;
        out.found = true;
        out.take(cluster_.workload_of(*pod));
        if (out.object != nullptr) {
            return out;
        }
    }
    Finding pod;
    if (clues_.pod) {
        pod = clues_.ns ? pod_in(clues_.ns.text, clues_.pod, Evidence::kKubernetes)
                        : pod_anywhere(clues_.pod, Evidence::kKubernetes);
    }
    Finding named = pod.object == nullptr ? controller() : Finding();
    if (!named.workload.empty()) {
        named.pod = pod.pod;
        return named;
    }
    if (!pod && clues_.ns) {
        pod = {.evidence = Evidence::kKubernetes, .rule = clues_.ns.rule, .ns = clues_.ns.text};
    }
    return pod;
}

Finding ClusterEvidence::node_id() const {
    return clues_.node_pod && !clues_.node.ns.empty()
               ? pod_in(clues_.node.ns, clues_.node_pod, Evidence::kNodeId)
               : Finding();
}

Finding ClusterEvidence::hostname() const {
    std::string_view ns = clues_.own_ns().text;
    if (ns.empty()) {
        ns = service_name().ns;
    }
    for (const Clue& host : clues_.hostnames) {
        if (!host || clues_.node_pod) {
            continue;
        }
        const Finding out = ns.empty() ? pod_anywhere(host, Evidence::kHostname)
                                       : pod_in(ns, host, Evidence::kHostname);
        if (out.object != nullptr || (host.rule == "hostname" && !out.workload.empty())) {
            return out;
        }
    }
    return {};
}

}  // namespace meshscope::business
