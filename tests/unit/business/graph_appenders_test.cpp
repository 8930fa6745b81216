#include "business/graph_appenders.hpp"

#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/unit/business/graph_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using models::GraphNode;
using models::NodeIndex;
using tests::GraphMaker;

namespace {

using Kind = models::NodeKey::Kind;

// What a test says of an object of Istio.
struct ObjectRow {
    std::vector<std::string> hosts = {};
    std::vector<std::string> backends = {};
    models::LabelSet selector = {};
    std::string location = {};
    std::vector<std::string> export_to = {};
    unsigned traits = 0;
};

// A graph of bookinfo for somebody who sees bookinfo, istio-system and shop.
struct World {
    GraphMaker made;
    test::FakeCluster cluster;
    test::FakeAccess access{{"bookinfo", "istio-system", "shop"}};
    Discovery discovery{{}};
    GraphRequest request;
    std::vector<std::string> namespaces{"bookinfo"};

    // The graph with what the appender adds.
    GraphWork& apply(const GraphAppenderPtr& appender) {
        work.access = &access;
        work.discovery = &discovery;
        work.request = request;
        work.snapshot = cluster.snapshot();
        work.home_cluster = "Kubernetes";
        work.namespaces.clear();
        for (const std::string& ns : namespaces) {
            work.namespaces.push_back({ns, std::chrono::seconds(600), false});
        }
        work.graph = std::move(made.graph);
        REQUIRE(appender->wanted(work));
        REQUIRE(appender->questions(work).empty());
        appender->apply(work, {});
        return work;
    }
    void carries(models::EdgeIndex edge, double rate) {
        models::Graph& graph = made.graph;
        graph.edge(edge).rates.total += rate;
        graph.node(graph.edge(edge).source).out[1] += rate;
        graph.node(graph.edge(edge).target).in[1].total += rate;
    }
    void object(
        const std::string& kind, const std::string& ns, const std::string& name, ObjectRow row
    ) {
        models::MeshObject object;
        object.kind = {"networking.istio.io", "v1", kind};
        object.meta.ns = ns;
        object.meta.name = name;
        object.hosts = std::move(row.hosts);
        object.backends = std::move(row.backends);
        object.selector = std::make_shared<const models::LabelSet>(std::move(row.selector));
        object.location = std::move(row.location);
        object.export_to = std::move(row.export_to);
        object.traits = static_cast<std::uint16_t>(row.traits);
        cluster.add_mesh_object(std::move(object));
    }

