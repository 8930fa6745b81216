#include "business/trace_graph.hpp"

#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/unit/business/graph_fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using test::make_trace;
using test::SpanRow;
using test::Tags;
using tests::GraphMaker;

namespace {

constexpr std::int64_t kStart = 1'763'683'200'000'000;

// A span of a proxy beside `workload` of `ns`.
SpanRow envoy(
    std::uint64_t id,
    std::uint64_t parent,
    const std::string& kind,
    const std::string& workload,
    const std::string& ns = "bookinfo"
) {
    SpanRow row;
    row.id = id;
    row.parent = parent;
    row.start_us = kStart + static_cast<std::int64_t>(id) * 10;
    row.service = "proxy";
    row.tags = {
        {"span.kind", kind},
        {"component", "proxy"},
        {"http.method", "GET"},
        {"istio.cluster_id", "Kubernetes"},
        {"node_id",
         "sidecar~10.0.0.1~" + workload + "-6f89b6c557-sg2bc." + ns + "~" + ns +
             ".svc.cluster.local"},
    };
    return row;
}

SpanRow calling(SpanRow row, const std::string& service, const std::string& ns = "bookinfo") {
    row.tags.emplace_back(
        "upstream_cluster", "outbound|9080||" + service + "." + ns + ".svc.cluster.local"
    );
    return row;
}

SpanRow with(SpanRow row, const std::string& key, test::TagValue value) {
    std::erase_if(row.tags, [&](const auto& tag) { return tag.first == key; });
    row.tags.emplace_back(key, std::move(value));
    return row;
}

using Path = std::vector<std::string>;

// Where each span lies: names joined by their paths, or the reason why it lies nowhere.
struct Laid {
    std::map<std::uint64_t, Path> paths;
    std::map<std::uint64_t, std::string> reasons;
    std::vector<std::uint64_t> order;
    std::vector<std::uint64_t> repeats;
};

std::string name_of(const models::GraphNode& node) {
    return !node.workload.empty() ? std::string(node.workload)
           : !node.app.empty()    ? "app " + std::string(node.app)
                                  : "svc " + std::string(node.service);
}

struct Rules {
    GraphType type = GraphType::kWorkload;
    std::vector<std::string> namespaces{"bookinfo"};
    models::ClusterSnapshotPtr snapshot = {};
    std::vector<std::string> visible = {};  // empty: all
};

Laid lay(const GraphMaker& made, const std::vector<SpanRow>& rows, const Rules& rules = {}) {
    const auto trace = make_trace({0, 1}, rows);
    const GraphIndex index(made.graph, rules.type, rules.namespaces);
    const TraceIdentities identities = resolve(*trace, rules.snapshot);
    const bool all = rules.visible.empty();
    const test::FakeAccess access({rules.visible.begin(), rules.visible.end()});
    const TraceView view =
        all ? TraceView{trace, nullptr} : view_for(access, {}, trace, rules.snapshot);
    const TraceOnGraph on = lay_trace(index, view, identities, all);
    CHECK(on.hops.size() + on.left_out.size() == rows.size());
    Laid laid;
    for (const Hop& hop : on.hops) {
        const std::uint64_t id = trace->spans[hop.span].id.value;
        laid.order.push_back(id);
        for (const models::NodeIndex node : hop.path()) {
            laid.paths[id].push_back(name_of(made.graph.node(node)));
        }
        if (hop.repeats) {
            laid.repeats.push_back(id);
        }
    }
    for (const LeftOut& one : on.left_out) {
        laid.reasons[trace->spans[one.span].id.value] = to_string(one.reason);
    }
    return laid;
}

// productpage calls reviews of three versions, v2 calls ratings.
struct Bookinfo : GraphMaker {
    models::NodeIndex productpage = workload("bookinfo", "productpage-v1", "productpage");
    models::NodeIndex v1 = workload("bookinfo", "reviews-v1", "reviews");
    models::NodeIndex v2 = workload("bookinfo", "reviews-v2", "reviews");
    models::NodeIndex ratings = workload("bookinfo", "ratings-v1", "ratings");
};

Bookinfo direct() {
    Bookinfo made;
    made.serves(made.productpage, made.v1, "reviews");
    made.serves(made.productpage, made.v2, "reviews");
    made.serves(made.v2, made.ratings, "ratings");
    return made;
}

}  // namespace

