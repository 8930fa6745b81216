#include "handlers/duration_text.hpp"
#include "handlers/metric_json.hpp"
#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

const std::string kWorkload = "/api/namespaces/bookinfo/workloads/reviews-v1/";

struct Metered : HandlersFixture {
    Metered() {
        cluster.add_workload("bookinfo", "reviews-v1");
        cluster.add_workload("travel", "hotels");
        cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
    }
    void limit_to(const std::string& ns) {
        access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{ns});
        cluster_wide = false;
    }
    std::string asked(std::size_t index) { return metric_store.asked().at(index).text; }
};

}  // namespace

TEST_CASE("samples are written as Prometheus does", "[metrics]") {
    using handlers::sample_text;
    CHECK(sample_text(0.1) == "0.1");
    CHECK(sample_text(0) == "0");
    CHECK(sample_text(1787000000) == "1787000000");
    CHECK(sample_text(-2.5) == "-2.5");
    CHECK(sample_text(1e-9) == "1e-09");
    CHECK(sample_text(std::nan("")) == "NaN");
    CHECK(sample_text(std::numeric_limits<double>::infinity()) == "+Inf");
    CHECK(sample_text(-std::numeric_limits<double>::infinity()) == "-Inf");
}

TEST_CASE("durations of Prometheus", "[metrics]") {
    using handlers::parse_interval;
    using std::chrono::milliseconds;
    CHECK(parse_interval("5m") == milliseconds(300'000));
    CHECK(parse_interval("1h30m") == milliseconds(5'400'000));
    CHECK(parse_interval("30m1h250ms") == milliseconds(5'400'250));
    CHECK(parse_interval("1y") == milliseconds(31'536'000'000));
    for (const char* bad :
         {"", "5", "m", "-5m", "5 m", "1.5h", "5M", "999999999999y", "+5m", "5mm"}) {
        INFO(bad);
        CHECK(parse_interval(bad) == std::nullopt);
    }
}

TEST_CASE("series of a workload, families without any are null", "[metrics]") {
    Metered f;
    f.metric_store.answer_range(
        "istio_requests_total",
        {{{{"response_code", "200"}}, {{1'787'220'000'000, 3.2}, {1'787'220'015'500, 0.1}}}}
    );
    f.metric_store.answer_range(
        "istio_request_duration", {{{}, {{1'787'220'000'000, std::nan("")}}}}
    );
    const auto reply = f.get(
        kWorkload +
        "metrics?filters[]=request_count&filters[]=request_duration_millis&byLabels[]=response_"
        "code&"
        "direction=inbound&reporter=destination&rateInterval=5m&step=30&duration=60&queryTime="
        "1787220067"
    );
    CHECK(reply.json() == json::parse(R"({
      "request_count":[{"labels":{"response_code":"200"},
        "datapoints":[[1787220000,"3.2"],[1787220015.5,"0.1"]],"name":"request_count"}],
      "request_duration_millis":[{"labels":{},"datapoints":[[1787220000,"NaN"]],"stat":"avg",
        "name":"request_duration_millis"}]})"));
    CHECK(reply.meta()["returned"] == 2);
    CHECK(reply.meta()["used"]["startMicros"] == 1787220000000000);
    CHECK(reply.meta()["upstream"][0]["calls"] == 2);
    CHECK_THAT(
        f.asked(0),
        Catch::Contains(
            R"(destination_workload="reviews-v1",destination_cluster="Kubernetes"}[300s])"
        )
    );
    const json none = f.get(kWorkload + "metrics?filters[]=tcp_sent&filters[]=nothing").json();
    CHECK(none == json::parse(R"({"tcp_sent":null})"));
    CHECK(f.get(kWorkload + "metrics").json().size() == 13);
}

TEST_CASE("a bad parameter is named", "[metrics]") {
    Metered f;
    for (const char* bad :
         {"direction=up",
          "reporter=me",
          "reporter=source,me",
          "reporter=,",
          "duration=0",
          "duration=-5",
          "duration=x",
          "step=0",
          "step=-1",
          "step=1.5",
          "queryTime=now",
          "rateInterval=5",
          "rateInterval=500ms",
          "rateFunc=increase",
          "avg=perhaps",
          "quantiles[]=1.1",
          "quantiles[]=0.5&quantiles[]=x",
          "quantiles[]=NaN",
          "byLabels[]=a-b",
          "byLabels[]=ok&byLabels[]=le",
          "filters=request_count",
          "namespaces=bookinfo",
          "step=1&duration=11001"}) {
        INFO(bad);
        const auto reply = f.get(kWorkload + "metrics?" + bad);
        CHECK(reply.status == 400);
        const std::string text(bad);
        const std::string last = text.substr(text.rfind('&') + 1);
        const bool points = text == "step=1&duration=11001";
        CHECK_THAT(
            reply.json()["error"].get<std::string>(),
            Catch::Contains("'" + (points ? "step" : last.substr(0, last.find('='))) + "'")
        );
        CHECK(f.get(kWorkload + "dashboard?" + bad).status == 400);
    }
    std::string many = "metrics?x";
    many = kWorkload + "metrics?avg=true";
    for (int i = 0; i < 21; ++i) {
        many += "&byLabels[]=label" + std::to_string(i);
    }
    CHECK(f.get(many).status == 400);
    CHECK(f.get("/api/namespaces/bookinfo/services/reviews/metrics").status == 400);
    CHECK(f.get("/api/namespaces/Bookinfo/metrics").status == 400);
    CHECK(f.metric_store.asked().empty());
}

TEST_CASE("what of series is not said has its default", "[metrics]") {
    struct Row {
        std::string name;
        std::string given;  // what it is when nothing is said
        std::string other;  // "" nothing else is taken
    };
    const std::vector<Row> rows{
        {"direction", "outbound", "inbound"},
        {"reporter", "source", "both"},
        {"duration", "1800", "900"},
        {"queryTime", "1763683200", "1763683100"},
        {"step", "15", "30"},
        {"rateInterval", "1m", "5m"},
        {"rateFunc", "rate", "irate"},
        {"avg", "true", "false"},
        {"clusterName", "Kubernetes", ""},
        {"requestProtocol", "", "http"},
        {"quantiles[]", "", "0.5"},
        {"byLabels[]", "", "response_code"},
        {"filters[]", "", "request_count"},
    };
    // What is asked of the store.
    const auto asked = [](const std::string& query) {
        Metered f;
        const auto reply = f.get(kWorkload + "metrics?" + query);
        INFO(query << " " << reply.body);
        REQUIRE(reply.status == 200);
        std::vector<std::string> all;
        for (const auto& one : f.metric_store.asked()) {
            REQUIRE(one.range);
            all.push_back(
                std::to_string(to_micros(one.range->start)) + " " +
                std::to_string(to_micros(one.range->end)) + " " +
                std::to_string(one.range->step.count()) + " " + one.text
            );
        }
        std::ranges::sort(all);
        return all;
    };
    const auto plain = asked("");
    CHECK(plain.size() == 5);
    CHECK_THAT(plain.front(), Catch::StartsWith("1763681400000000 1763683200000000 15 "));
    for (const Row& row : rows) {
        INFO(row.name);
        if (!row.given.empty()) {
            CHECK(asked(row.name + "=" + row.given) == plain);
        }
        if (!row.other.empty()) {
            CHECK(asked(row.name + "=" + row.other) != plain);
        }
    }
    // A list of reporters stands in the queries in one order.
    CHECK(asked("reporter=waypoint,source") == asked("reporter=source,waypoint"));
}

TEST_CASE("aggregates are inbound and told by the destination", "[metrics]") {
    Metered f;
    const std::string base = "/api/namespaces/bookinfo/aggregates/";
    CHECK(f.get(base + "request_operation/a%22b/metrics?filters[]=request_count").status == 200);
    CHECK_THAT(
        f.asked(0),
        Catch::Contains(
            R"(reporter="destination",destination_workload_namespace="bookinfo",request_operation="a\"b")"
        )
    );
    for (const char* bad :
         {"a-b/c/metrics",
          "__name__/c/metrics",
          "a/c/metrics?direction=outbound",
          "a/c/metrics?reporter=source",
          "a/c/metrics?clusterName=Kubernetes"}) {
        INFO(bad);
        CHECK(f.get(base + bad).status == 400);
    }
}

TEST_CASE("series of namespaces, those that the caller sees", "[metrics]") {
    Metered f;
    const std::string label = "source_workload_namespace";
    f.metric_store.answer_range("", {{{{label, "travel"}}, {{1000, 2}}}});
    const std::string target = "/api/clusters/metrics?filters[]=request_count";
    const json all = f.get(target).json();
    CHECK(all["bookinfo"]["request_count"].is_null());
    CHECK(all["travel"]["request_count"][0]["datapoints"] == json::parse(R"([[1,"2"]])"));
    CHECK(f.get(target + "&namespaces=travel,nothing").json().size() == 1);
    CHECK(f.get(target + "&clusterName=west").status == 404);
    f.limit_to("bookinfo");
    const json one = f.get(target + "&namespaces=travel,bookinfo").json();
    REQUIRE(one.size() == 1);
    CHECK(one.contains("bookinfo"));
    CHECK(f.asked(2).find("travel") == std::string::npos);
    CHECK(f.get(target + "&namespaces=travel").json() == json::object());
}

TEST_CASE("a dashboard has twelve charts in the units they are drawn in", "[dashboards]") {
    Metered f;
    f.config.ui.inbound_aggregations = {{"Own", "my_label"}};
    const std::string tag = "meshscope_family";
    f.metric_store.answer_range(
        "istio_requests_total",
        {{{{tag, "request_count"}}, {{1000, 3}}}, {{{tag, "request_throughput"}}, {{1000, 100}}}}
    );
    f.metric_store.answer_range("istio_tcp", {{{{tag, "tcp_sent"}}, {{1000, 2}}}});
    f.metric_store.answer_range("duration", {{{}, {{1000, 250}}}});
    const json body = f.get(kWorkload + "dashboard?direction=inbound").json();
    CHECK(body["title"] == "Inbound Metrics");
    CHECK(body["name"] == "");
    CHECK(body["rows"] == 3);
    CHECK(body["externalLinks"].is_null());
    REQUIRE(body["charts"].size() == 12);
    std::vector<std::string> names;
    for (const json& chart : body["charts"]) {
        names.push_back(chart["name"].get<std::string>() + "/" + chart["unit"].get<std::string>());
    }
    CHECK(
        names ==
        std::vector<std::string>{
            "Request volume/ops",
            "Request duration/seconds",
            "Request size/bytes",
            "Response size/bytes",
            "Request throughput/bitrate",
            "Response throughput/bitrate",
            "gRPC received/msgrate",
            "gRPC sent/msgrate",
            "TCP opened/connrate",
            "TCP closed/connrate",
            "TCP received/bitrate",
            "TCP sent/bitrate"
        }
    );
    const auto value = [&](std::size_t chart) {
        return body["charts"][chart]["metrics"][0]["datapoints"][0][1];
    };
    CHECK(value(0) == "3");
    CHECK(value(1) == "0.25");
    CHECK(value(4) == "800");
    CHECK(value(11) == "16");
    CHECK(body["charts"][1]["metrics"][0]["name"] == "request_duration_millis");
    CHECK(body["charts"][2] == json::parse(R"({"name":"Request size","unit":"bytes","spans":3,
        "startCollapsed":false,"metrics":[],"xAxis":null,"error":""})"));
    const json aggregations = body["aggregations"];
    REQUIRE(aggregations.size() == 9);
    CHECK(
        aggregations[0] ==
        json::parse(
            R"({"label":"destination_canonical_revision","displayName":"Local version","singleSelection":false})"
        )
    );
    CHECK(aggregations[1]["label"] == "source_workload_namespace");
    CHECK(aggregations[8]["displayName"] == "Own");
    const json outbound = f.get(kWorkload + "dashboard").json();
    CHECK(outbound["title"] == "Outbound Metrics");
    CHECK(outbound["aggregations"][2]["label"] == "destination_service_name");
}

TEST_CASE("a dashboard costs at most five queries", "[dashboards]") {
    Metered f;
    for (const char* more :
         {"", "&quantiles[]=0.5&quantiles[]=0.95&quantiles[]=0.99&quantiles[]=0.999"}) {
        const std::size_t before = f.metric_store.asked().size();
        CHECK(f.get(kWorkload + "dashboard?byLabels[]=response_code" + more).status == 200);
        CHECK(f.metric_store.asked().size() - before == 5);
    }
    for (const auto& asked : f.metric_store.asked()) {
        CHECK(asked.text.find("grpc_response_status=") == std::string::npos);  // has no chart
    }
}

TEST_CASE("a chart that failed says why, the others stay", "[dashboards]") {
    Metered f;
    f.metric_store.fail(
        "istio_request_duration",
        Error(ErrorKind::kDeadline, "no answer in time").with_upstream("prometheus")
    );
    const json body = f.get(kWorkload + "dashboard").json();
    CHECK(
        body["charts"][1]["error"] == "error in metric request_duration_millis: no answer in time"
    );
    CHECK(body["charts"][0]["error"] == "");
    CHECK(f.get(kWorkload + "metrics").status == 504);
    f.metric_store.fail("", Error(ErrorKind::kUpstreamUnavailable, "connection refused"));
    CHECK(f.get(kWorkload + "dashboard").status == 503);
    f.has_metrics = false;
    const auto off = f.get(kWorkload + "dashboard");
    CHECK(off.status == 503);
    CHECK(off.json()["code"] == "metrics_disabled");
    CHECK(off.json()["hint"]["setting"] == "external_services.prometheus.enabled");
}

TEST_CASE("hosts outside of the mesh have no namespace in the metrics", "[dashboards]") {
    Metered f;
    models::MeshObject entry;
    entry.kind = {"networking.istio.io", "v1", "ServiceEntry"};
    entry.meta.name = "outside";
    entry.meta.ns = "bookinfo";
    entry.hosts = {"api.example.org"};
    f.cluster.add_mesh_object(entry);
    const std::string services = "/api/namespaces/bookinfo/services/";
    CHECK(f.get(services + "api.example.org/dashboard?direction=inbound").status == 200);
    CHECK_THAT(f.asked(0), Catch::Contains(R"(destination_service_namespace="unknown")"));
    CHECK(f.get(services + "reviews/dashboard?direction=inbound").status == 200);
    CHECK_THAT(
        f.asked(f.metric_store.asked().size() - 1),
        Catch::Contains(R"(destination_service_namespace="bookinfo")")
    );
}
