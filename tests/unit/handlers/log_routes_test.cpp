#include "handlers/duration_text.hpp"
#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

constexpr const char* kStamp = "2026-03-04T05:06:08.000000001Z ";
constexpr const char* kHttpLine =
    R"([2026-03-04T05:06:07.120Z] "GET /cart/7?full=1 HTTP/1.1" 200 - via_upstream - "-" 0 99 14 13 )"
    R"("-" "curl/8.0" "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11" "cart.shop:8000" "10.1.0.9:8000" )"
    R"(inbound|8000|| 127.0.0.6:33704 10.1.0.9:8000 10.1.0.4:39880 )"
    R"(outbound_.8000_._.cart.shop.svc.cluster.local default)";
constexpr const char* kTcpLine =
    R"([2026-03-04T05:06:07.120Z] "- - -" 0 UF,URX - - "-" 348 1024 5021 - "-" "-" "-" "-" )"
    R"("10.1.0.20:3306" outbound|3306||db.shop.svc.cluster.local 10.1.0.9:40100 10.96.0.7:3306 )"
    R"(10.1.0.9:40098 - -)";

struct Shop : HandlersFixture {
    std::string pod = cluster.add_workload("shop", "cart-v1").front();
    std::string pod_logs = "/api/namespaces/shop/pods/" + pod + "/logs";
    std::string workload_logs = "/api/namespaces/shop/workloads/cart-v1/logs";

    void set(const std::string& container, const std::string& text) {
        cluster.set_log("shop", pod, container, text);
    }
};

}  // namespace

TEST_CASE("the log of a container as clients of old know it", "[logs]") {
    Shop f;
    f.set("cart-v1", "2026-03-04T05:06:07.123456789Z listening on 8080\n");
    f.set("istio-proxy", std::string(kStamp) + kHttpLine + "\n" + kStamp + kTcpLine + "\n");
    CHECK(
        f.get(f.pod_logs + "?container=cart-v1").json()["entries"] ==
        json::parse(R"([{"message":"listening on 8080","severity":"INFO",
                         "timestamp":"2026-03-04 05:06:07.123","timestampUnix":1772600767123}])")
    );
    const json proxy = f.get(f.pod_logs + "?container=istio-proxy&logType=proxy").json();
    REQUIRE(proxy["entries"].size() == 2);
    const json& http = proxy["entries"][0];
    CHECK(http["message"] == kHttpLine);
    CHECK(http["timestamp"] == "2026-03-04 05:06:07.120");
    CHECK(http["timestampUnix"] == 1'772'600'767'120);
    CHECK(
        http["accessLog"] ==
        json::parse(
            R"({"authority":"cart.shop:8000","bytes_received":"0","bytes_sent":"99",
            "connection_termination_details":"-","downstream_local":"10.1.0.9:8000",
            "downstream_remote":"10.1.0.4:39880","duration":"14","forwarded_for":"-","method":"GET",
            "protocol":"HTTP/1.1","request_id":"5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11",
            "requested_server":"outbound_.8000_._.cart.shop.svc.cluster.local",
            "response_code_details":"via_upstream","response_flags":"-","route_name":"default",
            "status_code":"200","timestamp":"2026-03-04T05:06:07.120Z","upstream_cluster":"inbound|8000||",
            "upstream_failure_reason":"-","upstream_local":"127.0.0.6:33704",
            "upstream_service":"10.1.0.9:8000","upstream_service_time":"13","uri_param":"?full=1",
            "uri_path":"/cart/7","user_agent":"curl/8.0"})"
        )
    );
    const json& tcp = proxy["entries"][1]["accessLog"];
    CHECK(tcp["method"] == "-");
    CHECK_FALSE(tcp.contains("uri_path"));
    CHECK(tcp["status_code"] == "0");
    CHECK(tcp["tcp_service_time"] == "-");
    CHECK_FALSE(tcp.contains("upstream_service_time"));

    const json app = f.get(f.pod_logs + "?container=istio-proxy").json();
    CHECK_FALSE(app["entries"][0].contains("accessLog"));
    f.set("cart-v1", "");
    CHECK(f.get(f.pod_logs + "?container=cart-v1").json()["entries"] == json::array());
}

