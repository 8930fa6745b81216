#include "clients/kubernetes/object_store.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace meshscope::clients::kubernetes {

namespace {

constexpr std::chrono::hours kRemembered{1};
constexpr std::size_t kMostText = 32UL << 20U;

using NamespacePtr = std::shared_ptr<const models::Namespace>;

std::string key_of(const Resource& resource) {
    return std::string(resource.group) + '/' + std::string(resource.plural);
}

// Null: not kept with this kind of object.
const models::ObjectMeta* meta_of(const Object& object) {
    return std::visit(
        [](const auto& pointer) -> const models::ObjectMeta* {
            if constexpr (std::is_same_v<std::decay_t<decltype(pointer)>, models::EndpointsPtr>) {
                return nullptr;
            } else {
                return &pointer->meta;
            }
        },
        object
    );
}

std::string_view name_of(const Object& object) {
    const auto* endpoints = std::get_if<models::EndpointsPtr>(&object);
    return endpoints == nullptr ? meta_of(object)->name : (*endpoints)->service;
}

// Ascending by name. The names are those in the objects: there are many.
struct Before {
    using is_transparent = void;
    bool operator()(const Object& a, const Object& b) const { return name_of(a) < name_of(b); }
    bool operator()(const Object& a, std::string_view b) const { return name_of(a) < b; }
    bool operator()(std::string_view a, const Object& b) const { return a < name_of(b); }
};
using ByName = std::set<Object, Before>;
using BySpace = std::map<std::string, ByName, std::less<>>;  // by namespace

// Instead of the one at `at`, which has the same name.
void exchange(ByName& objects, ByName::iterator at, Object object) {
    const auto next = std::next(at);
    auto node = objects.extract(at);
    node.value() = std::move(object);
    objects.insert(next, std::move(node));
}

// The namespace that an object is shown in; "" for none.
const std::string& space_of(const Decoded& decoded) {
    return std::holds_alternative<NamespacePtr>(decoded.object) ? decoded.meta->name
                                                                : decoded.meta->ns;
}

bool is_same_version(const Object& a, const Object& b) {
    const models::ObjectMeta* first = meta_of(a);
    const models::ObjectMeta* second = meta_of(b);
    return first != nullptr && second != nullptr && first->uid == second->uid &&
           !first->resource_version.empty() && first->resource_version == second->resource_version;
}

const models::Pod* pod_in(const Object* object) {
    const auto* pod = object == nullptr ? nullptr : std::get_if<models::PodPtr>(object);
    return pod == nullptr ? nullptr : pod->get();
}

bool has_ended(const models::Pod& pod) {
    return pod.phase == models::PodPhase::kSucceeded || pod.phase == models::PodPhase::kFailed;
}

void add_to(models::NamespaceObjects& out, const Object& object) {
    if (const auto* space = std::get_if<NamespacePtr>(&object)) {
        out.object = **space;
    } else if (const auto* pod = std::get_if<models::PodPtr>(&object)) {
        out.pods.push_back(*pod);
    } else if (const auto* controller = std::get_if<models::ControllerPtr>(&object)) {
        out.controllers.push_back(*controller);
    } else if (const auto* service = std::get_if<models::ServicePtr>(&object)) {
        out.services.push_back(*service);
    } else if (const auto* endpoints = std::get_if<models::EndpointsPtr>(&object)) {
        out.endpoints.push_back(*endpoints);
    } else if (const auto* mesh_object = std::get_if<models::MeshObjectPtr>(&object)) {
        out.mesh_objects.push_back(*mesh_object);
    }
}

}  // namespace

struct ObjectStore::State {
    models::DiscoveryRules rules;
    models::ClusterBuilder builder{"Kubernetes"};
    std::map<std::string, BySpace, std::less<>> kinds;
    std::set<std::string, std::less<>> changed;  // namespaces
    std::map<std::string, std::set<std::pair<std::string, std::string>>, std::less<>> orphans;
    std::size_t text_bytes = 0;

    // `now_there`, when not null, takes the place of `before`.
    void let_go(const Object& before, const Object* now_there, SystemTime now) {
        if (const auto* mesh_object = std::get_if<models::MeshObjectPtr>(&before)) {
            text_bytes -= (*mesh_object)->json ? (*mesh_object)->json->size() : 0;
        }
        const models::Pod* pod = pod_in(&before);
        if (pod == nullptr || has_ended(*pod)) {
            return;
        }
        const models::Pod* next = pod_in(now_there);
        if (next == nullptr || next->meta.uid != pod->meta.uid || has_ended(*next)) {
            builder.remember(std::get<models::PodPtr>(before), now);
        }
    }

