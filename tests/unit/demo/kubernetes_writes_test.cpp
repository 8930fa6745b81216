#include "demo/kubernetes/writes.hpp"
#include "tests/unit/demo/kubernetes_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::demo;
using nlohmann::json;

namespace {

constexpr const char* kMaps = "/api/v1/namespaces/bookinfo/configmaps";
constexpr const char* kMap = "/api/v1/namespaces/bookinfo/configmaps/settings";
constexpr const char* kMerge = "application/merge-patch+json";
constexpr const char* kStrategic = "application/strategic-merge-patch+json";

struct Written : Kubernetes {
    HttpReply write(
        std::string_view method,
        std::string_view target,
        std::string body = "",
        std::string_view type = "application/json",
        std::string_view token = "demo-admin-token"
    ) {
        HttpRequest request = parse_target(method, target);
        request.authorization = "Bearer " + std::string(token);
        request.content_type = type;
        request.body = std::move(body);
        return api.handle(request);
    }
    nlohmann::json read(std::string_view target) {
        return nlohmann::json::parse(ask(target, "application/json", "demo-admin-token").body);
    }
};

std::string config_map(const std::string& name, const std::string& more = R"("data":{"a":"1"})") {
    return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + R"("},)" +
           more + "}";
}

std::string deployment(const std::string& labels, const std::string& mount) {
    return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{)"
           R"("selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":)" +
           labels +
           R"(},"spec":{"volumes":[{"name":"v","emptyDir":{}}],"containers":[{"name":"c",)" +
           R"("image":"i:1","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],)" +
           R"("ports":[{"containerPort":80}],"volumeMounts":[{"name":")" + mount +
           R"(","mountPath":"/v"}]}]}}}})";
}

}  // namespace

TEST_CASE("an object is written, found, watched, patched and deleted") {
    Written kubernetes;
    Reading watched(kubernetes.ask(
        std::string(kMaps) + "?watch=1&resourceVersion=" +
            kubernetes.read(kMaps)["metadata"]["resourceVersion"].get<std::string>(),
        "",
        "demo-admin-token"
    ));
    const HttpReply made = kubernetes.write("POST", kMaps, config_map("settings"));
    REQUIRE(made.status == 201);
    CHECK(json::parse(made.body)["metadata"]["namespace"] == "bookinfo");
    CHECK(kubernetes.read(kMap)["data"]["a"] == "1");
    CHECK(kubernetes.write("POST", kMaps, config_map("settings")).status == 409);
    CHECK(kubernetes.read(kMaps)["items"].size() == 1);

    const HttpReply patched = kubernetes.write(
        "PATCH", kMap, R"({"data":{"a":null,"b":"2"},"metadata":{"labels":{"x":"y"}}})", kMerge
    );
    REQUIRE(patched.status == 200);
    const json now = kubernetes.read(kMap);
    CHECK(now["data"] == json{{"b", "2"}});
    CHECK(now["metadata"]["labels"]["x"] == "y");
    CHECK(now["metadata"]["uid"] == json::parse(made.body)["metadata"]["uid"]);

    CHECK(kubernetes.write("DELETE", kMap).status == 200);
    CHECK(kubernetes.ask(kMap, "", "demo-admin-token").status == 404);
    const auto events = watched.events();
    REQUIRE(events.size() == 3);
    CHECK(events[0]["type"] == "ADDED");
    CHECK(events[1]["type"] == "MODIFIED");
    CHECK(events[2]["type"] == "DELETED");
}

TEST_CASE("a strategic merge patch merges lists by name") {
    Written kubernetes;
    const std::string all = "/apis/apps/v1/namespaces/bookinfo/deployments";
    const std::string one = all + "/d";
    REQUIRE(kubernetes.write("POST", all, deployment(R"({"app":"d"})", "v")).status == 201);
    const auto pod = [&] { return kubernetes.read(one)["spec"]["template"]["spec"]; };
    const auto patch = [&](const std::string& of_pod) {
        return kubernetes
            .write("PATCH", one, R"({"spec":{"template":{"spec":)" + of_pod + "}}}", kStrategic)
            .status;
    };
    CHECK(
        patch(
            R"({"$setElementOrder/containers":[{"name":"c"}],"containers":[{"name":"c","image":"i:2"}]})"
        ) == 200
    );
    CHECK(pod()["containers"][0]["image"] == "i:2");
    CHECK(pod()["containers"][0]["ports"][0]["containerPort"] == 80);
    CHECK(kubernetes.read(one)["metadata"]["generation"] == 2);

    CHECK(
        patch(
            R"({"containers":[{"name":"c","env":[{"name":"A","$patch":"delete"},{"name":"C","value":"3"}]}]})"
        ) == 200
    );
    CHECK(
        pod()["containers"][0]["env"] ==
        json::parse(R"([{"name":"B","value":"2"},{"name":"C","value":"3"}])")
    );
    CHECK(
        patch(
            R"({"containers":[{"name":"c","ports":[{"containerPort":80,"name":"http"},{"containerPort":81}]}]})"
        ) == 200
    );
    CHECK(pod()["containers"][0]["ports"].size() == 2);
    CHECK(patch(R"({"containers":[{"name":"side","image":"s:1"}],"dnsPolicy":"Default"})") == 200);
    CHECK(pod()["containers"].size() == 2);
    CHECK(patch(R"({"dnsPolicy":null,"containers":[{"name":"side","$patch":"delete"}]})") == 200);
    CHECK(pod()["containers"].size() == 1);
    CHECK_FALSE(pod().contains("dnsPolicy"));
    CHECK(
        patch(
            R"({"volumes":[{"$retainKeys":["name","hostPath"],"name":"v","hostPath":{"path":"/"}}]})"
        ) == 200
    );
    CHECK(pod()["volumes"] == json::parse(R"([{"name":"v","hostPath":{"path":"/"}}])"));
    // What comes out has to be valid as well.
    CHECK(patch(R"({"volumes":[{"name":"v","$patch":"delete"}]})") == 422);
    CHECK(pod()["volumes"].size() == 1);
}

