#include "handlers/graph_json_rates.hpp"
#include "tests/unit/business/traffic_fixture.hpp"
#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
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
// Of queries for bytes that the called one's proxies counted, but no ztunnel.
const std::string kTcp = R"(istio_tcp_received_bytes_total{app!="ztunnel",reporter="destination")";

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

TEST_CASE("a large graph comes in pieces", "[graph]") {
    constexpr std::size_t kCalled = 300;
    HandlersFixture f;
    f.cluster.add_namespace("bookinfo");
    std::vector<test::MetricRow> rows;
    for (std::size_t i = 0; i < kCalled; ++i) {
        const std::string app = "app" + std::to_string(i);
        rows.push_back(test::http_row(end_of("productpage"), end_of(app), app, 1));
    }
    f.metric_store.answer(R"(istio_requests_total{reporter="destination")", rows);
    const auto reply = f.get(kGraph + "&ambientTraffic=none&appenders=");
    const json graph = reply.json();
    CHECK(size_of(graph) == std::pair{kCalled + 1, kCalled});
    CHECK(reply.pieces > 2);
    CHECK(reply.largest_piece < 80'000);
    // In the order of the list, also over the borders of pieces.
    std::vector<std::pair<std::string, std::string>> ends;
    for (const json& edge : graph["elements"]["edges"]) {
        ends.emplace_back(edge["data"]["source"], edge["data"]["target"]);
    }
    CHECK(std::ranges::is_sorted(ends));
    std::vector<std::string> apps;
    for (const json& node : graph["elements"]["nodes"]) {
        apps.push_back(node["data"]["app"]);
    }
    CHECK(std::ranges::is_sorted(apps));
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
        kTcp,
        {test::with(
            test::tcp_row(end_of("productpage"), end_of("ratings"), "x", 1),
            {{"destination_service", "http://user:hunter2@shop/?token=abc"}}
        )}
    );
    const std::string body = f.graph("").dump();
    CHECK(body.find("shop/?token=") != std::string::npos);
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

TEST_CASE("what of a graph is not said has its default", "[graph]") {
    struct Row {
        std::string name;
        std::string given;  // what it is when nothing is said
        std::string other;  // "" the graph of Bookinfo is the same with it
    };
    const std::vector<Row> rows{
        {"duration", "10m", "5m"},
        {"queryTime", "1763683200", "1763683100"},
        {"graphType", "workload", "app"},
        {"injectServiceNodes", "false", "true"},
        {"includeIdleEdges", "false", "true"},
        {"boxBy", "none", ""},
        {"rateGrpc", "requests", "total"},
        {"rateHttp", "requests", "none"},
        {"rateTcp", "sent", "received"},
        {"ambientTraffic", "total", "none"},
        {"appenders",
         "aggregateNode,deadNode,idleNode,meshCheck,responseTime,securityPolicy,serviceEntry,"
         "throughput,workloadEntry,ambient,health,istio,labeler",
         "%20"},
        {"responseTime", "95", "avg"},
        {"throughputType", "response", "request"},
        {"aggregate", "request_operation", "response_code"},
        {"waypoints", "true", ""},
        {"refreshInterval", "60000", ""},
        {"configVendor", "common", ""},
        {"telemetryVendor", "istio", ""},
    };
    // What is asked of the store, and what comes of it.
    const auto graph = [](const std::string& query) {
        Bookinfo f;
        f.metric_store.answer(
            R"(istio_requests_total{reporter=~"destination|waypoint",destination_workload_)",
            {test::http_row(end_of("productpage"), end_of("details"), "details", 2)}
        );
        const auto reply = f.get(kGraph + query);
        INFO(query << " " << reply.body);
        REQUIRE(reply.status == 200);
        CHECK(reply.json()["meta"]["warnings"].empty());
        std::vector<std::string> asked;
        for (const auto& one : f.metric_store.asked()) {
            asked.push_back(std::to_string(to_micros(one.at)) + " " + one.text);
        }
        std::ranges::sort(asked);
        json elements = reply.json()["elements"];
        return std::pair(std::move(asked), std::move(elements));
    };
    const auto plain = graph("");
    CHECK(plain.first.size() > 12);
    for (const Row& row : rows) {
        INFO(row.name);
        CHECK(graph("&" + row.name + "=" + row.given) == plain);
        if (!row.other.empty()) {
            CHECK(graph("&" + row.name + "=" + row.other) != plain);
        }
    }
    CHECK(plain.second["edges"].size() == 1);
    Bookinfo f;
    const json body = f.get(kGraph).json();
    CHECK(body["duration"] == 600);
    CHECK(body["timestamp"] == 1763683200);
    CHECK(body["graphType"] == "workload");
}

TEST_CASE("graphs around what is hidden or not there", "[graph][rights]") {
    for (const std::string path :
         {"applications/a/graph",
          "applications/a/versions/v1/graph",
          "workloads/w/graph",
          "services/s/graph",
          "aggregates/request_operation/x/graph",
          "aggregates/request_operation/x/s/graph"}) {
        INFO(path);
        Bookinfo f;
        CHECK(f.get("/api/namespaces/nowhere/" + path).status == 404);
        // Of who does not see all neither is told apart from the other.
        f.access =
            std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
        f.cluster_wide = false;
        CHECK(f.get("/api/namespaces/nowhere/" + path).status == 403);
        CHECK(f.get("/api/namespaces/istio-system/" + path).status == 403);
        CHECK(f.metric_store.asked().empty());
        CHECK(f.get("/api/namespaces/bookinfo/" + path).status == 200);
    }
    Bookinfo f;
    const std::string app = "/api/namespaces/bookinfo/applications/reviews/";
    for (const std::string path : {"graph", "versions/v1/graph"}) {
        for (const std::string type : {"workload", "service"}) {
            INFO(path << " " << type);
            const auto reply = f.get(app + path + "?graphType=" + type);
            CHECK(reply.status == 400);
            CHECK_THAT(reply.json()["error"].get<std::string>(), Catch::Contains("'graphType'"));
        }
    }
    // The cluster of a node narrows its graph.
    CHECK(f.get(app + "graph?clusterName=east").status == 200);
    CHECK_THAT(f.metric_store.asked().front().text, Catch::Contains(R"(cluster="east")"));
}

TEST_CASE("what is hidden has its names and its traffic, whatever is appended", "[graph][rights]") {
    Bookinfo f;
    test::WorkloadRow row;
    row.app = "istio-ingressgateway";
    row.labels = {{"istio", "ingressgateway"}, {"team", "edge"}};
    row.gateway = true;
    row.pods = 0;
    f.cluster.add_workload("istio-system", "istio-ingressgateway", row);
    row = {};
    row.app = "productpage";
    row.version = "v1";
    row.labels = {{"team", "shop"}};
    f.cluster.add_workload("bookinfo", "productpage-v1", row);
    models::MeshObject gateway;
    gateway.kind = {"networking.istio.io", "v1", "Gateway"};
    gateway.meta.name = "web";
    gateway.meta.ns = "bookinfo";
    gateway.hosts = {"shop.example.org"};
    gateway.selector =
        std::make_shared<const models::LabelSet>(models::LabelSet{{"istio", "ingressgateway"}});
    f.cluster.add_mesh_object(std::move(gateway));
    const std::string all =
        "deadNode,idleNode,meshCheck,responseTime,securityPolicy,serviceEntry,throughput,"
        "workloadEntry,ambient,health,istio,labeler";
    const auto node = [&](const std::string& ns, const std::string& workload) {
        return data_of(f.graph(all), "nodes", {{"namespace", ns}, {"workload", workload}});
    };
    const json seen = node("istio-system", "istio-ingressgateway");
    CHECK(seen["isGateway"]["ingressInfo"]["hostnames"] == json({"shop.example.org"}));
    CHECK(seen["isDead"] == true);
    CHECK(seen["healthData"]["status"]["status"] == "Not Ready");

    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
    f.cluster_wide = false;
    json hidden = node("istio-system", "istio-ingressgateway");
    CHECK(hidden["id"] == seen["id"]);
    CHECK(hidden["traffic"] == seen["traffic"]);
    for (const char* member : {"id", "traffic"}) {
        hidden.erase(member);
    }
    CHECK(hidden == json::parse(R"({"nodeType":"workload","cluster":"Kubernetes",
        "namespace":"istio-system","workload":"istio-ingressgateway","app":"istio-ingressgateway",
        "version":"latest","healthData":{"requests":{"healthAnnotations":{},"inbound":{},
        "outbound":{}},"workloadStatus":null},"isInaccessible":true,"isOutside":true,
        "isRoot":true})"));
    const json own = node("bookinfo", "productpage-v1");
    CHECK(own["labels"]["team"] == "shop");
    // Where health was not asked for there is none of anybody.
    const json bare = data_of(f.graph("deadNode"), "nodes", {{"namespace", "istio-system"}});
    CHECK(bare["healthData"].is_null());
}

TEST_CASE("health on a graph is written as in lists", "[graph][health]") {
    Bookinfo f;
    const json graph = f.graph("health");
    const auto health = [&](const std::string& workload) {
        return data_of(graph, "nodes", {{"workload", workload}})["healthData"];
    };
    json failing = health("ratings-v1");
    json& succeeded = failing["requests"]["inbound"]["http"]["200"];
    CHECK(succeeded.get<double>() == Approx(0.9));
    succeeded = 0.9;
    CHECK(
        failing ==
        json::parse(R"({"requests":{"healthAnnotations":{},"inbound":{"http":{"200":0.9,"503":0.3}},
            "outbound":{}},"status":{"errorRatio":25.0,"status":"Failure","totalRequestRate":1.2},
            "workloadStatus":null})")
    );
    // A ratio of nothing is left out.
    CHECK(
        health("details-v1")["status"] ==
        json::parse(R"({"status":"Healthy","totalRequestRate":2.0})")
    );
    f.metric_store.answer(kTcp, {test::tcp_row(end_of("ratings"), end_of("mysql"), "mysql", 100)});
    // Of bytes nobody says whether they went well.
    CHECK(
        data_of(f.graph("health"), "nodes", {{"workload", "mysql-v1"}})["healthData"]["status"] ==
        json::parse(R"({"errorRatio":-1.0,"status":"NA"})")
    );
}

