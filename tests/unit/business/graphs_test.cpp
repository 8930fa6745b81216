#include "business/graph_appenders.hpp"
#include "tests/unit/business/traffic_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace meshscope::test {

namespace {

using business::GraphType;
using Texts = std::vector<std::string>;

const TrafficEnd kGateway{"istio-system", "gateway", "gateway", "latest"};
const TrafficEnd kCart{"shop", "cart-v1", "cart"};
const TrafficEnd kCart2{"shop", "cart-v2", "cart", "v2"};
const TrafficEnd kBank{"bank", "bank-v1", "bank"};

// Says what was asked, marks what is there.
class Marker final : public business::GraphAppender {
 public:
    explicit Marker(bool last) : last_(last) {}
    [[nodiscard]] std::string_view name() const override { return last_ ? "last" : "marker"; }
    [[nodiscard]] bool wanted(const business::GraphWork& work) const override {
        return work.request.waypoints;
    }
    [[nodiscard]] bool finishes() const override { return last_; }
    [[nodiscard]] std::vector<clients::promql::Expr> questions(const business::GraphWork& work
    ) const override {
        return {clients::promql::sum(
            clients::promql::rate("marks_total", {}, work.ranges.front().range)
        )};
    }
    void apply(business::GraphWork& work, std::span<const clients::VectorAnswerPtr> answers)
        const override {
        for (models::NodeIndex at = 0; at < work.graph.nodes().size(); ++at) {
            models::GraphNode& node = work.graph.node(at);
            node.is_dead = !last_ && answers[0]->data.labels.rows() == 1;
            node.is_idle = last_ && node.is_outside;
            node.more().labels = {{"secret", "label"}};
        }
        for (models::EdgeIndex at = 0; at < work.graph.edges().size(); ++at) {
            work.graph.edge(at).source_principal = "caller";
            work.graph.edge(at).target_principal = "called";
        }
    }

 private:
    bool last_;
};

std::size_t questions_for(std::size_t namespaces) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < namespaces; ++i) {
        names.push_back("ns" + std::to_string(i));
    }
    TrafficFixture mesh(names);
    CHECK(mesh.ask().has_value());
    return mesh.store.asked().size();
}

}  // namespace

TEST_CASE("as many questions for a hundred namespaces as for one", "[graphs]") {
    CHECK(questions_for(1) == 6);
    CHECK(questions_for(100) == 6);
}

TEST_CASE("young namespaces are asked about for as long as they exist", "[graphs]") {
    TrafficFixture mesh({"young", "old", "older"});
    models::NamespaceView view;
    view.object.meta.name = "young";
    view.object.meta.created = mesh.clock.now() - std::chrono::seconds(90);
    models::NamespaceView old = view;
    old.object.meta.name = "old";
    old.object.meta.created = mesh.clock.now() - std::chrono::hours(5);
    models::NamespaceView older = old;
    older.object.meta.name = "older";
    auto snapshot = std::make_shared<models::ClusterSnapshot>();
    snapshot->cluster = "Kubernetes";
    snapshot->generation = 1;
    for (auto& one : {old, older, view}) {
        snapshot->namespaces.push_back(std::make_shared<const models::NamespaceView>(one));
    }
    mesh.cluster.set_snapshot(snapshot);
    CHECK(mesh.ask().has_value());
    std::set<std::string> ranges;
    for (const auto& asked : mesh.store.asked()) {
        const std::size_t from = asked.text.find('[');
        ranges.insert(
            asked.text.substr(from, asked.text.find(']') - from + 1) +
            (asked.text.find("older") != std::string::npos ? " old" : " young")
        );
    }
    CHECK(ranges == std::set<std::string>{"[600s] old", "[90s] young"});
    CHECK(mesh.store.asked().size() == 12);
    mesh.request.at = mesh.clock.now() - std::chrono::seconds(100);
    const auto early = mesh.ask();
    REQUIRE(early.has_error());
    CHECK(early.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(early.error().message() == "the namespace 'young' did not exist at queryTime");
}

TEST_CASE("the window ends at a whole second", "[graphs]") {
    TrafficFixture shop;
    shop.clock.advance(std::chrono::microseconds(1'700'000));
    const auto work = shop.graph();
    CHECK(to_micros(work->at) % 1'000'000 == 0);
    for (const auto& asked : shop.store.asked()) {
        CHECK(asked.at == work->at);
    }
    REQUIRE(work->meta.used.start);
    CHECK(*work->meta.used.end - *work->meta.used.start == std::chrono::seconds(600));
    CHECK(work->meta.upstream.at("prometheus").calls == 6);
}

TEST_CASE("a namespace that may not be seen has no graph and is no more than a name", "[graphs]") {
    TrafficFixture mesh({"shop"});
    mesh.cluster.add_namespace("bank");
    mesh.access = std::make_shared<FakeAccess>(std::set<std::string, std::less<>>{"shop"});
    mesh.appenders = {std::make_shared<Marker>(true)};
    mesh.store.answer(kOutgoing, {http_row(kCart, kBank, "bank", 1)});
    const auto work = mesh.graph();
    CHECK(
        node_texts(*work) ==
        Texts{
            "wl_Kubernetes_bank_bank-v1 bank/v1 http=1.00 [bank] outside inaccessible",
            "wl_Kubernetes_shop_cart-v1 cart/v1 out.http=1.00 root"
        }
    );
    for (const auto& node : work->graph.nodes()) {
        CHECK((node.details == nullptr) == node.is_inaccessible);
        CHECK_FALSE(node.is_idle);
    }
    CHECK(work->graph.edge(0).source_principal == "caller");
    CHECK(work->graph.edge(0).target_principal.empty());
    CHECK(work->meta.stopped_by == clients::StoppedBy::kRights);

    mesh.request.namespaces = {"shop", "bank"};
    const auto refused = mesh.ask();
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind() == ErrorKind::kForbidden);
    mesh.access = std::make_shared<business::CallerAccess>();
    mesh.request.namespaces = {"nowhere"};
    CHECK(mesh.ask().error().kind() == ErrorKind::kNotFound);
    mesh.request.namespaces = {"shop"};
    mesh.discovery =
        business::Discovery({{{"shown", business::SelectorTerm::Operator::kExists, {}}}});
    CHECK(mesh.ask().error().kind() == ErrorKind::kForbidden);
}

