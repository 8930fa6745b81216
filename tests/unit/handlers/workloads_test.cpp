#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

const std::string kList = "/api/clusters/workloads";

std::vector<std::string> names(const json& list) {
    std::vector<std::string> out;
    for (const json& item : list) {
        out.push_back(item["namespace"].get<std::string>() + "/" + item["name"].get<std::string>());
    }
    return out;
}

models::MeshObject object(
    const std::string& group,
    const std::string& kind,
    const std::string& ns,
    models::LabelSet selects
) {
    models::MeshObject made;
    made.kind = {group, "v1", kind};
    made.meta.name = "of-" + ns;
    made.meta.ns = ns;
    made.selector = std::make_shared<const models::LabelSet>(std::move(selects));
    return made;
}

struct Mesh : HandlersFixture {
    Mesh() {
        test::WorkloadRow row;
        row.app = "reviews";
        row.version = "v2";
        row.pods = 2;
        cluster.add_workload("bookinfo", "reviews-v2", row);
        row.version = "v1";
        row.pods = 1;
        row.annotations = {{"sidecar.istio.io/inject", "false"}};
        cluster.add_workload("bookinfo", "reviews-v1", row);
        cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
        row = {};
        row.kind = "StatefulSet";
        row.pods = 0;
        cluster.add_workload("travel", "hotels", row);
    }

    void limit_to(const std::string& ns) {
        access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{ns});
        cluster_wide = false;
    }
};

}  // namespace

TEST_CASE("workloads by namespace and name", "[workloads]") {
    Mesh f;
    const json body = f.get(kList).json();
    CHECK(body["cluster"] == "Kubernetes");
    CHECK(body["validations"] == json::object());
    CHECK(
        names(body["workloads"]) ==
        std::vector<std::string>{"bookinfo/reviews-v1", "bookinfo/reviews-v2", "travel/hotels"}
    );
    CHECK(body["meta"]["returned"] == 3);
    CHECK(body["meta"]["order"] == "namespace:asc,name:asc");
    CHECK(body["meta"]["cluster"]["ageMs"] == 0);
    CHECK(body["workloads"][1] == json::parse(R"({"name":"reviews-v2","namespace":"bookinfo",
        "cluster":"Kubernetes","gvk":{"Group":"apps","Version":"v1","Kind":"Deployment"},
        "createdAt":"2025-11-20T00:00:00Z","resourceVersion":"1","istioSidecar":true,
        "isAmbient":false,"isGateway":false,"isWaypoint":false,"isZtunnel":false,
        "additionalDetailSample":null,"labels":{"app":"reviews","version":"v2"},
        "appLabel":true,"versionLabel":true,"podCount":2,"annotations":{},"healthAnnotations":{},
        "istioReferences":[],"dashboardAnnotations":{},"serviceAccountNames":["default"],
        "health":{"requests":{"healthAnnotations":{},"inbound":{},"outbound":{}},
          "status":{"errorRatio":-1.0,"status":"Healthy"},"workloadStatus":{"name":"reviews-v2","desiredReplicas":2,"currentReplicas":2,
            "availableReplicas":2,"syncedProxies":-1}},"waypointWorkloads":null})"));
    CHECK(body["workloads"][0]["istioInjectionAnnotation"] == false);
    CHECK(body["workloads"][2]["versionLabel"] == false);
    CHECK(body["workloads"][2]["podCount"] == 0);
    CHECK(f.cluster.calls().empty());
}

TEST_CASE("what a list of workloads can be asked", "[workloads]") {
    Mesh f;
    using Names = std::vector<std::string>;
    struct Row {
        const char* query;
        Names expected;
    };
    const Row rows[] = {
        {"namespaces=travel", {"travel/hotels"}},
        {"namespaces=nothing,travel", {"travel/hotels"}},
        {"namespaces=%20travel", {}},
        {"namespaces=nothing", {}},
        {"gvk=StatefulSet&queryTime=1&rateInterval=1h30m&validate=true&namespaces=travel",
         {"travel/hotels"}},
    };
    for (const Row& row : rows) {
        INFO(row.query);
        CHECK(names(f.get(kList + "?" + row.query).json()["workloads"]) == row.expected);
    }
    const json bare = f.get(kList + "?health=false").json()["workloads"][0]["health"];
    CHECK(bare["workloadStatus"].is_null());
    for (const char* bad :
         {"queryTime=now",
          "rateInterval=5",
          "rateInterval=m5",
          "health=yes",
          "x=1",
          "gvk=apps%2C%20Kind%3DDeployment",
          "gvk=a%2Fb%2Fc%2C%20Kind%3DDeployment"}) {
        INFO(bad);
        CHECK(f.get(kList + "?" + bad).status == 400);
    }
    CHECK(f.get(kList + "?clusterName=west").status == 404);
    std::string many = kList + "?namespaces=a";
    for (int i = 0; i < 200; ++i) {
        many += ",b";
    }
    CHECK(f.get(many).status == 400);
}

