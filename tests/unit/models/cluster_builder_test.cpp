#include "models/cluster_builder.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope::models;
using meshscope::from_micros;
using meshscope::SystemTime;

namespace {

SystemTime at(std::int64_t seconds) { return from_micros(seconds * 1'000'000); }

Labels labels(LabelSet set) { return std::make_shared<const LabelSet>(std::move(set)); }

Kind kind_of(const std::string& kind) {
    if (kind == "Pod" || kind == "ReplicationController") {
        return {"", "v1", kind};
    }
    if (kind == "Job" || kind == "CronJob") {
        return {"batch", "v1", kind};
    }
    return {kind == "Rollout" ? "argoproj.io" : "apps", "v1", kind};
}

// "ReplicaSet/reviews-v1-5d": the one owner with controller=true; "" none.
OwnerPtr owner_of(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) {
        return nullptr;
    }
    return std::make_shared<const OwnerRef>(
        OwnerRef{kind_of(text.substr(0, slash)), text.substr(slash + 1), "uid-" + text}
    );
}

ObjectMeta meta(const std::string& name, const std::string& owner, LabelSet set = {}) {
    ObjectMeta meta;
    meta.name = name;
    meta.ns = "shop";
    meta.uid = "uid-" + name;
    meta.resource_version = "7";
    meta.created = at(100);
    meta.labels = labels(std::move(set));
    meta.controller = owner_of(owner);
    return meta;
}

Pod pod(const std::string& name, const std::string& owner = {}, LabelSet set = {}) {
    Pod pod;
    pod.meta = meta(name, owner, std::move(set));
    pod.phase = PodPhase::kRunning;
    pod.counts_as_ready = true;
    return pod;
}

Controller controller(
    const std::string& kind, const std::string& name, const std::string& owner = {}
) {
    Controller controller;
    controller.kind = kind_of(kind);
    controller.meta = meta(name, owner);
    return controller;
}

Controller with_template(Controller controller, LabelSet set, std::int32_t desired) {
    controller.has_template = true;
    controller.template_labels = labels(std::move(set));
    controller.desired = desired;
    controller.current = desired;
    controller.available = desired;
    return controller;
}

struct World {
    std::vector<Pod> pods;
    std::vector<Controller> controllers;
    std::vector<MeshObject> mesh_objects;
    DiscoveryRules rules;

    [[nodiscard]] NamespaceViewPtr build() const {
        NamespaceObjects objects;
        objects.object.meta = meta("shop", "");
        objects.object.meta.ns = "";
        for (const Pod& one : pods) {
            objects.pods.push_back(std::make_shared<const Pod>(one));
        }
        for (const Controller& one : controllers) {
            objects.controllers.push_back(std::make_shared<const Controller>(one));
        }
        for (const MeshObject& one : mesh_objects) {
            objects.mesh_objects.push_back(std::make_shared<const MeshObject>(one));
        }
        return build_namespace(std::move(objects), rules);
    }
};

// "Deployment reviews-v1: pod, pod; ..."
std::string text_of(const NamespaceView& view) {
    std::string text;
    for (const WorkloadPtr& workload : view.workloads) {
        text += text.empty() ? "" : "; ";
        text += workload->kind.kind + ' ' + workload->name + ':';
        for (const PodPtr& one : workload->pods) {
            text += ' ' + one->meta.name;
        }
    }
    return text;
}

Containers list_of(ContainerList list) {
    return std::make_shared<const ContainerList>(std::move(list));
}

Container proxy() {
    Container container;
    container.name = "istio-proxy";
    container.injected = true;
    return container;
}

}  // namespace

