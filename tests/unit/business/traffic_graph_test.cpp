#include "tests/unit/business/traffic_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace meshscope::test {

namespace {

using business::GraphType;
using business::TrafficRate;
using Texts = std::vector<std::string>;

const TrafficEnd kGateway{"istio-system", "gateway", "gateway", "latest"};
const TrafficEnd kCart{"shop", "cart-v1", "cart"};
const TrafficEnd kCart2{"shop", "cart-v2", "cart", "v2"};
const TrafficEnd kBank{"shop", "bank-v1", "bank"};

std::uint64_t dropped(const business::GraphWork& work, std::string_view reason) {
    for (const clients::Dropped& one : work.meta.dropped) {
        if (one.reason == reason) {
            return one.count;
        }
    }
    return 0;
}

}  // namespace

TEST_CASE("what both proxies report counts once, what one reports counts too", "[traffic]") {
    TrafficFixture shop;
    shop.store.answer(
        kIncoming,
        {http_row(kGateway, kCart, "cart", 2),
         http_row(kCart, kBank, "bank", 3),
         http_row(kCart, kBank, "bank", 1, "503", "UO")}
    );
    shop.store.answer(
        kOutgoing,
        {http_row(kCart, kBank, "bank", 3.5),             // the target's word counts
         http_row(kCart, kBank, "bank", 1, "503", "UF"),  // never reached it
         http_row(kCart, kBank, "bank", 0.5, "0", "DC")}
    );
    CHECK(
        shop.edges() ==
        Texts{
            "wl_Kubernetes_istio-system_gateway > wl_Kubernetes_shop_cart-v1 http=2.00 "
            "200/-/cart.shop=2.00",
            "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_shop_bank-v1 http=5.50 http.none=0.50 "
            "http.5xx=2.00 -/DC/bank.shop=0.50 200/-/bank.shop=3.00 503/UF/bank.shop=1.00 "
            "503/UO/bank.shop=1.00"
        }
    );
    CHECK(
        shop.nodes() ==
        Texts{
            "wl_Kubernetes_istio-system_gateway gateway/latest out.http=2.00 root outside",
            "wl_Kubernetes_shop_bank-v1 bank/v1 http=5.50 http.none=0.50 http.5xx=2.00 [bank]",
            "wl_Kubernetes_shop_cart-v1 cart/v1 http=2.00 out.http=5.50 [cart]"
        }
    );
}

TEST_CASE(
    "a gateway to many, answered in many ways, counts what both ends report once", "[traffic]"
) {
    constexpr int kTargets = 40;
    constexpr int kCodes = 25;
    std::vector<MetricRow> rows;
    for (int target = 0; target < kTargets; ++target) {
        const std::string app = "app" + std::to_string(target);
        for (int code = 200; code < 200 + kCodes; ++code) {
            rows.push_back(
                http_row(kGateway, {"shop", app + "-v1", app}, app, 1, std::to_string(code))
            );
        }
    }
    TrafficFixture shop({"istio-system", "shop"});
    shop.store.answer(kIncoming, rows);
    std::ranges::reverse(rows);
    shop.store.answer(kOutgoing, rows);
    const auto work = shop.graph();
    CHECK(work->graph.node_count() == kTargets + 1);
    CHECK(work->graph.edge_count() == kTargets);
    for (models::EdgeIndex at = 0; at < work->graph.edges().size(); ++at) {
        std::size_t responses = 0;
        work->graph.each_response(at, [&](const models::EdgeResponse& one) {
            CHECK(one.rate == 1);
            ++responses;
        });
        CHECK(responses == kCodes);
        CHECK(work->graph.edge(at).rates.total == kCodes);
    }
}