    void bound_text(Object& object) {
        auto* mesh_object = std::get_if<models::MeshObjectPtr>(&object);
        if (mesh_object == nullptr || !(*mesh_object)->json) {
            return;
        }
        const std::size_t size = (*mesh_object)->json->size();
        if (text_bytes + size <= kMostText) {
            text_bytes += size;
            return;
        }
        auto without = std::make_shared<models::MeshObject>(**mesh_object);
        without->json = nullptr;
        *mesh_object = std::move(without);
    }

    // Of a controller that is its own workload more is wanted than its metadata; until that is
    // there, what was known of it stays.
    void note_orphan(const Resource& resource, const Object* before, Object& object) {
        auto* controller = std::get_if<models::ControllerPtr>(&object);
        if (controller == nullptr || (*controller)->has_template ||
            (*controller)->meta.controller ||
            (resource.kind != "ReplicaSet" && rules.excluded_kinds.contains(resource.kind))) {
            return;
        }
        const models::ObjectMeta& meta = (*controller)->meta;
        orphans[key_of(resource)].insert({meta.ns, meta.name});
        const auto* known =
            before == nullptr ? nullptr : std::get_if<models::ControllerPtr>(before);
        if (known != nullptr && (*known)->has_template && (*known)->meta.uid == meta.uid) {
            auto completed = std::make_shared<models::Controller>(**known);
            completed->meta = meta;
            *controller = std::move(completed);
        }
    }

    void keep(const Resource& resource, ByName& objects, Object object, SystemTime now) {
        const auto found = objects.find(object);
        note_orphan(resource, found == objects.end() ? nullptr : &*found, object);
        if (found == objects.end()) {
            bound_text(object);
            objects.insert(std::move(object));
            return;
        }
        let_go(*found, &object, now);
        bound_text(object);
        exchange(objects, found, std::move(object));
    }

    void drop(ByName& objects, ByName::iterator at, SystemTime now) {
        let_go(*at, nullptr, now);
        objects.erase(at);
    }

    // The objects of one kind in one namespace become `items`.
    void replace(
        const Resource& resource,
        const std::string& space,
        BySpace& spaces,
        ByName items,
        SystemTime now
    ) {
        ByName& objects = spaces[space];
        bool differs = false;
        for (auto at = objects.begin(); at != objects.end();) {
            const auto next = std::next(at);
            if (!items.contains(*at)) {
                drop(objects, at, now);
                differs = true;
            }
            at = next;
        }
        for (const Object& object : items) {
            const auto known = objects.find(object);
            if (known == objects.end() || !is_same_version(*known, object)) {
                keep(resource, objects, object, now);
                differs = true;
            }
        }
        if (differs) {
            changed.insert(space);
        }
        if (objects.empty()) {
            spaces.erase(space);
        }
    }

    // A namespace is deleted when all in it is.
    void drop_space(std::string_view space, SystemTime now) {
        for (auto& [kind, spaces] : kinds) {
            const auto found = spaces.find(space);
            if (found == spaces.end()) {
                continue;
            }
            for (const Object& object : found->second) {
                let_go(object, nullptr, now);
            }
            spaces.erase(found);
        }
        changed.insert(std::string(space));
    }

    [[nodiscard]] models::NamespaceObjects objects_of(const std::string& space) const {
        models::NamespaceObjects objects;
        objects.object.meta.name = space;
        for (const auto& [kind, spaces] : kinds) {
            const auto found = spaces.find(space);
            if (found != spaces.end()) {
                for (const Object& object : found->second) {
                    add_to(objects, object);
                }
            }
        }
        std::sort(
            objects.controllers.begin(),
            objects.controllers.end(),
            [](const models::ControllerPtr& a, const models::ControllerPtr& b) {
                return std::tie(a->meta.name, a->kind) < std::tie(b->meta.name, b->kind);
            }
        );
        return objects;
    }

    [[nodiscard]] bool has_any(const std::string& space) const {
        return std::any_of(kinds.begin(), kinds.end(), [&](const auto& kind) {
            return kind.second.contains(space);
        });
    }
};

ObjectStore::ObjectStore(models::DiscoveryRules rules) : state_(std::make_shared<State>()) {
    state_->rules = std::move(rules);
}

void ObjectStore::set_cluster(std::string name) { state_->builder.set_cluster(std::move(name)); }

