#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <set>
#include <string>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

TEST_CASE("what /api/tracing says", "[server_routes]") {
    HandlersFixture f;
    f.config.tracing.external_url = "https://jaeger.example.org";
    SECTION("disabled") {
        CHECK(f.get("/api/tracing").json() == json::parse(R"({"enabled":false,"integration":false,
            "internalURL":"","provider":"","tempoConfig":{},"url":"","namespaceSelector":false,
            "useWaypointName":false,"whiteListIstioSystem":null})"));
    }
    SECTION("enabled") {
        f.config.tracing.enabled = true;
        f.config.tracing.integration = true;
        f.config.tracing.internal_url = "http://tracing.istio-system:16685/jaeger";
        CHECK(
            f.get("/api/tracing?x=ignored").json() ==
            json::parse(R"({"enabled":true,"integration":true,
            "internalURL":"http://tracing.istio-system:16685/jaeger","provider":"jaeger",
            "tempoConfig":{"cacheCapacity":200,"cacheEnabled":true},"url":"https://jaeger.example.org",
            "namespaceSelector":true,"useWaypointName":false,
            "whiteListIstioSystem":["jaeger-query","istio-ingressgateway"]})")
        );
    }
    SECTION("links only: the internal address is not shown, the reason is") {
        f.config.tracing.enabled = true;
        f.config.tracing.internal_url = "http://unused";
        f.config.tracing.reason = "no internal URL is configured";
        const json body = f.get("/api/tracing").json();
        CHECK(body["integration"] == false);
        CHECK(body["internalURL"] == "");
        CHECK(body["url"] == "https://jaeger.example.org");
        CHECK(body["reason"] == "no internal URL is configured");
    }
    CHECK(f.store.queries().empty());
}

TEST_CASE("services and operations of the store", "[server_routes]") {
    HandlersFixture f;
    test::SpanRow row;
    f.store.add(test::make_trace({0, 1}, {row}));
    f.store.add_operation("reviews.bookinfo", {"GET /", "server"});
    f.store.add_operation("reviews.bookinfo", {"GET /", ""});
    f.store.add_operation("a/b", {"x?token=secret-marker", "client"});
    const json services = f.get("/api/tracing/services").json();
    CHECK(services["data"] == json::parse(R"(["a/b","productpage.bookinfo","reviews.bookinfo"])"));
    CHECK(services["meta"]["returned"] == 3);
    CHECK(services["meta"]["upstream"][0]["calls"] == 1);

    const json operations = f.get("/api/tracing/services/reviews.bookinfo/operations").json();
    CHECK(
        operations["data"] ==
        json::parse(R"([{"name":"GET /","spanKind":null},{"name":"GET /","spanKind":"server"}])")
    );
    const json servers =
        f.get("/api/tracing/services/reviews.bookinfo/operations?spanKind=server").json();
    CHECK(servers["data"].size() == 1);
    const auto slash = f.get("/api/tracing/services/a%2Fb/operations");
    CHECK(slash.json()["data"].size() == 1);
    CHECK(slash.body.find("secret-marker") == std::string::npos);

    f.store.fail_with(Error(ErrorKind::kUpstreamUnavailable, "refused"));
    CHECK(f.get("/api/tracing/services").status == 503);
    CHECK(f.get("/api/tracing/services/x/operations").status == 503);
}

