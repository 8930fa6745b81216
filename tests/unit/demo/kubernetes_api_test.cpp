#include "tests/unit/demo/kubernetes_fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace meshscope;
using namespace meshscope::demo;
using nlohmann::json;

TEST_CASE("paths of the Kubernetes API") {
    struct Row {
        const char* target;
        unsigned status;
        const char* part;
    };
    const auto row = GENERATE(values<Row>({
        {"/version", 200, R"("gitVersion":"v1.)"},
        {"/readyz", 200, "ok"},
        {"/api", 200, R"("versions":["v1"])"},
        {"/apis", 200, R"("groupVersion":"networking.istio.io/v1")"},
        {"/apis/apps", 200, R"("kind":"APIGroup")"},
        {"/api/v1", 200, R"("name":"pods/log")"},
        {"/apis/apps/v1", 200, R"("shortNames":["deploy"])"},
        {"/apis/apps/v2", 404, "404 page not found"},
        {"/apis/argoproj.io/v1alpha1/rollouts", 404, "404 page not found"},
        {"/api/v1/namespaces", 200, R"("kind":"NamespaceList")"},
        {"/api/v1/namespaces/bookinfo", 200, R"("istio-injection":"enabled")"},
        {"/api/v1/namespaces/nope", 404, R"(namespaces \"nope\" not found)"},
        {"/api/v1/pods", 200, R"("kind":"PodList")"},
        {"/api/v1/pods/x", 404, "404 page not found"},
        {"/api/v1/namespaces/bookinfo/services/reviews", 200, R"("selector":{"app":"reviews"})"},
        {"/api/v1/namespaces/bookinfo/services/nope", 404, R"("reason":"NotFound")"},
        {"/api/v1/namespaces/nope/pods", 200, R"("items":[])"},
        {"/apis/apps/v1/namespaces/bookinfo/deployments/nope",
         404,
         R"(deployments.apps \"nope\" not found)"},
        {"/apis/gateway.networking.k8s.io/v1/gatewayclasses/istio", 200, R"("controllerName")"},
        {"/api/v1/pods?limit=x", 400, R"(invalid value for limit: \"x\")"},
        {"/api/v1/pods?fieldSelector=status.phase=x", 400, "field label not supported"},
        {"/api/v1/pods?continue=!", 400, "continue key is not valid"},
        {"/api/v1/pods?watch=1&sendInitialEvents=true", 422, R"("reason":"Invalid")"},
        {"/api/v1/pods?resourceVersion=9000000000000000", 504, R"("ResourceVersionTooLarge")"},
        {"/api/v1/pods?watch=1&resourceVersion=9000000000000000", 504, R"("retryAfterSeconds":1)"},
        {"/api/v1/pods?watch=1&resourceVersion=1", 410, R"("reason":"Expired")"},
        {"/api/v1/pods?resourceVersion=1&resourceVersionMatch=Exact", 410, R"("code":410)"},
    }));
    INFO(row.target);
    const HttpReply reply = Kubernetes().ask(row.target);
    CHECK(reply.status == row.status);
    CHECK_THAT(reply.body, Catch::Contains(row.part));
}

TEST_CASE("objects cannot be changed") {
    Kubernetes kubernetes;
    CHECK(
        kubernetes.ask("/api/v1/namespaces/bookinfo/pods", "", "demo-admin-token", "POST").status ==
        405
    );
}

TEST_CASE("the objects of the mesh hang together") {
    Kubernetes kubernetes;
    const json pods = kubernetes.json("/api/v1/pods").at("items");
    const json sets = kubernetes.json("/apis/apps/v1/replicasets").at("items");
    const json deployments = kubernetes.json("/apis/apps/v1/deployments").at("items");
    const auto uids = [](const json& items) {
        std::set<std::string> out;
        for (const auto& item : items) {
            out.insert(item.at("metadata").at("uid"));
        }
        return out;
    };
    const auto workloads = kubernetes.stream.topology().workloads();
    CHECK(deployments.size() == workloads.size() + 1);  // and istiod
    CHECK(sets.size() == 2 * workloads.size() + 1);     // one of old each
    CHECK(uids(pods).size() == pods.size());
    const std::set<std::string> known_sets = uids(sets);
    const std::set<std::string> known_deployments = uids(deployments);
    for (const auto& set : sets) {
        CHECK(known_deployments.count(set["metadata"]["ownerReferences"][0]["uid"]) == 1);
    }
    std::map<std::string, const json*> by_name;
    for (const json& pod : pods) {
        by_name[pod["metadata"]["name"]] = &pod;
    }
    for (const Workload& workload : workloads) {
        INFO(workload.pod);
        REQUIRE(by_name.count(workload.pod) == 1);
        const json* pod = by_name[workload.pod];
        CHECK(pod->at("status").at("podIP") == workload.ip);
        CHECK(pod->at("metadata").at("namespace") == workload.ns);
        const json& owner = pod->at("metadata").at("ownerReferences").at(0);
        CHECK(owner["kind"] == "ReplicaSet");
        CHECK(owner["controller"] == true);
        CHECK(known_sets.count(owner["uid"]) == 1);
        CHECK(
            pod->at("metadata")
                .value("annotations", json::object())
                .count("sidecar.istio.io/status") == (workload.proxy == Proxy::kSidecar ? 1 : 0)
        );
    }
    const json endpoints = kubernetes.json("/api/v1/namespaces/bookinfo/endpoints/reviews");
    CHECK(endpoints["subsets"][0]["addresses"].size() == 3);
}