TEST_CASE("both sides of a call lie on its edge, callers first", "[trace_graph]") {
    const Laid laid =
        lay(direct(),
            {envoy(1, 0, "server", "productpage-v1"),
             calling(envoy(2, 1, "client", "productpage-v1"), "reviews"),
             envoy(3, 2, "server", "reviews-v2"),
             calling(envoy(5, 3, "client", "reviews-v2"), "ratings"),
             envoy(4, 5, "server", "ratings-v1")}  // of a node whose clock is behind
        );
    CHECK(laid.paths.at(1) == Path{"productpage-v1"});
    CHECK(laid.paths.at(2) == Path{"productpage-v1", "reviews-v2"});
    CHECK(laid.paths.at(3) == Path{"productpage-v1", "reviews-v2"});
    CHECK(laid.paths.at(5) == Path{"reviews-v2", "ratings-v1"});
    CHECK(laid.paths.at(4) == Path{"reviews-v2", "ratings-v1"});
    CHECK(laid.order == std::vector<std::uint64_t>{1, 2, 3, 5, 4});
    CHECK(laid.repeats == std::vector<std::uint64_t>{3, 4});
    CHECK(laid.reasons.empty());
}

TEST_CASE("a call lies on the service's node between", "[trace_graph]") {
    Bookinfo made;
    const auto service = made.service("bookinfo", "reviews");
    made.edge(made.productpage, service);
    made.serves(service, made.v1, "reviews");
    made.serves(service, made.v2, "reviews");
    const Laid laid =
        lay(made,
            {calling(envoy(1, 0, "client", "productpage-v1"), "reviews"),
             envoy(2, 1, "server", "reviews-v2"),
             calling(envoy(3, 0, "client", "productpage-v1"), "reviews")});
    const Path whole{"productpage-v1", "svc reviews", "reviews-v2"};
    CHECK(laid.paths.at(1) == whole);
    CHECK(laid.paths.at(2) == whole);
    // Nobody tells which version the third call reached.
    CHECK(laid.paths.at(3) == Path{"productpage-v1", "svc reviews"});
}

TEST_CASE("whom an unanswered call reaches", "[trace_graph]") {
    const Bookinfo made = direct();
    const auto one = [&](const SpanRow& row, const Rules& rules = {}) {
        return lay(made, {row}, rules).paths.at(1);
    };
    const SpanRow many = calling(envoy(1, 0, "client", "productpage-v1"), "reviews");
    const SpanRow only = calling(envoy(1, 0, "client", "reviews-v2"), "ratings");
    CHECK(one(many) == Path{"productpage-v1"});
    CHECK(one(only) == Path{"reviews-v2", "ratings-v1"});
    CHECK(
        one(calling(envoy(1, 0, "client", "reviews-v2"), "ratings", "other")) == Path{"reviews-v2"}
    );
    // Names as programs write them: bare, and with a namespace.
    const SpanRow program = envoy(1, 0, "client", "reviews-v2");
    CHECK(one(with(program, "server.address", "ratings")) == Path{"reviews-v2", "ratings-v1"});
    CHECK(
        one(with(program, "server.address", "ratings.bookinfo:9080")) ==
        Path{"reviews-v2", "ratings-v1"}
    );
    CHECK(one(with(program, "server.address", "ratings.example.com")) == Path{"reviews-v2"});

    test::FakeCluster cluster;
    cluster.add_workload("bookinfo", "productpage-v1");
    cluster.add_workload("bookinfo", "reviews-v2");  // 10.0.0.2
    const SpanRow answered = with(many, "peer.address", "10.0.0.2:9080");
    CHECK(one(answered, {.snapshot = cluster.snapshot()}) == Path{"productpage-v1", "reviews-v2"});
}

