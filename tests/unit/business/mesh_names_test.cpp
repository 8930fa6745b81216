#include "business/mesh_names.hpp"

#include "models/cluster_builder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using models::Labels;
using models::LabelSet;

namespace {

Labels labels_of(LabelSet labels) { return std::make_shared<const LabelSet>(std::move(labels)); }

struct PodRow {
    bool ambient = true;
    LabelSet labels = {};
};

// The objects of one namespace, added in the order of their names.
class World {
 public:
    World& space(std::string name, LabelSet labels = {}) {
        current_ = &spaces_[name];
        current_->object.meta.name = std::move(name);
        current_->object.meta.labels = labels_of(std::move(labels));
        return *this;
    }
    World& workload(std::string name, LabelSet labels, PodRow row = {}) {
        auto pod = std::make_shared<models::Pod>();
        pod->meta.name = name + "-0";
        pod->meta.ns = current_->object.meta.name;
        pod->meta.labels = labels_of(row.labels);
        pod->ambient = row.ambient;
        pod->phase = models::PodPhase::kRunning;
        pod->meta.controller = std::make_shared<const models::OwnerRef>(
            models::OwnerRef{{"apps", "v1", "Deployment"}, name, name}
        );
        current_->pods.push_back(std::move(pod));
        auto controller = std::make_shared<models::Controller>();
        controller->kind = {"apps", "v1", "Deployment"};
        controller->meta.name = std::move(name);
        controller->has_template = true;
        controller->template_labels = labels_of(std::move(labels));
        current_->controllers.push_back(std::move(controller));
        return *this;
    }
    World& waypoint(const std::string& name, LabelSet more = {}) {
        more.emplace_back("gateway.istio.io/managed", "istio.io-mesh-controller");
        more.emplace_back("gateway.networking.k8s.io/gateway-name", name);
        std::sort(more.begin(), more.end());
        return workload(name, std::move(more), {});
    }
    World& service(std::string name, LabelSet selector, LabelSet labels = {}) {
        auto service = std::make_shared<models::Service>();
        service->meta.name = std::move(name);
        service->meta.labels = labels_of(std::move(labels));
        service->selector = labels_of(std::move(selector));
        current_->services.push_back(std::move(service));
        return *this;
    }
    World& object(
        std::string group, std::string kind, std::string name, models::MeshObject rest = {}
    ) {
        rest.kind = {std::move(group), "v1", std::move(kind)};
        rest.meta.name = std::move(name);
        current_->mesh_objects.push_back(std::make_shared<models::MeshObject>(std::move(rest)));
        return *this;
    }
    [[nodiscard]] models::ClusterSnapshotPtr build() const {
        models::ClusterBuilder builder("Kubernetes");
        for (const auto& [name, objects] : spaces_) {
            builder.put(models::build_namespace(objects, {}));
        }
        return builder.build();
    }

 private:
    std::map<std::string, models::NamespaceObjects> spaces_;
    models::NamespaceObjects* current_ = nullptr;
};

const LabelSet kCart{{"app", "cart"}};
LabelSet cart_with(const std::string& key, const std::string& value) {
    LabelSet out{{"app", "cart"}, {key, value}};
    std::sort(out.begin(), out.end());
    return out;
}

std::string stored(const Result<ResolvedName>& name, const NamingRule& rule = {}) {
    return name.has_value() ? store_service(*name, rule) : "none";
}

std::string waypoint_name(const models::ClusterSnapshotPtr& cluster, const std::string& workload) {
    const models::Workload* object = cluster->find_workload("shop", workload);
    REQUIRE(object != nullptr);
    const models::Workload* waypoint = waypoint_of(*cluster, *object);
    return waypoint == nullptr ? "" : waypoint->ns + "/" + waypoint->name;
}

}  // namespace