TEST_CASE("/api/config has all that clients read without asking", "[server_routes]") {
    HandlersFixture f;
    SECTION("defaults") {
        const json body = f.get("/api/config?x=ignored").json();
        CHECK(body["authStrategy"] == "anonymous");
        CHECK(body["deployment"]["viewOnlyMode"] == true);
        CHECK(body["clusters"]["Kubernetes"]["isKialiHome"] == true);
        CHECK(body["healthConfig"]["rate"].size() == 1);
        CHECK(body["healthConfig"]["rate"][0]["tolerance"].size() == 4);
        CHECK(body["kialiFeatureFlags"]["uiDefaults"]["tracing"]["limit"] == 100);
        CHECK(
            body["prometheus"] ==
            json::parse(
                R"({"enabled":false,"globalScrapeInterval":15,"storageTsdbRetention":1296000})"
            )
        );
        CHECK_FALSE(body.contains("installationTag"));
        CHECK_FALSE(body["kialiFeatureFlags"].contains("disabledFeatures"));
    }
    SECTION("everything set") {
        f.config.installation_tag = "Kiali <prod>";
        f.config.ignore_home_cluster = true;
        f.config.disabled_features = {"logs-tab"};
        f.config.custom_workload_types = {"Rollout"};
        f.config.require_namespace_get = true;
        f.config.ui.namespaces = {"bookinfo"};
        f.config.ui.graph_find = {{true, "slow", "rt > 1s"}};
        f.config.ui.inbound_aggregations = {{"Team", "team"}};
        f.config.health.rates = {{"bookinfo", "", "reviews", {{"500", 1, 2, "http", "inbound"}}}};
        const json body = f.get("/api/config").json();
        CHECK(body["installationTag"] == "Kiali <prod>");
        CHECK(body["healthConfig"]["rate"].size() == 2);
        CHECK_FALSE(body["healthConfig"]["rate"][0].contains("kind"));
        CHECK(
            body["kialiFeatureFlags"]["uiDefaults"]["metricsInbound"]["aggregations"][0]["label"] ==
            "team"
        );
        CHECK(body["kialiFeatureFlags"]["authz"]["requireNamespaceGet"] == true);
    }
}

TEST_CASE("/api/config says how far metrics reach", "[server_routes]") {
    HandlersFixture f;
    f.metrics_in_status = true;
    const auto told = [&] { return f.get("/api/config").json()["prometheus"]; };
    CHECK(
        told() == json::parse(R"({"enabled":true,"disabledReason":"Prometheus was not reached yet",
            "globalScrapeInterval":15,"storageTsdbRetention":1296000})")
    );
    clients::MetricStoreState state;
    state.reachability = clients::MetricStoreState::Reachability::kReachable;
    state.scrape_interval = std::chrono::seconds(30);
    state.retention = std::chrono::hours(24);
    f.metric_store.set_state(state);
    CHECK(
        told() ==
        json::parse(R"({"enabled":true,"globalScrapeInterval":30,"storageTsdbRetention":86400})")
    );
    state.reachability = clients::MetricStoreState::Reachability::kUnreachable;
    state.reason = Error(ErrorKind::kUpstreamUnavailable, "refused");
    f.metric_store.set_state(state);
    CHECK(told()["disabledReason"] == "refused");
}

TEST_CASE("/api/config says what the cluster has", "[server_routes]") {
    HandlersFixture f;
    test::WorkloadRow daemon;
    daemon.kind = "DaemonSet";
    daemon.app = "ztunnel";
    f.cluster.add_workload("istio-system", "ztunnel", daemon);
    daemon.app = "istiod";
    f.cluster.add_workload("istio-system", "istiod", daemon);
    clients::ClusterState state = f.cluster.state();
    using State = clients::KindState::State;
    const auto kind = [](const char* name, State kind_state) {
        clients::KindState made;
        made.resource = name;
        made.state = kind_state;
        return made;
    };
    const auto flags = [&f] {
        std::set<std::string> out;
        const json body = f.get("/api/config").json();
        for (const char* name :
             {"ambientEnabled",
              "gatewayAPIEnabled",
              "istioAPIInstalled",
              "istioGatewayInstalled",
              "controlPlanes"}) {
            if (body.contains(name)) {
                out.insert(name);
            }
        }
        return out;
    };
    SECTION("kinds that are served") {
        state.kinds = {
            kind("gateways.gateway.networking.k8s.io", State::kPolling),
            kind("gateways.networking.istio.io", State::kCurrent)
        };
        f.cluster.set_state(state);
        CHECK(flags().size() == 5);
        const json body = f.get("/api/config").json();
        CHECK(body["clusters"]["Kubernetes"]["accessible"] == true);
        CHECK(body["controlPlanes"] == json::parse(R"({"Kubernetes":"istio-system"})"));
    }
    SECTION("absent and forbidden ones") {
        state.kinds = {
            kind("gateways.gateway.networking.k8s.io", State::kAbsent),
            kind("gateways.networking.istio.io", State::kAbsent),
            kind("virtualservices.networking.istio.io", State::kStale)
        };
        f.cluster.set_state(state);
        CHECK(
            flags() == std::set<std::string>{"ambientEnabled", "controlPlanes", "istioAPIInstalled"}
        );
    }
    SECTION("the control plane is of a namespace that the caller may not see") {
        f.access =
            std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
        f.cluster_wide = false;
        CHECK(flags() == std::set<std::string>{"ambientEnabled"});
    }
    SECTION("a cluster that is lost") {
        state.reachability = clients::ClusterState::Reachability::kUnreachable;
        f.cluster.set_state(state);
        CHECK(f.get("/api/config").json()["clusters"]["Kubernetes"]["accessible"] == false);
    }
    SECTION("no cluster") {
        f.has_cluster = false;
        CHECK(flags().empty());
        CHECK(f.get("/api/config").json()["clusters"]["Kubernetes"]["accessible"] == false);
    }
}

