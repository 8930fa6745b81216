#include "handlers/graph_json.hpp"
#include "tests/unit/business/traffic_fixture.hpp"
#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <string>
#include <vector>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::TrafficEnd;

namespace {

const std::string kGraph = "/api/namespaces/graph?namespaces=bookinfo";

TrafficEnd end_of(const std::string& app, const std::string& version = "v1") {
    return {"bookinfo", app + "-" + version, app, version};
}

// A gateway calls productpage twice a second, which calls details and three versions of reviews;
// half of what the third asks ratings for fails.
struct Bookinfo : HandlersFixture {
    Bookinfo() {
        const TrafficEnd gateway{
            "istio-system", "istio-ingressgateway", "istio-ingressgateway", "latest"
        };
        const TrafficEnd page = end_of("productpage");
        const TrafficEnd ratings = end_of("ratings");
        cluster.add_namespace("bookinfo");
        cluster.add_namespace("istio-system");
        metric_store.answer(
            R"(istio_requests_total{reporter="destination")",
            {test::http_row(gateway, page, "productpage", 2),
             test::http_row(page, end_of("details"), "details", 2),
             test::http_row(page, end_of("reviews"), "reviews", 0.8),
             test::http_row(page, end_of("reviews", "v2"), "reviews", 0.6),
             test::http_row(page, end_of("reviews", "v3"), "reviews", 0.6),
             test::http_row(end_of("reviews", "v2"), ratings, "ratings", 0.6),
             test::http_row(end_of("reviews", "v3"), ratings, "ratings", 0.3)}
        );
        metric_store.answer(
            R"(istio_requests_total{reporter="source",s)",
            {test::http_row(page, end_of("details"), "details", 2.1),
             test::http_row(end_of("reviews", "v3"), ratings, "ratings", 0.3, "503", "UF")}
        );
    }
    json graph(const std::string& more) {
        const auto reply = get(kGraph + "&ambientTraffic=none&appenders=" + more);
        CHECK(reply.status == 200);
        return reply.json();
    }
};

// Nodes and edges of a graph.
std::pair<std::size_t, std::size_t> size_of(const json& graph) {
    return {graph["elements"]["nodes"].size(), graph["elements"]["edges"].size()};
}

json data_of(const json& graph, const std::string& kind, const json& wanted) {
    for (const json& item : graph["elements"][kind]) {
        bool same = true;
        for (const auto& [key, value] : wanted.items()) {
            same = same && item["data"].value(key, json()) == value;
        }
        if (same) {
            return item["data"];
        }
    }
    FAIL("nothing of " + kind + " is " + wanted.dump());
    return {};
}

}  // namespace

TEST_CASE("the graph of Bookinfo is what clients of old get", "[graph]") {
    Bookinfo f;
    json graph = f.graph("&graphType=versionedApp&duration=300s&queryTime=1763683200");
    CHECK(graph["meta"]["used"]["startMicros"] == 1763682900000000);
    CHECK(graph["meta"]["order"].is_string());
    graph.erase("meta");
    std::ifstream file(std::string(MESHSCOPE_SOURCE_DIR) + "/tests/data/graph/bookinfo.json");
    CHECK(graph == json::parse(file));
}

