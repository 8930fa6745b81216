#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

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
    std::vector<std::string> hosts
) {
    models::MeshObject made;
    made.kind = {group, "v1", kind};
    made.meta.name = "of-" + ns;
    made.meta.ns = ns;
    made.hosts = std::move(hosts);
    made.json =
        std::make_shared<const std::string>(R"({"kind":")" + kind + R"(","in":")" + ns + R"("})");
    return made;
}

struct Mesh : HandlersFixture {
    Mesh() {
        test::WorkloadRow row;
        row.app = "reviews";
        row.version = "v1";
        cluster.add_workload("bookinfo", "reviews-v1", row);
        row.version = "v2";
        row.pods = 2;
        cluster.add_workload("bookinfo", "reviews-v2", row);
        cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
        cluster.add_workload("travel", "hotels");
        cluster.add_service("travel", "hotels", {{"app", "hotels"}});
        const std::string istio = "networking.istio.io";
        cluster.add_mesh_object(object(istio, "VirtualService", "bookinfo", {"reviews"}));
        cluster.add_mesh_object(object(istio, "VirtualService", "travel", {"reviews.bookinfo.svc"})
        );
        cluster.add_mesh_object(object(istio, "DestinationRule", "travel", {"reviews"}));
        cluster.add_mesh_object(
            object(istio, "ServiceEntry", "bookinfo", {"api.example.org", "reviews.bookinfo"})
        );
    }

    void limit_to(const std::string& ns) {
        access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{ns});
        cluster_wide = false;
    }
};

}  // namespace

TEST_CASE("applications are workloads of one label", "[mesh_objects]") {
    Mesh f;
    const json body = f.get("/api/clusters/apps").json();
    CHECK(
        names(body["applications"]) == std::vector<std::string>{"bookinfo/reviews", "travel/hotels"}
    );
    const json app = body["applications"][0];
    CHECK(app["labels"] == json::parse(R"({"app":"reviews","version":"v1,v2"})"));
    CHECK(app["istioSidecar"] == true);
    CHECK(app["istioReferences"].size() == 2);
    CHECK(app["health"]["workloadStatuses"].size() == 2);
    CHECK(app["health"]["workloadStatuses"][1]["availableReplicas"] == 2);
    CHECK(
        f.get("/api/clusters/apps?health=false").json()["applications"][0]["health"] ==
        json::parse(R"({"requests":{"healthAnnotations":{},"inbound":{},"outbound":{}},
            "workloadStatuses":[]})")
    );
    CHECK(f.get("/api/clusters/apps?gvk=Pod").status == 400);

    const json one = f.get("/api/namespaces/bookinfo/apps/reviews").json();
    CHECK(one["namespace"]["name"] == "bookinfo");
    CHECK(one["serviceNames"] == json{"reviews"});
    REQUIRE(one["workloads"].size() == 2);
    CHECK(one["workloads"][0]["workloadName"] == "reviews-v1");
    CHECK(one["workloads"][0]["waypointWorkloads"].is_null());
    CHECK(f.get("/api/namespaces/bookinfo/apps/nothing").status == 404);
}

TEST_CASE("services of Kubernetes, and hosts outside", "[mesh_objects]") {
    Mesh f;
    const json body = f.get("/api/clusters/services?onlyDefinitions=false").json();
    CHECK(
        names(body["services"]) ==
        std::vector<std::string>{"bookinfo/api.example.org", "bookinfo/reviews", "travel/hotels"}
    );
    CHECK(body["services"][0]["serviceRegistry"] == "External");
    CHECK(body["services"][0]["istioSidecar"] == false);
    CHECK(body["services"][0]["appLabel"] == false);
    CHECK(body["services"][1]["selector"] == json{{"app", "reviews"}});
    CHECK(body["services"][1]["istioReferences"].size() == 2);
    const json defined = f.get("/api/clusters/services?namespaces=bookinfo").json()["services"];
    CHECK(defined.size() == 2);
    CHECK(defined[0]["istioSidecar"] == true);
}

