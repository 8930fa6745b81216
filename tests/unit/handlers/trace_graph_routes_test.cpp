#include "tests/unit/business/traffic_fixture.hpp"
#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::TrafficEnd;

namespace {

test::SpanRow span(
    std::uint64_t id, std::uint64_t parent, const std::string& kind, const std::string& workload
) {
    test::SpanRow row;
    row.id = id;
    row.parent = parent;
    row.start_us = test::kNow - 60'000'000 + static_cast<std::int64_t>(id) * 1'000;
    row.duration_us = 5'000;
    row.service = "proxy";
    const std::string ns = workload.starts_with("cars") ? "travel" : "bookinfo";
    const std::string pod = workload + "-6f89b6c557-sg2bc";
    row.tags = {{"span.kind", kind}, {"node_id", "sidecar~1.1.1.1~" + pod + "." + ns + "~x"}};
    return row;
}

// productpage calls reviews; and cars, of which the metrics of bookinfo tell nothing.
struct Bookinfo : HandlersFixture {
    Bookinfo() {
        cluster.add_workload("bookinfo", "productpage-v1", {.app = "productpage"});
        cluster.add_workload("bookinfo", "reviews-v1", {.app = "reviews"});
        cluster.add_workload("travel", "cars-v1");
        const TrafficEnd page{"bookinfo", "productpage-v1", "productpage"};
        const TrafficEnd reviews{"bookinfo", "reviews-v1", "reviews"};
        metric_store.answer(test::kIncoming, {test::http_row(page, reviews, "reviews", 2)});
        auto failed = span(3, 2, "server", "reviews-v1");
        failed.tags.emplace_back("error", true);
        store.add(test::make_trace(
            {0, 0x2a},
            {span(1, 0, "server", "productpage-v1"),
             span(2, 1, "client", "productpage-v1"),
             failed,
             span(4, 1, "server", "cars-v1")}
        ));
    }
    json ok(const std::string& target) {
        const auto reply = get(target);
        CHECK(reply.status == 200);
        return reply.json();
    }
    test::Reply post(const std::string& query, const std::string& body) {
        server::Request with;
        with.headers.add("Content-Type", "application/json");
        with.body = body;
        return send(server::Method::kPost, "/api/traces/graph" + query, with);
    }
};

std::set<std::string> ids_of(const json& graph, const std::string& kind) {
    std::set<std::string> ids;
    for (const json& item : graph["elements"][kind]) {
        ids.insert(item["data"]["id"].get<std::string>());
    }
    return ids;
}

}  // namespace