TEST_CASE("a thousand more workloads are in the cluster, too") {
    Kubernetes kubernetes("many-workloads");
    const json page = kubernetes.json("/apis/apps/v1/deployments?limit=500");
    CHECK(page["items"].size() == 500);
    CHECK(page["metadata"]["remainingItemCount"] == 518);
    CHECK(
        kubernetes.json("/api/v1/namespaces/crowd/pods?limit=1"
        )["metadata"]["remainingItemCount"] == 999
    );
}

TEST_CASE("a list comes in pages of one version, whatever happens meanwhile") {
    Kubernetes kubernetes;
    const std::vector<std::string> all = kubernetes.names("/api/v1/pods");
    std::vector<std::string> paged;
    json page = kubernetes.json("/api/v1/pods?limit=4");
    const json version = page["metadata"]["resourceVersion"];
    CHECK(page["metadata"]["remainingItemCount"] == all.size() - 4);
    for (int guard = 0; guard < 20; ++guard) {
        CHECK(page["items"].size() <= 4);
        CHECK(page["metadata"]["resourceVersion"] == version);
        for (const auto& item : page["items"]) {
            paged.push_back(item["metadata"]["name"]);
        }
        if (!page["metadata"].contains("continue")) {
            break;
        }
        // Pods come and go between the pages.
        kubernetes.clock.advance(std::chrono::seconds(5));
        page = kubernetes.json(
            "/api/v1/pods?limit=4&continue=" + page["metadata"]["continue"].get<std::string>()
        );
    }
    CHECK(paged == all);
    CHECK(kubernetes.json("/api/v1/pods?limit=4&resourceVersion=0")["items"].size() > 4);
    const std::string counts = kubernetes.counters.to_json();
    CHECK_THAT(counts, Catch::Contains(R"("list pods":3,"page pods":)"));
}

TEST_CASE("a page whose version is gone says how to go on") {
    Kubernetes kubernetes;
    const std::vector<std::string> all = kubernetes.names("/api/v1/namespaces/travel-agency/pods");
    const json page = kubernetes.json("/api/v1/namespaces/travel-agency/pods?limit=2");
    kubernetes.cluster.forget_changes();
    const std::string path = "/api/v1/namespaces/travel-agency/pods?continue=";
    const HttpReply gone = kubernetes.ask(path + page["metadata"]["continue"].get<std::string>());
    CHECK(gone.status == 410);
    const json status = json::parse(gone.body);
    CHECK(status["reason"] == "Expired");
    CHECK(
        kubernetes.names(path + status["metadata"]["continue"].get<std::string>()) ==
        std::vector<std::string>(all.begin() + 2, all.end())
    );
}

TEST_CASE("selectors of a list") {
    struct Row {
        const char* parameters;
        std::size_t found;
    };
    const auto row = GENERATE(values<Row>({
        {"labelSelector=app%3Dreviews", 3},
        {"labelSelector=app%3D%3Dreviews,version!%3Dv1", 2},
        {"labelSelector=app%20in%20(reviews,%20ratings)", 4},
        {"labelSelector=app,version,app%20notin%20(reviews)", 3},
        {"labelSelector=!app", 0},
        {"labelSelector=app%3D", 0},
        {"fieldSelector=metadata.name%3Dratings-db-0", 1},
        {"fieldSelector=spec.nodeName%3Ddemo-node-2", 5},
        {"fieldSelector=spec.nodeName!%3Ddemo-node-2&labelSelector=version", 2},
    }));
    INFO(row.parameters);
    Kubernetes kubernetes;
    const std::string path = "/api/v1/namespaces/bookinfo/pods?";
    CHECK(kubernetes.names(path + row.parameters).size() == row.found);
}