TEST_CASE("what the API server refuses is refused") {
    struct Row {
        const char* method;
        std::string target;
        std::string body;
        const char* type;
        unsigned status;
        const char* part;
    };
    const std::string deployments = "/apis/apps/v1/namespaces/bookinfo/deployments";
    const std::string roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    const char* const plain = "application/json";
    const std::vector<Row> rows{
        {"POST", kMaps, "no json", plain, 400, "no JSON object"},
        {"POST", kMaps, std::string(100'000, '['), plain, 400, "no JSON object"},
        {"POST", kMaps, config_map("x"), "application/yaml", 415, "UnsupportedMediaType"},
        {"POST", kMaps, config_map("Upper"), plain, 422, "RFC 1123"},
        {"POST", kMaps, R"({"apiVersion":"v1","kind":"ConfigMap"})", plain, 422, "metadata.name"},
        {"POST", kMaps, deployment("{}", "v"), plain, 400, "cannot be handled as a ConfigMap"},
        {"POST", kMaps, config_map("x", R"("data":{"a":1})"), plain, 422, "must be a string"},
        {"POST",
         std::string(kMaps) + "?fieldValidation=Strict",
         config_map("x", R"("dta":{})"),
         plain,
         400,
         R"(unknown field \"dta\")"},
        {"POST", "/api/v1/namespaces/nowhere/configmaps", config_map("x"), plain, 404, "nowhere"},
        {"POST", "/api/v1/namespaces/bookinfo/pods", "{}", plain, 405, "MethodNotAllowed"},
        {"POST", "/api/v1/configmaps", config_map("x"), plain, 405, "MethodNotAllowed"},
        {"PUT", kMap, config_map("settings"), plain, 405, "MethodNotAllowed"},
        {"POST",
         deployments,
         deployment(R"({"app":"e"})", "v"),
         plain,
         422,
         "does not match template `labels`"},
        {"POST", deployments, deployment(R"({"app":"d"})", "w"), plain, 422, "Not found"},
        {"POST",
         roles,
         R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r:x"},"rules":[{"verbs":[]}]})",
         plain,
         422,
         "verbs"},
        {"PATCH", kMap, "{}", kMerge, 404, "NotFound"},
        {"PATCH", kMap, "{}", "application/apply-patch+yaml", 415, "accepted media types"},
        {"DELETE", kMap, "", plain, 404, "NotFound"},
        {"PATCH", deployments + "/details-v1", "{}", kMerge, 405, "simulated mesh"},
        {"DELETE", deployments + "/details-v1", "", plain, 405, "simulated mesh"},
    };
    Written kubernetes;
    for (const Row& row : rows) {
        INFO(row.method << " " << row.target << " " << row.body.substr(0, 200));
        const HttpReply reply = kubernetes.write(row.method, row.target, row.body, row.type);
        CHECK(reply.status == row.status);
        CHECK_THAT(reply.body, Catch::Contains(row.part));
    }
    for (const char* token : {"demo-server-token", "demo-a-token"}) {
        CHECK(kubernetes.write("POST", kMaps, config_map("x"), plain, token).status == 403);
        CHECK(kubernetes.ask(kMaps, "", token).status == 403);
    }
    CHECK(kubernetes.read(kMaps)["items"].empty());
}

TEST_CASE("a dry run is checked and not kept; texts of a Secret are encoded") {
    Written kubernetes;
    CHECK(
        kubernetes.write("POST", std::string(kMaps) + "?dryRun=All", config_map("x")).status == 201
    );
    CHECK(
        kubernetes.write("POST", std::string(kMaps) + "?dryRun=All", config_map("X")).status == 422
    );
    CHECK(kubernetes.read(kMaps)["items"].empty());
    const std::string secrets = "/api/v1/namespaces/bookinfo/secrets";
    const std::string secret =
        R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"k":"text"}})";
    REQUIRE(kubernetes.write("POST", secrets, secret).status == 201);
    CHECK(kubernetes.read(secrets + "/s")["data"]["k"] == "dGV4dA==");
}

TEST_CASE("clients learn which kinds can be written") {
    Written kubernetes;
    CHECK(kubernetes.read("/openapi/v3")["paths"].contains("apis/rbac.authorization.k8s.io/v1"));
    const json apps = kubernetes.read("/openapi/v3/apis/apps/v1")["paths"];
    const json& patch = apps["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
    CHECK(patch["x-kubernetes-group-version-kind"]["kind"] == "Deployment");
    CHECK(kubernetes.ask("/openapi/v3/apis/nope/v1").status == 404);
    const json core = kubernetes.read("/api/v1");
    for (const json& resource : core["resources"]) {
        const bool writes = resource["verbs"].size() > 3;
        CHECK((resource["name"] == "pods" ? !writes : true));
        CHECK((resource["name"] == "secrets" ? writes : true));
    }
}
