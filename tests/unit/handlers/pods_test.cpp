#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

std::string target(const std::string& ns, const std::string& pod) {
    return "/api/namespaces/" + ns + "/pods/" + pod;
}

struct Pods : HandlersFixture {
    Pods() {
        test::WorkloadRow row;
        row.app = "reviews";
        name = cluster.add_workload("bookinfo", "reviews-v2", row).front();
        cluster.add_workload("travel", "hotels");
    }
    std::string name;
};

// Whoever may see bookinfo; `pods`: may get pods there as well.
Caller member(HandlersFixture& f, bool pods) {
    test::FakeCluster::User user;
    user.name = "member";
    if (pods) {
        user.namespaces = {"bookinfo"};
    }
    f.cluster.add_user("token", user);
    auto credentials = std::make_shared<CallerCredentials>();
    credentials->token = "token";
    credentials->key = std::string(64, 'a');
    auto visible = std::make_shared<VisibleNamespaces>();
    visible->names = {"bookinfo"};
    Caller caller;
    caller.name = "member";
    caller.credentials = std::move(credentials);
    caller.visible = std::move(visible);
    return caller;
}

}  // namespace

TEST_CASE("a pod as it is now", "[pods]") {
    Pods f;
    models::Pod pod;
    pod.meta.ns = "bookinfo";
    pod.meta.name = "native-0";
    pod.meta.created = f.clock.now();
    pod.meta.labels =
        std::make_shared<const models::LabelSet>(models::LabelSet{{"app", "x"}, {"version", "v1"}});
    pod.meta.annotations = std::make_shared<const models::LabelSet>(models::LabelSet{
        {"kubectl.kubernetes.io/last-applied-configuration", "{\"env\":\"plain-password\"}"},
        {"note", "kept"}
    });
    pod.phase = models::PodPhase::kFailed;
    pod.status_reason = "Evicted";
    pod.status_message = "the node was low on memory";
    pod.service_account = "x";
    models::Container own;
    own.name = "x";
    own.image = "example.org/x:1";
    models::Container proxy = own;
    proxy.name = "istio-proxy";
    proxy.init = proxy.always = proxy.injected = proxy.ready = true;
    pod.containers =
        std::make_shared<const models::ContainerList>(models::ContainerList{proxy, own});
    f.cluster.add_pod(pod);
    const auto reply = f.get(target("bookinfo", "native-0"));
    CHECK(reply.json() == json::parse(R"({"name":"native-0","status":"Failed",
        "statusMessage":"the node was low on memory","statusReason":"Evicted",
        "serviceAccountName":"x","createdAt":"2025-11-21T00:00:00Z","createdBy":[],
        "labels":{"app":"x","version":"v1"},"annotations":{"note":"kept"},
        "containers":[{"name":"x","image":"example.org/x:1","isProxy":false,"isReady":false,
          "isAmbient":false}],"istioContainers":[],
        "istioInitContainers":[{"name":"istio-proxy","image":"example.org/x:1","isProxy":true,
          "isReady":true,"isAmbient":false}],
        "appLabel":true,"versionLabel":true,"protocol":"","proxyStatus":null})"));
    CHECK(reply.meta()["upstream"][0]["name"] == "kubernetes");
    CHECK(reply.meta()["upstream"][0]["calls"] == 1);
    CHECK_FALSE(reply.meta().contains("cluster"));
    const json owned = f.get(target("bookinfo", f.name)).json();
    CHECK(owned["createdBy"][0]["kind"] == "ReplicaSet");
    CHECK(owned["versionLabel"] == false);
    CHECK(f.cluster.calls() == std::map<std::string, int>{{"pod", 2}});
}

TEST_CASE("what a pod can be asked", "[pods]") {
    Pods f;
    struct Row {
        std::string target;
        unsigned status;
    };
    const Row rows[] = {
        {target("bookinfo", f.name) + "?clusterName=Kubernetes", 200},
        {target("bookinfo", f.name) + "?clusterName=west", 404},
        {target("bookinfo", "nothing"), 404},
        {target("nothing", f.name), 404},
        {target("bookinfo", f.name) + "?x=1", 400},
        {target("Bookinfo", f.name), 400},
        {target("bookinfo", "a_b"), 400},
    };
    for (const Row& row : rows) {
        INFO(row.target);
        CHECK(f.get(row.target).status == row.status);
    }
    f.has_cluster = false;
    CHECK(f.get(target("bookinfo", f.name)).json()["code"] == "cluster_not_configured");
}

TEST_CASE("a pod is asked for with the caller's own rights", "[pods]") {
    Pods f;
    SECTION("a namespace that is not the caller's: nobody is asked, there or not") {
        f.caller = member(f, true);
        const auto hidden = f.get(target("travel", f.name));
        CHECK(hidden.status == 403);
        CHECK(hidden.body == f.get(target("travel", "nothing")).body);
        CHECK(f.cluster.calls().empty());
        CHECK(f.get(target("bookinfo", f.name)).status == 200);
    }
    SECTION("a namespace without the right to its pods") {
        f.caller = member(f, false);
        const auto refused = f.get(target("bookinfo", f.name));
        CHECK(refused.status == 403);
        CHECK(f.get(target("bookinfo", "nothing")).status == 403);
    }
    SECTION("Kubernetes cannot be asked") {
        f.cluster.fail_with(Error(ErrorKind::kUpstreamUnavailable, "connection refused"));
        CHECK(f.get(target("bookinfo", f.name)).status == 503);
    }
}