TEST_CASE("forms of an answer") {
    Kubernetes kubernetes;
    const json metadata = kubernetes.json("/api/v1/namespaces", kMetadataList);
    CHECK(metadata["kind"] == "PartialObjectMetadataList");
    CHECK(metadata["items"][0]["kind"] == "PartialObjectMetadata");
    CHECK_FALSE(metadata["items"][0].contains("status"));
    const json one = kubernetes.json("/api/v1/namespaces/bookinfo", kMetadata);
    CHECK(one["apiVersion"] == "meta.k8s.io/v1");
    CHECK(one["metadata"]["name"] == "bookinfo");
    // A list is not one object.
    CHECK(
        kubernetes.ask("/api/v1/namespaces", "application/json;as=PartialObjectMetadata").status ==
        406
    );
    CHECK(
        kubernetes.ask("/api/v1/namespaces", "application/vnd.kubernetes.protobuf").status == 406
    );
    CHECK(
        kubernetes.json("/api/v1/namespaces", "application/cbor, */*")["kind"] == "NamespaceList"
    );

    const json table = kubernetes.json("/apis/apps/v1/namespaces/bookinfo/deployments", kTable);
    CHECK(table["kind"] == "Table");
    CHECK(table["columnDefinitions"][1]["name"] == "Ready");
    CHECK(table["columnDefinitions"].size() == table["rows"][0]["cells"].size());
    CHECK(table["rows"][0]["cells"][0] == "details-v1");
    CHECK(table["rows"][0]["cells"][1] == "1/1");
    CHECK(table["rows"][0]["cells"][4] == "25h");
    CHECK(table["rows"][0]["object"]["kind"] == "PartialObjectMetadata");

    for (const Resource& resource : resources()) {
        const std::string base = resource.group.empty() ? "/api/" : "/apis/";
        const std::string path = base + resource.api_version() + "/" + std::string(resource.plural);
        const json rows = json::parse(kubernetes.ask(path, kTable, "demo-admin-token").body);
        for (const auto& each : rows["rows"]) {
            INFO(resource.plural);
            CHECK(each["cells"].size() == rows["columnDefinitions"].size());
        }
    }
}

TEST_CASE("who may ask for what") {
    struct Row {
        const char* token;
        const char* target;
        unsigned status;
    };
    const auto row = GENERATE(values<Row>({
        {"", "/api/v1/pods", 403},
        {"wrong", "/api/v1/pods", 401},
        {"system:anonymous-token", "/api/v1/pods", 401},
        {"demo-server-token", "/api/v1/pods", 200},
        {"demo-admin-token", "/api/v1/pods", 200},
        {"demo-a-token", "/api/v1/pods", 403},
        {"demo-a-token", "/api/v1/namespaces", 403},
        {"demo-a-token", "/api/v1/namespaces/bookinfo", 200},
        {"demo-a-token", "/api/v1/namespaces/travel-agency", 403},
        {"demo-a-token", "/api/v1/namespaces/bookinfo/pods", 200},
        {"demo-a-token", "/apis/apps/v1/namespaces/bookinfo/deployments?watch=1", 200},
        {"demo-a-token", "/api/v1/namespaces/travel-agency/pods", 403},
        {"demo-b-token", "/api/v1/namespaces/bookinfo/pods", 403},
        {"demo-b-token", "/apis/networking.istio.io/v1/namespaces/travel-agency/serviceentries", 200
        },
        {"demo-nobody-token", "/api/v1/namespaces/bookinfo", 403},
        {"demo-nobody-token", "/version", 200},
    }));
    INFO(row.token << " " << row.target);
    KubernetesOptions options;
    options.anonymous_reads = false;
    CHECK(Kubernetes("normal", options).ask(row.target, "", row.token).status == row.status);
}

TEST_CASE("a refusal says who wanted what") {
    Kubernetes kubernetes;
    const json status = json::parse(
        kubernetes.ask("/apis/apps/v1/namespaces/crowd/deployments", "", "demo-a-token").body
    );
    CHECK(
        status["message"] ==
        R"(deployments.apps is forbidden: User "demo-a" cannot list resource "deployments" in API group )"
        R"("apps" in the namespace "crowd")"
    );
    // Without a token kubectl reads, when that is not switched off.
    CHECK(kubernetes.ask("/api/v1/pods", "", "").status == 200);
    CHECK_THAT(
        kubernetes.counters.to_json(),
        Catch::Contains(R"("kubernetes_users":{"demo-a":1,"system:anonymous":1})")
    );
}

TEST_CASE("custom kinds come and go") {
    Kubernetes kubernetes;
    const std::string path = "/apis/networking.istio.io/v1/virtualservices";
    Reading running(kubernetes.ask(path + "?watch=1"));
    CHECK(running.events().size() == 3);
    kubernetes.api.install_custom_kinds(false);
    CHECK(running.events().empty());
    CHECK_FALSE(running.more);
    const HttpReply gone = kubernetes.ask(path);
    CHECK(gone.status == 404);
    CHECK(gone.content_type == "text/plain; charset=utf-8");
    CHECK_THAT(kubernetes.ask("/apis").body, !Catch::Contains("istio.io"));
    kubernetes.api.install_custom_kinds(true);
    CHECK(kubernetes.names(path).size() == 3);
}

TEST_CASE("markers tell the namespace") {
    Kubernetes kubernetes("normal", {}, "MARK");
    const std::string_view accept = "application/json";
    for (const char* path :
         {"/api/v1/namespaces/bookinfo/pods",
          "/apis/networking.istio.io/v1/namespaces/bookinfo/gateways"}) {
        const std::string body = kubernetes.ask(path, accept, "demo-a-token").body;
        CHECK_THAT(body, Catch::Contains("MARK-bookinfo"));
        CHECK_THAT(body, !Catch::Contains("MARK-travel-agency"));
    }
}