TEST_CASE("what a waypoint sends back has the waypoint as its source", "[graph]") {
    Bookinfo f;
    test::WorkloadRow row;
    row.waypoint = true;
    f.cluster.add_workload("bookinfo", "waypoint", row);
    const TrafficEnd page = end_of("productpage");
    const TrafficEnd waypoint{"bookinfo", "waypoint", "waypoint", "latest"};
    f.metric_store.answer(
        R"(istio_requests_total{reporter=~"source|waypoint",s)",
        {test::http_row(page, waypoint, "waypoint", 2),
         test::http_row(waypoint, page, "productpage", 1)}
    );
    const json graph = f.get(kGraph + "&appenders=ambient").json();
    const json from = data_of(graph, "nodes", {{"workload", "productpage-v1"}});
    const json to = data_of(graph, "nodes", {{"workload", "waypoint"}});
    CHECK(to["isWaypoint"] == true);
    const json edge = data_of(graph, "edges", {{"source", from["id"]}, {"target", to["id"]}});
    CHECK(edge["waypoint"]["direction"] == "to");
    const json back = edge["waypoint"]["fromEdge"];
    CHECK(back["source"] == to["id"]);
    CHECK(back["target"] == from["id"]);
    CHECK(back["traffic"]["rates"]["http"] == "1.00");
    CHECK(size_of(graph) == std::pair<std::size_t, std::size_t>{2, 1});
}