TEST_CASE("nodes of each type of graph", "[traffic]") {
    struct Row {
        GraphType type;
        bool inject;
        Texts edges;
    };
    const std::vector<Row> rows{
        {GraphType::kWorkload,
         false,
         {"wl_Kubernetes_shop_bank-v1 > wl_Kubernetes_shop_cart-v1 http=1.00 "
          "200/-/cart.shop=1.00",
          "wl_Kubernetes_shop_bank-v1 > wl_Kubernetes_shop_cart-v2 http=2.00 "
          "200/-/cart.shop=2.00"}},
        {GraphType::kVersionedApp,
         false,
         {"vapp_Kubernetes_shop_bank-v1 > vapp_Kubernetes_shop_cart-v1 http=1.00 "
          "200/-/cart.shop=1.00",
          "vapp_Kubernetes_shop_bank-v1 > vapp_Kubernetes_shop_cart-v2 http=2.00 "
          "200/-/cart.shop=2.00"}},
        {GraphType::kApp,
         false,
         {"app_Kubernetes_shop_bank > app_Kubernetes_shop_cart http=3.00 200/-/cart.shop=3.00"}},
        {GraphType::kApp,
         true,
         {"app_Kubernetes_shop_bank > svc_Kubernetes_shop_cart http=3.00 200/-/cart.shop=3.00",
          "svc_Kubernetes_shop_cart > app_Kubernetes_shop_cart http=3.00 200/-/cart.shop=3.00"}},
        {GraphType::kService,
         true,
         {"wl_Kubernetes_shop_bank-v1 > svc_Kubernetes_shop_cart http=3.00 "
          "200/-/cart.shop=3.00"}},
    };
    for (const Row& row : rows) {
        TrafficFixture shop;
        shop.store.answer(
            kIncoming, {http_row(kBank, kCart, "cart", 1), http_row(kBank, kCart2, "cart", 2)}
        );
        shop.request.type = row.type;
        shop.request.inject_services = row.inject;
        CAPTURE(static_cast<int>(row.type), row.inject);
        CHECK(shop.edges() == row.edges);
    }
}

TEST_CASE("a version of an application shows its workload, an application does not", "[traffic]") {
    TrafficFixture shop;
    shop.store.answer(
        kIncoming,
        {http_row(kBank, kCart, "cart", 1),
         http_row(kBank, {"shop", "unknown", "tools", "v3"}, "tools", 1),
         http_row(kBank, {"shop", "unknown", "other", "latest"}, "other", 1),
         http_row(kBank, {"shop", "old", "unknown", "unknown"}, "old", 1)}
    );
    shop.request.type = GraphType::kVersionedApp;
    const auto work = shop.graph();
    const auto shown = [&](std::string_view key) -> const models::GraphNode& {
        for (const auto& node : work->graph.nodes()) {
            std::string text;
            node.key.append_text(text);
            if (text == key) {
                return node;
            }
        }
        FAIL("no node " << key);
        return work->graph.node(0);
    };
    CHECK(shown("vapp_Kubernetes_shop_cart-v1").workload == "cart-v1");
    CHECK(shown("vapp_Kubernetes_shop_tools_v3").workload.empty());
    CHECK(shown("vapp_Kubernetes_shop_tools_v3").version == "v3");
    CHECK(shown("app_Kubernetes_shop_other").type == models::NodeType::kApp);
    CHECK(shown("wl_Kubernetes_shop_old").app.empty());
    CHECK(shown("wl_Kubernetes_shop_old").version.empty());
}

