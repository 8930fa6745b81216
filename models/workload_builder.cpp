#include "models/cluster_builder.hpp"
#include "models/owner_chain.hpp"
#include "models/workload_facts.hpp"

#include <algorithm>
#include <compare>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace meshscope::models {

namespace {

// What is known of a workload before it is made.
struct Draft {
    const Controller* controller = nullptr;
    const MeshObject* machines = nullptr;        // a WorkloadGroup or WorkloadEntry
    std::size_t entries = 0;                     // WorkloadEntries
    SystemTime named_since = SystemTime::max();  // the oldest object that names it
    Kind kind;
    std::vector<PodPtr> pods;
    WorkloadPtr made;
};

struct Key {
    std::string_view name;
    std::string_view kind;
    std::string_view group;
    friend auto operator<=>(const Key&, const Key&) = default;
};

const Kind& pod_kind() {
    static const Kind kPod{.group = {}, .version = "v1", .kind = "Pod"};
    return kPod;
}

bool is_kind(const MeshObject& object, std::string_view kind) {
    return object.kind.kind == kind && object.kind.group == "networking.istio.io";
}

bool has_ended(const Pod& pod) {
    return pod.phase == PodPhase::kSucceeded || pod.phase == PodPhase::kFailed;
}

class WorkloadMaker {
 public:
    WorkloadMaker(const NamespaceObjects& objects, const DiscoveryRules& rules, NamespaceView& view)
        : objects_(objects), rules_(rules), chain_(objects.controllers), view_(view) {}

    void run() {
        for (const PodPtr& pod : objects_.pods) {
            Draft& draft = draft_of(*pod);
            draft.pods.push_back(pod);
            of_pods_.push_back(&draft);
        }
        for (const ControllerPtr& controller : objects_.controllers) {
            add_controller(*controller);
        }
        for (const MeshObjectPtr& object : objects_.mesh_objects) {
            add_machines(*object);
        }
        for (auto& [key, draft] : drafts_) {
            draft.made = make(key, draft);
        }
        lead_pods();
        lead_controllers();
        list_workloads();
    }

 private:
    Draft& draft_at(const Kind& kind, std::string_view name) {
        Draft& draft = drafts_[{name, kind.kind, kind.group}];
        draft.kind = kind;
        return draft;
    }

    Draft& draft_at(const ChainEnd& end) {
        if (end.object == nullptr) {
            return draft_at(end.text->kind, end.text->name);
        }
        Draft& draft = draft_at(end.object->kind, end.object->meta.name);
        draft.controller = end.object;
        return draft;
    }

    Draft& draft_of(const Pod& pod) {
        const auto& owner = pod.meta.controller;
        return owner ? draft_at(chain_.follow(*owner)) : draft_at(pod_kind(), pod.meta.name);
    }

    void add_controller(const Controller& controller) {
        const ChainEnd end = chain_.follow(controller);
        if (end.object != nullptr && end.object->kind.kind == "ReplicaSet") {
            // An old one that nobody owns: there are many.
            if (end.object->desired <= 0 && end.object->current <= 0) {
                return;
            }
        }
        Draft& draft = draft_at(end);
        draft.named_since = std::min(draft.named_since, controller.meta.created);
    }

    void add_machines(const MeshObject& object) {
        if (is_kind(object, "WorkloadGroup")) {
            draft_at(object.kind, object.meta.name).machines = &object;
        } else if (is_kind(object, "WorkloadEntry")) {
            const auto& owner = object.meta.controller;
            const bool in_group = owner && owner->kind.kind == "WorkloadGroup";
            Draft& draft = in_group ? draft_at(owner->kind, owner->name)
                                    : draft_at(object.kind, object.meta.name);
            if (draft.machines == nullptr) {
                draft.machines = &object;
            }
            ++draft.entries;
        }
    }

    [[nodiscard]] WorkloadPtr make(const Key& key, const Draft& draft) const {
        auto workload = std::make_shared<Workload>();
        workload->kind = draft.kind;
        workload->name = key.name;
        workload->ns = view_.object.meta.name;
        workload->pods = draft.pods;
        workload->created = draft.named_since;
        for (const PodPtr& pod : draft.pods) {
            workload->created = std::min(workload->created, pod->meta.created);
        }
        if (draft.controller != nullptr) {
            take_meta(*workload, draft.controller->meta);
        } else if (draft.machines != nullptr) {
            take_machines(*workload, draft);
        } else if (draft.kind == pod_kind()) {
            take_meta(*workload, draft.pods.front()->meta);
        }
        take_template(*workload, draft);
        describe(*workload, rules_);
        return workload;
    }