TEST_CASE("the newest lines of a container are kept and said", "[logs]") {
    Shop f;
    std::string text;
    for (int i = 0; i < 5; ++i) {
        text += "2026-03-04T05:06:0" + std::to_string(i) + "Z line " + std::to_string(i) + "\n";
    }
    f.set("cart-v1", text);
    const json three = f.get(f.pod_logs + "?container=cart-v1&maxLines=3").json();
    CHECK(three["linesTruncated"] == true);
    REQUIRE(three["entries"].size() == 3);
    CHECK(three["entries"][0]["message"] == "line 2");
    CHECK(three["meta"]["stoppedBy"] == "limit");
    for (const char* all : {"&maxLines=5", "&maxLines=0", "&maxLines=-1", ""}) {
        const json body = f.get(f.pod_logs + "?container=cart-v1" + all).json();
        CHECK(body["entries"].size() == 5);
        CHECK_FALSE(body.contains("linesTruncated"));
    }
    const json window =
        f.get(f.pod_logs + "?container=cart-v1&sinceTime=1772600761&duration=2s").json();
    REQUIRE(window["entries"].size() == 3);
    CHECK(window["entries"][0]["message"] == "line 1");
    CHECK(window["meta"]["asked"]["startMicros"] == 1'772'600'761'000'000);
}

TEST_CASE("lines of ztunnel about a pod", "[logs]") {
    Shop f;
    test::WorkloadRow row;
    row.kind = "DaemonSet";
    row.app = "ztunnel";
    const auto ztunnel = f.cluster.add_workload("istio-system", "ztunnel", row).front();
    const std::string fields = "src.addr=10.1.0.4:39880 src.workload=\"" + f.pod +
                               "\" src.namespace=\"shop\" dst.addr=10.1.0.9:15008 "
                               "dst.workload=\"ledger-0\" dst.namespace=\"bank\" "
                               "bytes_sent=99 error=\"refused\"";
    f.cluster.set_log(
        "istio-system",
        ztunnel,
        "istio-proxy",
        std::string(kStamp) + "2026-03-04T05:06:07.120Z\terror\taccess\tconnection failed\t" +
            fields + "\n" + kStamp + "2026-03-04T05:06:07.120Z\tinfo\tother\n"
    );
    const json body = f.get(f.pod_logs + "?logType=ztunnel&container=istio-proxy").json();
    json expected = json::parse(
        R"({"severity":"ERROR","timestamp":"2026-03-04 05:06:07.120","timestampUnix":1772600767120,
            "accessLog":{"timestamp":"2026-03-04 05:06:07.120","bytes_sent":"99",
            "upstream_service":"10.1.0.9:15008","downstream_remote":"10.1.0.4:39880",
            "parse_error":"refused"}})"
    );
    expected["message"] = "[" + ztunnel + "] " + fields;
    CHECK(body["entries"] == json::array({expected}));
    CHECK(f.get("/api/namespaces/shop/pods/nothing/logs?logType=ztunnel").status == 404);

    // Whoever may not see the other end has no line of it.
    f.cluster.add_user("token-a", {"a", {"shop"}});
    auto credentials = std::make_shared<CallerCredentials>();
    credentials->token = "token-a";
    credentials->key = std::string(64, '1');
    auto visible = std::make_shared<VisibleNamespaces>();
    visible->names = {"shop"};
    Caller caller;
    caller.name = "a";
    caller.credentials = credentials;
    caller.visible = visible;
    f.caller = caller;
    const auto limited = f.get(f.pod_logs + "?logType=ztunnel");
    CHECK(limited.status == 200);
    CHECK(limited.json()["entries"] == json::array());
    CHECK(limited.body.find("bank") == std::string::npos);
    CHECK(f.get("/api/namespaces/bank/pods/ledger-0/logs?logType=ztunnel").status == 403);
}

TEST_CASE("the log of the container before its last restart", "[logs]") {
    Shop f;
    f.set("cart-v1", "2026-03-04T05:06:07Z started again\n");
    const std::string target = f.pod_logs + "?container=cart-v1&previous=";
    const auto none = f.get(target + "true");
    CHECK(none.status == 409);
    CHECK(none.json()["code"] == "no_previous");
    f.cluster.set_previous_log("shop", f.pod, "cart-v1", "2026-03-04T05:06:06Z FATAL crash\n");
    CHECK(f.get(target + "true").json()["entries"][0]["message"] == "FATAL crash");
    CHECK(f.get(target + "false").json()["entries"][0]["message"] == "started again");
}