TEST_CASE("a failed question of traffic fails the graph", "[graphs]") {
    struct Row {
        ErrorKind kind;
        ErrorKind seen;
    };
    for (const Row& row :
         {Row{ErrorKind::kUpstreamUnavailable, ErrorKind::kUpstreamUnavailable},
          Row{ErrorKind::kInvalidArgument, ErrorKind::kUpstreamUnavailable},
          Row{ErrorKind::kDeadline, ErrorKind::kDeadline}}) {
        TrafficFixture shop;
        shop.store.fail("istio_tcp", Error(row.kind, "too many samples"));
        const auto failed = shop.ask();
        REQUIRE(failed.has_error());
        CHECK(failed.error().kind() == row.seen);
    }
    TrafficFixture shop;
    shop.store.fail("istio_requests", Error(ErrorKind::kUpstreamAuth, "401"));
    CHECK(shop.ask().error().message() == "401");
}

TEST_CASE("appenders are asked with the rest and applied behind it", "[graphs]") {
    TrafficFixture shop({"shop"});
    shop.appenders = {std::make_shared<Marker>(true), std::make_shared<Marker>(false)};
    shop.store.answer(kIncoming, {http_row(kGateway, kCart, "cart", 1)});
    shop.store.answer("marks_total", {{{{"a", "b"}}, 1}});
    const auto work = shop.graph();
    CHECK(work->graph.node(0).is_idle != work->graph.node(1).is_idle);  // the last one came last
    CHECK(shop.store.asked().size() == 8);

    shop.store.fail("marks_total", Error(ErrorKind::kUpstreamUnavailable, "gone"));
    const auto less = shop.graph();
    CHECK(less->graph.node_count() == 2);
    CHECK_FALSE(less->graph.node(0).is_dead);
    REQUIRE(less->meta.warnings.size() == 2);
    CHECK(less->meta.warnings[1].code == "graph_part_missing");
    CHECK(less->meta.warnings[1].message == "marker: gone");
    shop.request.waypoints = false;  // not wanted
    CHECK(shop.graph()->meta.warnings.empty());
}

TEST_CASE("the store's warnings are told once", "[graphs]") {
    TrafficFixture shop;
    shop.store.warn("a part is missing");
    const auto work = shop.graph();
    REQUIRE(work->meta.warnings.size() == 1);
    CHECK(work->meta.warnings[0].message == "a part is missing");
}