TEST_CASE("sizes of the graph of Bookinfo, by what is asked for", "[graph]") {
    struct Row {
        std::string query;
        std::pair<std::size_t, std::size_t> size;
    };
    const std::vector<Row> rows{
        {"&graphType=versionedApp", {8, 7}},
        {"&graphType=versionedApp&injectServiceNodes=true", {12, 11}},
        {"&graphType=app&injectServiceNodes=true", {9, 8}},
        {"&graphType=workload", {7, 7}},
        {"", {7, 7}},
        {"&graphType=service", {5, 4}},
        {"&graphType=workload&boxBy=namespace", {8, 7}},
        {"&rateHttp=none", {0, 0}},
    };
    for (const Row& row : rows) {
        Bookinfo f;
        INFO(row.query);
        CHECK(size_of(f.graph(row.query)) == row.size);
    }
    Bookinfo f;
    json graph = f.graph("&graphType=service");
    const json reviews = data_of(graph, "nodes", {{"service", "reviews"}});
    CHECK(reviews["traffic"][0]["rates"]["httpOut"] == "1.20");
    CHECK(reviews["isInjected"] == true);
    graph = f.graph("&injectServiceNodes=true");
    const json page = data_of(graph, "nodes", {{"workload", "productpage-v1"}});
    const json service = data_of(graph, "nodes", {{"service", "reviews"}});
    const json edge = data_of(graph, "edges", {{"source", page["id"]}, {"target", service["id"]}});
    CHECK(edge["traffic"]["rates"] == json::parse(R"({"http":"2.00","httpPercentReq":"50.0"})"));
}

TEST_CASE("rates show their first digit", "[graph]") {
    const std::map<double, std::string> rows{
        {12.3, "12.30"},
        {0.6, "0.60"},
        {0.01, "0.01"},
        {0.004, "0.004"},
        {0.0006, "0.0006"},
        {0.00002, "0.00002"},
        {123456.789, "123456.79"},
    };
    for (const auto& [rate, text] : rows) {
        std::string out;
        handlers::append_rate(out, rate);
        CHECK(out == text);
    }
}

TEST_CASE("parameters of graphs that cannot be", "[graph]") {
    const std::map<std::string, std::string> rows{
        {"/api/namespaces/graph", "namespaces"},
        {"/api/namespaces/graph?namespaces=,", "namespaces"},
        {"/api/namespaces/graph?namespaces=a%7Cb", "namespaces"},
        {kGraph + "&duration=0s", "duration"},
        {kGraph + "&duration=500ms", "duration"},
        {kGraph + "&duration=10", "duration"},
        {kGraph + "&duration=-5m", "duration"},
        {kGraph + "&duration=99y", "duration"},
        {kGraph + "&queryTime=yesterday", "queryTime"},
        {kGraph + "&queryTime=-1", "queryTime"},
        {kGraph + "&graphType=mesh", "graphType"},
        {kGraph + "&injectServiceNodes=yes", "injectServiceNodes"},
        {kGraph + "&includeIdleEdges=2", "includeIdleEdges"},
        {kGraph + "&boxBy=app,pod", "boxBy"},
        {kGraph + "&rateGrpc=messages", "rateGrpc"},
        {kGraph + "&rateHttp=sent", "rateHttp"},
        {kGraph + "&rateTcp=requests", "rateTcp"},
        {kGraph + "&ambientTraffic=some", "ambientTraffic"},
        {kGraph + "&appenders=deadNode,noNode", "appenders"},
        {kGraph + "&responseTime=90", "responseTime"},
        {kGraph + "&throughputType=both", "throughputType"},
        {kGraph + "&aggregate=a%22b", "aggregate"},
        {kGraph + "&waypoints=maybe", "waypoints"},
        {kGraph + "&refreshInterval=soon", "refreshInterval"},
        {kGraph + "&refreshInterval=5000", "refreshInterval"},
        {kGraph + "&refreshInterval=900001", "refreshInterval"},
        {kGraph + "&configVendor=other", "configVendor"},
        {kGraph + "&telemetryVendor=other", "telemetryVendor"},
        {"/api/namespaces/bookinfo/applications/reviews/graph?graphType=workload", "graphType"},
        {"/api/namespaces/bookinfo/applications/reviews/versions/v%22/graph", "version"},
        {"/api/namespaces/BOOK/workloads/w/graph", "namespace"},
        {"/api/namespaces/bookinfo/workloads/W%22/graph", "workload"},
        {"/api/namespaces/bookinfo/aggregates/__name__/x/graph", "aggregate"},
    };
    for (const auto& [target, name] : rows) {
        Bookinfo f;
        const auto reply = f.get(target);
        INFO(target << " " << reply.body);
        CHECK(reply.status == 400);
        CHECK(reply.json()["error"].get<std::string>().find(name) != std::string::npos);
        CHECK(f.metric_store.asked().empty());
    }
}

