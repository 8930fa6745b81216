#include "business/graph_appenders.hpp"
#include "tests/unit/business/traffic_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

namespace {

using business::GraphType;
using Texts = std::vector<std::string>;

const TrafficEnd kCart{"shop", "cart-v1", "cart"};
const TrafficEnd kBank{"shop", "bank-v1", "bank"};
const TrafficEnd kVault{"bank", "vault-v1", "vault"};

// The question for what comes into the namespaces, and the one for what goes out of them.
const std::string kClassesIn = R"x(source_workload_namespace!~"(shop)",request_operation!~)x";
const std::string kClassesOut =
    R"x(source_workload_namespace="shop",request_operation!~"(unknown|)"})x";

MetricRow of_class(MetricRow row, const std::string& value) {
    return with(std::move(row), {{"request_operation", value}});
}

struct Shop : TrafficFixture {
    Shop() {
        appenders = {business::make_aggregate_nodes()};
        request.parts.add(business::GraphPart::kAggregateNode);
        // The rules for classes come first: the first one whose text is in a query answers it.
        store.answer(
            kClassesOut,
            {of_class(http_row(kCart, kBank, "bank", 2), "Pay"),
             of_class(http_row(kCart, kBank, "bank", 1), "Refund"),
             of_class(http_row(kCart, kBank, "bank", 0.5, "500"), "Pay"),
             http_row(kCart, kBank, "bank", 9)}  // of no class
        );
        store.answer(kClassesIn, {});
        store.answer(
            kIncoming,
            {http_row(kCart, kBank, "bank", 3), http_row(kCart, kBank, "bank", 0.5, "500")}
        );
    }
};

}  // namespace

TEST_CASE("nodes of kinds of requests stand in the place of an edge", "[aggregates]") {
    Shop shop;
    CHECK(
        shop.edges() ==
        Texts{
            "agg_Kubernetes_shop_request_operation_Pay_bank > wl_Kubernetes_shop_bank-v1 "
            "http=2.50 http.5xx=0.50 200/-/bank.shop=2.00 500/-/bank.shop=0.50",
            "agg_Kubernetes_shop_request_operation_Refund_bank > wl_Kubernetes_shop_bank-v1 "
            "http=1.00 200/-/bank.shop=1.00",
            "wl_Kubernetes_shop_cart-v1 > agg_Kubernetes_shop_request_operation_Pay_bank "
            "http=2.50 http.5xx=0.50 200/-/bank.shop=2.00 500/-/bank.shop=0.50",
            "wl_Kubernetes_shop_cart-v1 > agg_Kubernetes_shop_request_operation_Refund_bank "
            "http=1.00 200/-/bank.shop=1.00"
        }
    );
    // Nothing is counted twice.
    CHECK(
        shop.nodes() ==
        Texts{
            "agg_Kubernetes_shop_request_operation_Pay_bank http=2.50 http.5xx=0.50 out.http=2.50",
            "agg_Kubernetes_shop_request_operation_Refund_bank http=1.00 out.http=1.00",
            "wl_Kubernetes_shop_bank-v1 bank/v1 http=3.50 http.5xx=0.50 [bank]",
            "wl_Kubernetes_shop_cart-v1 cart/v1 out.http=3.50 root"
        }
    );
}

TEST_CASE("what no kind tells stays on the edge", "[aggregates]") {
    Shop shop;
    shop.store.answer(
        kOutgoing, {http_row(kCart, kBank, "bank", 1, "503", "UF")}  // never reached the bank
    );
    const Texts edges = shop.edges();
    CHECK(edges.size() == 5);
    CHECK(
        std::ranges::count(
            edges,
            "wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_shop_bank-v1 http=1.00 http.5xx=1.00 "
            "503/UF/bank.shop=1.00"
        ) == 1
    );
}