    GraphWork work;
};

std::vector<std::string> names_of(const models::Graph& graph) {
    std::vector<std::string> out;
    for (const GraphNode& node : graph.nodes()) {
        if (!node.removed) {
            std::string key;
            node.key.append_text(key);
            out.push_back(key);
        }
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace

TEST_CASE("what is not there any more leaves the graph", "[graph_appenders]") {
    World world;
    world.cluster.add_workload("bookinfo", "details-v1");
    world.cluster.add_workload("bookinfo", "reviews-v1", {.pods = 0});
    world.cluster.add_workload("shop", "cart");
    GraphMaker& made = world.made;
    const auto there = made.workload("bookinfo", "details-v1");
    const auto empty = made.workload("bookinfo", "reviews-v1");
    const auto gone = made.workload("bookinfo", "reviews-v0");
    const auto busy = made.workload("bookinfo", "ratings-v0");
    made.workload("hidden", "vault");                     // nobody may say that it is gone
    made.workload("bookinfo", "details-v0", "", "east");  // nor of another cluster
    made.app("bookinfo", "retired");                      // no workload is named
    const auto service = made.service("bookinfo", "reviews");
    made.edge(service, gone);  // leads nowhere when reviews-v0 is out
    const auto egress = made.service("unknown", "PassthroughCluster");
    made.graph.node(egress).is_egress_cluster = true;
    made.service("bookinfo", "stale");
    made.graph.add({Kind::kUnknownSource, "Kubernetes", {}, {}, {}, {}});
    world.carries(made.edge(there, busy), 1);
    const GraphWork& work = world.apply(make_dead_nodes());
    CHECK(
        names_of(work.graph) ==
        std::vector<std::string>{
            "app_Kubernetes_bookinfo_retired",
            "svc_Kubernetes_unknown_PassthroughCluster",
            "wl_Kubernetes_bookinfo_details-v1",
            "wl_Kubernetes_bookinfo_ratings-v0",
            "wl_Kubernetes_bookinfo_reviews-v1",
            "wl_Kubernetes_hidden_vault",
            "wl_east_bookinfo_details-v0"
        }
    );
    CHECK(work.graph.node(empty).is_dead);
    CHECK_FALSE(work.graph.node(there).is_dead);
    CHECK_FALSE(work.graph.node(busy).is_dead);
}

TEST_CASE("what had no traffic is idle", "[graph_appenders]") {
    struct Row {
        GraphType type;
        bool services;
        std::vector<std::string> idle;
    };
    const std::vector<Row> rows{
        {GraphType::kWorkload, false, {"wl_Kubernetes_bookinfo_reviews-v2"}},
        {GraphType::kWorkload,
         true,
         {"svc_Kubernetes_bookinfo_reviews", "wl_Kubernetes_bookinfo_reviews-v2"}},
        {GraphType::kVersionedApp, false, {"vapp_Kubernetes_bookinfo_reviews-v2"}},
        {GraphType::kService, true, {"svc_Kubernetes_bookinfo_reviews"}},
    };
    for (const Row& row : rows) {
        World world;
        world.request.type = row.type;
        world.request.inject_services = row.services;
        world.cluster.add_workload("bookinfo", "reviews-v1", {.app = "reviews", .version = "v1"});
        world.cluster.add_workload("bookinfo", "reviews-v2", {.app = "reviews", .version = "v2"});
        world.cluster.add_workload("shop", "cart");
        world.cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
        world.cluster.add_service("bookinfo", "details", {{"app", "details"}});
        world.made.service("bookinfo", "details");
        if (row.type == GraphType::kVersionedApp) {
            world.made.version("bookinfo", "reviews-v1", "reviews", "v1");
        } else {
            world.made.workload("bookinfo", "reviews-v1", "reviews");
        }
        const GraphWork& work = world.apply(make_idle_nodes());
        std::vector<std::string> idle;
        for (const GraphNode& node : work.graph.nodes()) {
            std::string key;
            node.key.append_text(key);
            if (node.is_idle) {
                idle.push_back(key);
            }
        }
        std::ranges::sort(idle);
        CHECK(idle == row.idle);
    }
    World world;
    world.request.type = GraphType::kApp;
    world.cluster.add_workload("bookinfo", "reviews-v1", {.app = "reviews"});
    world.cluster.add_workload("bookinfo", "reviews-v2", {.app = "reviews"});
    const GraphWork& work = world.apply(make_idle_nodes());
    REQUIRE(work.graph.node_count() == 1);
    CHECK(work.graph.node(0).app == "reviews");
    CHECK(work.graph.node(0).workload.empty());
    world.work.request.focus = GraphFocus{};
    CHECK_FALSE(make_idle_nodes()->wanted(world.work));
}

TEST_CASE("hosts of one ServiceEntry are one node", "[graph_appenders]") {
    World world;
    world.object(
        "ServiceEntry",
        "shop",
        "fares",
        {.hosts = {"*.fares.org", "api.fares.com"}, .location = "MESH_EXTERNAL"}
    );
    world.object("ServiceEntry", "shop", "own", {.hosts = {"own.example.com"}, .export_to = {"."}});
    world.object("ServiceEntry", "hidden", "secret", {.hosts = {"secret.example.com"}});
    world.object(
        "ServiceEntry", "bookinfo", "machines", {.hosts = {"db.bookinfo.svc.cluster.local"}}
    );
    world.object("ServiceEntry", "bookinfo", "there", {.hosts = {"ratings.bookinfo"}});
    world.cluster.add_service("bookinfo", "ratings", {{"app", "ratings"}});
    GraphMaker& made = world.made;
    const auto v1 = made.workload("bookinfo", "reviews-v1");
    const auto v2 = made.workload("bookinfo", "reviews-v2");
    const auto call = [&](NodeIndex from, std::string_view ns, std::string_view host, double rate) {
        const auto edge = made.edge(from, made.service(ns, host));
        world.carries(edge, rate);
        made.graph.add_response(edge, "200", "-", host, rate);
    };
    call(v1, "shop", "api.fares.com", 1);
    call(v1, "shop", "eu.fares.org", 2);
    call(v2, "shop", "us.fares.org", 4);
    call(v2, "shop", "own.example.com", 1);
    call(v2, "hidden", "secret.example.com", 1);
    call(v2, "bookinfo", "db", 1);
    call(v2, "bookinfo", "ratings", 1);
    const GraphWork& work = world.apply(make_service_entries());
    const models::Graph& graph = work.graph;
    CHECK(
        names_of(graph) ==
        std::vector<std::string>{
            "svc_Kubernetes_bookinfo_machines",
            "svc_Kubernetes_bookinfo_ratings",
            "svc_Kubernetes_hidden_secret.example.com",
            "svc_Kubernetes_shop_fares",
            "svc_Kubernetes_shop_own.example.com",
            "wl_Kubernetes_bookinfo_reviews-v1",
            "wl_Kubernetes_bookinfo_reviews-v2"
        }
    );
    const NodeIndex fares = graph.find({Kind::kService, "Kubernetes", "shop", "fares", {}, {}});
    REQUIRE(fares != models::kNoIndex);
    CHECK(graph.node(fares).in[1].total == 7);
    const auto& entry = graph.node(fares).details->service_entry;
    CHECK(entry->hosts == std::vector<std::string>{"*.fares.org", "api.fares.com"});
    CHECK(entry->location == "MESH_EXTERNAL");
    CHECK(entry->ns == "shop");
    const auto edge = graph.find(v1, fares, "http");
    REQUIRE(edge != models::kNoIndex);
    CHECK(graph.edge(edge).rates.total == 3);
    int hosts = 0;
    graph.each_response(edge, [&](const models::EdgeResponse&) { ++hosts; });
    CHECK(hosts == 2);
}

TEST_CASE("machines behind applications", "[graph_appenders]") {
    World world;
    world.cluster.add_workload("bookinfo", "db-v1", {.app = "db", .version = "v1"});
    world.object(
        "WorkloadEntry",
        "bookinfo",
        "db-192.0.2.1",
        {.selector = {{"app", "db"}, {"version", "v1"}}}
    );
    world.object("WorkloadEntry", "shop", "db-192.0.2.2", {.selector = {{"app", "db"}}});
    const auto v1 = world.made.version("bookinfo", "db-v1", "db", "v1");
    const auto v2 = world.made.version("bookinfo", "db-v2", "db", "v2");
    const auto whole = world.made.app("bookinfo", "db");
    const GraphWork& work = world.apply(make_workload_entries({}));
    const std::vector<std::string> one{"db-192.0.2.1"};
    CHECK(work.graph.node(v1).details->workload_entries == one);
    CHECK(work.graph.node(v2).details == nullptr);
    CHECK(work.graph.node(whole).details->workload_entries == one);
}

TEST_CASE("what is in no mesh", "[graph_appenders]") {
    World world;
    world.cluster.add_workload("bookinfo", "in");
    world.cluster.add_workload("bookinfo", "out", {.sidecar = false});
    world.cluster.add_workload("bookinfo", "ambient", {.sidecar = false, .ambient = true});
    world.cluster.add_workload("bookinfo", "half-v1", {.app = "half"});
    world.cluster.add_workload("bookinfo", "half-v2", {.app = "half", .sidecar = false});
    world.cluster.add_workload("istio-system", "istiod", {.sidecar = false});
    world.cluster.add_workload("hidden", "vault", {.sidecar = false});
    GraphMaker& made = world.made;
    const auto in = made.workload("bookinfo", "in");
    const auto out = made.workload("bookinfo", "out");
    const auto ambient = made.workload("bookinfo", "ambient");
    const auto half = made.app("bookinfo", "half");
    const auto control = made.workload("istio-system", "istiod");
    const auto hidden = made.workload("hidden", "vault");
    const auto unknown = made.workload("bookinfo", "gone");
    const GraphWork& work = world.apply(make_mesh_check());
    const auto is_out = [&](NodeIndex node) { return work.graph.node(node).is_out_of_mesh; };
    CHECK_FALSE(is_out(in));
    CHECK(is_out(out));
    CHECK_FALSE(is_out(ambient));
    CHECK(work.graph.node(ambient).is_ambient);
    CHECK(is_out(half));
    CHECK_FALSE(is_out(control));
    CHECK_FALSE(is_out(hidden));
    CHECK_FALSE(is_out(unknown));
}

TEST_CASE("what Istio's objects do to nodes", "[graph_appenders]") {
    World world;
    world.cluster.add_workload("bookinfo", "reviews-v1", {.app = "reviews"});
    world.cluster.add_workload("bookinfo", "ratings-v1", {.app = "ratings"});
    world.cluster.add_workload(
        "istio-system", "ingress", {.labels = {{"istio", "ingressgateway"}}, .gateway = true}
    );
    world.cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
    world.cluster.add_service("bookinfo", "ratings", {{"app", "ratings"}});
    world.object(
        "VirtualService",
        "bookinfo",
        "reviews",
        {.hosts = {"reviews"},
         .backends = {"reviews"},
         .traits = models::kTrafficShifting | models::kRequestTimeout}
    );
    world.object(
        "DestinationRule",
        "bookinfo",
        "ratings",
        {.hosts = {"ratings.bookinfo.svc.cluster.local"}, .traits = models::kCircuitBreaker}
    );
    world.object(
        "Gateway",
        "shop",
        "web",
        {.hosts = {"*.example.com", "shop/b.example"}, .selector = {{"istio", "ingressgateway"}}}
    );
    GraphMaker& made = world.made;
    const auto reviews = made.service("bookinfo", "reviews");
    const auto ratings = made.service("bookinfo", "ratings");
    const auto behind = made.workload("bookinfo", "ratings-v1", "ratings");
    const auto gateway = made.workload("istio-system", "ingress");
    made.serves(ratings, behind, "ratings");
    const GraphWork& work = world.apply(make_istio({}));
    const GraphNode& routed = work.graph.node(reviews);
    CHECK(routed.app == "reviews");
    REQUIRE(routed.details);
    CHECK(routed.details->virtual_service->names == std::vector<std::string>{"reviews"});
    CHECK(routed.has_traffic_shifting);
    CHECK(routed.has_request_timeout);
    CHECK_FALSE(routed.has_fault_injection);
    CHECK_FALSE(routed.has_circuit_breaker);
    CHECK(work.graph.node(ratings).has_circuit_breaker);
    CHECK_FALSE(work.graph.node(ratings).details);
    CHECK(work.graph.node(behind).has_circuit_breaker);
    const auto& shown = work.graph.node(gateway).details->gateway;
    CHECK(shown->hostnames == std::vector<std::string>{"*.example.com", "b.example"});
    CHECK(shown->role == models::NodeDetails::Gateway::Role::kIngress);
}

TEST_CASE("labels of what is shown", "[graph_appenders]") {
    World world;
    world.cluster.add_workload(
        "bookinfo", "a-v1", {.app = "a", .version = "v1", .labels = {{"team", "x"}, {"zone", "1"}}}
    );
    world.cluster.add_workload(
        "bookinfo", "a-v2", {.app = "a", .version = "v2", .labels = {{"team", "x"}, {"zone", "2"}}}
    );
    using Set = std::vector<std::pair<std::string, std::string>>;
    const auto one = world.made.workload("bookinfo", "a-v1", "a");
    const auto app = world.made.app("bookinfo", "a");
    const auto outside = world.made.workload("bookinfo", "a-v2", "a");
    world.made.graph.node(outside).is_outside = true;
    const GraphWork& work = world.apply(make_labels({}));
    CHECK(work.graph.node(one).details->labels == Set{{"team", "x"}, {"zone", "1"}});
    CHECK(work.graph.node(app).details->labels == Set{{"team", "x"}});
    CHECK_FALSE(work.graph.node(outside).details);
}

TEST_CASE("edges at waypoints", "[graph_appenders]") {
    const auto make = [](World& world) {
        GraphMaker& made = world.made;
        const auto web = made.workload("bookinfo", "web");
        const auto waypoint = made.workload("bookinfo", "waypoint");
        const auto cart = made.workload("bookinfo", "cart");
        made.graph.node(waypoint).is_waypoint = true;
        made.edge(web, waypoint);
        made.edge(waypoint, web);
        made.edge(waypoint, cart);
        return std::vector<NodeIndex>{web, waypoint, cart};
    };
    using models::WaypointDirection;
    {
        World world;
        const auto nodes = make(world);
        const models::Graph& graph = world.apply(make_ambient()).graph;
        CHECK(graph.edge_count() == 2);
        const auto& to = graph.edge(graph.find(nodes[0], nodes[1], "http"));
        CHECK(to.waypoint == WaypointDirection::kTo);
        REQUIRE(to.waypoint_back != models::kNoIndex);
        CHECK(graph.edge(to.waypoint_back).source == nodes[1]);
        const auto& from = graph.edge(graph.find(nodes[1], nodes[2], "http"));
        CHECK(from.waypoint == WaypointDirection::kFrom);
        CHECK(graph.find(nodes[1], nodes[0], "http") == models::kNoIndex);
    }
    {
        World world;
        const auto nodes = make(world);
        world.made.edge(nodes[0], nodes[2]);
        world.request.waypoints = false;
        const models::Graph& graph = world.apply(make_ambient()).graph;
        CHECK(graph.node(nodes[1]).removed);
        CHECK(graph.node_count() == 2);
        CHECK(graph.edge_count() == 1);
    }
}

TEST_CASE("health of what nodes and edges carried", "[graph_appenders]") {
    World world;
    world.cluster.add_workload("bookinfo", "reviews-v1", {.pods = 1});
    world.cluster.add_workload("bookinfo", "ratings-v1", {.pods = 1});
    GraphMaker& made = world.made;
    const auto caller = made.workload("bookinfo", "reviews-v1");
    const auto called = made.workload("bookinfo", "ratings-v1");
    const auto hidden = made.workload("hidden", "vault");
    made.graph.node(hidden).is_inaccessible = true;
    const auto edge = made.edge(caller, called);
    made.graph.add_response(edge, "200", "-", "ratings", 0.75);
    made.graph.add_response(edge, "503", "UF", "ratings", 0.125);
    made.graph.add_response(edge, "503", "-", "ratings", 0.125);
    const auto fine = made.edge(caller, hidden, "grpc");
    made.graph.add_response(fine, "0", "-", "vault", 1);
    const auto tcp = made.edge(called, hidden, "tcp");
    made.graph.add_response(tcp, "-", "UF", "vault", 1);
    const models::Graph& graph = world.apply(make_health(HealthRules())).graph;
    CHECK(graph.edge(edge).health_status == "Failure");
    CHECK(graph.edge(fine).health_status == "Healthy");
    CHECK(graph.edge(tcp).health_status.empty());
    const auto& health = graph.node(called).details->health;
    REQUIRE(health);
    CHECK(health->requests.inbound.at("http").at("503") == 0.25);
    CHECK(health->requests.outbound.empty());
    CHECK(health->status.status == models::HealthStatus::kFailure);
    CHECK(health->status.error_ratio == 25);
    REQUIRE(health->workloads.size() == 1);
    CHECK(health->workloads[0].first == "ratings-v1");
    CHECK_FALSE(graph.node(hidden).details);
}
