#include "business/identity_findings.hpp"

#include <algorithm>
#include <string>

namespace meshscope::business {

namespace {

using models::NamespaceView;
using models::Workload;

// Kubernetes cuts the base of a generated name so that it has at most 63 characters.
constexpr std::size_t kLongestName = 63;
constexpr std::size_t kSuffix = 5;

const Workload* led_by(const NamespaceView& view, std::string_view controller) {
    const auto found = view.workload_of_controller.find(std::string(controller));
    return found == view.workload_of_controller.end() ? nullptr : found->second.get();
}

// Of a name whose end was cut off: the only controller that begins with the rest.
const Workload* led_by_cut(const NamespaceView& view, std::string_view start) {
    const Workload* only = nullptr;
    for (const auto& [name, workload] : view.workload_of_controller) {
        if (name.size() + 1 > start.size() && (name + "-").starts_with(start)) {
            if (only != nullptr && only != workload.get()) {
                return nullptr;
            }
            only = workload.get();
        }
    }
    return only;
}

bool is_ordinal(std::string_view text) {
    const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c >= '0' && c <= '9';
    });
    return digits && (text.size() == 1 || text.front() != '0');
}

// Kinds whose pods are called "<name>-<five letters>".
bool names_pods_itself(std::string_view kind) {
    return kind == "DaemonSet" || kind == "Job" || kind == "ReplicaSet" ||
           kind == "ReplicationController";
}

const Workload* of_kind(
    const NamespaceView& view, std::string_view name, bool (*fits)(std::string_view kind)
) {
    const Workload* workload = view.find_workload(name);
    return workload != nullptr && fits(workload->kind.kind) ? workload : nullptr;
}

bool is_entry(const models::MeshObject& object) { return object.kind.kind == "WorkloadEntry"; }

const models::MeshObject* entry_named(const NamespaceView& view, std::string_view name) {
    for (const models::MeshObjectPtr& object : view.mesh_objects) {
        if (is_entry(*object) && object->meta.name == name) {
            return object.get();
        }
    }
    return nullptr;
}

// The workload of the only entry with that address; `many` when several have it.
struct EntryAt {
    const Workload* workload = nullptr;
    bool many = false;
};

void look_for_entry(const NamespaceView& view, std::string_view address, EntryAt& out) {
    for (const models::MeshObjectPtr& object : view.mesh_objects) {
        const auto& all = object->addresses;
        if (!is_entry(*object) || std::find(all.begin(), all.end(), address) == all.end()) {
            continue;
        }
        const Workload* workload = workload_of_entry(view, *object);
        out.many = out.many || workload == nullptr ||
                   (out.workload != nullptr && out.workload != workload);
        out.workload = workload;
    }
}

}  // namespace

const Workload* owner_of_gone(const NamespaceView& view, std::string_view pod) {
    const std::size_t dash = pod.rfind('-');
    if (dash != std::string_view::npos && dash > 0) {
        const std::string_view base = pod.substr(0, dash);
        const std::string_view tail = pod.substr(dash + 1);
        if (is_ordinal(tail)) {
            const auto fits = [](std::string_view kind) { return kind == "StatefulSet"; };
            if (const Workload* owner = of_kind(view, base, fits)) {
                return owner;
            }
        }
        if (is_generated_suffix(tail)) {
            if (const Workload* owner = led_by(view, base)) {
                return owner;
            }
            if (const Workload* owner = of_kind(view, base, names_pods_itself)) {
                return owner;
            }
        }
    }
    if (pod.size() == kLongestName && is_generated_suffix(pod.substr(kLongestName - kSuffix))) {
        return led_by_cut(view, pod.substr(0, kLongestName - kSuffix));
    }
    return nullptr;
}

