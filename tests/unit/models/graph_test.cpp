#include "models/graph.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace meshscope::models {

namespace {

using Kind = NodeKey::Kind;

std::vector<EdgeIndex> out_of(const Graph& graph, NodeIndex node) {
    std::vector<EdgeIndex> edges;
    graph.each_out(node, [&](EdgeIndex edge) { edges.push_back(edge); });
    return edges;
}

std::string text_of(const NodeKey& key) {
    std::string text;
    key.append_text(text);
    return text;
}

NodeKey workload(std::string_view name) { return {Kind::kWorkload, "east", "shop", name, "", ""}; }

}  // namespace

TEST_CASE("a graph keeps every node and every edge once", "[graph]") {
    Graph graph;
    std::string name = "cart";
    const NodeIndex cart = graph.add(workload(name));
    name = "gone";  // texts are the graph's own
    const NodeIndex bank = graph.add(workload("bank"));
    CHECK(graph.add(workload("cart")) == cart);
    CHECK(graph.find(workload("cart")) == cart);
    CHECK(graph.find({Kind::kApp, "east", "shop", "cart", "", ""}) == kNoIndex);
    CHECK(graph.find({Kind::kWorkload, "east", "sho", "pcart", "", ""}) == kNoIndex);
    CHECK(graph.node(cart).workload == "cart");
    CHECK(graph.node(cart).type == NodeType::kWorkload);

    const EdgeIndex http = graph.add(cart, bank, "http");
    CHECK(graph.add(cart, bank, "http") == http);
    const EdgeIndex tcp = graph.add(cart, bank, "tcp");
    const EdgeIndex redis = graph.add(cart, bank, "redis");
    CHECK(graph.find(bank, cart, "http") == kNoIndex);
    CHECK(graph.edge(tcp).protocol == Protocol::kTcp);
    CHECK(graph.edge(redis).protocol == Protocol::kOther);
    CHECK(graph.edge(redis).protocol_name == "redis");
    CHECK(out_of(graph, cart) == std::vector<EdgeIndex>{http, tcp, redis});
    CHECK(graph.has_in(bank));
    CHECK_FALSE(graph.has_out(bank));
}

TEST_CASE("what is taken out of a graph is gone, its indexes are not", "[graph]") {
    Graph graph;
    const NodeIndex a = graph.add(workload("a"));
    const NodeIndex b = graph.add(workload("b"));
    const NodeIndex c = graph.add(workload("c"));
    graph.add(a, b, "http");
    const EdgeIndex stays = graph.add(a, c, "http");
    graph.add(b, b, "http");
    graph.remove_node(b);
    graph.remove_node(b);
    CHECK(graph.node_count() == 2);
    CHECK(graph.edge_count() == 1);
    CHECK(graph.find(workload("b")) == kNoIndex);
    CHECK(out_of(graph, a) == std::vector<EdgeIndex>{stays});
    CHECK(graph.node(c).key.name == "c");
    CHECK(graph.add(workload("b")) != b);  // another one
    graph.remove_edge(stays);
    CHECK(graph.find(a, c, "http") == kNoIndex);
    CHECK_FALSE(graph.has_out(a));
}

TEST_CASE("answers and services of a graph add up", "[graph]") {
    Graph graph;
    const NodeIndex a = graph.add(workload("a"));
    const EdgeIndex edge = graph.add(a, a, "http");
    graph.add_response(edge, "200", "-", "shop", 1);
    graph.add_response(edge, "200", "-", "shop", 2);
    graph.add_response(edge, "200", "-", "bank", 4);
    std::vector<double> rates;
    graph.each_response(edge, [&](const EdgeResponse& one) { rates.push_back(one.rate); });
    CHECK(rates == std::vector<double>{4, 3});

    graph.add_service(a, {"east", "shop", "cart"});
    graph.add_service(a, {"east", "shop", "cart"});
    graph.add_service(a, {"west", "shop", "cart"});
    std::size_t services = 0;
    graph.each_service(a, [&](const ServiceName&) { ++services; });
    CHECK(services == 2);
}

TEST_CASE("a graph of many nodes finds each of them", "[graph]") {
    Graph graph;
    constexpr NodeIndex kMany = 3'000;
    for (NodeIndex i = 0; i < kMany; ++i) {
        REQUIRE(graph.add(workload("w" + std::to_string(i))) == i);
        graph.add(i, i / 2, "http");
    }
    for (NodeIndex i = 0; i < kMany; ++i) {
        REQUIRE(graph.find(workload("w" + std::to_string(i))) == i);
        REQUIRE(graph.find(i, i / 2, "http") == i);
    }
}

TEST_CASE("a node with many edges, an edge with many answers", "[graph]") {
    Graph graph;
    constexpr NodeIndex kMany = 100;
    for (NodeIndex i = 0; i < kMany; ++i) {
        graph.add(workload("w" + std::to_string(i)));
    }
    for (NodeIndex i = 0; i < kMany; ++i) {
        REQUIRE(graph.find(0, i, "http") == kNoIndex);
        const EdgeIndex edge = graph.add(0, i, "http");
        REQUIRE(graph.add(0, i, "http") == edge);
        REQUIRE(graph.add(0, i, "grpc") == edge + 1);
    }
    for (NodeIndex i = 0; i < kMany; ++i) {
        REQUIRE(graph.find(0, i, "http") == 2 * i);
        REQUIRE(graph.find(0, i, "tcp") == kNoIndex);
    }
    graph.remove_edge(2 * 7);
    CHECK(graph.find(0, 7, "http") == kNoIndex);
    CHECK(graph.add(0, 7, "http") == 2 * kMany);
    CHECK(graph.find(0, 7, "http") == 2 * kMany);
    CHECK(graph.find(kNoIndex, 7, "http") == kNoIndex);

    for (int round = 0; round < 2; ++round) {
        for (int code = 200; code < 300; ++code) {
            graph.add_response(1, std::to_string(code), "-", "shop", code);
        }
    }
    int expected = 299;  // the latest first
    graph.each_response(1, [&](const EdgeResponse& one) {
        CHECK(one.code == std::to_string(expected));
        CHECK(one.rate == 2 * expected--);
    });
    CHECK(expected == 199);
}

TEST_CASE("nodes are known to clients by these texts", "[graph]") {
    CHECK(text_of({Kind::kUnknownSource, "c", "unknown", "", "", ""}) == "c_unknown_source");
    CHECK(text_of({Kind::kService, "c", "n", "s", "", ""}) == "svc_c_n_s");
    CHECK(text_of({Kind::kWorkload, "c", "n", "w", "", ""}) == "wl_c_n_w");
    CHECK(text_of({Kind::kApp, "c", "n", "a", "", ""}) == "app_c_n_a");
    CHECK(text_of({Kind::kAppWorkload, "c", "n", "w", "", ""}) == "vapp_c_n_w");
    CHECK(text_of({Kind::kAppVersion, "c", "n", "a", "v1", ""}) == "vapp_c_n_a_v1");
    CHECK(text_of({Kind::kAggregate, "c", "n", "l", "v", ""}) == "agg_c_n_l_v");
    CHECK(text_of({Kind::kAggregate, "c", "n", "l", "v", "s"}) == "agg_c_n_l_v_s");
    CHECK(text_of({Kind::kClusterBox, "c", "", "", "", ""}) == "box_c");
    CHECK(text_of({Kind::kNamespaceBox, "c", "n", "", "", ""}) == "box_c_n");
    CHECK(text_of({Kind::kAppBox, "c", "n", "a", "", ""}) == "box_c_n_a");
}

}  // namespace meshscope::models