TEST_CASE("a trace on a graph of services", "[trace_graph]") {
    GraphMaker made;
    const auto gateway = made.workload("istio-system", "gateway", "gateway");
    const auto productpage = made.service("bookinfo", "productpage");
    const auto reviews = made.service("bookinfo", "reviews");
    const auto admin = made.service("bookinfo", "reviews-admin");
    made.edge(gateway, productpage);
    made.edge(productpage, reviews);
    made.edge(productpage, admin);
    const Laid laid =
        lay(made,
            {calling(envoy(1, 0, "client", "gateway", "istio-system"), "productpage"),
             envoy(2, 1, "server", "productpage-v1"),
             envoy(3, 2, "internal", "productpage-v1"),
             calling(envoy(4, 3, "client", "productpage-v1"), "reviews"),
             envoy(5, 4, "server", "reviews-v1"),
             // The same workload under another name.
             calling(envoy(6, 3, "client", "productpage-v1"), "reviews-admin"),
             envoy(7, 6, "server", "reviews-v1")},
            {.type = GraphType::kService});
    CHECK(laid.paths.at(1) == Path{"gateway", "svc productpage"});
    CHECK(laid.paths.at(2) == Path{"gateway", "svc productpage"});
    CHECK(laid.paths.at(3) == Path{"svc productpage"});
    CHECK(laid.paths.at(4) == Path{"svc productpage", "svc reviews"});
    CHECK(laid.paths.at(5) == Path{"svc productpage", "svc reviews"});
    CHECK(laid.paths.at(6) == Path{"svc productpage", "svc reviews-admin"});
    CHECK(laid.paths.at(7) == Path{"svc productpage", "svc reviews-admin"});
}

TEST_CASE("a trace on graphs of applications", "[trace_graph]") {
    test::FakeCluster cluster;
    for (const char* name : {"reviews-v1", "reviews-v2"}) {
        cluster.add_workload("bookinfo", name, {.app = "reviews"});
    }
    const std::vector<SpanRow> rows{
        with(
            calling(envoy(1, 0, "client", "reviews-v1"), "reviews"),
            "istio.canonical_service",
            "reviews"
        ),
        with(envoy(2, 1, "server", "reviews-v2"), "istio.canonical_service", "reviews"),
    };
    {
        GraphMaker made;
        const auto app = made.app("bookinfo", "reviews");
        made.edge(app, app);
        const Laid laid = lay(made, rows, {.type = GraphType::kApp});
        CHECK(laid.paths.at(1) == Path{"app reviews", "app reviews"});
        CHECK(laid.paths.at(2) == Path{"app reviews", "app reviews"});
    }
    {
        GraphMaker made;
        const auto v1 = made.version("bookinfo", "reviews-v1", "reviews", "v1");
        const auto v2 = made.version("bookinfo", "reviews-v2", "reviews", "v2");
        made.edge(v1, v2);
        const Laid laid = lay(made, rows, {.type = GraphType::kVersionedApp});
        CHECK(laid.paths.at(2) == Path{"reviews-v1", "reviews-v2"});
        // Only the application is known, which has two versions.
        SpanRow unversioned;
        unversioned.tags = {
            {"istio.canonical_service", "reviews"}, {"istio.namespace", "bookinfo"}
        };
        CHECK(
            lay(made, {unversioned}, {.type = GraphType::kVersionedApp}).reasons.at(1) ==
            "ambiguous"
        );
    }
}

TEST_CASE("calls to the outside end at what the service entry names", "[trace_graph]") {
    Bookinfo made;
    const auto entry = made.service("bookinfo", "api");
    made.graph.node(entry).more().service_entry = {
        {"api.example.com", "*.example.org"}, "MESH_EXTERNAL", "bookinfo"
    };
    const auto bare = made.service("unknown", "httpbin.org", "unknown");
    made.edge(made.ratings, entry);
    made.edge(made.ratings, bare, "tcp");
    const auto to = [&](const std::string& host) {
        return lay(made, {with(envoy(1, 0, "client", "ratings-v1"), "server.address", host)})
            .paths.at(1);
    };
    CHECK(to("api.example.com") == Path{"ratings-v1", "svc api"});
    CHECK(to("api.example.com:443") == Path{"ratings-v1", "svc api"});
    CHECK(to("deep.example.org") == Path{"ratings-v1", "svc api"});
    CHECK(to("example.org") == Path{"ratings-v1"});
    CHECK(to("api.example.com.evil.net") == Path{"ratings-v1"});
    CHECK(to("api") == Path{"ratings-v1", "svc api"});  // it is a service of that namespace, too
    CHECK(to("httpbin.org") == Path{"ratings-v1", "svc httpbin.org"});

    made.edge(entry, made.ratings);
    SpanRow called = with(envoy(1, 0, "server", "ratings-v1"), "peer.hostname", "api.example.com");
    CHECK(lay(made, {called}).paths.at(1) == Path{"svc api", "ratings-v1"});
}