TEST_CASE("what the store calls objects that no waypoint answers for", "[mesh_names]") {
    const auto cluster =
        World()
            .space("shop")
            .workload("bare", {})
            .workload("cart-v2", kCart)
            .workload("edge", {{"istio", "ingressgateway"}})
            .workload("named", {{"app", "x"}, {"service.istio.io/canonical-name", "cart"}})
            .service("any", {})
            .service("cart", {{"app", "basket"}})
            .service("plain", {{"role", "db"}})
            .object(
                "networking.istio.io",
                "ServiceEntry",
                "outside",
                [] {
                    models::MeshObject entry;
                    entry.hosts = {"pay.example.com"};
                    return entry;
                }()
            )
            .build();
    const auto* at = cluster.get();
    NamingRule plain;
    plain.namespace_selector = false;
    CHECK(stored(name_of_app(at, "shop", "cart", {}, true)) == "cart.shop");
    CHECK(stored(name_of_app(at, "shop", "cart", plain, true), plain) == "cart");
    CHECK(stored(name_of_app(at, "shop", "ghost", {}, true)) == "ghost.shop");
    CHECK(stored(name_of_app(at, "nowhere", "ghost", {}, true)) == "ghost.nowhere");

    CHECK(stored(name_of_workload(at, "shop", "cart-v2", {}, true)) == "cart.shop");
    CHECK(stored(name_of_workload(at, "shop", "named", {}, true)) == "cart.shop");
    CHECK(stored(name_of_workload(at, "shop", "edge", {}, true)) == "edge.shop");
    CHECK(stored(name_of_workload(at, "shop", "bare", {}, true)) == "bare.shop");

    CHECK(stored(name_of_service(at, "shop", "cart", {}, true)) == "basket.shop");
    CHECK(stored(name_of_service(at, "shop", "plain", {}, true)) == "plain.shop");
    CHECK(stored(name_of_service(at, "shop", "any", {}, true)) == "any.shop");
    CHECK(
        stored(name_of_service(at, "shop", "pay.example.com", {}, true)) == "pay.example.com.shop"
    );
    NamingRule own;
    own.app_labels = {"role"};
    CHECK(stored(name_of_service(at, "shop", "plain", own, true)) == "db.shop");
    CHECK(stored(name_of_service(at, "shop", "cart", own, true)) == "cart.shop");
}

TEST_CASE("what is not there is said, but for applications", "[mesh_names]") {
    const auto cluster = World().space("shop").workload("cart", kCart).build();
    for (const auto& name :
         {name_of_workload(cluster.get(), "shop", "ghost", {}, true),
          name_of_workload(cluster.get(), "nowhere", "cart", {}, true),
          name_of_service(cluster.get(), "shop", "cart", {}, true),
          name_of_service(cluster.get(), "nowhere", "cart", {}, true)}) {
        REQUIRE_FALSE(name.has_value());
        CHECK(name.error().kind() == ErrorKind::kNotFound);
        CHECK(name.error().message().find("not found in namespace") != std::string::npos);
    }
}

TEST_CASE("without a synced cluster names are taken as they are", "[mesh_names]") {
    const models::ClusterSnapshot nothing_yet;
    for (const models::ClusterSnapshot* cluster :
         {&nothing_yet, static_cast<decltype(&nothing_yet)>(nullptr)}) {
        CHECK(stored(name_of_app(cluster, "shop", "cart", {}, true)) == "cart.shop");
        CHECK(stored(name_of_service(cluster, "shop", "cart", {}, true)) == "cart.shop");
        CHECK(stored(name_of_workload(cluster, "shop", "cart-v2", {}, true)) == "cart-v2.shop");
    }
}

TEST_CASE("what the store calls objects that a waypoint answers for", "[mesh_names]") {
    struct Row {
        LabelSet space;
        std::string by_waypoint;
    };
    const Row rows[] = {
        {{{"istio.io/use-waypoint", "wp"}}, "wp.shop"},
        {{{"istio.io/use-waypoint", "wp"}, {"istio.io/use-waypoint-namespace", "infra"}}, "wp.infra"
        },
    };
    NamingRule plain;
    plain.namespace_selector = false;
    for (const Row& row : rows) {
        const auto cluster = World()
                                 .space("infra")
                                 .waypoint("wp")
                                 .space("shop", row.space)
                                 .workload("cart-v2", kCart)
                                 .waypoint("wp")
                                 .service("cart", {{"app", "cart"}})
                                 .build();
        const auto* at = cluster.get();
        const auto app = name_of_app(at, "shop", "cart", {}, true);
        CHECK(stored(app) == row.by_waypoint);
        CHECK(app->app == "cart");
        CHECK(app->own_namespace() == "shop");
        CHECK(stored(name_of_service(at, "shop", "cart", {}, true)) == row.by_waypoint);
        CHECK(stored(name_of_workload(at, "shop", "cart-v2", {}, true)) == row.by_waypoint);
        const std::string host = "cart.shop.svc.cluster.local";
        CHECK(stored(name_of_app(at, "shop", "cart", {}, false)) == host);
        CHECK(stored(name_of_service(at, "shop", "cart", {}, false)) == host);
        CHECK(stored(name_of_workload(at, "shop", "cart-v2", {}, false)) == host);
        CHECK(
            stored(name_of_app(at, "shop", "cart", plain, false), plain) == "cart.svc.cluster.local"
        );
        CHECK(stored(name_of_workload(at, "shop", "wp", {}, true)) == "wp.shop");
    }
}

