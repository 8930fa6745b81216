#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

const std::string kOverview = "/api/overview/metrics/";

struct Mesh : HandlersFixture {
    Mesh() {
        test::WorkloadRow row;
        for (const char* name : {"details", "ratings", "reviews"}) {
            row.app = name;
            cluster.add_workload("bookinfo", std::string(name) + "-v1", row);
            cluster.add_service("bookinfo", name, {{"app", name}});
        }
        row.app = "hotels";
        cluster.add_workload("travel", "hotels-v1", row);
        cluster.add_service("travel", "hotels", {{"app", "hotels"}});
        std::vector<test::MetricRow> services;
        add(services, "ratings", "200", 4);
        add(services, "details", "200", 9);
        add(services, "reviews", "200", 3);
        add(services, "reviews", "503", 1);
        metric_store.answer("by (reporter,destination_service_namespace", services);
        test::MetricRow app;
        app.labels = {
            {"reporter", "source"},
            {"request_protocol", "http"},
            {"response_code", "200"},
            {"source_workload_namespace", "bookinfo"},
            {"source_workload", "reviews-v1"},
            {"source_canonical_service", "reviews"}
        };
        app.value = 2;
        metric_store.answer("by (reporter,source_workload_namespace", {app});
        metric_store.answer(
            "topk(6, ((histogram",
            {measured("bookinfo", "details", 2.34567),
             measured("bookinfo", "ratings", 1500),
             measured("bookinfo", "", 7),
             measured("bookinfo", "reviews", std::nan(""))}
        );
        metric_store.answer("istio_tcp_sent", {measured("bookinfo", "ratings", 12.5)});
    }
    static test::MetricRow measured(const char* ns, const char* name, double value) {
        return {{{"destination_service_namespace", ns}, {"destination_service_name", name}}, value};
    }
    static void add(
        std::vector<test::MetricRow>& rows, const char* name, const char* code, double value
    ) {
        test::MetricRow row = measured("bookinfo", name, value);
        row.labels["reporter"] = "destination";
        row.labels["request_protocol"] = "http";
        row.labels["response_code"] = code;
        rows.push_back(row);
    }
};

std::vector<std::string> names(const json& rows, const char* key) {
    std::vector<std::string> found;
    for (const json& row : rows) {
        found.push_back(row[key]);
    }
    return found;
}

}  // namespace

TEST_CASE("the slowest services first", "[overview]") {
    Mesh f;
    const json body = f.get(kOverview + "services/latency").json();
    CHECK(body["services"][0] == json::parse(R"({"cluster":"Kubernetes","healthStatus":"Healthy",
            "namespace":"bookinfo","serviceName":"ratings","latency":1500.0})"));
    CHECK(body["services"][1]["latency"] == 2.346);
    CHECK(names(body["services"], "serviceName") == std::vector<std::string>{"ratings", "details"});
    CHECK_FALSE(body.contains("hasWaypoints"));
    const auto asked = f.metric_store.asked();
    REQUIRE(asked.size() == 4);  // and the health of the mesh
    CHECK(
        asked[0].text ==
        R"(topk(6, ((histogram_quantile(0.95, sum(rate(istio_request_duration_milliseconds_bucket{destination_workload!="unknown",destination_cluster="Kubernetes",destination_service_namespace=~"bookinfo|travel"}[300s])) by (le,destination_service_namespace,destination_service_name)) or histogram_quantile(0.95, sum(rate(istio_request_duration_milliseconds{destination_workload!="unknown",destination_cluster="Kubernetes",destination_service_namespace=~"bookinfo|travel"}[300s])) by (destination_service_namespace,destination_service_name))) > 0)))"
    );
}

TEST_CASE("the services that send most over TCP", "[overview]") {
    Mesh f;
    const json body =
        f.get(kOverview + "services/throughput?rateInterval=1h&queryTime=1763680000").json();
    CHECK(body["hasWaypoints"] == false);
    CHECK(body["services"].size() == 1);
    CHECK(body["services"][0]["tcpRate"] == 12.5);
    CHECK_THAT(
        f.metric_store.asked()[0].text,
        Catch::Contains(R"(reporter="destination"}[3600s])) by (destination_service_namespace,)")
    );
    CHECK(f.metric_store.asked()[0].at == SystemTime(std::chrono::seconds(1763680000)));
}

TEST_CASE("the services that fail most, then those with most requests", "[overview]") {
    Mesh f;
    const json body = f.get(kOverview + "services/rates").json();
    CHECK(
        names(body["services"], "serviceName") ==
        std::vector<std::string>{"reviews", "details", "ratings"}
    );
    CHECK(
        body["services"][0] ==
        json::parse(R"({"cluster":"Kubernetes","healthStatus":"Failure","namespace":"bookinfo",
            "serviceName":"reviews","errorRate":0.25,"requestRate":4.0})")
    );
    CHECK(body["services"][1]["errorRate"] == 0);
    CHECK(body["meta"]["upstream"][0]["calls"] == 3);
}

TEST_CASE("what applications get and send", "[overview]") {
    Mesh f;
    const json body = f.get(kOverview + "apps/rates?namespaces=bookinfo").json();
    CHECK(
        names(body["apps"], "appName") == std::vector<std::string>{"details", "ratings", "reviews"}
    );
    CHECK(body["apps"][2]["requestRateOut"] == 2);
    CHECK(body["apps"][2]["requestRateIn"] == 0);
    CHECK(f.get(kOverview + "apps/rates?type=app").status == 400);
    CHECK(f.get(kOverview + "apps/rates?clusterName=west").status == 404);
}

TEST_CASE("an overview without metrics is an error, not a quiet mesh", "[overview]") {
    Mesh f;
    f.metric_store.fail("", Error(ErrorKind::kUpstreamUnavailable, "Prometheus is not reached"));
    for (const char* path :
         {"apps/rates", "services/latency", "services/rates", "services/throughput"}) {
        INFO(path);
        CHECK(f.get(kOverview + path).status == 503);
    }
    Mesh off;
    off.has_metrics = false;
    CHECK(off.get(kOverview + "services/latency").status == 503);
    CHECK(off.get(kOverview + "services/rates").status == 503);
}

TEST_CASE("services whose health is not known are still listed", "[overview]") {
    Mesh f;
    f.metric_store.fail("by (reporter", Error(ErrorKind::kDeadline, "too slow"));
    const json body = f.get(kOverview + "services/latency").json();
    REQUIRE(body["services"].size() == 2);
    CHECK(body["services"][0]["healthStatus"] == "NA");
    CHECK(body["meta"]["warnings"][0]["code"] == "requests_unknown");
}

TEST_CASE("an overview holds nothing of hidden namespaces", "[overview]") {
    Mesh f;
    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"travel"});
    f.cluster_wide = false;
    for (const char* path :
         {"apps/rates", "services/latency", "services/rates", "services/throughput"}) {
        INFO(path);
        const auto reply = f.get(kOverview + path);
        CHECK(reply.status == 200);
        CHECK(reply.body.find("bookinfo") == std::string::npos);
    }
    CHECK(f.get(kOverview + "apps/rates").json()["apps"][0]["appName"] == "hotels");
}