TEST_CASE("services call services through the workloads behind them", "[graphs]") {
    TrafficFixture mesh({"shop", "bank"});
    mesh.request.type = GraphType::kService;
    mesh.request.inject_services = true;
    mesh.store.answer(
        kIncoming,
        {http_row(kGateway, kCart, "cart", 2),
         http_row(kGateway, kCart2, "cart", 1),
         http_row(kCart, kBank, "bank", 4),
         http_row(kCart2, kBank, "bank", 1, "500"),
         with(http_row(kCart, kBank, "unknown", 9), {{"destination_service_name", "unknown"}})}
    );
    const auto work = mesh.graph();
    CHECK(
        edge_texts(*work) ==
        Texts{
            "svc_Kubernetes_shop_cart > svc_Kubernetes_bank_bank http=5.00 http.5xx=1.00 "
            "200/-/bank.bank=4.00 500/-/bank.bank=1.00",
            "wl_Kubernetes_istio-system_gateway > svc_Kubernetes_shop_cart http=3.00 "
            "200/-/cart.shop=3.00"
        }
    );
    CHECK(
        node_texts(*work) ==
        Texts{
            "svc_Kubernetes_bank_bank http=5.00 http.5xx=1.00 [bank] injected",
            "svc_Kubernetes_shop_cart http=3.00 out.http=5.00 [cart] injected",
            "wl_Kubernetes_istio-system_gateway gateway/latest out.http=3.00 root outside"
        }
    );
}

TEST_CASE("boxes hold two at least and only what has something in common", "[graphs]") {
    TrafficFixture mesh({"shop", "bank"});
    mesh.request.type = GraphType::kVersionedApp;
    const TrafficEnd west{"bank", "safe", "safe", "v1", "west"};
    mesh.store.answer(
        kIncoming,
        {http_row(kNobody, kCart, "cart", 1),
         http_row(kCart, kCart2, "cart", 1),
         http_row(kCart2, kBank, "bank", 1),
         http_row(kBank, west, "safe", 1)}
    );
    const std::string cart = "vapp_Kubernetes_shop_cart-v1 cart/v1 http=1.00 out.http=1.00 [cart]";
    const auto boxed = [](const Texts& texts) {
        return std::ranges::count_if(texts, [](const std::string& text) {
            return text.find(" boxed") != std::string::npos;
        });
    };
    Texts nodes = mesh.nodes();
    CHECK(boxed(nodes) == 2);
    CHECK(std::ranges::count(nodes, cart + " boxed") == 1);
    CHECK(std::ranges::count(nodes, "box_Kubernetes_shop_cart cart/") == 1);

    mesh.request.box_namespace = true;
    nodes = mesh.nodes();  // one thing each in shop, bank and bank of west: nothing to hold
    CHECK(boxed(nodes) == 2);

    mesh.request.box_cluster = true;
    nodes = mesh.nodes();
    CHECK(std::ranges::count(nodes, "box_Kubernetes") == 1);
    CHECK(std::ranges::count(nodes, "box_Kubernetes_shop_cart cart/ boxed") == 1);
    CHECK(std::ranges::count(nodes, "box_west") == 0);  // holds one

    mesh.request.type = GraphType::kWorkload;
    nodes = mesh.nodes();
    CHECK(std::ranges::count(nodes, "box_Kubernetes_shop boxed") == 1);
}

TEST_CASE("the box of an application has the health of all its versions", "[graphs]") {
    TrafficFixture shop;
    shop.request.type = GraphType::kVersionedApp;
    shop.appenders = {business::make_health(business::HealthRules())};
    shop.cluster.add_workload("shop", "cart-v1", {.app = "cart"});
    shop.cluster.add_workload("shop", "cart-v2", {.app = "cart", .pods = 2});
    shop.store.answer(
        kIncoming,
        {http_row(kBank, kCart, "cart", 3),
         http_row(kBank, kCart2, "cart", 0.5),
         http_row(kBank, kCart2, "cart", 0.5, "503", "UF")}
    );
    const auto box_of = [](const business::GraphWork& work) -> const models::GraphNode& {
        const auto& nodes = work.graph.nodes();
        const auto box = std::ranges::find(nodes, models::NodeType::kBox, &models::GraphNode::type);
        REQUIRE(box != nodes.end());
        return *box;
    };
    const auto work = shop.graph();
    const models::GraphNode& box = box_of(*work);
    REQUIRE((box.details && box.details->health));
    const models::NodeHealth& health = *box.details->health;
    CHECK(health.requests.inbound.at("http").at("200") == 3.5);
    CHECK(health.requests.inbound.at("http").at("503") == 0.5);
    CHECK(health.requests.outbound.empty());
    CHECK(health.status.status == models::HealthStatus::kFailure);
    CHECK(health.status.error_ratio == 12.5);
    REQUIRE(health.workloads.size() == 2);
    CHECK(health.workloads[1].first == "cart-v2");
    CHECK(health.workloads[1].second.desired == 2);

    shop.appenders.clear();
    CHECK_FALSE(box_of(*shop.graph()).details);
}

