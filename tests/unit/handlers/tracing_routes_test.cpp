#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace std::chrono_literals;
using clients::StoreTarget;
using nlohmann::json;
using test::HandlersFixture;

namespace {

struct Fixture : HandlersFixture {
    Fixture() {
        cluster.add_workload("bookinfo", "reviews-v1");
        setup.url = "http://tracing:9";
        setup.url_key = "in_cluster_url";
        setup.auth_type = "basic";
    }
    test::Reply check(const std::string& body) {
        server::Request request;
        request.headers.add("Content-Type", "application/json");
        request.body = body;
        return send(server::Method::kPost, "/api/tracing/check", std::move(request));
    }
    void put(const std::string& url, StoreTarget::Transport transport, const char* protocol) {
        finder.put(
            url, transport, clients::StoreFinding{protocol, {"a.bookinfo", "b.bookinfo"}, 2ms}
        );
    }
};

}  // namespace

TEST_CASE("the ladder of a page without traces", "[explain]") {
    Fixture f;
    f.store.fail_with(
        Error(ErrorKind::kUpstreamUnavailable, "cannot reach jaeger: connection refused")
            .with_cause(Cause::kRefused)
    );
    f.put("http://tracing:16685", StoreTarget::Transport::kGrpc, "grpc api_v3");
    const json body = f.get("/api/tracing/explain?namespace=bookinfo&workload=reviews-v1").json();
    CHECK(body["verdict"]["code"] == "wrong_port");
    CHECK(body["verdict"]["certainty"] == "certain");
    CHECK(body["verdict"]["change"]["key"] == "external_services.tracing.in_cluster_url");
    CHECK(body["verdict"]["change"]["to"] == "http://tracing:16685");
    REQUIRE(body["ladder"].size() == 10);
    CHECK(body["ladder"][0]["rung"] == "reachable");
    CHECK(body["ladder"][0]["state"] == "failed");
    CHECK(body["ladder"][1]["state"] == "not_tried");
    CHECK(body["calls"] == 2);
}

TEST_CASE("parameters of explanations are checked", "[explain]") {
    Fixture f;
    for (const char* query :
         {"",
          "?namespace=bookinfo",
          "?workload=reviews-v1",
          "?namespace=a.b&workload=c",
          "?namespace=bookinfo&workload=No",
          "?namespace=bookinfo&workload=a&startMicros=x",
          "?namespace=bookinfo&workload=reviews-v1&startMicros=20&endMicros=10",
          "?namespace=bookinfo&workload=reviews-v1&other=1"}) {
        INFO(query);
        CHECK(f.get(std::string("/api/tracing/explain") + query).status == 400);
    }
    CHECK(f.get("/api/tracing/explain?namespace=bookinfo&workload=nobody").status == 404);
}

TEST_CASE("a diagnosis lists what was tried and what works", "[diagnose]") {
    Fixture f;
    f.put("http://tracing:16686/jaeger", StoreTarget::Transport::kHttp, "http v1");
    f.finder.put(
        "http://tracing:16686",
        StoreTarget::Transport::kHttp,
        Error(ErrorKind::kUpstreamProtocol, "the path prefix is wrong")
            .with_cause(Cause::kPathPrefix)
    );
    const json body = f.get("/api/tracing/diagnose?clusterName=any").json();
    CHECK(body["code"] == 0);
    CHECK(body["message"] == "");
    CHECK(body["logLine"].size() == 6);
    REQUIRE(body["validConfig"].size() == 1);
    const json& valid = body["validConfig"][0];
    CHECK(valid["url"] == "http://tracing:16686/jaeger");
    CHECK(valid["useGRPC"] == false);
    CHECK(valid["provider"] == "jaeger");
    CHECK(valid["namespaceSelector"] == true);
    CHECK_FALSE(valid.contains("authType"));
    CHECK(valid["yaml"].get<std::string>().find("in_cluster_url") != std::string::npos);
    CHECK(
        f.check(R"({"internalURL":"http://tracing:16686/jaeger","useGRPC":false})")
            .json()["message"] == "Success getting service status"
    );
}

TEST_CASE("settings are tried for callers with rights to the mesh only", "[diagnose]") {
    Fixture f;
    f.cluster_wide = false;
    CHECK(f.get("/api/tracing/diagnose").status == 403);
    CHECK(f.check(R"({"internalURL":"http://tracing:9"})").status == 403);
    CHECK(f.finder.tried().empty());
}

TEST_CASE("a check says why settings do not work", "[diagnose]") {
    Fixture f;
    const json body = f.check(R"({"internalURL":"http://elsewhere:1"})").json();
    CHECK(body["error"] == "cannot reach jaeger: connection refused");
    CHECK(body["message"] == "");
    CHECK(f.check("{").status == 400);
    CHECK(f.check(R"({"internalURL":"http://a","provider":"tempo"})").status == 400);
    f.finder.put(
        "http://169.254.169.254",
        StoreTarget::Transport::kGrpcThenHttp,
        Error(ErrorKind::kForbidden, "must not be called")
    );
    CHECK(f.check(R"({"internalURL":"http://169.254.169.254"})").status == 403);
}

TEST_CASE("stored secrets are meant by their mask, at the configured place alone", "[diagnose]") {
    Fixture f;
    const std::string auth = R"("auth":{"type":"basic","username":"me","password":"xxx"}})";
    f.put("http://tracing:9/jaeger", StoreTarget::Transport::kGrpcThenHttp, "grpc api_v2");
    const json body = f.check(R"({"internalURL":"http://tracing:9/jaeger",)" + auth).json();
    CHECK(body["validConfig"]["authType"] == "basic");
    REQUIRE(f.finder.tried().size() == 1);
    CHECK(f.finder.tried()[0].with == StoreTarget::With::kConfigured);
    for (const char* url : {"http://tracing:10", "https://tracing:9", "http://other:9"}) {
        INFO(url);
        CHECK(f.check(R"({"internalURL":")" + std::string(url) + "\"," + auth).status == 403);
    }
    CHECK(f.finder.tried().size() == 1);
}

TEST_CASE("with tracing off nothing is tried", "[diagnose]") {
    Fixture f;
    f.no_store = Error(ErrorKind::kUnavailable, "off").with_code("tracing_disabled");
    const json body = f.get("/api/tracing/diagnose").json();
    CHECK(body["logLine"].is_null());
    CHECK(body["validConfig"].is_null());
    CHECK(f.check(R"({"internalURL":"http://a"})").status == 503);
    CHECK(
        f.get("/api/tracing/explain?namespace=bookinfo&workload=reviews-v1")
            .json()["verdict"]["code"] == "tracing_disabled"
    );
}