TEST_CASE("/api/status shows what the prober last saw and starts no call", "[server_routes]") {
    HandlersFixture f;
    f.has_cluster = false;
    f.config.version = "v0.1.0";
    f.config.tracing.external_url = "https://jaeger.example.org";
    clients::StoreState state;
    state.reachability = clients::StoreState::Reachability::kReachable;
    state.version = "v2.20.0";
    state.protocol = "grpc api_v3";
    f.store.set_state(state);
    for (const char* route : {"/api", "/api/status"}) {
        const json body = f.get(route).json();
        CHECK(body["status"]["Kiali version"] == "v0.1.0");
        CHECK(body["status"]["Kiali state"] == "running");
        CHECK(
            body["externalServices"] == json::parse(R"([{"name":"jaeger","version":"v2.20.0",
            "protocol":"grpc api_v3","url":"https://jaeger.example.org","tempoConfig":{"cacheCapacity":200,"cacheEnabled":true}}])"
                                        )
        );
        CHECK(body["warningMessages"] == json::array());
    }
    CHECK(f.store.queries().empty());

    f.config.tracing.reason = "provider tempo is not built yet";
    CHECK(
        f.get("/api/status").json()["warningMessages"][0] ==
        "tracing: provider tempo is not built yet"
    );
    f.config.tracing.external_problem =
        "external_services.tracing.url must begin with http:// or https://; no links are made";
    CHECK(f.get("/api/status").json()["warningMessages"][1] == f.config.tracing.external_problem);

    f.config.auth_strategy = "token";  // and the caller has not logged in
    const json little = f.get("/api").json();
    CHECK(little["status"] == json::parse(R"({"Kiali state":"running","name":"Meshscope"})"));
    CHECK(little["externalServices"] == json::array());
    CHECK(little["warningMessages"] == json::array());
}

TEST_CASE(
    "/api/istio/status: an upstream that is down is an entry with its reason", "[server_routes]"
) {
    HandlersFixture f;
    f.has_cluster = false;
    clients::StoreState state;
    SECTION("not probed yet") {
        f.store.set_state(state);
        CHECK(
            f.get("/api/istio/status").json() ==
            json::parse(
                R"([{"cluster":"Kubernetes","name":"tracing","status":"NotReady","isCore":false}])"
            )
        );
    }
    SECTION("reachable") {
        state.reachability = clients::StoreState::Reachability::kReachable;
        state.protocol = "grpc api_v2";
        state.version = "v2.20.0";
        state.latency = std::chrono::microseconds(2500);
        state.last_probe = from_micros(20);
        state.last_success = from_micros(20);
        f.store.set_state(state);
        CHECK(
            f.get("/api/istio/status").json() ==
            json::parse(R"([{"cluster":"Kubernetes","name":"tracing",
            "status":"Healthy","isCore":false,"version":"v2.20.0","protocol":"grpc api_v2","latencyMs":2.5,
            "lastSuccess":20,"lastProbe":20}])")
        );
    }
    SECTION("unreachable") {
        state.reachability = clients::StoreState::Reachability::kUnreachable;
        state.reason = Error(ErrorKind::kUpstreamAuth, "401")
                           .with_hint({"external_services.tracing.auth", "check"});
        f.store.set_state(state);
        const json entry = f.get("/api/istio/status").json()[0];
        CHECK(entry["status"] == "Unreachable");
        CHECK(entry["reason"] == json::parse(R"({"code":"upstream_auth","error":"401",
            "hint":{"setting":"external_services.tracing.auth","advice":"check"}})"));
    }
    SECTION("switched off, or no store") {
        f.config.component_status = false;
        CHECK(f.get("/api/istio/status").body == "[]");
        f.config.component_status = true;
        f.no_store = Error(ErrorKind::kUnavailable, "off");
        CHECK(f.get("/api/istio/status").body == "[]");
    }
}

