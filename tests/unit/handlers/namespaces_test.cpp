#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

const std::string kList = "/api/namespaces";

std::vector<std::string> names(const json& list) {
    std::vector<std::string> out;
    for (const json& item : list) {
        out.push_back(item["name"]);
    }
    return out;
}

struct Limited : HandlersFixture {
    Limited() {
        access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
        cluster_wide = false;
        cluster.add_namespace("bookinfo");
        cluster.add_namespace("travel");
    }
};

}  // namespace

TEST_CASE("namespaces by name, with what their labels say", "[namespaces]") {
    HandlersFixture f;
    f.cluster.add_namespace("travel", {{"istio.io/dataplane-mode", "ambient"}});
    f.cluster.add_namespace("bookinfo", {{"istio-injection", "enabled"}});
    f.cluster.add_namespace("canary", {{"istio.io/rev", "1-27"}});
    f.cluster.add_namespace("out", {{"istio-injection", "disabled"}, {"istio.io/rev", "1-27"}});
    f.cluster.add_namespace("kube-system");
    test::WorkloadRow pilot;
    pilot.app = "istiod";
    f.cluster.add_workload("istio-system", "istiod", pilot);
    pilot.labels = {{"istio.io/rev", "1-27"}};
    f.cluster.add_workload("istio-system", "istiod-1-27", pilot);

    const auto reply = f.get(kList + "?x=ignored");
    REQUIRE(reply.status == 200);
    const json list = reply.json();
    CHECK(
        names(list) ==
        std::vector<std::string>{"bookinfo", "canary", "istio-system", "out", "travel"}
    );
    CHECK(list[0] == json::parse(R"({"name":"bookinfo","cluster":"Kubernetes","isAmbient":false,
        "isControlPlane":false,"annotations":{},"revision":"default",
        "labels":{"istio-injection":"enabled","kubernetes.io/metadata.name":"bookinfo"}})"));
    CHECK(list[1]["revision"] == "1-27");
    CHECK(list[2]["isControlPlane"] == true);
    CHECK(list[2]["revision"] == "1-27,default");
    CHECK_FALSE(list[3].contains("revision"));
    CHECK(list[4]["isAmbient"] == true);
    const json meta = reply.meta();
    CHECK(meta["returned"] == 5);
    CHECK(meta["stoppedBy"] == "complete");
    CHECK(meta["order"] == "name:asc");
    CHECK(
        meta["cluster"] == json::parse(R"({"name":"Kubernetes","ageMs":0,"stale":false,"off":[]})")
    );
    CHECK(f.cluster.calls().empty());
}

TEST_CASE("one namespace, or why not", "[namespaces]") {
    HandlersFixture f;
    f.cluster.add_namespace("bookinfo");
    f.cluster.add_namespace("kube-system");
    struct Row {
        const char* target;
        unsigned status;
        const char* code;
    };
    const Row rows[] = {
        {"bookinfo/info", 200, ""},
        {"bookinfo/info?clusterName=Kubernetes", 200, ""},
        {"bookinfo/info?clusterName=west", 404, "not_found"},
        {"travel/info", 404, "not_found"},
        {"kube-system/info", 403, "forbidden"},
        {"Bookinfo/info", 400, "invalid_parameter"},
        {"bookinfo/info?cluster=x", 400, "invalid_parameter"},
    };
    for (const Row& row : rows) {
        INFO(row.target);
        const auto reply = f.get(kList + "/" + row.target);
        CHECK(reply.status == row.status);
        if (row.status == 200) {
            CHECK(reply.json()["name"] == "bookinfo");
            CHECK(reply.meta()["cluster"]["name"] == "Kubernetes");
        } else {
            CHECK(reply.json()["code"] == row.code);
        }
    }
}

TEST_CASE("callers learn of no namespace but theirs", "[namespaces]") {
    Limited f;
    const auto list = f.get(kList);
    CHECK(names(list.json()) == std::vector<std::string>{"bookinfo"});
    CHECK(list.meta()["returned"] == 1);
    CHECK(list.meta()["scanned"] == 1);
    CHECK(list.meta()["stoppedBy"] == "rights");
    const auto hidden = f.get(kList + "/travel/info");
    auto absent = f.get(kList + "/nothing/info");
    CHECK(hidden.status == 403);
    absent.body.replace(absent.body.find("nothing"), 7, "travel");
    CHECK(absent.body == hidden.body);
}

TEST_CASE("which namespaces are shown at all is the configuration's", "[namespaces]") {
    HandlersFixture f;
    f.cluster.add_namespace("bookinfo", {{"team", "a"}});
    f.cluster.add_namespace("travel", {{"team", "b"}});
    using business::SelectorTerm;
    f.discovery = business::Discovery({{{"team", SelectorTerm::Operator::kIn, {"a"}}}});
    CHECK(names(f.get(kList).json()) == std::vector<std::string>{"bookinfo"});
    CHECK(f.get(kList + "/travel/info").status == 403);
}