TEST_CASE("a workload with its pods, services and replicas", "[workloads]") {
    Mesh f;
    const json body = f.get("/api/namespaces/bookinfo/workloads/reviews-v2").json();
    CHECK(body["name"] == "reviews-v2");
    CHECK(body["availableReplicas"] == 2);
    REQUIRE(body["pods"].size() == 2);
    const json pod = body["pods"][0];
    CHECK(pod["status"] == "Running");
    CHECK(pod["createdBy"][0]["kind"] == "ReplicaSet");
    CHECK(pod["containers"] == json::parse(R"([{"name":"reviews","image":"example.org/reviews:1",
        "isProxy":false,"isReady":true,"isAmbient":false}])"));
    CHECK(pod["istioContainers"][0]["name"] == "istio-proxy");
    CHECK(pod["istioContainers"][0]["isProxy"] == true);
    CHECK(pod["istioInitContainers"] == json::array());
    REQUIRE(body["services"].size() == 1);
    CHECK(body["services"][0]["name"] == "reviews");
    CHECK(body["services"][0]["appLabel"] == true);
    CHECK(body["services"][0]["istioSidecar"] == true);
    CHECK(body["services"][0]["serviceRegistry"] == "Kubernetes");
    CHECK(body["waypointServices"].is_null());
    CHECK(body["waypointWorkloads"].is_null());
    CHECK(body["workloadEntries"].is_null());
    CHECK(body["meta"]["cluster"]["name"] == "Kubernetes");
}

TEST_CASE("a workload that is not there, or not the caller's to see", "[workloads]") {
    Mesh f;
    struct Row {
        const char* target;
        unsigned status;
    };
    const Row rows[] = {
        {"bookinfo/workloads/nothing", 404},
        {"nothing/workloads/reviews-v2", 404},
        {"bookinfo/workloads/reviews-v2?gvk=Deployment", 200},
        {"bookinfo/workloads/reviews-v2?gvk=apps%2Fv1%2C%20Kind%3DDeployment", 200},
        {"bookinfo/workloads/reviews-v2?gvk=apps%2Fv1%2C%20Kind%3DStatefulSet", 404},
        {"bookinfo/workloads/reviews-v2?gvk=%2Fv1%2C%20Kind%3DDeployment", 404},
        {"bookinfo/workloads/reviews_v2", 400},
    };
    for (const Row& row : rows) {
        INFO(row.target);
        CHECK(f.get(std::string("/api/namespaces/") + row.target).status == row.status);
    }
    f.limit_to("bookinfo");
    const json list = f.get(kList + "?namespaces=bookinfo,travel").json();
    CHECK(
        names(list["workloads"]) ==
        std::vector<std::string>{"bookinfo/reviews-v1", "bookinfo/reviews-v2"}
    );
    CHECK(list["meta"]["stoppedBy"] == "rights");
    const auto hidden = f.get("/api/namespaces/travel/workloads/hotels");
    CHECK(hidden.status == 403);
    CHECK(hidden.body == f.get("/api/namespaces/travel/workloads/nothing").body);
}

TEST_CASE("mesh objects are named where they select the workload and are visible", "[workloads]") {
    Mesh f;
    const models::LabelSet reviews{{"app", "reviews"}};
    f.cluster.add_mesh_object(object("networking.istio.io", "Sidecar", "bookinfo", reviews));
    f.cluster.add_mesh_object(object("networking.istio.io", "Gateway", "travel", reviews));
    f.cluster.add_mesh_object(object("security.istio.io", "PeerAuthentication", "travel", reviews));
    f.cluster.add_mesh_object(object("security.istio.io", "PeerAuthentication", "bookinfo", {}));
    const std::string target = "/api/namespaces/bookinfo/workloads/reviews-v2";
    const json all = f.get(target).json()["istioReferences"];
    REQUIRE(all.size() == 2);
    CHECK(all[0] == json::parse(R"({"objectGVK":{"Group":"networking.istio.io","Version":"v1",
        "Kind":"Sidecar"},"name":"of-bookinfo","namespace":"bookinfo","cluster":"Kubernetes"})"));
    CHECK(all[1]["namespace"] == "travel");
    CHECK(f.get(kList).json()["workloads"][1]["istioReferences"] == all);
    CHECK(f.get(target + "?istioResources=false").json()["istioReferences"].empty());
    f.limit_to("bookinfo");
    CHECK(f.get(target).json()["istioReferences"].size() == 1);
}