TEST_CASE("parameters of graphs that clients of old send", "[graph]") {
    for (const std::string query :
         {"&boxBy=none",
          "&boxBy=app,%20namespace,cluster",
          "&refreshInterval=0",
          "&refreshInterval=-1",
          "&refreshInterval=60000",
          "&appenders=outsider,trafficGenerator",
          "&appenders=sidecarsCheck",
          "&configVendor=common&telemetryVendor=istio",
          "&duration=1h30m",
          "&injectServiceNodes=T&includeIdleEdges=0",
          "&responseTime=avg"}) {
        Bookinfo f;
        INFO(query);
        CHECK(f.get(kGraph + query).status == 200);
    }
    Bookinfo f;
    const json graph = f.get(kGraph + "&groupBy=app").json();
    CHECK(graph["meta"]["warnings"][0]["code"] == "parameter_ignored");
    const json named = f.get(kGraph + "&appenders=deadNode,aggregateNode").json();
    CHECK(named["meta"]["warnings"].empty());
}

TEST_CASE("graphs around a node", "[graph]") {
    const std::map<std::string, std::string> rows{
        {"applications/reviews/graph", "app"},
        {"applications/reviews/graph?graphType=versionedApp", "versionedApp"},
        {"applications/reviews/versions/v1/graph", "versionedApp"},
        {"workloads/reviews-v1/graph?namespaces=travel", "workload"},
        {"services/reviews/graph?graphType=service", "service"},
        {"aggregates/request_operation/List%2FAll/graph", "workload"},
        {"aggregates/request_operation/List/reviews/graph", "workload"},
    };
    for (const auto& [path, type] : rows) {
        Bookinfo f;
        const auto reply = f.get("/api/namespaces/bookinfo/" + path);
        INFO(path << reply.body);
        CHECK(reply.status == 200);
        CHECK(reply.json()["graphType"] == type);
    }
}

TEST_CASE("graphs without a metric store", "[graph]") {
    Bookinfo f;
    f.metric_store.fail("", Error(ErrorKind::kUpstreamUnavailable, "connection refused"));
    auto reply = f.get(kGraph);
    CHECK(reply.status == 503);
    CHECK(reply.json()["error"] == "connection refused");
    f.has_metrics = false;
    reply = f.get(kGraph);
    CHECK(reply.status == 503);
    CHECK(reply.json()["hint"]["setting"].is_string());
}

TEST_CASE("hosts that were asked for hold no secrets", "[graph]") {
    Bookinfo f;
    f.metric_store.answer(
        R"(istio_tcp_received_bytes_total{reporter="destination")",
        {test::with(
            test::tcp_row(end_of("productpage"), end_of("ratings"), "x", 1),
            {{"destination_service", "http://user:hunter2@shop/?token=abc"}}
        )}
    );
    const std::string body = f.graph("").dump();
    CHECK(body.find("hunter2") == std::string::npos);
    CHECK(body.find("token=abc") == std::string::npos);
}

TEST_CASE("what a limited caller learns of a graph", "[graph][rights]") {
    Bookinfo f;
    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
    f.cluster_wide = false;
    const json graph = f.graph("");
    const json gateway = data_of(graph, "nodes", {{"namespace", "istio-system"}});
    CHECK(gateway["isInaccessible"] == true);
    CHECK(graph["meta"]["upstream"].empty());
    CHECK(graph["meta"]["scanned"] == graph["meta"]["returned"]);
    CHECK(f.get("/api/namespaces/graph?namespaces=bookinfo,istio-system").status == 403);
}
