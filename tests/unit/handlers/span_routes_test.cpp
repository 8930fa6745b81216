#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::make_trace;
using test::SpanRow;

namespace {

// An Envoy client span and the server span of the same call, and a leaf below.
models::TracePtr envoy_call() {
    SpanRow client;
    client.id = 1;
    client.start_us = test::kNow - 5'000'000;
    client.duration_us = 24'130;
    client.service = "productpage.bookinfo";
    client.operation = "reviews.bookinfo.svc.cluster.local:9080/*";
    client.tags = {
        {"component", "proxy"},
        {"span.kind", "client"},
        {"http.method", "GET"},
        {"http.url", "http://reviews:9080/reviews/0?token=secret-marker"},
        {"http.status_code", "503"},
        {"response_flags", "UF"},
        {"guid:x-request-id", "req-7"},
        {"upstream_cluster", "outbound|9080||reviews.bookinfo.svc.cluster.local"},
        {"node_id",
         "sidecar~10.0.0.1~productpage-v1-79f774bdb9-abcde.bookinfo~bookinfo.svc.cluster.local"}
    };
    SpanRow server = client;
    server.id = 2;
    server.parent = 1;
    server.start_us += 500;
    server.duration_us = 22'990;
    server.service = "reviews.bookinfo";
    server.tags[1].second = std::string("server");
    SpanRow leaf;
    leaf.id = 3;
    leaf.parent = 2;
    leaf.start_us = server.start_us + 100;
    leaf.duration_us = 10;
    leaf.service = "reviews.bookinfo";
    return make_trace({0, 0x2a}, {client, server, leaf});
}

}  // namespace

TEST_CASE("the facts of a span, each with the rule that decided", "[spans]") {
    HandlersFixture f;
    f.store.add(envoy_call());
    const auto reply = f.get("/api/traces/2a/spans");
    const json body = reply.json();
    CHECK(body["traceID"] == "000000000000002a");
    CHECK(body["duration"] == 24'130);
    CHECK(body["total"] == 3);
    CHECK(body["rows"] == 3);
    CHECK(body["from"] == 0);
    CHECK(body["errors"] == 2);
    CHECK(body["hidden"] == 0);
    REQUIRE(body["spans"].size() == 3);
    const json& client = body["spans"][0];
    CHECK(client["source"] == "envoy");
    CHECK(client["kind"] == "client");
    CHECK(client["kindRule"] == "span.kind");
    CHECK(client["direction"] == "outbound");
    CHECK(client["service"] == "productpage.bookinfo");
    CHECK(client["namespace"] == "bookinfo");
    CHECK(client["pod"] == "productpage-v1-79f774bdb9-abcde");
    CHECK(client["peer"]["service"] == "reviews");
    CHECK(client["peer"]["namespace"] == "bookinfo");
    CHECK(client["request"]["method"] == "GET");
    CHECK(client["status"]["http"] == 503);
    CHECK(client["flags"][0]["code"] == "UF");
    CHECK(client["error"]["class"].is_string());
    CHECK(client["error"]["rule"].is_string());
    CHECK(client["parentSpanID"].is_null());
    CHECK(client["children"] == 1);
    CHECK(client["descendants"] == 2);
    CHECK(client["pair"] == json::parse(R"({"spanID":"0000000000000002","gap":1140})"));
    const json& server = body["spans"][1];
    CHECK(server["depth"] == 1);
    CHECK(server["relativeStart"] == 500);
    CHECK(server["selfTime"] == 22'980);
    CHECK(server["parentSpanID"] == "0000000000000001");
    const json& leaf = body["spans"][2];
    CHECK(leaf["error"].is_null());
    CHECK(leaf["peer"].is_null());
    CHECK(leaf["workload"].is_null());
    CHECK(reply.body.find("secret-marker") == std::string::npos);
    CHECK(body["meta"]["stoppedBy"] == "complete");
    CHECK(body["meta"]["returned"] == 3);
    CHECK(body["meta"]["scanned"] == 3);
}

TEST_CASE("a viewport: from, count, collapse", "[spans]") {
    HandlersFixture f;
    f.store.add(envoy_call());
    json body = f.get("/api/traces/2a/spans?from=1&count=1").json();
    REQUIRE(body["spans"].size() == 1);
    CHECK(body["spans"][0]["spanID"] == "0000000000000002");
    CHECK(body["from"] == 1);
    CHECK(body["rows"] == 3);
    CHECK(body["meta"]["stoppedBy"] == "limit");
    CHECK(body["meta"]["asked"]["limit"] == 1);

    body = f.get("/api/traces/2a/spans?collapse=2,ff").json();
    REQUIRE(body["spans"].size() == 2);
    CHECK(body["spans"][1]["collapsed"] == true);
    CHECK(body["rows"] == 2);
    CHECK(body["total"] == 3);
    CHECK(body["meta"]["stoppedBy"] == "complete");

    body = f.get("/api/traces/2a/spans?from=3&count=2000000000").json();
    CHECK(body["spans"] == json::array());
    CHECK(body["meta"]["used"]["limit"] == 10'000);
}

TEST_CASE("whom a span belongs to, with the evidence", "[spans]") {
    HandlersFixture f;
    const std::string pod =
        f.cluster.add_workload("bookinfo", "reviews-v1", {.app = "reviews"}).front();
    f.cluster.add_workload("travel", "hotels-v1");
    f.cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
    SpanRow row;
    row.id = 1;
    row.start_us = test::kNow - 5'000'000;
    row.service = "reviews.bookinfo";
    row.tags = {{"node_id", "sidecar~10.0.0.1~" + pod + ".bookinfo~bookinfo.svc.cluster.local"}};
    SpanRow two = row;
    two.id = 2;
    two.tags.emplace_back("k8s.namespace.name", "travel");
    SpanRow lost;
    lost.id = 3;
    lost.start_us = row.start_us + 1;
    lost.service = "nobody";
    f.store.add(make_trace({0, 0x2a}, {row, two, lost}));
    json spans = f.get("/api/traces/2a/spans").json()["spans"];
    json expected = json::parse(
        R"({"namespace":"bookinfo","workload":"reviews-v1","service":"reviews","app":"reviews",
            "evidence":"node_id","rule":"node_id","certainty":"found","conflicts":[]})"
    );
    expected["pod"] = pod;
    CHECK(spans[0]["identity"] == expected);
    CHECK(spans[1]["identity"]["conflicts"].size() == 1);
    CHECK(spans[2]["identity"].is_null());

    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
    f.cluster_wide = false;
    spans = f.get("/api/traces/2a/spans").json()["spans"];
    CHECK(spans[0]["identity"] == expected);
    CHECK(spans[1]["redacted"] == true);
    CHECK(spans[1]["identity"].is_null());
}