TEST_CASE("why a span has no place", "[trace_graph]") {
    Bookinfo made = direct();
    made.service("bookinfo", "legacy");
    // At the edge of the graph, not asked for: its workload is there, the others are not.
    made.edge(made.workload("istio-system", "gateway"), made.productpage);
    SpanRow nobody;
    nobody.service = "batch";
    SpanRow of_service = nobody;
    of_service.tags = {{"istio.canonical_service", "legacy"}, {"istio.namespace", "bookinfo"}};
    SpanRow of_several = nobody;
    of_several.tags = {{"istio.canonical_service", "reviews"}, {"istio.namespace", "bookinfo"}};
    const auto why = [&](SpanRow row, const Rules& rules = {}) {
        row.id = 1;
        const Laid laid = lay(made, {row}, rules);
        return laid.reasons.empty() ? "placed" : laid.reasons.at(1);
    };
    CHECK(why(nobody) == "unknown_workload");
    CHECK(why(envoy(1, 0, "client", "gateway", "istio-system")) == "placed");
    CHECK(why(envoy(1, 0, "client", "pilot", "istio-system")) == "namespace_not_on_graph");
    CHECK(why(envoy(1, 0, "server", "cars-v1", "travel")) == "namespace_not_on_graph");
    CHECK(why(envoy(1, 0, "server", "details-v1")) == "workload_not_on_graph");
    CHECK(why(of_service) == "placed");
    CHECK(why(of_several) == "ambiguous");
    // The service itself is there, and nothing else can be meant.
    const auto service = made.service("bookinfo", "reviews");
    made.edge(made.productpage, service);
    CHECK(why(of_several) == "placed");
    made.graph.node(made.v1).is_inaccessible = true;
    CHECK(why(envoy(1, 0, "server", "reviews-v1")) == "workload_not_on_graph");
}

TEST_CASE("clusters are told apart", "[trace_graph]") {
    GraphMaker made;
    const auto east = made.workload("bookinfo", "ratings-v1", "ratings", "east");
    const auto west = made.workload("bookinfo", "ratings-v1", "ratings", "west");
    made.edge(made.workload("bookinfo", "reviews-v2", "reviews", "east"), west);
    made.graph.node(east).version = "e";
    made.graph.node(west).version = "w";
    const GraphIndex index(made.graph, GraphType::kWorkload, {"bookinfo"});
    CHECK(index.workload({"east", "bookinfo", "ratings-v1"}).node == east);
    CHECK(index.workload({"west", "bookinfo", "ratings-v1"}).node == west);
    CHECK_FALSE(index.workload({"north", "bookinfo", "ratings-v1"}));
    CHECK(index.workload({"", "bookinfo", "ratings-v1"}).several);
    CHECK(index.shows("east", "bookinfo"));
    CHECK_FALSE(index.shows("north", "bookinfo"));
    CHECK(index.shows("", "bookinfo"));
    const SpanRow north = with(envoy(1, 0, "server", "ratings-v1"), "istio.cluster_id", "north");
    CHECK(lay(made, {north}).reasons.at(1) == "namespace_not_on_graph");
    // Metrics that name no cluster fit all.
    const auto anywhere = made.workload("bookinfo", "details-v1", "details", "unknown");
    const GraphIndex again(made.graph, GraphType::kWorkload, {"bookinfo"});
    CHECK(again.workload({"north", "bookinfo", "details-v1"}).node == anywhere);
}