TEST_CASE("a service with what is behind it and what names it", "[mesh_objects]") {
    Mesh f;
    const std::string target = "/api/namespaces/bookinfo/services/reviews";
    const json body = f.get(target).json();
    CHECK(body["service"]["type"] == "ClusterIP");
    CHECK(body["service"]["selectors"] == json{{"app", "reviews"}});
    CHECK(
        body["service"]["ports"] == json::parse(R"([{"name":"http","protocol":"TCP","port":9080}])")
    );
    REQUIRE(body["endpoints"].size() == 1);
    CHECK(body["endpoints"][0]["addresses"].size() == 3);
    CHECK(body["endpoints"][0]["addresses"][0]["kind"] == "Pod");
    CHECK(
        names(body["workloads"]) ==
        std::vector<std::string>{"bookinfo/reviews-v1", "bookinfo/reviews-v2"}
    );
    CHECK(body["virtualServices"] == json::parse(R"([{"kind":"VirtualService","in":"bookinfo"},
        {"kind":"VirtualService","in":"travel"}])"));
    CHECK(body["destinationRules"].empty());
    CHECK(body["serviceEntries"].is_null());
    CHECK(body["meta"]["dropped"].empty());

    const json outside = f.get("/api/namespaces/bookinfo/services/api.example.org").json();
    CHECK(outside["service"]["type"] == "External");
    CHECK(outside["serviceEntries"].size() == 1);
    CHECK(f.get("/api/namespaces/bookinfo/services/nothing").status == 404);
    CHECK(f.get(target + "?queryTime=1").status == 400);

    models::MeshObject cut =
        object("networking.istio.io", "DestinationRule", "bookinfo", {"reviews"});
    cut.json = nullptr;
    f.cluster.add_mesh_object(cut);
    CHECK(
        f.get(target).json()["meta"]["dropped"] ==
        json::parse(R"([{"reason":"mesh_object_text","count":1}])")
    );
}

TEST_CASE("objects of other namespaces show only where those may be seen", "[mesh_objects]") {
    Mesh f;
    f.limit_to("bookinfo");
    const json body = f.get("/api/namespaces/bookinfo/services/reviews").json();
    CHECK(body["virtualServices"].size() == 1);
    const json apps = f.get("/api/clusters/apps").json();
    CHECK(names(apps["applications"]) == std::vector<std::string>{"bookinfo/reviews"});
    CHECK(apps["applications"][0]["istioReferences"].size() == 1);
    CHECK(f.get("/api/clusters/services?namespaces=travel").json()["services"].empty());
    CHECK(f.get("/api/namespaces/travel/services/hotels").status == 403);
    CHECK(f.get("/api/namespaces/travel/apps/hotels").status == 403);
}

TEST_CASE("services select by all labels of their selector", "[services]") {
    HandlersFixture f;
    for (const char* version : {"v1", "v2"}) {
        test::WorkloadRow row;
        row.app = "reviews";
        row.version = version;
        f.cluster.add_workload("bookinfo", std::string("reviews-") + version, row);
    }
    f.cluster.add_service("bookinfo", "all", {{"app", "reviews"}});
    f.cluster.add_service("bookinfo", "both", {{"app", "reviews"}, {"version", "v1"}});
    f.cluster.add_service("bookinfo", "first", {{"version", "v1"}});
    f.cluster.add_service("bookinfo", "none", {});
    f.cluster.add_service("bookinfo", "other", {{"app", "reviews"}, {"version", "v3"}});
    const auto selecting = [&f](const std::string& workload) {
        std::vector<std::string> out;
        const json body = f.get("/api/namespaces/bookinfo/workloads/" + workload).json();
        for (const json& service : body["services"]) {
            out.push_back(service["name"]);
        }
        return out;
    };
    using Names = std::vector<std::string>;
    CHECK(selecting("reviews-v1") == Names{"all", "both", "first"});
    CHECK(selecting("reviews-v2") == Names{"all"});
    const json app = f.get("/api/namespaces/bookinfo/apps/reviews").json();
    CHECK(app["serviceNames"].get<Names>() == Names{"all", "both", "first"});
    std::map<std::string, bool> selected;  // what selects a workload with a proxy
    const json list = f.get("/api/clusters/services?onlyDefinitions=false").json();
    for (const json& service : list["services"]) {
        selected[service["name"]] = service["istioSidecar"];
    }
    CHECK(
        selected ==
        std::map<std::string, bool>{
            {"all", true}, {"both", true}, {"first", true}, {"none", false}, {"other", false}
        }
    );
}
