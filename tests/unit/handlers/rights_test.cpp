#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::make_trace;
using test::SpanRow;

namespace {

const std::string kMarker = "forbidden-marker";

std::string node_id(const std::string& pod, const std::string& name_space) {
    return "sidecar~10.0.0.1~" + pod + "." + name_space + "~" + name_space + ".svc.cluster.local";
}

// bookinfo calls travel, where every text is the marker, which calls bookinfo again.
models::TracePtr mixed() {
    SpanRow first;
    first.id = 1;
    first.start_us = test::kNow - 5'000'000;
    first.tags = {{"node_id", node_id("productpage-v1-0", "bookinfo")}, {"span.kind", "client"}};
    SpanRow hidden;
    hidden.id = 2;
    hidden.parent = 1;
    hidden.start_us = first.start_us + 100;
    hidden.duration_us = 300;
    hidden.service = kMarker + ".travel";
    hidden.operation = kMarker;
    hidden.tags = {
        {"node_id", node_id(kMarker + "-0", "travel")},
        {"span.kind", "server"},
        {"error", true},
        {kMarker, kMarker},
        {"http.url", "http://" + kMarker + "/"}
    };
    hidden.process_tags = {{kMarker, kMarker}};
    hidden.logs = {{{kMarker, kMarker}}};
    hidden.warnings = {kMarker};
    SpanRow last = first;
    last.id = 3;
    last.parent = 2;
    last.start_us += 200;
    last.service = "details.bookinfo";
    return make_trace({0, 0x2a}, {first, hidden, last}, {"about " + kMarker});
}

struct Limited : HandlersFixture {
    Limited() {
        access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
        cluster_wide = false;
        store.add(mixed());
        store.add_operation(kMarker + ".travel", {kMarker, "server"});
    }
};

}  // namespace

TEST_CASE("a hidden span keeps ids, references, start and duration", "[rights]") {
    Limited f;
    const json body = f.get("/api/traces/2a").json();
    const json& trace = body["data"];
    CHECK(
        trace["spans"][1] ==
        json::parse(R"({"traceID":"000000000000002a","spanID":"0000000000000002",
        "references":[{"refType":"CHILD_OF","traceID":"000000000000002a","spanID":"0000000000000001"}],
        "startTime":1763683195000100,"duration":300,"operationName":"","tags":[],"logs":[],
        "processID":"redacted","warnings":null,"redacted":true})")
    );
    CHECK_FALSE(trace["spans"][0].contains("redacted"));
    CHECK(trace["spans"][0]["processID"] == "p1");
    CHECK(trace["spans"][2]["processID"] == "p2");
    CHECK(trace["processes"].size() == 3);
    CHECK(trace["processes"]["redacted"] == json::parse(R"({"serviceName":"redacted","tags":[]})"));
    CHECK(trace["processes"]["p2"]["serviceName"] == "details.bookinfo");
    CHECK(trace["warnings"].is_null());
    CHECK(body["meta"]["dropped"] == json::parse(R"([{"reason":"hidden_spans","count":1}])"));

    const json rows = f.get("/api/traces/2a/spans").json();
    CHECK(rows["hidden"] == 1);
    CHECK(rows["errors"] == 0);
    CHECK(rows["spans"][1]["redacted"] == true);
    CHECK(rows["spans"][1]["duration"] == 300);
    CHECK(rows["spans"][1]["service"].is_null());
    CHECK(rows["spans"][2]["depth"] == 2);
}

TEST_CASE("forbidden namespaces are a 403, traces without a visible span a 404", "[rights]") {
    Limited f;
    for (const char* route : {"traces", "spans", "errortraces?duration=60"}) {
        const auto reply = f.get(std::string("/api/namespaces/travel/apps/hotels/") + route);
        CHECK(reply.status == 403);
        CHECK(reply.json()["code"] == "forbidden");
    }
    CHECK(f.store.queries().empty());
    for (const char* route : {"pods/forbidden-marker", "workloads/forbidden-marker", "pods/none"}) {
        const auto reply = f.get("/api/namespaces/travel/" + std::string(route) + "/logs");
        CHECK(reply.status == 403);
        CHECK(reply.body == f.get("/api/namespaces/travel/apps/hotels/traces").body);
    }
    CHECK(f.cluster.calls().empty());
    CHECK(f.get("/api/tracing/services/" + kMarker + ".travel/operations").status == 403);

    SpanRow row;
    row.start_us = test::kNow - 1'000'000;
    row.tags = {{"node_id", node_id("x", "travel")}};
    f.store.add(make_trace({0, 0x2b}, {row}));
    CHECK(f.get("/api/traces/2b").status == 404);
    CHECK(f.get("/api/traces/2b/spans").status == 404);
    CHECK(f.get("/api/traces/2b").body == f.get("/api/traces/2b").body);
    const json list = f.get("/api/traces").json();
    CHECK(list["data"].size() == 1);
    CHECK(list["meta"]["stoppedBy"] == "rights");
}

TEST_CASE("an error that the caller may not see is not counted", "[rights]") {
    Limited f;
    SpanRow seen;
    seen.id = 1;
    seen.start_us = test::kNow - 2'000'000;
    seen.tags = {{"node_id", node_id("productpage-v1-0", "bookinfo")}};
    SpanRow hidden = seen;
    hidden.id = 2;
    hidden.parent = 1;
    hidden.tags = {{"node_id", node_id("x", "travel")}, {"error", true}};
    f.store.add(make_trace({0, 0x2c}, {seen, hidden}));
    const std::string target = "/api/namespaces/bookinfo/apps/productpage/errortraces?duration=60";
    CHECK(f.get(target).body == "0");
    f.cluster_wide = true;
    f.access = std::make_shared<business::CallerAccess>();
    CHECK(f.get(target).body == "1");
}

TEST_CASE("the backend's address is for callers with mesh-wide rights", "[rights]") {
    HandlersFixture f;
    f.config.tracing.enabled = true;
    f.config.tracing.integration = true;
    f.config.tracing.internal_url = "http://tracing.istio-system:16685/jaeger";
    CHECK(f.get("/api/tracing").json()["internalURL"] == f.config.tracing.internal_url);
    f.cluster_wide = false;
    CHECK(f.get("/api/tracing").json()["internalURL"] == "");
}