TEST_CASE("/api/status names the cluster and its version", "[server_routes]") {
    HandlersFixture f;
    f.config.cluster_name = "east";
    const json body = f.get("/api/status").json();
    CHECK(
        body["externalServices"][0] ==
        json::parse(R"({"name":"Kubernetes-east","version":"v1.33.2","tempoConfig":{}})")
    );
    CHECK(f.cluster.calls().empty());
}

TEST_CASE("/api/istio/status: how the cluster stands and how old it is", "[server_routes]") {
    HandlersFixture f;
    clients::ClusterState state = f.cluster.state();
    const auto entry = [&f, &state] {
        f.cluster.set_state(state);
        return f.get("/api/istio/status").json()[0];
    };
    SECTION("watched") {
        state.latency = std::chrono::microseconds(2500);
        state.last_probe = state.last_success = from_micros(20);
        CHECK(entry() == json::parse(R"({"cluster":"Kubernetes","name":"kubernetes",
            "status":"Healthy","isCore":true,"version":"v1.33.2","latencyMs":2.5,
            "lastSuccess":20,"lastProbe":20,"ageMs":0})"));
    }
    SECTION("gone: the reason with its hint, and the age") {
        state.reachability = clients::ClusterState::Reachability::kUnreachable;
        state.reason = Error(ErrorKind::kUpstreamUnavailable, "refused")
                           .with_hint({"meshscope.kubernetes.kubeconfig", "check"});
        f.clock.advance(std::chrono::seconds(90));
        const json said = entry();
        CHECK(said["status"] == "Unreachable");
        CHECK(said["ageMs"] == 90'000);
        CHECK(said["reason"] == json::parse(R"({"code":"upstream_unreachable","error":"refused",
            "hint":{"setting":"meshscope.kubernetes.kubeconfig","advice":"check"}})"));
    }
    SECTION("not looked at yet, then answering, then refusing what is demanded") {
        state = {};
        CHECK(entry()["status"] == "NotReady");
        state.reachability = clients::ClusterState::Reachability::kReachable;
        state.kinds.emplace_back().resource = "pods";
        json said = entry();
        CHECK(said["status"] == "NotReady");
        CHECK_FALSE(said.contains("reason"));
        CHECK_FALSE(said.contains("ageMs"));
        state.kinds.back().reason = "status 401: Unauthorized";
        said = entry();
        CHECK(said["status"] == "NotReady");
        CHECK(said["reason"]["code"] == "cluster_syncing");
        CHECK(said["reason"]["error"] == "pods cannot be read: status 401: Unauthorized");
        CHECK(
            said["reason"]["hint"]["advice"].get<std::string>().find("account") != std::string::npos
        );
    }
}

TEST_CASE("/api/istio/status says how many there are, in its header", "[server_routes]") {
    HandlersFixture f;
    const json meta = f.get("/api/istio/status").meta();
    CHECK(meta["returned"] == 2);
    CHECK(meta["stoppedBy"] == "complete");
    CHECK(meta["upstream"] == json::array());  // it asks nobody
    f.config.component_status = false;
    CHECK(f.get("/api/istio/status").meta()["returned"] == 0);
}

TEST_CASE("alive at once, ready when the first synchronisation is done", "[server_routes]") {
    HandlersFixture f;
    f.ready = false;
    f.store.fail_with(Error(ErrorKind::kUpstreamUnavailable, "down"));
    clients::StoreState state;
    state.reachability = clients::StoreState::Reachability::kUnreachable;
    state.reason = Error(ErrorKind::kUpstreamUnavailable, "http://secret-address:1 refused");
    f.store.set_state(state);
    const auto alive = f.get("/healthz");
    CHECK(alive.status == 200);
    CHECK(alive.body.empty());
    CHECK(f.get("/readyz").status == 503);
    f.ready = true;
    const auto ready = f.get("/readyz");
    CHECK(ready.status == 200);
    CHECK(
        ready.json() ==
        json::parse(R"({"ready":true,"upstreams":[{"name":"kubernetes","status":"Healthy"},
            {"name":"tracing","status":"Unreachable"}]})")
    );
    CHECK(ready.body.find("secret-address") == std::string::npos);
}