TEST_CASE("pods are led to what runs them along their owners") {
    struct Row {
        std::string what;
        std::vector<Controller> controllers;
        std::vector<Pod> pods;
        std::string workloads;
    };
    const std::vector<Row> rows = {
        {"a Deployment by its ReplicaSet",
         {controller("Deployment", "a"), controller("ReplicaSet", "a-5d", "Deployment/a")},
         {pod("a-5d-x", "ReplicaSet/a-5d"), pod("a-5d-y", "ReplicaSet/a-5d")},
         "Deployment a: a-5d-x a-5d-y"},
        {"two ReplicaSets of a rollout",
         {controller("Deployment", "a"),
          controller("ReplicaSet", "a-1", "Deployment/a"),
          controller("ReplicaSet", "a-2", "Deployment/a")},
         {pod("a-1-x", "ReplicaSet/a-1"), pod("a-2-x", "ReplicaSet/a-2")},
         "Deployment a: a-1-x a-2-x"},
        {"a custom kind that is known by its name only",
         {controller("ReplicaSet", "a-5d", "Rollout/a")},
         {pod("a-5d-x", "ReplicaSet/a-5d")},
         "Rollout a: a-5d-x"},
        {"a custom kind without pods",
         {controller("ReplicaSet", "a-5d", "Rollout/a")},
         {},
         "Rollout a:"},
        {"pods of a custom kind", {}, {pod("a-0", "Rollout/a")}, "Rollout a: a-0"},
        {"kinds that own their pods themselves",
         {controller("DaemonSet", "d"), controller("StatefulSet", "s")},
         {pod("d-x", "DaemonSet/d"), pod("s-0", "StatefulSet/s")},
         "DaemonSet d: d-x; StatefulSet s: s-0"},
        {"an operator's object above a Deployment is not asked for",
         {controller("Deployment", "a", "Rollout/operator"),
          controller("ReplicaSet", "a-5d", "Deployment/a")},
         {pod("a-5d-x", "ReplicaSet/a-5d")},
         "Deployment a: a-5d-x"},
        {"controllers without pods",
         {controller("DaemonSet", "c"),
          controller("Deployment", "a"),
          controller("StatefulSet", "b")},
         {},
         "Deployment a:; StatefulSet b:; DaemonSet c:"},
        {"no owner, or none with controller=true", {}, {pod("bare")}, "Pod bare: bare"},
        {"an owner that is gone: its text",
         {},
         {pod("a-5d-x", "ReplicaSet/a-5d")},
         "ReplicaSet a-5d: a-5d-x"},
        {"the owner's owner is gone: the last that is known",
         {controller("ReplicaSet", "a-5d", "Deployment/a")},
         {pod("a-5d-x", "ReplicaSet/a-5d")},
         "ReplicaSet a-5d: a-5d-x"},
        {"the group that ReplicaSets were in before",
         {controller("Deployment", "a"), controller("ReplicaSet", "a-5d", "Deployment/a")},
         [] {
             Pod old = pod("a-5d-x", "ReplicaSet/a-5d");
             OwnerRef owner = *old.meta.controller;
             owner.kind.group = "extensions";
             old.meta.controller = std::make_shared<const OwnerRef>(std::move(owner));
             return std::vector{old};
         }(),
         "Deployment a: a-5d-x"},
        {"a ReplicaSet without owner and without replicas is not shown",
         {controller("ReplicaSet", "a-1"),
          with_template(controller("ReplicaSet", "a-2"), {}, 0),
          with_template(controller("ReplicaSet", "a-3"), {}, 2)},
         {},
         "ReplicaSet a-3:"},
        {"a circle ends",
         {controller("ReplicaSet", "a", "ReplicaSet/b"),
          controller("ReplicaSet", "b", "ReplicaSet/a")},
         {pod("x", "ReplicaSet/a")},
         "ReplicaSet b: x"},
        {"its own owner",
         {controller("ReplicaSet", "a", "ReplicaSet/a")},
         {pod("x", "ReplicaSet/a")},
         "ReplicaSet a: x"},
        {"Jobs and CronJobs are left out unless asked for",
         {controller("CronJob", "c"), controller("Job", "c-1", "CronJob/c"), controller("Job", "j")
         },
         {pod("c-1-x", "Job/c-1"), pod("j-x", "Job/j"), pod("z")},
         "Pod z: z"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        World world;
        world.controllers = row.controllers;
        world.pods = row.pods;
        CHECK(text_of(*world.build()) == row.workloads);
    }
}

TEST_CASE("a chain of owners is followed eight steps") {
    World world;
    for (char name = 'a'; name < 'z'; ++name) {
        world.controllers.push_back(controller(
            "ReplicaSet",
            std::string(1, name),
            "ReplicaSet/" + std::string(1, static_cast<char>(name + 1))
        ));
    }
    world.pods = {pod("x", "ReplicaSet/a")};
    CHECK(world.build()->workload_of_pod("x")->name == "i");
}

TEST_CASE("a Job is shown for its CronJob only when that is there") {
    World world;
    world.rules.excluded_kinds.clear();
    world.controllers = {
        controller("CronJob", "c"),
        controller("Job", "c-1", "CronJob/c"),
        controller("Job", "gone-1", "CronJob/gone")
    };
    world.pods = {pod("c-1-x", "Job/c-1"), pod("gone-1-x", "Job/gone-1")};
    CHECK(text_of(*world.build()) == "CronJob c: c-1-x; Job gone-1: gone-1-x");
}

TEST_CASE("kinds that are left out keep their pods; Deployments and ReplicaSets are never left out"
) {
    World world;
    world.rules.excluded_kinds = {"Job", "Deployment", "ReplicaSet", "Pod"};
    world.controllers = {controller("Deployment", "d"), controller("Job", "j")};
    world.pods = {pod("bare"), pod("j-x", "Job/j"), pod("r-x", "ReplicaSet/r")};
    const auto view = world.build();
    CHECK(text_of(*view) == "Deployment d:; ReplicaSet r: r-x");
    CHECK(view->workload_of_pod("j-x")->kind.kind == "Job");
    CHECK(view->workload_of_pod("bare")->kind.kind == "Pod");
    CHECK(view->workload_of_controller.at("j")->name == "j");
    CHECK_FALSE(view->workload_of_controller.contains("d"));
}

TEST_CASE("of one name the kind of the highest rank stays") {
    struct Row {
        std::string higher, lower;
    };
    const std::vector<Row> rows = {
        {"Deployment", "ReplicaSet"},
        {"Deployment", "DeploymentConfig"},
        {"DeploymentConfig", "ReplicaSet"},
        {"ReplicaSet", "ReplicationController"},
        {"ReplicationController", "StatefulSet"},
        {"StatefulSet", "Job"},
        {"Job", "DaemonSet"},
        {"Job", "Rollout"},
        {"DaemonSet", "Pod"},
        {"Rollout", "Pod"}
    };
    for (const auto& [higher, lower] : rows) {
        CAPTURE(higher, lower);
        World world;
        world.rules.excluded_kinds.clear();
        world.pods = {pod("a-1", higher + "/a"), pod("a-2", lower + "/a")};
        if (lower == "Pod") {
            world.pods = {pod("a"), pod("a-1", higher + "/a")};
        }
        const auto view = world.build();
        REQUIRE(view->workloads.size() == 1);
        CHECK(view->workloads.front()->kind.kind == higher);
        CHECK(view->workload_of_pod(world.pods.back().meta.name) != nullptr);
        CHECK(view->find_workload("a") == view->workloads.front().get());
        CHECK(view->find_workload("b") == nullptr);
    }
}

TEST_CASE("a controller of which only a name is left leads to its workload") {
    World world;
    world.controllers = {
        controller("Deployment", "a"),
        controller("ReplicaSet", "a-1", "Deployment/a"),
        controller("Job", "clash"),
        controller("ReplicaSet", "clash", "Rollout/r")
    };
    const auto view = world.build();
    CHECK(view->workload_of_controller.at("a-1")->name == "a");
    CHECK_FALSE(view->workload_of_controller.contains("clash"));  // two kinds of that name
}

TEST_CASE("labels, numbers and dates come from the template, else from the pods") {
    World world;
    world.controllers = {with_template(controller("Deployment", "a"), {{"app", "cart"}}, 3)};
    world.controllers.back().template_annotations = labels({{"k", "v"}});
    world.controllers.back().meta.annotations = labels({{"own", "v"}});
    world.pods = {
        pod("b-0", "Rollout/b", {{"app", "pay"}}),
        pod("b-1", "Rollout/b", {{"app", "other"}}),
        pod("b-2", "Rollout/b")
    };
    world.pods[0].meta.created = at(90);
    world.pods[1].counts_as_ready = false;
    world.pods[2].phase = PodPhase::kSucceeded;
    world.pods[2].counts_as_ready = false;
    world.pods[0].service_account = "two";
    world.pods[1].service_account = "one";
    world.pods[2].service_account = "two";
    const auto view = world.build();
    const Workload& a = *view->find_workload("a");
    CHECK(label(*a.labels, "app") == "cart");
    CHECK(label(*a.template_annotations, "k") == "v");
    CHECK(label(*a.annotations, "own") == "v");
    CHECK(a.uid == "uid-a");
    CHECK(a.resource_version == "7");
    CHECK(a.created == at(100));
    CHECK(a.desired == 3);
    CHECK(a.sidecar);
    CHECK(a.pods.empty());
    const Workload& b = *view->find_workload("b");
    CHECK(label(*b.labels, "app") == "pay");
    CHECK(b.uid.empty());
    CHECK(b.created == at(90));
    CHECK(b.desired == 2);
    CHECK(b.current == 2);
    CHECK(b.available == 1);
    CHECK_FALSE(b.sidecar);
    CHECK(b.service_accounts == std::vector<std::string>{"one", "two"});
    CHECK(view->of_app("pay") == std::vector{view->workload_of_pod("b-0")});
    CHECK(view->of_app("").empty());
}

TEST_CASE("the application and version labels that decide") {
    struct Row {
        LabelSet labels;
        std::string app, version, canonical;
    };
    const std::vector<Row> rows = {
        {{}, "", "", "w"},
        {{{"app", "a"}, {"version", "v1"}}, "a", "v1", "a"},
        {{{"app", "a"}, {"app.kubernetes.io/name", "b"}}, "b", "", "b"},
        {{{"app", "a"}, {"service.istio.io/canonical-name", "c"}}, "c", "", "c"},
        {{{"app", ""}, {"version", ""}}, "", "", "w"},
        {{{"app", "a"}, {"service.istio.io/canonical-name", ""}}, "a", "", "a"},
        {{{"app.kubernetes.io/version", "v2"}, {"version", "v1"}}, "", "v2", "w"},
        {{{"service.istio.io/canonical-revision", "v3"}, {"version", "v1"}}, "", "v3", "w"},
    };
    for (const Row& row : rows) {
        World world;
        world.pods = {pod("w", "", row.labels)};
        const auto view = world.build();
        const Workload& workload = *view->workloads.front();
        CAPTURE(row.canonical, row.labels);
        CHECK(workload.app == row.app);
        CHECK(workload.version == row.version);
        CHECK(workload.canonical_name == row.canonical);
    }
    World world;
    world.rules.app_labels = {"team/app"};
    world.pods = {pod("w", "", {{"app", "a"}, {"team/app", "t"}})};
    const auto view = world.build();
    CHECK(view->workloads.front()->app == "t");
    CHECK(view->workloads.front()->canonical_name == "a");
}

TEST_CASE("what a workload is in the mesh") {
    struct Row {
        LabelSet labels;
        LabelSet annotations;
        std::string is;
    };
    const std::vector<Row> rows = {
        {{{"app", "a"}}, {}, ""},
        {{{"operator.istio.io/component", "IngressGateways"}}, {}, "gateway"},
        {{{"operator.istio.io/component", "EgressGateways"}}, {}, "gateway"},
        {{{"operator.istio.io/component", "Pilot"}}, {}, ""},
        {{{"istio", "ingressgateway"}}, {}, "gateway"},
        {{{"istio", "egressgateway"}}, {}, "gateway"},
        {{{"istio", "pilot"}}, {}, ""},
        {{}, {{"inject.istio.io/templates", "gateway"}}, "gateway"},
        {{{"istio.io/gateway-name", "g"}}, {}, "gateway"},
        {{{"gateway.networking.k8s.io/gateway-name", "g"}}, {}, "gateway"},
        {{{"gateway.istio.io/managed", "istio.io-gateway-controller"}}, {}, "gateway"},
        {{{"gateway.istio.io/managed", "istio.io-mesh-controller"},
          {"gateway.networking.k8s.io/gateway-name", "w"}},
         {},
         "waypoint ambient"},
        {{{"gateway.networking.k8s.io/gateway-name", "My-WayPoint"}}, {}, "waypoint ambient"},
        {{{"app", "ztunnel"}}, {}, "ztunnel ambient"},
    };
    for (const Row& row : rows) {
        World world;
        world.pods = {pod("w", "", row.labels)};
        world.pods.front().meta.annotations = labels(row.annotations);
        const auto view = world.build();
        const Workload& workload = *view->workloads.front();
        std::string is;
        const auto add = [&](bool flag, const char* word) {
            is += flag ? (is.empty() ? "" : " ") + std::string(word) : "";
        };
        add(workload.gateway, "gateway");
        add(workload.waypoint, "waypoint");
        add(workload.ztunnel, "ztunnel");
        add(workload.ambient, "ambient");
        CAPTURE(row.labels, row.annotations);
        CHECK(is == row.is);
    }
}

TEST_CASE("all pods have a proxy, or not; one pod in ambient is enough") {
    World world;
    world.pods = {pod("a-0", "StatefulSet/a"), pod("a-1", "StatefulSet/a")};
    world.pods[0].containers = list_of({Container{}, proxy()});
    world.pods[1].ambient = true;
    CHECK_FALSE(world.build()->workloads.front()->sidecar);
    CHECK(world.build()->workloads.front()->ambient);
    world.pods[1].containers = list_of({proxy()});
    CHECK(world.build()->workloads.front()->sidecar);
}

TEST_CASE("virtual machines are workloads by their group, else by their entry") {
    const auto machine =
        [](const std::string& kind, const std::string& name, const std::string& owner) {
            MeshObject object;
            object.kind = {"networking.istio.io", "v1", kind};
            object.meta = meta(name, "");
            if (!owner.empty()) {
                object.meta.controller = std::make_shared<const OwnerRef>(
                    OwnerRef{{"networking.istio.io", "v1", "WorkloadGroup"}, owner, ""}
                );
            }
            object.selector = labels({{"app", name}});
            object.service_account = "vm";
            return object;
        };
    World world;
    world.mesh_objects = {
        machine("WorkloadEntry", "g-10.0.0.1", "g"),
        machine("WorkloadEntry", "g-10.0.0.2", "g"),
        machine("WorkloadEntry", "old-1", "old"),
        machine("WorkloadEntry", "single", ""),
        machine("WorkloadGroup", "empty", ""),
        machine("WorkloadGroup", "g", "")
    };
    const auto view = world.build();
    CHECK(
        text_of(*view) ==
        "WorkloadGroup empty:; WorkloadGroup g:; WorkloadGroup old:; WorkloadEntry single:"
    );
    const Workload& group = *view->find_workload("g");
    CHECK(group.virtual_machine);
    CHECK(group.app == "g");
    CHECK(group.desired == 2);
    CHECK(group.available == 2);
    CHECK(group.service_accounts == std::vector<std::string>{"vm"});
    CHECK(view->find_workload("empty")->desired == 0);
    CHECK(view->find_workload("single")->desired == 1);
    CHECK(view->mesh_objects.front()->kind.kind == "WorkloadEntry");
    CHECK(view->mesh_objects.back()->meta.name == "g");
}

TEST_CASE("services lead to workloads by their selectors") {
    World world;
    world.pods = {pod("w", "", {{"app", "a"}, {"version", "v1"}})};
    NamespaceObjects objects;
    objects.object.meta = meta("shop", "");
    objects.pods = {std::make_shared<const Pod>(world.pods.front())};
    const auto add = [&](const std::string& name, LabelSet selector) {
        Service service;
        service.meta = meta(name, "");
        service.selector = labels(std::move(selector));
        objects.services.push_back(std::make_shared<const Service>(std::move(service)));
    };
    add("all", {{"app", "a"}});
    add("none", {});
    add("one", {{"app", "a"}, {"version", "v1"}});
    add("other", {{"app", "a"}, {"version", "v2"}});
    const auto view = build_namespace(std::move(objects), {});
    std::vector<std::string> names;
    for (const ServicePtr& service : view->services_of(*view->workloads.front())) {
        names.push_back(service->meta.name);
    }
    CHECK(names == std::vector<std::string>{"all", "one"});
    CHECK(view->find_service("other") != nullptr);
    CHECK(view->find_service("zero") == nullptr);
}