TEST_CASE("whose waypoint answers for a workload", "[workloads]") {
    Mesh f;
    f.cluster.add_namespace(
        "shop", {{"istio.io/use-waypoint", "wp"}, {"istio.io/use-waypoint-namespace", "edge"}}
    );
    test::WorkloadRow row;
    row.ambient = true;
    row.sidecar = false;
    f.cluster.add_workload("shop", "cart", row);
    f.cluster.add_service("shop", "cart", {{"app", "cart"}});
    row.waypoint = true;
    row.labels = {{"istio.io/waypoint-for", "all"}};
    f.cluster.add_workload("edge", "wp", row);
    const json captured = f.get("/api/namespaces/shop/workloads/cart").json()["waypointWorkloads"];
    REQUIRE(captured.size() == 1);
    CHECK(captured[0]["name"] == "wp");
    CHECK(captured[0]["namespace"] == "edge");
    CHECK(captured[0]["labelType"] == "namespace");
    CHECK(captured[0]["type"] == "all");
    const json waypoint = f.get("/api/namespaces/edge/workloads/wp").json();
    CHECK(waypoint["isWaypoint"] == true);
    CHECK(waypoint["waypointServices"] == json::parse(R"([{"cluster":"Kubernetes",
        "labelType":"namespace","name":"cart","namespace":"shop"}])"));
    f.limit_to("shop");
    CHECK(f.get("/api/namespaces/shop/workloads/cart").json()["waypointWorkloads"].is_null());
    f.limit_to("edge");
    CHECK(f.get("/api/namespaces/edge/workloads/wp").json()["waypointServices"].empty());
}

TEST_CASE("a long list comes in pieces", "[workloads]") {
    Mesh f;
    for (int i = 0; i < 200; ++i) {
        f.cluster.add_workload("many", "w" + std::to_string(1000 + i));
    }
    const auto reply = f.get(kList);
    CHECK(reply.pieces > 1);
    CHECK(reply.largest_piece < 96U * 1024);
    CHECK(reply.json()["workloads"].size() == 203);
}

TEST_CASE("lists go on with what was known last", "[workloads]") {
    Mesh f;
    clients::ClusterState state = f.cluster.state();
    state.reachability = clients::ClusterState::Reachability::kUnreachable;
    state.reason = Error(ErrorKind::kUpstreamUnavailable, "connection refused");
    f.cluster.set_state(state);
    f.clock.advance(std::chrono::seconds(3));
    const auto reply = f.get(kList);
    CHECK(reply.status == 200);
    CHECK(reply.json()["workloads"].size() == 3);
    CHECK(reply.meta()["cluster"]["ageMs"] == 3000);
    CHECK(reply.meta()["cluster"]["stale"] == true);
}

TEST_CASE("every route of the mesh says that there is no cluster", "[workloads]") {
    HandlersFixture f;
    f.has_cluster = false;
    for (const char* target : {
             "/api/clusters/apps",
             "/api/clusters/services",
             "/api/clusters/workloads",
             "/api/namespaces/bookinfo/apps/reviews",
             "/api/namespaces/bookinfo/services/reviews",
             "/api/namespaces/bookinfo/workloads/reviews-v1",
             "/api/istio/permissions?namespaces=bookinfo",
         }) {
        INFO(target);
        const auto reply = f.get(target);
        CHECK(reply.status == 503);
        CHECK(reply.json()["code"] == "cluster_not_configured");
        CHECK(reply.json()["hint"]["setting"] == "meshscope.kubernetes.kubeconfig");
    }
}

TEST_CASE("permissions: nothing may be changed, in visible namespaces only", "[workloads]") {
    Mesh f;
    const std::string target = "/api/istio/permissions";
    CHECK(f.get(target).json() == json::object());
    const json two = f.get(target + "?namespaces=travel,bookinfo,nothing").json();
    REQUIRE(two.size() == 2);
    CHECK(two["bookinfo"].size() == 8);
    CHECK(
        two["travel"]["security.istio.io/v1, Kind=PeerAuthentication"] ==
        json::parse(R"({"create":false,"update":false,"delete":false})")
    );
    CHECK(f.get(target + "?clusterName=west").status == 404);
    CHECK(f.get(target + "?x=1").status == 400);
    f.limit_to("bookinfo");
    CHECK(f.get(target + "?namespaces=travel,bookinfo").json().size() == 1);
}