TEST_CASE("services stand between, but not in front of themselves", "[traffic]") {
    TrafficFixture shop;
    shop.request.inject_services = true;
    const TrafficEnd lost{"shop", "unknown", "unknown", "unknown"};
    shop.store.answer(kIncoming, {http_row(kCart, kBank, "bank", 4)});
    shop.store.answer(
        kOutgoing,
        {http_row(kCart, lost, "bank", 1, "503", "UF"),
         with(
             http_row(kCart, {"unknown", "unknown", "unknown", "unknown"}, "x", 2),
             {{"destination_service", "10.1.1.1.example"},
              {"destination_service_name", "PassthroughCluster"}}
         )}
    );
    CHECK(
        shop.edges() ==
        Texts{
            "svc_Kubernetes_shop_bank > wl_Kubernetes_shop_bank-v1 http=4.00 200/-/bank.shop=4.00",
            "wl_Kubernetes_shop_cart-v1 > svc_Kubernetes_shop_bank http=5.00 http.5xx=1.00 "
            "200/-/bank.shop=4.00 503/UF/bank.shop=1.00",
            "wl_Kubernetes_shop_cart-v1 > svc_Kubernetes_unknown_PassthroughCluster http=2.00 "
            "200/-/10.1.1.1.example=2.00"
        }
    );
    CHECK(
        shop.nodes() ==
        Texts{
            "svc_Kubernetes_shop_bank http=5.00 http.5xx=1.00 out.http=4.00 [bank] injected",
            "svc_Kubernetes_unknown_PassthroughCluster http=2.00 [PassthroughCluster] "
            "inaccessible",
            "wl_Kubernetes_shop_bank-v1 bank/v1 http=4.00 [bank]",
            "wl_Kubernetes_shop_cart-v1 cart/v1 out.http=7.00 root"
        }
    );
}

TEST_CASE("protocols and what counts as failed", "[traffic]") {
    TrafficFixture shop;
    shop.store.answer(
        kIncoming,
        {grpc_row(kCart, kBank, "bank", 1, "0"),
         grpc_row(kCart, kBank, "bank", 2, "14"),
         grpc_row(kCart, kBank, "bank", 4, "0", "503"),  // HTTP failed
         grpc_row(kCart, kBank, "bank", 8, "", "200"),   // no status: HTTP's
         grpc_row(kCart, kBank, "bank", 16, "0", "0"),
         http_row(kCart, kBank, "bank", 1, "302"),
         http_row(kCart, kBank, "bank", 1, "404"),
         with(http_row(kCart, kBank, "bank", 1), {{"request_protocol", "redis"}})}
    );
    shop.store.answer(kTcpIncoming, {tcp_row(kCart, kBank, "bank", 100)});
    CHECK(
        shop.edges() ==
        Texts{
            "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_shop_bank-v1 grpc=31.00 grpc.none=16.00 "
            "grpc.err=6.00 -/-/bank.shop=16.00 0/-/bank.shop=1.00 14/-/bank.shop=2.00 "
            "200/-/bank.shop=8.00 503/-/bank.shop=4.00",
            "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_shop_bank-v1 http=2.00 http.3xx=1.00 "
            "http.4xx=1.00 302/-/bank.shop=1.00 404/-/bank.shop=1.00",
            "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_shop_bank-v1 redis idle",
            "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_shop_bank-v1 tcp=100.00 "
            "-/-/bank.shop=100.00"
        }
    );
}

TEST_CASE("rates that are not asked for make no edge", "[traffic]") {
    TrafficFixture shop;
    shop.store.answer(
        kIncoming, {grpc_row(kCart, kBank, "bank", 1, "0"), http_row(kCart, kBank, "bank", 2)}
    );
    shop.store.answer(
        R"(istio_request_messages_total{reporter=~"destination)",
        {traffic_row(kCart, kBank, "bank", 5)}
    );
    shop.store.answer(
        R"(istio_response_messages_total{reporter=~"destination)",
        {traffic_row(kCart, kBank, "bank", 7)}
    );
    const std::string ends = "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_shop_bank-v1 ";
    const std::string http = ends + "http=2.00 200/-/bank.shop=2.00";
    CHECK(shop.edges() == Texts{ends + "grpc=1.00 0/-/bank.shop=1.00", http});
    shop.request.grpc = TrafficRate::kNone;
    CHECK(shop.edges() == Texts{http});
    shop.request.grpc = TrafficRate::kTotal;
    CHECK(shop.edges() == Texts{ends + "grpc=12.00 -//bank.shop=12.00", http});
    shop.request.http = TrafficRate::kNone;
    shop.request.grpc = TrafficRate::kReceived;
    CHECK(shop.edges() == Texts{ends + "grpc=7.00 -//bank.shop=7.00"});
}