TEST_CASE("no route shows a namespace that is not shown at all", "[namespaces]") {
    HandlersFixture f;
    using business::SelectorTerm;
    f.discovery = business::Discovery({{{"team", SelectorTerm::Operator::kIn, {"a"}}}});
    std::vector<std::string> targets;
    for (const char* name : {"bookinfo", "travel"}) {
        const bool shown = std::string_view(name) == "bookinfo";
        f.cluster.add_namespace(name, {{"team", shown ? "a" : "b"}});
        const std::string pod = f.cluster.add_workload(name, "cart-v1").front();
        f.cluster.add_service(name, "cart", {{"app", "cart-v1"}});
        f.cluster.set_log(name, pod, "cart-v1", "2026-03-04T05:06:07Z line\n");
        for (const char* route :
             {"/info",
              "/workloads/cart-v1",
              "/workloads/cart-v1/logs",
              "/workloads/cart-v1/traces",
              "/workloads/cart-v1/spans",
              "/services/cart/traces",
              "/services/cart/spans",
              "/apps/cart-v1/traces",
              "/apps/cart-v1/spans"}) {
            targets.push_back(kList + "/" + name + route);
        }
        targets.push_back(kList + "/" + name + "/pods/" + pod + "/logs?container=cart-v1");
    }
    for (const std::string& target : targets) {
        INFO(target);
        const bool shown = target.find("/travel/") == std::string::npos;
        const auto reply = f.get(target);
        CHECK(reply.status == (shown ? 200 : 403));
        CHECK((shown || reply.json()["error"] == "namespace 'travel' is not accessible to you"));
    }
    // Spans are judged by rights alone.
    test::SpanRow row;
    row.service = "cart-v1.travel";
    row.start_us = test::kNow;
    f.store.add(test::make_trace({0, 1}, {row}));
    CHECK(f.get("/api/traces/0000000000000001").status == 200);
    f.has_cluster = false;
    CHECK(f.get(kList + "/travel/apps/cart-v1/traces").status == 200);
}

TEST_CASE("without a cluster, and before it is known", "[namespaces]") {
    for (const char* route : {"", "/bookinfo/info"}) {
        HandlersFixture f;
        f.cluster.add_namespace("bookinfo");
        clients::ClusterState state = f.cluster.state();
        state.synced = false;
        state.reason = Error(ErrorKind::kUpstreamUnavailable, "connection refused");
        f.cluster.set_state(state);
        auto reply = f.get(kList + route);
        CHECK(reply.status == 503);
        CHECK(reply.json()["code"] == "cluster_syncing");
        CHECK(reply.json()["detail"] == "connection refused");
        f.has_cluster = false;
        reply = f.get(kList + route);
        CHECK(reply.status == 503);
        CHECK(reply.json()["code"] == "cluster_not_configured");
        CHECK(reply.json()["hint"]["setting"] == "meshscope.kubernetes.kubeconfig");
    }
}

TEST_CASE(
    "a server that may not list namespaces does not say that there are none", "[namespaces]"
) {
    HandlersFixture f;
    clients::ClusterState state = f.cluster.state();
    clients::KindState kind;
    kind.resource = "namespaces";
    kind.state = clients::KindState::State::kForbidden;
    kind.reason = "User \"system:serviceaccount:istio-system:meshscope\" cannot list namespaces";
    state.kinds = {kind};
    f.cluster.set_state(state);
    for (const std::string route : {"", "/bookinfo/info", "/bookinfo/workloads/x"}) {
        const auto reply = f.get(kList + route);
        CHECK(reply.status == 502);
        CHECK(reply.json()["code"] == "upstream_auth");
        CHECK(reply.json()["hint"]["setting"] == "deployment.cluster_wide_access");
        CHECK(reply.body.find("serviceaccount") == std::string::npos);
    }
    // What was seen before the refusal is served, and said to be old.
    f.cluster.add_namespace("bookinfo");
    const auto reply = f.get(kList);
    CHECK(reply.json().size() == 1);
    CHECK(reply.meta()["cluster"]["off"][0]["state"] == "forbidden");
}

TEST_CASE("the age of what is known, and what is not known, stand in meta", "[namespaces]") {
    using State = clients::KindState::State;
    Limited f;
    clients::ClusterState state = f.cluster.state();
    state.reachability = clients::ClusterState::Reachability::kUnreachable;
    state.kinds = {
        {"gateways.gateway.networking.k8s.io", State::kAbsent, "no such resource", {}, 0},
        {"namespaces", State::kCurrent, "", {}, 1},
        {"pods", State::kCurrent, "by namespace", {"bookinfo", "travel"}, 1},
        {"services", State::kStale, "the watch broke", {}, 1},
        {"virtualservices.networking.istio.io", State::kCurrent, "by namespace", {"travel"}, 1},
    };
    f.cluster.set_state(state);
    f.clock.advance(std::chrono::milliseconds(3250));
    const json limited = f.get(kList).meta()["cluster"];
    CHECK(limited == json::parse(R"({"name":"Kubernetes","ageMs":3250,"stale":true,"off":[
        {"resource":"gateways.gateway.networking.k8s.io","state":"absent"},
        {"resource":"pods","state":"current","forbiddenNamespaces":["bookinfo"]},
        {"resource":"services","state":"stale"}]})"));
    f.access = std::make_shared<business::CallerAccess>();
    f.cluster_wide = true;
    const json all = f.get(kList).meta()["cluster"];
    CHECK(all["off"].size() == 4);
    CHECK(all["off"][1]["forbiddenNamespaces"] == json{"bookinfo", "travel"});
    CHECK(all["off"][2]["reason"] == "the watch broke");
}