TEST_CASE("what is asked around one node", "[graphs]") {
    struct Row {
        business::GraphFocus focus;
        Texts selectors;  // of requests
    };
    business::GraphFocus aggregate{
        "shop", "", "", "", "cart", "request_operation", "GET \"x\"", ""
    };
    const std::vector<Row> rows{
        {{"shop", "cart-v1", "", "", "", {}, "", ""},
         {R"({reporter=~"destination|waypoint",destination_workload_namespace="shop",destination_workload="cart-v1"})",
          R"({reporter=~"source|waypoint",source_workload_namespace="shop",source_workload="cart-v1"})"
         }},
        {{"shop", "", "cart", "", "", {}, "", "east"},
         {R"({reporter=~"destination|waypoint",destination_cluster="east",destination_service_namespace="shop",destination_canonical_service="cart"})",
          R"({reporter=~"source|waypoint",source_cluster="east",source_workload_namespace="shop",source_canonical_service="cart"})"
         }},
        {{"shop", "", "cart", "v1", "", {}, "", ""},
         {R"({reporter=~"destination|waypoint",destination_service_namespace="shop",destination_canonical_service="cart",destination_canonical_revision="v1"})",
          R"({reporter=~"source|waypoint",source_workload_namespace="shop",source_canonical_service="cart",source_canonical_revision="v1"})"
         }},
        {{"shop", "", "", "", "a.b", {}, "", ""},
         {R"({reporter=~"source|waypoint",destination_workload="unknown",destination_service=~"^a\\.b\\.shop\\..*$"})",
          R"({reporter=~"destination|waypoint",destination_service_namespace="shop",destination_service=~"^a\\.b\\.shop\\..*$"})"
         }},
        {aggregate,
         {R"({reporter=~"destination|waypoint",destination_service_namespace="shop",request_operation="GET \"x\"",destination_service_name="cart"})"
         }},
    };
    for (const Row& row : rows) {
        TrafficFixture shop({"shop"});
        shop.request.namespaces.clear();
        shop.request.focus = row.focus;
        shop.request.idle_edges = true;
        CHECK(shop.ask().has_value());
        Texts selectors;
        for (const auto& asked : shop.store.asked()) {
            const std::size_t from = asked.text.find('{');
            if (asked.text.find("istio_requests_total") != std::string::npos) {
                selectors.push_back(asked.text.substr(from, asked.text.find('[') - from));
            }
        }
        CHECK(selectors == row.selectors);
    }
}

TEST_CASE("a node of an ambient namespace is asked about by every reporter", "[graphs]") {
    TrafficFixture shop;
    shop.cluster.add_namespace("shop", {{"istio.io/dataplane-mode", "ambient"}});
    shop.request.focus = business::GraphFocus{"shop", "cart-v1", "", "", "", {}, "", ""};
    for (const auto ambient : {business::AmbientTraffic::kTotal, business::AmbientTraffic::kNone}) {
        shop.request.ambient = ambient;
        CHECK(shop.ask().has_value());
    }
    const auto asked = [&](const std::string& part) {
        const auto all = shop.store.asked();
        return std::ranges::count_if(all, [&](const FakeMetricStore::Asked& one) {
            return one.text.find(part) != std::string::npos;
        });
    };
    CHECK(asked(R"(istio_requests_total{reporter=~"destination|source|waypoint")") == 1);
    CHECK(asked(R"(istio_requests_total{reporter=~"destination|source",)") == 1);
    CHECK(asked(R"(app!="ztunnel",reporter="destination")") == 1);
    CHECK(asked(R"(istio_tcp_received_bytes_total{reporter="destination")") == 1);
}

TEST_CASE("traffic into ambient namespaces is taken from its source", "[graphs]") {
    TrafficFixture shop;
    shop.cluster.add_namespace("shop", {{"istio.io/dataplane-mode", "ambient"}});
    const std::string direct = R"(istio_requests_total{reporter="source",d)";
    shop.store.answer(
        direct, {http_row(kGateway, kCart, "cart", 5), http_row(kCart, kCart2, "cart", 7)}
    );
    shop.store.answer(kIncoming, {http_row(kGateway, kCart, "cart", 1)});
    CHECK(
        shop.edges() ==
        Texts{"wl_Kubernetes_istio-system_gateway > wl_Kubernetes_shop_cart-v1 http=5.00 "
              "200/-/cart.shop=5.00"}
    );
}

}  // namespace meshscope::test
