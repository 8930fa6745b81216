#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::make_trace;
using test::MetricRow;
using test::SpanRow;

namespace {

SpanRow proxy(std::uint64_t id, std::uint64_t parent, const std::string& workload, bool server) {
    SpanRow row;
    row.id = id;
    row.parent = parent;
    row.start_us = test::kNow - 5'000'000 + static_cast<std::int64_t>(id);
    row.duration_us = server ? 5'960 : 7'100;
    row.tags = {
        {"component", std::string("proxy")},
        {"node_id",
         "sidecar~10.0.0.1~" + workload + "-79f774bdb9-x7k2p.bookinfo~bookinfo.svc.cluster.local"},
        {"span.kind", std::string(server ? "server" : "client")},
    };
    return row;
}

// p99 is 23.46 ms.
std::vector<MetricRow> details_rows() {
    const std::pair<const char*, double> counts[] = {
        {"1", 9}, {"5", 409}, {"10", 695}, {"25", 770}, {"+Inf", 770}
    };
    const std::map<std::string, std::string> labels{
        {"destination_workload", "details-v1"}, {"destination_workload_namespace", "bookinfo"}
    };
    std::vector<MetricRow> rows;
    for (const auto& [le, count] : counts) {
        MetricRow row{labels, count / 600};
        row.labels["le"] = le;
        rows.push_back(row);
    }
    rows.push_back({labels, 6.0 * 770 / 600});
    return rows;
}

struct Measured : HandlersFixture {
    Measured() {
        has_cluster = false;
        store.add(make_trace(
            {0, 0x2a}, {proxy(1, 0, "productpage-v1", false), proxy(2, 1, "details-v1", true)}
        ));
        std::vector<test::MetricRow> joined = details_rows();
        for (test::MetricRow& row : joined) {
            row.labels["meshscope_branch"] = "1";
        }
        metric_store.answer("meshscope_branch", joined);
        metric_store.answer("destination_workload=", details_rows());
    }
    test::Reply post(const std::string& target, const json& body) {
        server::Request with;
        with.body = body.is_string() ? body.get<std::string>() : body.dump();
        with.headers.add("Content-Type", "application/json");
        return send(server::Method::kPost, target, with);
    }
};

json stats_query() {
    return {
        {"target", {{"namespace", "bookinfo"}, {"name", "details-v1"}, {"kind", "workload"}}},
        {"direction", "inbound"},
        {"interval", "10m"},
        {"avg", true},
        {"quantiles", {"0.5", "0.99"}},
        {"queryTime", test::kNow / 1'000'000},
    };
}

const std::string kKey = "bookinfo:workload:details-v1::inbound:10m:destination";

}  // namespace

TEST_CASE("a heatmap over its route", "[heatmap]") {
    Measured f;
    const json map = f.get("/api/traces/2a/heatmap").json();
    CHECK(map["traceID"] == "000000000000002a");
    CHECK(map["unit"] == "ms");
    CHECK(map["at"] == "trace");
    CHECK(map["intervals"] == json::parse(R"(["10m","60m","3h"])"));
    CHECK(map["stats"] == json::parse(R"(["avg","0.5","0.9","0.99"])"));
    CHECK(map["evaluatedAt"] == test::kNow - 4'000'000);
    CHECK(map["trace"]["basis"] == "inbound spans of proxies");
    const json& cell = map["trace"]["cells"][0][3];
    CHECK(cell["value"].get<double>() == Approx(-17.5).epsilon(1e-12));
    CHECK(cell["stat"].get<double>() == Approx(23.46).epsilon(1e-12));
    CHECK(cell["samples"] == 770);
    CHECK(map["spans"][0]["cells"][0][0] == json{{"missing", "no_metrics"}});
    CHECK(map["spans"][1]["target"]["name"] == "details-v1");
    CHECK(map["spans"][1]["direction"] == "inbound");
    CHECK(map["spans"][1]["duration"] == 5960);
    CHECK(map["pairs"][0]["gap"] == 1140);
    CHECK(map["meta"]["upstream"].size() == 2);

    CHECK(f.get("/api/traces/2a/heatmap?at=now").json()["evaluatedAt"] == test::kNow);
    const json relative = f.get("/api/traces/2a/heatmap?scale=relative").json();
    CHECK(relative["unit"] == "times");
    const json& times = relative["trace"]["cells"][0][3];
    CHECK(times["value"].get<double>() == Approx(-17.5 / 23.46).epsilon(1e-12));
    CHECK(times["stat"] == cell["stat"]);
    CHECK(f.get("/api/traces/2a/heatmap?scale=absolute").json()["unit"] == "ms");
    for (const char* bad : {"at=then", "mode=all", "scale=robust", "quantiles=1", "workload="}) {
        INFO(bad);
        const bool empty = std::string(bad) == "workload=";
        CHECK(f.get("/api/traces/2a/heatmap?" + std::string(bad)).status == (empty ? 200U : 400U));
    }
    CHECK(f.get("/api/traces/2b/heatmap").status == 404);
    CHECK(f.get("/api/traces/xyz/heatmap").status == 400);
}