    static void take_meta(Workload& workload, const ObjectMeta& meta) {
        workload.uid = meta.uid;
        workload.resource_version = meta.resource_version;
        workload.created = meta.created;
        workload.annotations = meta.annotations;
    }

    static void take_machines(Workload& workload, const Draft& draft) {
        const MeshObject& machines = *draft.machines;
        workload.virtual_machine = true;
        workload.created = machines.meta.created;
        if (machines.kind.kind == draft.kind.kind) {
            take_meta(workload, machines.meta);
        }
        workload.labels = machines.selector;
        if (!machines.service_account.empty()) {
            workload.service_accounts.push_back(machines.service_account);
        }
        const auto entries = static_cast<std::int32_t>(draft.entries);
        workload.desired = workload.current = workload.available = entries;
    }

    static void take_template(Workload& workload, const Draft& draft) {
        if (draft.controller != nullptr && draft.controller->has_template) {
            workload.labels = draft.controller->template_labels;
            workload.template_annotations = draft.controller->template_annotations;
            workload.desired = draft.controller->desired;
            workload.current = draft.controller->current;
            workload.available = draft.controller->available;
        } else if (!draft.pods.empty()) {
            workload.labels = draft.pods.front()->meta.labels;
            workload.template_annotations = draft.pods.front()->meta.annotations;
            for (const PodPtr& pod : draft.pods) {
                workload.desired += has_ended(*pod) ? 0 : 1;
                workload.available += pod->counts_as_ready ? 1 : 0;
            }
            workload.current = workload.desired;
        }
    }

    void lead_pods() {
        view_.pod_workloads.reserve(of_pods_.size());
        for (const Draft* draft : of_pods_) {
            view_.pod_workloads.push_back(draft->made);
        }
    }

    void lead_controllers() {
        auto& led = view_.workload_of_controller;
        for (const ControllerPtr& controller : objects_.controllers) {
            if (!leads_on(controller->kind.kind)) {
                continue;
            }
            const auto draft = drafts_.find(key_of(chain_.follow(*controller)));
            const WorkloadPtr made = draft == drafts_.end() ? nullptr : draft->second.made;
            const auto [entry, is_new] = led.emplace(controller->meta.name, made);
            if (!is_new && entry->second != made) {
                entry->second = nullptr;  // two kinds of that name
            }
        }
        std::erase_if(led, [](const auto& entry) { return entry.second == nullptr; });
    }

    static Key key_of(const ChainEnd& end) {
        const Kind& kind = end.object == nullptr ? end.text->kind : end.object->kind;
        return {
            end.object == nullptr ? end.text->name : end.object->meta.name, kind.kind, kind.group
        };
    }

    void list_workloads() {
        for (const auto& [key, draft] : drafts_) {
            const bool may_be_excluded = key.kind != "Deployment" && key.kind != "ReplicaSet";
            if (may_be_excluded && rules_.excluded_kinds.contains(key.kind)) {
                continue;
            }
            auto& listed = view_.workloads;
            if (listed.empty() || listed.back()->name != key.name) {
                listed.push_back(draft.made);
            } else if (rank_of(listed.back()->kind.kind) < rank_of(key.kind)) {
                listed.back() = draft.made;
            }
        }
    }

    const NamespaceObjects& objects_;
    const DiscoveryRules& rules_;
    const OwnerChain chain_;
    NamespaceView& view_;
    std::map<Key, Draft> drafts_;  // names point into `objects_`
    std::vector<Draft*> of_pods_;  // of each pod
};

}  // namespace

NamespaceViewPtr build_namespace(NamespaceObjects objects, const DiscoveryRules& rules) {
    auto view = std::make_shared<NamespaceView>();
    view->object = std::move(objects.object);
    std::sort(
        objects.mesh_objects.begin(),
        objects.mesh_objects.end(),
        [](const MeshObjectPtr& a, const MeshObjectPtr& b) {
            return std::tie(a->kind.kind, a->kind.group, a->meta.name) <
                   std::tie(b->kind.kind, b->kind.group, b->meta.name);
        }
    );
    WorkloadMaker(objects, rules, *view).run();
    view->pods = std::move(objects.pods);
    view->services = std::move(objects.services);
    view->endpoints = std::move(objects.endpoints);
    view->mesh_objects = std::move(objects.mesh_objects);
    return view;
}

}  // namespace meshscope::models
