#include "models/cluster_snapshot.hpp"

#include "models/cluster_builder.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>

namespace meshscope::models {

namespace {

constexpr SystemTime at(std::int64_t seconds) { return SystemTime(std::chrono::seconds(seconds)); }

Labels labels(LabelSet set = {}) { return std::make_shared<const LabelSet>(std::move(set)); }

ObjectMeta meta(const std::string& ns, const std::string& name) {
    ObjectMeta made;
    made.name = name;
    made.ns = ns;
    made.uid = "uid-" + ns + "-" + name;
    made.created = at(100);
    made.labels = made.annotations = labels();
    return made;
}

Pod pod(const std::string& ns, const std::string& name, std::vector<std::string> ips) {
    Pod made;
    made.meta = meta(ns, name);
    made.phase = PodPhase::kRunning;
    made.ips = std::move(ips);
    return made;
}

PodPtr keep(Pod pod) { return std::make_shared<const Pod>(std::move(pod)); }

WorkloadPtr workload(const std::string& ns, const std::string& name, const std::string& app) {
    Workload made;
    made.kind = {"apps", "v1", "Deployment"};
    made.name = name;
    made.ns = ns;
    made.app = app;
    made.labels = labels({{"app", app}, {"version", "v1"}});
    made.annotations = made.template_annotations = labels();
    return std::make_shared<const Workload>(std::move(made));
}

NamespaceView view(const std::string& name) {
    NamespaceView made;
    made.object.meta = meta("", name);
    return made;
}

void put(ClusterBuilder& builder, NamespaceView view) {
    builder.put(std::make_shared<const NamespaceView>(std::move(view)));
}

std::string name_of(const Pod* pod) { return pod == nullptr ? "none" : pod->meta.name; }
std::string name_of(const Workload* one) { return one == nullptr ? "none" : one->name; }

}  // namespace

TEST_CASE("labels are found by their exact key", "[cluster]") {
    const LabelSet set{{"a", "1"}, {"app", "reviews"}, {"b", ""}};
    CHECK(label(set, "app") == "reviews");
    CHECK(label(set, "ap").empty());
    CHECK(label(set, "appl").empty());
    CHECK(has_label(set, "b"));
    CHECK_FALSE(has_label(set, "c"));
    CHECK_FALSE(has_label({}, "a"));
}

TEST_CASE("a snapshot that knows nothing finds nothing", "[cluster]") {
    const ClusterSnapshot empty;
    CHECK(empty.generation == 0);
    CHECK(empty.find("a") == nullptr);
    CHECK(empty.find_workload("a", "b") == nullptr);
    CHECK(empty.pod_at("10.0.0.1", at(0)) == nullptr);
    CHECK(empty.pod_by_uid("u") == nullptr);
    CHECK(empty.pod_named("a", "b") == nullptr);
    CHECK(empty.workloads_named("a").empty());
    CHECK(empty.workloads_of_app("a").empty());
}

TEST_CASE("who had an address, over time", "[cluster]") {
    ClusterBuilder builder("Kubernetes");
    NamespaceView shop = view("shop");
    Pod young = pod("shop", "young", {"10.0.0.1", "fd00::1"});
    young.meta.created = at(300);
    Pod done = pod("shop", "done", {"10.0.0.2"});
    done.phase = PodPhase::kSucceeded;
    Pod host = pod("shop", "host", {"192.168.0.1"});
    host.host_network = true;
    shop.pods = {keep(done), keep(host), keep(young)};
    put(builder, std::move(shop));
    builder.remember(keep(pod("shop", "old", {"10.0.0.1"})), at(200));
    builder.remember(keep(pod("shop", "old", {"10.0.0.1"})), at(900));  // the first time counts
    builder.remember(keep(pod("shop", "twin-a", {"10.0.0.3"})), at(200));
    builder.remember(keep(pod("shop", "twin-b", {"10.0.0.3"})), at(220));
    const auto snapshot = builder.build();
    struct Row {
        const char* ip;
        std::int64_t time;
        const char* pod;
    };
    const Row row = GENERATE(values<Row>({
        {"10.0.0.1", 99, "none"},
        {"10.0.0.1", 100, "old"},
        {"10.0.0.1", 199, "old"},
        {"10.0.0.1", 200, "none"},
        {"10.0.0.1", 300, "young"},
        {"10.0.0.1", 1'000'000, "young"},
        {"fd00::1", 300, "young"},
        {"fd00::1", 150, "none"},
        {"10.0.0.2", 150, "none"},  // it has ended, nobody knows when
        {"10.0.0.3", 150, "none"},  // two had it
        {"10.0.0.3", 210, "twin-b"},
        {"192.168.0.1", 150, "none"},  // the host's
        {"10.0.0", 150, "none"},
        {"", 150, "none"},
    }));
    INFO(row.ip << " at " << row.time);
    CHECK(name_of(snapshot->pod_at(row.ip, at(row.time))) == row.pod);
}

TEST_CASE("pods that are gone are found until they are forgotten", "[cluster]") {
    ClusterBuilder builder("Kubernetes");
    NamespaceView shop = view("shop");
    shop.workloads = {workload("shop", "cart", "cart")};
    shop.workload_of_controller.emplace("cart-5d", shop.workloads[0]);
    put(builder, std::move(shop));
    Pod gone = pod("shop", "cart-5d-x", {"10.0.0.1"});
    gone.meta.controller =
        std::make_shared<const OwnerRef>(OwnerRef{{"apps", "v1", "ReplicaSet"}, "cart-5d", "u"});
    Pod other = gone;
    other.meta = meta("shop", "cart-0");
    other.meta.controller =
        std::make_shared<const OwnerRef>(OwnerRef{{"apps", "v1", "StatefulSet"}, "cart", "u"});
    builder.remember(keep(gone), at(200));
    builder.remember(keep(other), at(300));
    auto snapshot = builder.build();
    const Pod* found = snapshot->pod_named("shop", "cart-5d-x");
    REQUIRE(found != nullptr);
    CHECK(found == snapshot->pod_by_uid("uid-shop-cart-5d-x"));
    CHECK(name_of(snapshot->workload_of(*found)) == "cart");
    const Pod* stateful = snapshot->pod_named("shop", "cart-0");
    REQUIRE(stateful != nullptr);
    CHECK(snapshot->workload_of(*stateful) == nullptr);  // the one of that name is a Deployment

    builder.forget_before(at(201));
    const auto later = builder.build();
    CHECK(later->generation > snapshot->generation);
    CHECK(later->pod_named("shop", "cart-5d-x") == nullptr);
    CHECK(later->pod_by_uid("uid-shop-cart-0") != nullptr);
    CHECK(found->meta.name == "cart-5d-x");  // the snapshot is still held
}

TEST_CASE("a pod that is gone does not belong to what has its name now", "[cluster]") {
    ClusterBuilder builder("Kubernetes");
    NamespaceView shop = view("shop");
    shop.pods = {keep(pod("shop", "again", {}))};
    shop.workloads = {workload("shop", "again", ""), workload("shop", "cart", "")};
    shop.pod_workloads = {shop.workloads[0]};
    shop.workload_of_controller.emplace("cart-5d", shop.workloads[1]);
    put(builder, std::move(shop));
    Pod gone = pod("shop", "again", {});
    gone.meta.uid = "earlier";
    gone.meta.controller =
        std::make_shared<const OwnerRef>(OwnerRef{{"apps", "v1", "ReplicaSet"}, "cart-5d", "u"});
    builder.remember(keep(gone), at(200));
    const auto snapshot = builder.build();
    CHECK(name_of(snapshot->workload_of(*snapshot->pod_named("shop", "again"))) == "again");
    CHECK(name_of(snapshot->workload_of(*snapshot->pod_by_uid("earlier"))) == "cart");
}

TEST_CASE("the names of the whole cluster", "[cluster]") {
    ClusterBuilder builder("east");
    for (const char* ns : {"travel", "shop"}) {
        NamespaceView made = view(ns);
        made.workloads = {workload(ns, "cart", "cart"), workload(ns, "cart-canary", "cart")};
        Service service;
        service.meta = meta(ns, "cart");
        service.selector = labels({{"app", "cart"}});
        Service all = service;
        all.meta = meta(ns, "external");
        all.selector = labels();
        Service narrow = service;
        narrow.meta = meta(ns, "narrow");
        narrow.selector = labels({{"app", "cart"}, {"version", "v2"}});
        for (Service* one : {&service, &all, &narrow}) {
            made.services.push_back(std::make_shared<const Service>(*one));
        }
        put(builder, std::move(made));
    }
    const auto snapshot = builder.build();
    CHECK(snapshot->cluster == "east");
    REQUIRE(snapshot->namespaces.size() == 2);
    CHECK(snapshot->namespaces[0]->object.meta.name == "shop");
    CHECK(name_of(snapshot->find_workload("shop", "cart-canary")) == "cart-canary");
    CHECK(snapshot->find_workload("shop", "car") == nullptr);
    const auto named = snapshot->workloads_named("cart");
    REQUIRE(named.size() == 2);
    CHECK(named[0]->ns == "shop");
    CHECK(snapshot->workloads_of_app("cart").size() == 4);
    CHECK(snapshot->workloads_of_app("").empty());
    const NamespaceView* shop = snapshot->find("shop");
    REQUIRE(shop != nullptr);
    CHECK(shop->of_app("cart").size() == 2);
    const auto services = shop->services_of(*shop->workloads[0]);
    REQUIRE(services.size() == 1);
    CHECK(services[0]->meta.name == "cart");

    builder.remove("shop");
    CHECK(builder.build()->find("shop") == nullptr);
    CHECK(snapshot->find("shop") == shop);
}

}  // namespace meshscope::models