TEST_CASE("heatmaps stand without Prometheus and say why they are empty", "[heatmap]") {
    Measured f;
    f.metric_store.fail("", Error(ErrorKind::kUpstreamUnavailable, "Prometheus is not reached"));
    const json broken = f.get("/api/traces/2a/heatmap").json();
    CHECK(broken["trace"]["cells"][0][0] == json{{"missing", "upstream"}});
    CHECK(broken["meta"]["warnings"][0]["message"] == "Prometheus is not reached");
    f.has_metrics = false;
    const auto off = f.get("/api/traces/2a/heatmap");
    CHECK(off.status == 200);
    CHECK(off.json()["trace"]["cells"][0][0] == json{{"missing", "no_metrics"}});
}

TEST_CASE("heatmaps of a page over their route", "[heatmap]") {
    Measured f;
    const auto reply = f.post("/api/traces/heatmaps", {{"traceIDs", {"2a", "2b"}}});
    REQUIRE(reply.status == 200);
    const json list = reply.json();
    CHECK(list["intervals"] == json::parse(R"(["60m","3h"])"));
    CHECK(list["stats"] == json::parse(R"(["avg","0.5","0.9"])"));
    CHECK(list["heatmaps"][0]["cells"][0][0]["value"].get<double>() == Approx(-0.04));
    CHECK(list["heatmaps"][1] == json{{"traceID", "000000000000002b"}, {"missing", "not_found"}});
    CHECK(list["grid"]["step"] == 0);
    CHECK(f.metric_store.asked().size() == 2);

    for (const char* bad :
         {"",
          "[]",
          "{}",
          R"({"traceIDs":"2a"})",
          R"({"traceIDs":[7]})",
          R"({"traceIDs":["zz"]})",
          R"({"traceIDs":[],"at":"then"})",
          R"({"traceIDs":[],"at":7})",
          R"({"traceIDs":[],"other":1})"}) {
        INFO(bad);
        CHECK(f.post("/api/traces/heatmaps", json(std::string(bad))).status == 400);
    }
    json many{{"traceIDs", json::array()}};
    many["traceIDs"].get_ref<json::array_t&>().assign(101, "2a");
    CHECK(f.post("/api/traces/heatmaps", many).status == 400);
    CHECK(f.post("/api/traces/heatmaps", json(std::string(65 * 1024, ' '))).status == 413);
    CHECK(f.post("/api/traces/heatmaps", {{"traceIDs", json::array()}}).status == 200);
}

TEST_CASE("no byte of a page of heatmaps tells of what is hidden", "[heatmap][rights]") {
    Measured f;
    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"travel"});
    f.cluster_wide = false;
    const auto reply = f.post("/api/traces/heatmaps", {{"traceIDs", {"2a"}}, {"mode", "kiali"}});
    CHECK(reply.json()["heatmaps"][0]["missing"] == "not_found");
    CHECK(reply.body.find("details") == std::string::npos);
    CHECK(f.metric_store.asked().empty());
}

TEST_CASE("statistics of response times over their route", "[stats]") {
    Measured f;
    const auto reply = f.post("/api/stats/metrics", {{"queries", {stats_query()}}});
    REQUIRE(reply.status == 200);
    const json body = reply.json();
    CHECK(body["warnings"].is_null());
    REQUIRE(body["stats"].contains(kKey));
    const json& times = body["stats"][kKey]["responseTimes"];
    REQUIRE(times.size() == 3);
    CHECK(times[0]["name"] == "0.5");
    CHECK(times[0]["value"].get<double>() == Approx(4.76));
    CHECK(times[1]["value"].get<double>() == Approx(23.46).epsilon(1e-12));
    CHECK(times[2] == json{{"name", "avg"}, {"value", 6.0}});
    const auto asked = f.metric_store.asked();
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].at == from_micros(test::kNow));
    CHECK(asked[0].text.find("[600s]") != std::string::npos);
}

TEST_CASE("keys of statistics are what clients expect byte for byte", "[stats]") {
    Measured f;
    json peer = stats_query();
    peer["target"] = {{"Namespace", "shop"}, {"NAME", "cart"}, {"kind", "app"}};
    peer["peerTarget"] = {{"namespace", "web"}, {"name", "front"}, {"kind", "workload"}};
    peer["direction"] = "outbound";
    peer["reporters"] = {"waypoint", "source", "source"};
    json hour = stats_query();
    hour["interval"] = "1h30m";
    const json body = f.post("/api/stats/metrics", {{"Queries", {peer, hour}}}).json();
    CHECK(body["stats"].contains("shop:app:cart:web:workload:front:outbound:10m:source,waypoint"));
    CHECK(body["stats"].contains("bookinfo:workload:details-v1::inbound:1h30m:destination"));
    // Nothing was measured: no times, but the key.
    CHECK(
        body["stats"]["shop:app:cart:web:workload:front:outbound:10m:source,waypoint"]
            ["responseTimes"] == json::array()
    );
}