TEST_CASE("an application is looked up by the service that selects it", "[mesh_names]") {
    const auto cluster =
        World()
            .space("shop", {{"istio.io/use-waypoint", "wp"}})
            .workload("cart-v2", kCart)
            .workload("lonely", {{"app", "lonely"}})
            .waypoint("wp")
            .service("a-other", {{"app", "mail"}})
            .service("basket", {{"app", "cart"}})
            .service(
                "wp-waypoint", {}, {{"gateway.networking.k8s.io/gateway-name", "shop-Waypoint"}}
            )
            .build();
    NamingRule rule;
    rule.identity_domain = ".svc.mesh.example";
    CHECK(
        stored(name_of_app(cluster.get(), "shop", "cart", rule, false), rule) ==
        "basket.shop.svc.mesh.example"
    );
    CHECK(stored(name_of_app(cluster.get(), "shop", "lonely", {}, false)) == "lonely.shop");
    CHECK(
        stored(name_of_service(cluster.get(), "shop", "wp-waypoint", {}, false)) ==
        "wp-waypoint.shop"
    );
}

TEST_CASE("the first level that names a waypoint decides", "[mesh_names]") {
    struct Row {
        std::string what;
        LabelSet space;
        LabelSet pod_template;
        PodRow pod;
        LabelSet service;
        std::string expected;
    };
    const std::string use = "istio.io/use-waypoint";
    const Row rows[] = {
        {"nothing names one", {}, kCart, {}, {}, ""},
        {"the namespace", {{use, "wp"}}, kCart, {}, {}, "shop/wp"},
        {"the service", {{use, "other"}}, kCart, {}, {{use, "wp"}}, "shop/wp"},
        {"a pod", {{use, "other"}}, kCart, {true, {{use, "wp"}}}, {{use, "other"}}, "shop/wp"},
        {"the template", {}, cart_with(use, "wp"), {true, {{use, "other"}}}, {}, "shop/wp"},
        {"none ends the search", {{use, "wp"}}, cart_with(use, "none"), {}, {}, ""},
        {"the service says none", {{use, "wp"}}, kCart, {}, {{use, "none"}}, ""},
        {"one that is not there", {{use, "wp"}}, cart_with(use, "ghost"), {}, {}, ""},
        {"a workload that is none", {{use, "cart"}}, kCart, {}, {}, ""},
        {"for nothing", {{use, "idle"}}, kCart, {}, {}, ""},
        {"for nothing, as its Gateway says", {{use, "idle-too"}}, kCart, {}, {}, ""},
        {"not redirected", {{use, "wp"}}, kCart, {false, {}}, {}, ""},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        models::MeshObject gateway;
        gateway.meta.labels = labels_of({{"istio.io/waypoint-for", "none"}});
        const auto cluster =
            World()
                .space("shop", row.space)
                .workload("cart", row.pod_template, row.pod)
                .waypoint("idle", {{"istio.io/waypoint-for", "none"}})
                .waypoint("idle-too")
                .waypoint("other")
                .waypoint("wp")
                .service("cart", kCart, row.service)
                .object("gateway.networking.k8s.io", "Gateway", "idle-too", std::move(gateway))
                .build();
        CHECK(waypoint_name(cluster, "cart") == row.expected);
        CHECK(waypoint_name(cluster, "wp").empty());
    }
}

TEST_CASE("of two matching services neither decides", "[mesh_names]") {
    const std::string use = "istio.io/use-waypoint";
    const auto cluster = World()
                             .space("shop", {{use, "wp"}})
                             .workload("cart", kCart)
                             .waypoint("other")
                             .waypoint("wp")
                             .service("a", kCart, {{use, "other"}})
                             .service("b", kCart)
                             .build();
    CHECK(waypoint_name(cluster, "cart") == "shop/wp");
    const models::NamespaceView* view = cluster->find("shop");
    CHECK(waypoint_of(*cluster, *view, *view->find_service("a"))->name == "other");
    CHECK(waypoint_of(*cluster, *view, *view->find_service("b"))->name == "wp");
}