TEST_CASE("edges of TCP may lead back, and the protocol chooses among several", "[trace_graph]") {
    Bookinfo made;
    const auto back = made.edge(made.ratings, made.v2, "tcp");
    CHECK(
        lay(made,
            {calling(envoy(1, 0, "client", "reviews-v2"), "ratings"),
             envoy(2, 1, "server", "ratings-v1")})
            .paths.at(1) == Path{"reviews-v2", "ratings-v1"}
    );
    const auto grpc = made.edge(made.v2, made.ratings, "grpc");
    const auto http = made.edge(made.v2, made.ratings, "http");
    const GraphIndex index(made.graph, GraphType::kWorkload, {});
    CHECK(index.edge(made.v2, made.ratings, SpanCall::Protocol::kHttp) == http);
    CHECK(index.edge(made.v2, made.ratings, SpanCall::Protocol::kGrpc) == grpc);
    CHECK(index.edge(made.v2, made.ratings, SpanCall::Protocol::kTcp) == http);
    CHECK(index.edge(made.ratings, made.v2, SpanCall::Protocol::kHttp) == back);
    CHECK(index.edge(made.v1, made.ratings, SpanCall::Protocol::kHttp) == models::kNoIndex);
}

TEST_CASE("what waypoints report lies between those they speak for", "[trace_graph]") {
    const auto reported = [](std::uint64_t id, const std::string& kind) {
        SpanRow row = envoy(id, 0, kind, "wp", "infra");
        row = with(
            row, "node_id", "waypoint~10.8.2.1~wp-6d8996bff-ztg6z.infra~infra.svc.cluster.local"
        );
        row.tags.emplace_back("istio.source_workload", "web");
        row.tags.emplace_back("istio.source_namespace", "shop");
        row.tags.emplace_back("istio.destination_workload", "cart-v2");
        row.tags.emplace_back("istio.destination_namespace", "shop");
        return row;
    };
    GraphMaker made;
    const auto web = made.workload("shop", "web");
    const auto cart = made.workload("shop", "cart-v2");
    const auto waypoint = made.workload("infra", "wp");
    made.edge(web, waypoint);
    made.edge(waypoint, cart);
    const Rules shop{.namespaces = {"shop"}};
    CHECK(lay(made, {reported(1, "server")}, shop).paths.at(1) == Path{"web", "wp", "cart-v2"});
    made.edge(web, cart);
    CHECK(lay(made, {reported(1, "server")}, shop).paths.at(1) == Path{"web", "cart-v2"});
    CHECK(lay(made, {reported(1, "client")}, shop).paths.at(1).front() == "web");
}

TEST_CASE("hidden spans lie nowhere, and nothing of them shows", "[trace_graph]") {
    test::FakeCluster cluster;
    cluster.add_workload("bookinfo", "productpage-v1");
    cluster.add_workload("travel", "cars-v1");
    GraphMaker made;
    const auto productpage = made.workload("bookinfo", "productpage-v1");
    made.serves(productpage, made.workload("travel", "cars-v1"), "cars");
    made.serves(productpage, made.workload("travel", "cars-v2"), "cars");
    const std::vector<SpanRow> rows{
        calling(envoy(1, 0, "client", "productpage-v1"), "cars", "travel"),
        envoy(2, 1, "server", "cars-v1", "travel"),
    };
    const auto snapshot = cluster.snapshot();
    const Laid all = lay(made, rows, {.snapshot = snapshot});
    CHECK(all.paths.at(1) == Path{"productpage-v1", "cars-v1"});
    const Laid one = lay(made, rows, {.snapshot = snapshot, .visible = {"bookinfo"}});
    CHECK(one.paths.at(1) == Path{"productpage-v1"});
    CHECK(one.reasons.at(2) == "hidden");
}

TEST_CASE("a program and its proxy tell of one call", "[trace_graph]") {
    const Laid laid =
        lay(direct(),
            {with(envoy(1, 0, "client", "reviews-v2"), "server.address", "ratings"),
             calling(envoy(2, 1, "client", "reviews-v2"), "ratings"),
             envoy(3, 2, "server", "ratings-v1"),
             envoy(4, 3, "server", "ratings-v1")});
    CHECK(laid.paths.at(1) == laid.paths.at(2));
    CHECK(laid.paths.at(4) == Path{"ratings-v1"});
    CHECK(laid.repeats == std::vector<std::uint64_t>{2, 3});
}