TEST_CASE("targets of statistics that differ in names only cost one query", "[stats]") {
    Measured f;
    json queries = json::array();
    for (int i = 0; i < 100; ++i) {
        json query = stats_query();
        query["target"]["name"] = "w" + std::to_string(i);
        queries.push_back(query);
    }
    const json body = f.post("/api/stats/metrics", {{"queries", queries}}).json();
    CHECK(body["stats"].size() == 100);
    CHECK(f.metric_store.asked().size() == 1);
}

TEST_CASE("a bad query of statistics is left out, and all of them are an error", "[stats]") {
    struct Row {
        const char* patch;  // what is put into a good query
        const char* says;
    };
    const Row rows[] = {
        {R"({"target":null})", "target"},
        {R"({"target":{"name":null}})", "name"},
        {R"({"target":{"namespace":"bookinfo","name":"a","kind":"pod"}})", "kind"},
        {R"({"target":{"namespace":"bookinfo","name":7,"kind":"app"}})", "name"},
        {R"({"target":{"namespace":"bookinfo","name":"a","kind":"service"},"direction":"outbound"})",
         "service"},
        {R"({"peerTarget":{"namespace":"bookinfo","name":"a","kind":"service"}})", "service"},
        {R"({"direction":"sideways"})", "direction"},
        {R"({"interval":"soon"})", "interval"},
        {R"({"interval":"500ms"})", "interval"},
        {R"({"queryTime":0})", "queryTime"},
        {R"({"queryTime":"now"})", "queryTime"},
        {R"({"quantiles":["1.1"]})", "quantiles"},
        {R"({"quantiles":["NaN"]})", "quantiles"},
        {R"({"quantiles":"0.5"})", "quantiles"},
        {R"({"avg":"yes"})", "avg"},
        {R"({"reporters":["source"]})", "reporters"},
        {R"({"reporters":["waypoint"]})", "reporters"},
        {R"({"reporters":["destination","proxy"]})", "reporters"},
    };
    for (const Row& row : rows) {
        Measured f;
        json bad = stats_query();
        bad.merge_patch(json::parse(row.patch));
        INFO(row.patch);
        const auto both = f.post("/api/stats/metrics", {{"queries", {bad, stats_query()}}});
        REQUIRE(both.status == 200);
        REQUIRE(both.json()["warnings"].size() == 1);
        CHECK(both.json()["warnings"][0].get<std::string>().find(row.says) != std::string::npos);
        CHECK(both.json()["stats"].size() == 1);
        CHECK(f.post("/api/stats/metrics", {{"queries", {bad}}}).status == 400);
    }
    Measured f;
    CHECK(f.post("/api/stats/metrics", json(std::string("nonsense"))).status == 400);
    CHECK(f.post("/api/stats/metrics", {{"queries", 7}}).status == 400);
    CHECK(f.post("/api/stats/metrics", json::object()).json()["stats"] == json::object());
    CHECK(f.post("/api/stats/metrics", json(std::string(1024 * 1024 + 1, ' '))).status == 413);
}

TEST_CASE("one key never holds the numbers of two clusters", "[stats]") {
    Measured f;
    json abroad = stats_query();
    abroad["target"]["cluster"] = "east";
    const json body = f.post("/api/stats/metrics", {{"queries", {stats_query(), abroad}}}).json();
    CHECK(body["stats"].size() == 1);
    REQUIRE(body["warnings"].size() == 1);
    // The same question twice is none.
    json more = stats_query();
    more["quantiles"] = {"0.9"};
    const json same = f.post("/api/stats/metrics", {{"queries", {stats_query(), more}}}).json();
    CHECK(same["warnings"].is_null());
    CHECK(same["stats"][kKey]["responseTimes"].size() == 4);
}

TEST_CASE("statistics are of visible namespaces only, peers included", "[stats][rights]") {
    Measured f;
    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
    f.cluster_wide = false;
    json hidden = stats_query();
    hidden["target"]["namespace"] = "travel";
    json peer = stats_query();
    peer["peerTarget"] = {{"namespace", "travel"}, {"name", "hotels"}, {"kind", "app"}};
    CHECK(f.post("/api/stats/metrics", {{"queries", {hidden, peer}}}).status == 403);
    CHECK(f.metric_store.asked().empty());
    const json body =
        f.post("/api/stats/metrics", {{"queries", {hidden, peer, stats_query()}}}).json();
    CHECK(body["stats"].size() == 1);
    CHECK(body["warnings"].size() == 2);
    for (const auto& asked : f.metric_store.asked()) {
        CHECK(asked.text.find("travel") == std::string::npos);
    }
}

TEST_CASE("statistics need Prometheus, as far as it is asked", "[stats]") {
    Measured f;
    json hour = stats_query();
    hour["interval"] = "1h";
    f.metric_store.fail("[3600s]", Error(ErrorKind::kUpstreamUnavailable, "Prometheus is gone"));
    const json half = f.post("/api/stats/metrics", {{"queries", {stats_query(), hour}}}).json();
    CHECK(half["stats"].size() == 1);
    CHECK(half["warnings"].size() == 1);
    CHECK(f.post("/api/stats/metrics", {{"queries", {hour}}}).status == 503);
    f.has_metrics = false;
    const auto off = f.post("/api/stats/metrics", {{"queries", {stats_query()}}});
    CHECK(off.status == 503);
}