TEST_CASE("idle edges are there when they are asked for", "[traffic]") {
    TrafficFixture shop;
    shop.request.idle_edges = true;
    shop.request.inject_services = true;
    shop.store.answer(kIncoming, {http_row(kCart, kBank, "bank", 0)});
    CHECK(
        shop.edges() ==
        Texts{
            "svc_Kubernetes_shop_bank > wl_Kubernetes_shop_bank-v1 http idle",
            "wl_Kubernetes_shop_cart-v1 > svc_Kubernetes_shop_bank http idle"
        }
    );
    for (const auto& asked : shop.store.asked()) {
        CHECK(asked.text.find("> 0") == std::string::npos);
    }
}

TEST_CASE("sources and targets that nobody knows", "[traffic]") {
    TrafficFixture shop;
    shop.store.answer(kIncoming, {http_row(kNobody, kCart, "cart", 1)});
    shop.store.answer(
        kOutgoing,
        {with(
            http_row(kCart, kNobody, "unknown", 2),
            {{"destination_service", "unknown"}, {"destination_service_namespace", "unknown"}}
        )}
    );
    CHECK(
        shop.nodes() ==
        Texts{
            "svc_unknown_unknown_unknown http=2.00 inaccessible",
            "unknown_unknown_source unknown/unknown out.http=1.00 root inaccessible",
            "wl_Kubernetes_shop_cart-v1 cart/v1 http=1.00 out.http=2.00 [cart]"
        }
    );
}

TEST_CASE("labels are put right and bad rows are counted", "[traffic]") {
    const std::string egress = "istio-egressgateway.istio-system.svc.cluster.local";
    TrafficFixture shop;
    shop.store.answer(
        kOutgoing,
        {with(
             http_row(kCart, kNobody, "x", 1),
             {{"destination_service", egress}, {"destination_service_name", egress}}
         ),
         // the source's proxy does not know the cluster of what it did not reach
         with(http_row(kCart, kBank, "bank", 2), {{"destination_cluster", "unknown"}}),
         with(http_row(kCart, kBank, "bank", 2), {{"destination_cluster", ""}}),  // the same
         with(http_row(kCart, kBank, "bank", 1), {{"source_canonical_revision", ""}}),
         with(http_row(kCart, kBank, "bank", 1), {{"response_flags", ""}}),
         with(http_row(kCart, kBank, "bank", 1), {{"source_cluster", "unknown"}}),
         http_row({"shop", "unknown", "unknown"}, kBank, "bank", 1),
         with(
             http_row(kCart, {"shop", "unknown", "unknown"}, "x", 1),
             {{"destination_service", "10.0.0.7:8080"},
              {"destination_service_name", "10.0.0.7:8080"}}
         ),
         http_row(kCart, {"shop", "unknown", "unknown"}, "unknown", 1),  // a node of its own
         with(
             http_row(kCart, {"shop", "unknown", "unknown", "v1"}, "unknown", 1),
             {{"destination_service", "unknown"}}
         )}
    );
    const auto work = shop.graph();
    CHECK(
        edge_texts(*work) ==
        Texts{
            "wl_Kubernetes_shop_cart-v1 > svc_Kubernetes_shop_unknown http=2.00 "
            "200/-/unknown.shop=1.00 200/-/unknown=1.00",
            "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_istio-system_istio-egressgateway "
            "http=1.00 200/-/istio-egressgateway.istio-system=1.00",
            "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_shop_bank-v1 http=2.00 "
            "200/-/bank.shop=2.00"
        }
    );
    CHECK(dropped(*work, "rows_without_labels") == 2);
    CHECK(dropped(*work, "rows_without_source") == 2);
    CHECK(dropped(*work, "rows_without_target") == 1);
    CHECK(work->meta.scanned == 10);
}