const Workload* workload_of_entry(const NamespaceView& view, const models::MeshObject& entry) {
    const auto& owner = entry.meta.controller;
    const bool in_group = owner && owner->kind.kind == "WorkloadGroup";
    const Workload* workload = view.find_workload(in_group ? owner->name : entry.meta.name);
    return workload != nullptr && workload->virtual_machine ? workload : nullptr;
}

// The whole name of a Deployment's pod may be taken for that of its workload only when nothing of
// that name is known to name its pods otherwise.
Finding ClusterEvidence::pod_in(std::string_view ns, Clue pod, Evidence evidence) const {
    Finding out{.evidence = evidence, .rule = pod.rule, .ns = ns, .pod = pod.text};
    const NamespaceView* view = cluster_.find(ns);
    if (view == nullptr) {
        out.workload = workload_of_pod(pod.text);
        out.rule = out.workload.empty() ? out.rule : "pod name";
        return out;
    }
    if (const models::Pod* here = cluster_.pod_named(ns, pod.text)) {
        out.take(cluster_.workload_of(*here));
        out.found = true;
        if (out.object != nullptr) {
            return out;
        }
    } else if (const models::MeshObject* entry = entry_named(*view, pod.text)) {
        out.pod = {};
        out.take(workload_of_entry(*view, *entry));
        return out;
    }
    const Evidence by_owner = evidence == Evidence::kHostname ? evidence : Evidence::kPodOwner;
    if (const Workload* owner = owner_of_gone(*view, pod.text)) {
        out.take(owner);
        out.evidence = by_owner;
        return out;
    }
    const std::string_view named = workload_of_deployment_pod(pod.text);
    const Workload* there = view->find_workload(named);
    const bool other = there != nullptr &&
                       (names_pods_itself(there->kind.kind) || there->kind.kind == "StatefulSet" ||
                        there->kind.kind == "Pod" || there->virtual_machine);
    if (!named.empty() && !other) {
        out.workload = named;
        out.evidence = by_owner;
        out.rule = "pod name";
    }
    return out;
}

// Without a namespace: only a generated name, which no two pods share. One that is known comes
// before those that may have been.
Finding ClusterEvidence::pod_anywhere(Clue pod, Evidence evidence) const {
    if (workload_of_pod(pod.text).empty()) {
        return {};
    }
    for (const bool known : {true, false}) {
        Finding only;
        bool several = false;
        for (const models::NamespaceViewPtr& view : cluster_.namespaces) {
            const std::string& ns = view->object.meta.name;
            if ((cluster_.pod_named(ns, pod.text) != nullptr) != known) {
                continue;
            }
            const Finding finding = pod_in(ns, pod, evidence);
            if (finding.object != nullptr) {
                several = several || only;
                only = finding;
                only.placed = false;
            }
        }
        if (only || several) {
            return several ? Finding() : only;
        }
    }
    return {};
}

Finding ClusterEvidence::address() const {
    const std::string_view own = clues_.own_ns().text;
    for (const Clue& address : clues_.addresses) {
        if (!address) {
            continue;
        }
        Finding out{.evidence = Evidence::kAddress, .rule = address.rule};
        EntryAt entry;
        if (const NamespaceView* view = cluster_.find(own)) {
            look_for_entry(*view, address.text, entry);
        } else if (own.empty()) {
            for (const models::NamespaceViewPtr& any : cluster_.namespaces) {
                look_for_entry(*any, address.text, entry);
            }
        }
        const models::Pod* pod = cluster_.pod_at(address.text, clues_.at);
        if (entry.many || (pod != nullptr && entry.workload != nullptr)) {
            return {};
        }
        if (pod != nullptr) {
            out.take(cluster_.workload_of(*pod));
            out.ns = pod->meta.ns;
            out.pod = pod->meta.name;
            out.found = true;
            return out;
        }
        if (entry.workload != nullptr) {
            out.take(entry.workload);
            out.ns = entry.workload->ns;
            out.placed = !own.empty();
            return out;
        }
    }
    return {};
}

}  // namespace meshscope::business