void ObjectStore::replace(
    const Resource& resource, std::string_view ns, std::vector<Decoded> items, SystemTime now
) {
    BySpace& spaces = state_->kinds[key_of(resource)];
    std::map<std::string, ByName, std::less<>> listed;
    if (ns.empty()) {
        for (const auto& [space, objects] : spaces) {
            listed[space];
        }
    } else {
        listed[std::string(ns)];
    }
    for (Decoded& item : items) {
        const std::string& space = space_of(item);
        if (!space.empty() && (ns.empty() || space == ns)) {
            ByName& objects = listed[space];
            const auto [at, is_new] = objects.insert(item.object);
            if (!is_new) {
                exchange(objects, at, std::move(item.object));  // the last of one name
            }
        }
    }
    for (auto& [space, objects] : listed) {
        state_->replace(resource, space, spaces, std::move(objects), now);
    }
}

void ObjectStore::put(const Resource& resource, Decoded object, SystemTime now) {
    const std::string space = space_of(object);
    if (space.empty()) {
        return;
    }
    ByName& objects = state_->kinds[key_of(resource)][space];
    state_->keep(resource, objects, std::move(object.object), now);
    state_->changed.insert(space);
}

void ObjectStore::remove(const Resource& resource, const models::ObjectMeta& meta, SystemTime now) {
    const std::string& space = resource.namespaced ? meta.ns : meta.name;
    const auto kind = state_->kinds.find(key_of(resource));
    if (kind == state_->kinds.end()) {
        return;
    }
    const auto found = kind->second.find(space);
    if (found == kind->second.end()) {
        return;
    }
    const auto at = found->second.find(meta.name);
    if (at == found->second.end()) {
        return;
    }
    const models::ObjectMeta* known = meta_of(*at);
    if (known != nullptr && !meta.uid.empty() && known->uid != meta.uid) {
        return;  // another one of that name
    }
    if (std::holds_alternative<NamespacePtr>(*at)) {
        state_->drop_space(space, now);
        return;
    }
    state_->drop(found->second, at, now);
    state_->changed.insert(space);
    if (found->second.empty()) {
        kind->second.erase(found);
    }
}

void ObjectStore::drop_kind(const Resource& resource) {
    const auto kind = state_->kinds.find(key_of(resource));
    if (kind == state_->kinds.end()) {
        return;
    }
    for (const auto& [space, objects] : kind->second) {
        state_->changed.insert(space);
        for (const Object& object : objects) {
            if (const auto* mesh_object = std::get_if<models::MeshObjectPtr>(&object)) {
                state_->text_bytes -= (*mesh_object)->json ? (*mesh_object)->json->size() : 0;
            }
        }
    }
    state_->kinds.erase(kind);
    state_->orphans.erase(key_of(resource));
}

bool ObjectStore::changed() const { return !state_->changed.empty(); }

std::size_t ObjectStore::count(const Resource& resource) const {
    const auto kind = state_->kinds.find(key_of(resource));
    std::size_t all = 0;
    if (kind != state_->kinds.end()) {
        for (const auto& [space, objects] : kind->second) {
            all += objects.size();
        }
    }
    return all;
}

models::ClusterSnapshotPtr ObjectStore::publish(SystemTime now) {
    for (const std::string& space : state_->changed) {
        if (state_->has_any(space)) {
            state_->builder.put(models::build_namespace(state_->objects_of(space), state_->rules));
        } else {
            state_->builder.remove(space);
        }
    }
    state_->changed.clear();
    state_->builder.forget_before(now - kRemembered);
    return state_->builder.build();
}

std::vector<models::ObjectMeta> ObjectStore::take_orphans(
    const Resource& resource, std::size_t most
) {
    std::vector<models::ObjectMeta> taken;
    const auto waiting = state_->orphans.find(key_of(resource));
    const auto kind = state_->kinds.find(key_of(resource));
    while (waiting != state_->orphans.end() && kind != state_->kinds.end() && taken.size() < most &&
           !waiting->second.empty()) {
        const auto [space, name] = *waiting->second.begin();
        waiting->second.erase(waiting->second.begin());
        const auto found = kind->second.find(space);
        const auto at = found == kind->second.end() ? ByName::iterator() : found->second.find(name);
        if (found != kind->second.end() && at != found->second.end()) {
            taken.push_back(*meta_of(*at));
        }
    }
    return taken;
}

}  // namespace meshscope::clients::kubernetes