TEST_CASE("services that nobody serves are asked for by their namespace", "[traffic]") {
    TrafficFixture shop({"shop", "bank"});
    const TrafficEnd elsewhere{"web", "front", "front"};
    const TrafficEnd inside{"shop", "cart-v1", "cart"};
    const TrafficEnd nobody{"unknown", "unknown", "unknown", "unknown"};
    const auto unreached = [&](const TrafficEnd& from, const std::string& host, double rate) {
        return with(
            http_row(from, nobody, "pay", rate, "503", "NC"),
            {{"destination_service", host}, {"destination_service_namespace", "shop"}}
        );
    };
    shop.store.answer(
        kUnreached,
        {unreached(elsewhere, "pay.shop.svc.cluster.local", 1),
         unreached(inside, "pay.shop.svc.cluster.local", 2),  // asked for as what shop sends
         unreached(inside, "pay.bank.svc.cluster.local", 4),
         unreached(elsewhere, "pay.other.svc.cluster.local", 8),
         unreached(elsewhere, "pay.shop", 16)}
    );
    CHECK(
        shop.edges() ==
        Texts{
            "wl_Kubernetes_shop_cart-v1 > svc_Kubernetes_shop_pay http=4.00 http.5xx=4.00 "
            "503/NC/pay.bank=4.00",
            "wl_Kubernetes_web_front > svc_Kubernetes_shop_pay http=1.00 http.5xx=1.00 "
            "503/NC/pay.shop=1.00"
        }
    );
}

TEST_CASE("the same rows in any order make the same graph", "[traffic]") {
    std::vector<MetricRow> rows;
    for (int i = 0; i < 40; ++i) {
        const std::string name = "w" + std::to_string(i % 7);
        rows.push_back(
            http_row({"shop", name, name, "v" + std::to_string(i)}, kBank, "bank", 0.1 * (i + 1))
        );
    }
    TrafficFixture first;
    first.store.answer(kIncoming, rows);
    std::ranges::reverse(rows);
    TrafficFixture second;
    second.store.answer(kIncoming, rows);
    CHECK(first.nodes() == second.nodes());
    CHECK(first.edges() == second.edges());
}

TEST_CASE("waypoints are workloads and nothing stands in front of them", "[traffic]") {
    TrafficFixture shop;
    WorkloadRow waypoint;
    waypoint.waypoint = true;
    shop.cluster.add_workload("shop", "waypoint", waypoint);
    shop.request.type = GraphType::kApp;
    shop.request.inject_services = true;
    const TrafficEnd way{"shop", "waypoint", "waypoint"};
    shop.store.answer(
        kIncoming, {http_row(kCart, way, "bank", 3), http_row(way, kBank, "bank", 3)}
    );
    CHECK(
        shop.edges() ==
        Texts{
            "app_Kubernetes_shop_cart > wl_Kubernetes_shop_waypoint http=3.00 "
            "200/-/bank.shop=3.00",
            "wl_Kubernetes_shop_waypoint > app_Kubernetes_shop_bank http=3.00 "
            "200/-/bank.shop=3.00"
        }
    );
    shop.request.ambient = business::AmbientTraffic::kNone;
    shop.store.answer(
        R"(istio_requests_total{reporter="destination")", {http_row(way, kBank, "bank", 1)}
    );
    CHECK(
        shop.edges() ==
        Texts{
            "app_Kubernetes_shop_waypoint > svc_Kubernetes_shop_bank http=1.00 "
            "200/-/bank.shop=1.00",
            "svc_Kubernetes_shop_bank > app_Kubernetes_shop_bank http=1.00 200/-/bank.shop=1.00"
        }
    );
}

TEST_CASE("a call of oneself keeps its versions apart", "[traffic]") {
    TrafficFixture shop;
    shop.request.type = GraphType::kApp;
    shop.store.answer(
        kIncoming, {http_row(kCart, kCart2, "cart", 1), http_row(kCart2, kCart2, "cart", 2)}
    );
    CHECK(
        shop.edges() == Texts{"app_Kubernetes_shop_cart > app_Kubernetes_shop_cart http=3.00 "
                              "200/-/cart.shop=3.00"}
    );
}

}  // namespace meshscope::test
