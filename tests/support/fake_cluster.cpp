#include "tests/support/fake_cluster.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace meshscope::test {

namespace {

using models::LabelSet;
using models::NamespaceView;
using models::Pod;
using models::PodPtr;
using models::Workload;
using models::WorkloadPtr;

constexpr std::int64_t kDayBefore = 1'763'683'200 - 86'400;  // ManualClock begins a day later

models::Labels shared(LabelSet set) {
    std::sort(set.begin(), set.end());
    return std::make_shared<const LabelSet>(std::move(set));
}

models::ObjectMeta meta(const std::string& ns, const std::string& name) {
    models::ObjectMeta made;
    made.name = name;
    made.ns = ns;
    made.uid = "uid-" + ns + "-" + name;
    made.resource_version = "1";
    made.created = SystemTime(std::chrono::seconds(kDayBefore));
    made.labels = made.annotations = shared({});
    return made;
}

// Of the letters that Kubernetes makes names of.
std::string suffix(std::uint64_t seed, std::size_t length) {
    constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
    std::string text;
    for (seed = seed * 2'654'435'761U + 97; text.size() < length; seed = seed / 27 + 1'000'003) {
        text.push_back(kLetters[seed % kLetters.size()]);
    }
    return text;
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t sum = 14'695'981'039'346'656'037U;
    for (const char c : text) {
        sum = (sum ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    }
    return sum;
}

std::string group_of(const std::string& kind) {
    return kind == "Pod" ? "" : kind == "Job" ? "batch" : "apps";
}

template <class Object>
const std::string& name_of(const Object& object) {
    return object.meta.name;
}
const std::string& name_of(const Workload& workload) { return workload.name; }

// Keeps the list ascending; one of that name is replaced.
template <class Object>
void put_sorted(std::vector<std::shared_ptr<const Object>>& list, Object object) {
    auto made = std::make_shared<const Object>(std::move(object));
    const auto at =
        std::lower_bound(list.begin(), list.end(), made, [](const auto& a, const auto& b) {
            return name_of(*a) < name_of(*b);
        });
    if (at != list.end() && name_of(**at) == name_of(*made)) {
        *at = std::move(made);
    } else {
        list.insert(at, std::move(made));
    }
}

Workload make_workload(const std::string& ns, const std::string& name, const WorkloadRow& row) {
    Workload made;
    made.kind = {group_of(row.kind), "v1", row.kind};
    made.name = name;
    made.ns = ns;
    made.uid = "uid-" + ns + "-" + row.kind + "-" + name;
    made.resource_version = "1";
    made.created = SystemTime(std::chrono::seconds(kDayBefore));
    made.app = row.app.empty() ? name : row.app;
    made.version = row.version;
    LabelSet labels = row.labels;
    labels.emplace_back("app", made.app);
    if (!row.version.empty()) {
        labels.emplace_back("version", row.version);
    }
    made.labels = shared(std::move(labels));
    made.annotations = shared({});
    made.template_annotations = shared(row.annotations);
    const std::string_view canonical =
        models::label(*made.labels, "service.istio.io/canonical-name");
    made.canonical_name = canonical.empty() ? made.app : std::string(canonical);
    made.desired = made.current = made.available = static_cast<std::int32_t>(row.pods);
    made.service_accounts = {"default"};
    made.sidecar = row.sidecar;
    made.ambient = row.ambient;
    made.gateway = row.gateway;
    made.waypoint = row.waypoint;
    made.ztunnel = row.app == "ztunnel";
    return made;
}

// Points everything that named the workload to `now`.
void replace(NamespaceView& view, const std::string& name, const WorkloadPtr& now) {
    for (WorkloadPtr& one : view.workloads) {
        if (one->name == name) {
            one = now;
        }
    }
    for (auto& [key, one] : view.workload_of_controller) {
        if (one->name == name) {
            one = now;
        }
    }
}

void lead_pods(NamespaceView& view) {
    std::map<std::string_view, WorkloadPtr> found;
    for (const WorkloadPtr& workload : view.workloads) {
        for (const PodPtr& pod : workload->pods) {
            found[pod->meta.name] = workload;
        }
    }
    view.pod_workloads.clear();
    for (const PodPtr& pod : view.pods) {
        view.pod_workloads.push_back(found[pod->meta.name]);
    }
}

}  // namespace

FakeCluster::FakeCluster(const Clock* clock) : clock_(clock) {
    static const SystemClock kSystem;
    if (clock_ == nullptr) {
        clock_ = &kSystem;
    }
    snapshot_ = builder_.build();
    state_.reachability = clients::ClusterState::Reachability::kReachable;
    state_.version = "v1.33.2";
    state_.synced = true;
    state_.current_at = SystemTime(std::chrono::seconds(kDayBefore + 86'400));
}

NamespaceView& FakeCluster::view(const std::string& name) {
    NamespaceView& found = views_[name];
    if (found.object.meta.name.empty()) {
        found.object.meta = meta("", name);
    }
    return found;
}

void FakeCluster::publish(const std::string& name) {
    lead_pods(view(name));
    builder_.put(std::make_shared<const NamespaceView>(view(name)));
    snapshot_ = builder_.build();
}

void FakeCluster::add_namespace(const std::string& name, LabelSet labels) {
    const std::scoped_lock lock(mutex_);
    labels.emplace_back("kubernetes.io/metadata.name", name);
    view(name).object.meta.labels = shared(std::move(labels));
    publish(name);
}

void FakeCluster::remove_namespace(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    views_.erase(name);
    builder_.remove(name);
    snapshot_ = builder_.build();
}

Pod FakeCluster::make_pod(const Workload& workload, const WorkloadRow& row, std::string name) {
    ++made_pods_;
    Pod pod;
    pod.meta = meta(workload.ns, name);
    pod.meta.labels = workload.labels;
    pod.meta.annotations = workload.template_annotations;
    pod.phase = models::PodPhase::kRunning;
    pod.node = row.node;
    pod.service_account = "default";
    pod.ips = {"10.0." + std::to_string(made_pods_ / 250) + "." + std::to_string(made_pods_ % 250)};
    pod.ambient = row.ambient;
    pod.counts_as_ready = true;
    models::Container own;
    own.name = row.gateway || row.waypoint ? "istio-proxy" : workload.app;
    own.image = "example.org/" + workload.app + ":1";
    own.ready = true;
    models::ContainerList containers = {own};
    if (row.sidecar && !row.gateway && !row.waypoint) {
        own.name = "istio-proxy";
        own.image = "example.org/proxyv2:1";
        own.injected = true;
        containers.push_back(own);
    }
    pod.containers = std::make_shared<const models::ContainerList>(std::move(containers));
    return pod;
}

std::vector<std::string> FakeCluster::add_workload(
    const std::string& ns, const std::string& name, WorkloadRow row
) {
    const std::scoped_lock lock(mutex_);
    NamespaceView& target = view(ns);
    row.pods = row.kind == "Pod" ? 1 : row.pods;
    Workload workload = make_workload(ns, name, row);
    const bool by_replica_set = row.kind == "Deployment";
    const std::string controller =
        by_replica_set ? name + "-" + suffix(number_of(ns + "/" + name), 10) : name;
    for (std::size_t i = 0; i < row.pods; ++i) {
        std::string pod_name = controller;
        if (row.kind == "StatefulSet") {
            pod_name += "-" + std::to_string(i);
        } else if (row.kind != "Pod") {
            pod_name += "-" + suffix(number_of(controller) + i, 5);
        }
        Pod pod = make_pod(workload, row, pod_name);
        if (row.kind != "Pod") {
            pod.meta.controller = std::make_shared<const models::OwnerRef>(models::OwnerRef{
                {group_of(row.kind), "v1", by_replica_set ? "ReplicaSet" : row.kind},
                controller,
                by_replica_set ? "uid-" + ns + "-" + controller : workload.uid
            });
        }
        workload.pods.push_back(std::make_shared<const Pod>(std::move(pod)));
    }
    std::sort(workload.pods.begin(), workload.pods.end(), [](const PodPtr& a, const PodPtr& b) {
        return a->meta.name < b->meta.name;
    });
    std::vector<std::string> names;
    put_sorted(target.workloads, std::move(workload));
    const WorkloadPtr& kept =
        *std::find_if(target.workloads.begin(), target.workloads.end(), [&](const auto& one) {
            return one->name == name;
        });
    for (const PodPtr& pod : kept->pods) {
        put_sorted(target.pods, Pod(*pod));
        names.push_back(pod->meta.name);
    }
    if (by_replica_set || row.kind == "Job") {
        target.workload_of_controller[controller] = kept;
    }
    publish(ns);
    return names;
}

void FakeCluster::add_service(
    const std::string& ns, const std::string& name, LabelSet selector, int port
) {
    const std::scoped_lock lock(mutex_);
    models::Service service;
    service.meta = meta(ns, name);
    service.type = "ClusterIP";
    service.ips = {"10.96.0." + std::to_string(number_of(ns + "/" + name) % 250 + 1)};
    service.ip_families = {"IPv4"};
    service.selector = shared(std::move(selector));
    service.ports.push_back({"http", "TCP", port});
    put_sorted(view(ns).services, std::move(service));
    publish(ns);
}

void FakeCluster::add_mesh_object(models::MeshObject object) {
    const std::scoped_lock lock(mutex_);
    const std::string ns = object.meta.ns;
    auto& list = view(ns).mesh_objects;
    const auto place = [](const models::MeshObject& one) {
        return std::pair(one.kind, one.meta.name);
    };
    std::erase_if(list, [&](const auto& one) { return place(*one) == place(object); });
    list.push_back(std::make_shared<const models::MeshObject>(std::move(object)));
    std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
        return place(*a) < place(*b);
    });
    publish(ns);
}

void FakeCluster::add_pod(Pod pod) {
    const std::scoped_lock lock(mutex_);
    const std::string ns = pod.meta.ns;
    put_sorted(view(ns).pods, std::move(pod));
    publish(ns);
}

void FakeCluster::end_pod(const std::string& ns, const std::string& pod, SystemTime when) {
    const std::scoped_lock lock(mutex_);
    NamespaceView& from = view(ns);
    const auto is_it = [&](const PodPtr& one) { return one->meta.name == pod; };
    const auto found = std::find_if(from.pods.begin(), from.pods.end(), is_it);
    if (found == from.pods.end()) {
        return;
    }
    builder_.remember(*found, when);
    lead_pods(from);
    const WorkloadPtr owner = from.workload_of_pod(pod);
    from.pods.erase(found);
    if (owner != nullptr) {
        Workload smaller = *owner;
        std::erase_if(smaller.pods, is_it);
        smaller.current = smaller.available = static_cast<std::int32_t>(smaller.pods.size());
        const auto now = std::make_shared<const Workload>(std::move(smaller));
        replace(from, now->name, now);
    }
    publish(ns);
}

void FakeCluster::set_snapshot(models::ClusterSnapshotPtr snapshot) {
    const std::scoped_lock lock(mutex_);
    snapshot_ = std::move(snapshot);
}

void FakeCluster::set_state(clients::ClusterState state) {
    const std::scoped_lock lock(mutex_);
    state_ = std::move(state);
}

models::ClusterSnapshotPtr FakeCluster::snapshot() const {
    const std::scoped_lock lock(mutex_);
    return snapshot_;
}

clients::ClusterState FakeCluster::state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
}

}  // namespace meshscope::test