TEST_CASE("the lines of a workload before its last restart", "[logs]") {
    Shop f;
    f.set("cart-v1", "2026-03-04T05:06:07Z started again\n");
    f.cluster.set_previous_log("shop", f.pod, "cart-v1", "2026-03-04T05:06:06Z FATAL crash\n");
    const json body = f.get(f.workload_logs + "?previous=true").json();
    REQUIRE(body["entries"].size() == 1);
    CHECK(body["entries"][0]["message"] == "FATAL crash");
    CHECK(body["sources"][0]["state"] == "ok");
    CHECK(body["sources"][1]["state"] == "empty");
    CHECK(body["sources"][1]["reason"] == "the container has not been restarted");
}

TEST_CASE("long logs are written in pieces", "[logs]") {
    Shop f;
    std::string text;
    for (int i = 0; i < 2'000; ++i) {
        text += "2026-03-04T05:06:07Z " + std::string(200, 'x') + "\n";
    }
    f.set("cart-v1", text);
    for (const std::string& target : {f.pod_logs + "?container=cart-v1", f.workload_logs}) {
        const auto reply = f.get(target);
        CHECK(reply.json()["entries"].size() == 2'000);
        CHECK(reply.pieces > 5);
        CHECK(reply.largest_piece < 70'000);
    }
}

TEST_CASE("one list of all lines of a workload", "[logs]") {
    Shop f;
    f.set("cart-v1", "2026-03-04T05:06:07Z level=warning disk trace_id=00000000000000aa\n");
    f.set("istio-proxy", std::string(kStamp) + kHttpLine + "\n" + kStamp + kTcpLine + "\n");
    const json body = f.get(f.workload_logs).json();
    REQUIRE(body["entries"].size() == 3);
    json app = json::parse(
        R"({"kind":"app","time":1772600767000000,"container":"cart-v1","severity":"WARN",
            "message":"level=warning disk trace_id=00000000000000aa"})"
    );
    app["pod"] = f.pod;
    CHECK(body["entries"][0] == app);
    const json& http = body["entries"][1];
    CHECK(http["kind"] == "proxy");
    CHECK(http["time"] == 1'772'600'767'120'000);
    CHECK(
        http["access"] ==
        json::parse(
            R"({"method":"GET","path":"/cart/7?full=1","protocol":"HTTP/1.1","status":200,"flags":[],
            "durationMs":14,"upstreamMs":13,"bytesReceived":0,"bytesSent":99,
            "requestId":"5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11","authority":"cart.shop:8000",
            "userAgent":"curl/8.0","details":"via_upstream","upstream":"10.1.0.9:8000",
            "upstreamCluster":"inbound|8000||","downstream":"10.1.0.4:39880","route":"default"})"
        )
    );
    CHECK(body["entries"][2]["access"]["flags"] == json::parse(R"(["UF","URX"])"));
    CHECK_FALSE(body["entries"][2]["access"].contains("method"));
    CHECK(body["sources"].size() == 2);
    CHECK(body["sources"][0]["lines"] == 1);
    CHECK(body["sources"][1]["state"] == "ok");

    f.cluster.fail_log(
        "shop", f.pod, "cart-v1", Error(ErrorKind::kUpstreamUnavailable, "node n1 does not answer")
    );
    const json partial = f.get(f.workload_logs).json();
    CHECK(partial["entries"].size() == 2);
    CHECK(partial["sources"][0]["state"] == "failed");
    CHECK(partial["sources"][0]["reason"] == "node n1 does not answer");

    f.cluster.fail_with(Error(ErrorKind::kUpstreamUnavailable, "away"));
    CHECK(f.get(f.workload_logs).status == 503);
}

TEST_CASE("spans of a workload stand between its lines", "[logs]") {
    Shop f;
    f.set("cart-v1", "2025-11-21T00:00:01Z served trace_id=00000000000000aa\n");
    test::SpanRow row;
    row.service = "cart-v1.shop";
    row.operation = "GET /?token=secret";
    row.start_us = test::kNow + 500'000;
    row.duration_us = 900'000;
    row.tags = {
        {"node_id", "sidecar~10.0.0.1~" + f.pod + ".shop~shop.svc.cluster.local"}, {"error", true}
    };
    f.store.add(test::make_trace({0, 0xaa}, {row}));
    f.clock.advance(std::chrono::seconds(5));
    CHECK(f.get(f.workload_logs).json()["entries"].size() == 1);
    const json body = f.get(f.workload_logs + "?spans=true&since=10s").json();
    REQUIRE(body["entries"].size() == 2);
    CHECK(
        body["entries"][0] ==
        json::parse(
            R"({"kind":"span","time":1763683200500000,"traceID":"00000000000000aa",
            "spanID":"0000000000000001","service":"cart-v1.shop","operation":"GET /?token=xxx",
            "duration":900000,"error":true})"
        )
    );
    CHECK(
        body["entries"][1]["span"] ==
        json::parse(R"({"traceID":"00000000000000aa","spanID":"0000000000000001","by":"trace_id"})")
    );
}