TEST_CASE("kinds of requests stand in front of services", "[aggregates]") {
    Shop shop;
    shop.request.inject_services = true;
    const Texts edges = shop.edges();
    CHECK(edges.size() == 5);
    CHECK(
        std::ranges::count(
            edges,
            "agg_Kubernetes_shop_request_operation_Refund_bank > svc_Kubernetes_shop_bank "
            "http=1.00 200/-/bank.shop=1.00"
        ) == 1
    );
    CHECK(
        std::ranges::count(
            edges,
            "svc_Kubernetes_shop_bank > wl_Kubernetes_shop_bank-v1 http=3.50 http.5xx=0.50 "
            "200/-/bank.shop=3.00 500/-/bank.shop=0.50"
        ) == 1
    );
}

TEST_CASE("another label, and where kinds of requests are not asked for", "[aggregates]") {
    Shop shop;
    shop.request.aggregate = *clients::promql::Label::parse("tenant");
    CHECK(shop.edges().size() == 1);
    const auto asks = [](Shop& one) {
        CHECK(one.ask().has_value());
        return std::ranges::count_if(one.store.asked(), [](const auto& asked) {
            return asked.text.find("request_operation") != std::string::npos;
        });
    };
    Shop services;
    services.request.type = GraphType::kService;
    services.request.inject_services = true;
    CHECK(asks(services) == 0);
    Shop bytes;
    bytes.request.http = bytes.request.grpc = business::TrafficRate::kNone;
    CHECK(asks(bytes) == 0);
    Shop requests;
    CHECK(asks(requests) == 2);
}

TEST_CASE("what a hidden service is asked for is not told", "[aggregates][rights]") {
    TrafficFixture shop;
    shop.appenders = {business::make_aggregate_nodes()};
    shop.cluster.add_namespace("bank");
    shop.access = std::make_shared<FakeAccess>(std::set<std::string, std::less<>>{"shop"});
    shop.store.answer(kClassesOut, {of_class(http_row(kCart, kVault, "vault", 1), "Open")});
    shop.store.answer(kOutgoing, {http_row(kCart, kVault, "vault", 1)});
    CHECK(
        shop.edges() == Texts{"wl_Kubernetes_shop_cart-v1 > wl_Kubernetes_bank_vault-v1 http=1.00 "
                              "200/-/vault.bank=1.00"}
    );
}

TEST_CASE("the graph around a kind of requests", "[aggregates]") {
    struct Row {
        std::string service;
        bool inject;
        std::string node;
        std::string into;
    };
    const std::vector<Row> rows{
        {"bank",
         false,
         "agg_Kubernetes_shop_request_operation_Pay_bank",
         "wl_Kubernetes_shop_bank-v1"},
        {"", false, "agg_Kubernetes_shop_request_operation_Pay", "wl_Kubernetes_shop_bank-v1"},
        {"", true, "agg_Kubernetes_shop_request_operation_Pay", "svc_Kubernetes_shop_bank"},
    };
    for (const Row& row : rows) {
        Shop shop;
        shop.request.namespaces.clear();
        shop.request.inject_services = row.inject;
        shop.request.focus =
            business::GraphFocus{"shop", "", "", "", row.service, "request_operation", "Pay", ""};
        const Texts edges = shop.edges();
        INFO(row.node << " " << row.inject);
        CHECK(edges.size() == (row.inject ? 3 : 2));
        CHECK(
            std::ranges::count(
                edges,
                row.node + " > " + row.into +
                    " http=3.50 http.5xx=0.50 200/-/bank.shop=3.00 500/-/bank.shop=0.50"
            ) == 1
        );
        CHECK(std::ranges::count_if(edges, [&](const std::string& edge) {
                  return edge.starts_with("wl_Kubernetes_shop_cart-v1 > " + row.node + " ");
              }) == 1);
        // One question: what is asked for is of that kind.
        CHECK(shop.store.asked().size() == 1);
    }
}

}  // namespace meshscope::test