TEST_CASE("a trace lies on the nodes and edges of the graph that is shown", "[trace_graph]") {
    Bookinfo f;
    const json graph = f.ok("/api/namespaces/graph?namespaces=bookinfo");
    const std::set<std::string> nodes = ids_of(graph, "nodes");
    const std::set<std::string> edges = ids_of(graph, "edges");
    REQUIRE(nodes.size() == 2);
    REQUIRE(edges.size() == 1);
    const json laid = f.ok("/api/traces/2a/graph?namespaces=bookinfo");
    CHECK(laid["traceID"] == "000000000000002a");
    CHECK(laid["graphType"] == "workload");
    CHECK(laid["namespaces"] == json({"bookinfo"}));
    CHECK(laid["placed"] == 3);
    CHECK(laid["total"] == 4);
    REQUIRE(laid["hops"].size() == 3);
    for (const json& hop : laid["hops"]) {
        for (const json& node : hop["nodes"]) {
            CHECK(nodes.contains(node.get<std::string>()));
        }
        for (const json& edge : hop["edges"]) {
            CHECK(edges.contains(edge.get<std::string>()));
        }
    }
    const json& alone = laid["hops"][0];
    CHECK(alone["order"] == 1);
    CHECK(alone["edge"].is_null());
    CHECK(alone["offset"] == 0);
    const json& call = laid["hops"][1];
    CHECK(call["spanID"] == "0000000000000002");
    CHECK(call["edge"] == *edges.begin());
    CHECK(call["node"] == call["nodes"][0]);
    CHECK(call["offset"] == 1'000);
    CHECK(call["duration"] == 5'000);
    CHECK(call["error"] == false);
    CHECK(call["repeats"] == false);
    CHECK(laid["hops"][2]["error"] == true);
    CHECK(laid["hops"][2]["repeats"] == true);
    CHECK(
        laid["unplaced"] ==
        json::parse(
            R"([{"spanID":"0000000000000004","reason":"namespace_not_on_graph","namespace":"travel","workload":"cars-v1"}])"
        )
    );
    CHECK(laid["meta"]["used"]["endMicros"] == test::kNow);
}

TEST_CASE("a trace on the graph of what it names itself", "[trace_graph]") {
    Bookinfo f;
    const json laid = f.ok("/api/traces/2a/graph?injectServiceNodes=true");
    CHECK(laid["namespaces"] == json({"bookinfo", "travel"}));

    CHECK(laid["hops"][1]["nodes"].size() == 3);
    CHECK(laid["hops"][1]["edges"].size() == 2);
    CHECK(laid["hops"][1]["edge"] == laid["hops"][1]["edges"][1]);
    CHECK(laid["unplaced"][0]["reason"] == "workload_not_on_graph");
}

TEST_CASE("many traces as flow over the graph", "[trace_graph]") {
    Bookinfo f;
    const auto reply = f.post("?namespaces=bookinfo", R"({"traceIDs":["2a","2b","2A"]})");
    REQUIRE(reply.status == 200);
    const json flow = reply.json();
    CHECK(
        flow["traces"] == json::parse(R"([{"traceID":"000000000000002a","placed":3,"total":4}])")
    );
    CHECK(flow["missing"] == json({"000000000000002b"}));
    CHECK(flow["failed"].empty());
    REQUIRE(flow["edges"].size() == 1);
    const json& edge = flow["edges"][0];
    CHECK(edge["traces"] == 1);
    CHECK(edge["spans"] == 2);
    CHECK(edge["calls"] == 1);
    CHECK(edge["errors"] == 1);
    CHECK(edge["durations"]["median"] == 5'000);
    CHECK(flow["nodes"].size() == 2);
    CHECK(
        flow["unplaced"] ==
        json::parse(
            R"([{"reason":"namespace_not_on_graph","namespace":"travel","workload":"cars-v1","spans":1}])"
        )
    );
    CHECK(flow["placed"] == 3);
    CHECK(flow["total"] == 4);
}

TEST_CASE("requests for traces on graphs that cannot be", "[trace_graph]") {
    Bookinfo f;
    CHECK(f.get("/api/traces/2b/graph").status == 404);
    CHECK(f.get("/api/traces/x/graph").status == 400);
    CHECK(f.get("/api/traces/2a/graph?graphType=x").status == 400);
    CHECK(f.get("/api/traces/2a/graph?namespaces=Not_A_Name").status == 400);
    const std::string one = R"({"traceIDs":["2a"]})";
    CHECK(f.post("", one).status == 400);
    for (const char* body :
         {"",
          "[]",
          "{}",
          R"({"traceIDs":[]})",
          R"({"traceIDs":["x"]})",
          R"({"traceIDs":["0"]})",
          R"({"traceIDs":[1]})",
          R"({"traceIDs":"2a"})",
          R"({"traceIDs":["2a"],"more":1})"}) {
        CAPTURE(body);
        CHECK(f.post("?namespaces=bookinfo", body).status == 400);
    }
    json many;
    for (int i = 0; i < 501; ++i) {
        many["traceIDs"].push_back("2a");
    }
    CHECK(f.post("?namespaces=bookinfo", many.dump()).status == 400);
    f.has_metrics = false;
    CHECK(f.get("/api/traces/2a/graph").status == 503);
    CHECK(f.post("?namespaces=bookinfo", one).status == 503);
}

TEST_CASE("traces on graphs of who sees little", "[trace_graph]") {
    Bookinfo f;
    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"travel"});
    const json laid = f.ok("/api/traces/2a/graph");
    CHECK(laid["namespaces"] == json({"travel"}));
    CHECK(laid["placed"] == 0);
    std::vector<std::string> reasons;
    for (const json& one : laid["unplaced"]) {
        reasons.push_back(one["reason"].get<std::string>());
        CHECK(one["namespace"].is_null() == (reasons.back() == "hidden"));
    }
    CHECK(std::ranges::count(reasons, "hidden") == 3);
    CHECK(std::ranges::count(reasons, "workload_not_on_graph") == 1);
    CHECK(f.get("/api/traces/2a/graph?namespaces=bookinfo").status == 403);
    CHECK(f.post("?namespaces=bookinfo", R"({"traceIDs":["2a"]})").status == 403);
    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"other"});
    CHECK(f.get("/api/traces/2a/graph").status == 404);
}