TEST_CASE("parameters of logs are checked", "[logs]") {
    Shop f;
    f.set("cart-v1", "2026-03-04T05:06:07Z one id=r-1\n2026-03-04T05:06:08Z two id=r-2\n");
    struct Row {
        std::string target;
        unsigned status;
    };
    const std::vector<Row> rows{
        {f.pod_logs + "?maxLines=x", 400},
        {f.pod_logs + "?duration=90", 400},
        {f.pod_logs + "?sinceTime=-1", 400},
        {f.pod_logs + "?sinceTime=1.5", 400},
        {f.pod_logs + "?logType=waypoint", 400},
        {f.pod_logs + "?logType=waypoint&workload=cart-v1", 404},
        {f.pod_logs + "?logType=waypoint&workload=nothing", 404},
        {f.pod_logs + "?logType=other", 400},
        {f.pod_logs + "?sinceTime=9223372036&duration=2000000h", 200},
        {f.pod_logs + "?isProxy=true", 400},
        {f.pod_logs + "?previous=perhaps", 400},
        {f.pod_logs + "?previous=true&logType=ztunnel", 400},
        {f.pod_logs + "?previous=true&logType=waypoint&workload=cart-v1", 400},
        {f.pod_logs + "?clusterName=other", 404},
        {f.pod_logs + "?clusterName=Kubernetes&workload=w&service=s", 200},
        {f.pod_logs + "?container=nothing", 400},
        {"/api/namespaces/shop/pods/nothing/logs", 404},
        {"/api/namespaces/Shop/pods/nothing/logs", 400},
        {f.workload_logs + "?tail=0", 400},
        {f.workload_logs + "?tail=25001", 400},
        {f.workload_logs + "?since=x", 400},
        {f.workload_logs + "?since=s", 400},
        {f.workload_logs + "?since=-5s", 400},
        {f.workload_logs + "?since=99999999999999999s", 400},
        {f.workload_logs + "?containers=a,,b", 400},
        {f.workload_logs + "?containers=nothing", 400},
        {f.workload_logs + "?matches=(", 400},
        {f.workload_logs + "?clusterName=other", 404},
        {f.workload_logs + "?spanLimit=0", 400},
        {f.workload_logs + "?spans=maybe", 400},
        {f.workload_logs + "?follow=perhaps", 400},
        {f.workload_logs + "?previous=perhaps", 400},
        {f.workload_logs + "?previous=true&follow=true", 400},
        {f.workload_logs + "?previous=true&follow=false", 200},
        {"/api/namespaces/shop/workloads/nothing/logs", 404},
    };
    for (const Row& row : rows) {
        INFO(row.target);
        CHECK(f.get(row.target).status == row.status);
    }
    const auto count = [&](const std::string& query) {
        return f.get(f.workload_logs + query).json()["entries"].size();
    };
    CHECK(count("?containers=cart-v1&tail=1") == 1);
    CHECK(count("?since=1772600768000000") == 1);
    CHECK(count("?contains=one") == 1);
    CHECK(count("?matches=" + test::encoded("^(one|two)")) == 2);
    CHECK(count("?requestId=r-2") == 1);
    CHECK(count("?since=60s") == 2);  // the clock stands before the lines
    f.has_cluster = false;
    CHECK(f.get(f.workload_logs).status == 503);
    CHECK(f.get(f.pod_logs).status == 503);
}

TEST_CASE("durations are read as they are written in Go", "[logs]") {
    using namespace std::chrono_literals;
    const std::vector<std::pair<std::string, std::optional<std::chrono::nanoseconds>>> rows{
        {"90s", 90s},
        {"1m30s", 90s},
        {"1.5h", 90min},
        {"250ms", 250ms},
        {".5s", 500ms},
        {"1h0m1s", 3601s},
        {"5us", 5us},
        {"5\xC2\xB5s", 5us},
        {"7ns", 7ns},
        {"0", 0s},
        {"", std::nullopt},
        {"90", std::nullopt},
        {"-1s", std::nullopt},
        {"s", std::nullopt},
        {"1x", std::nullopt},
        {"1s ", std::nullopt},
        {"1.2.3s", std::nullopt},
        {"3000000h", std::nullopt},
    };
    for (const auto& [text, duration] : rows) {
        CAPTURE(text);
        CHECK(handlers::parse_duration(text) == duration);
    }
}
