#include "core/text.hpp"
#include "tests/unit/demo/kubernetes_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::demo;
using nlohmann::json;

namespace {

const std::string kAccess = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const std::string kRules = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
const std::string kTokens = "/apis/authentication.k8s.io/v1/tokenreviews";

std::string token_for(const std::string& claims, const std::string& signature = "demo") {
    return base64_encode(R"({"alg":"none"})") + "." + base64_encode(claims) + "." +
           base64_encode(signature);
}

HttpReply post(
    Kubernetes& kubernetes, std::string_view target, std::string_view token, std::string body
) {
    return kubernetes.ask(target, "application/json", token, "POST", std::move(body));
}

}  // namespace

TEST_CASE("access reviews answer as the API itself decides") {
    struct Row {
        const char* token;
        const char* attributes;
        bool allowed;
    };
    const auto row = GENERATE(values<Row>({
        {"demo-server-token", R"("verb":"list","resource":"namespaces")", true},
        {"demo-admin-token", R"("verb":"delete","resource":"pods","namespace":"crowd")", true},
        {"demo-a-token", R"("verb":"list","resource":"namespaces")", false},
        {"demo-a-token", R"("verb":"get","resource":"namespaces")", false},
        {"demo-a-token",
         R"("verb":"get","resource":"namespaces","namespace":"bookinfo","name":"bookinfo")",
         true},
        {"demo-a-token",
         R"("verb":"get","resource":"namespaces","namespace":"travel-agency","name":"travel-agency")",
         false},
        {"demo-a-token",
         R"("verb":"get","resource":"pods","subresource":"log","namespace":"bookinfo")",
         true},
        {"demo-a-token", R"("verb":"get","resource":"pods")", false},
        {"demo-b-token",
         R"("verb":"list","group":"apps","resource":"deployments","namespace":"travel-agency")",
         true},
        {"demo-nobody-token",
         R"("verb":"get","resource":"namespaces","namespace":"bookinfo","name":"bookinfo")",
         false},
    }));
    INFO(row.token << " " << row.attributes);
    Kubernetes kubernetes;
    const std::string body =
        R"({"spec":{"resourceAttributes":{)" + std::string(row.attributes) + "}}}";
    const HttpReply reply = post(kubernetes, kAccess, row.token, body);
    CHECK(reply.status == 201);
    const json answer = json::parse(reply.body);
    CHECK(answer["kind"] == "SelfSubjectAccessReview");
    CHECK(answer["spec"]["resourceAttributes"].contains("verb"));
    CHECK(answer["status"]["allowed"] == row.allowed);
}

TEST_CASE("rules of a namespace are those that hold in it") {
    Kubernetes kubernetes;
    const auto rules = [&](const char* ns) {
        const std::string body = R"({"spec":{"namespace":")" + std::string(ns) + R"("}})";
        return json::parse(post(kubernetes, kRules, "demo-b-token", body).body)["status"];
    };
    CHECK(rules("travel-agency")["resourceRules"].size() == 3);
    CHECK(rules("bookinfo")["resourceRules"].size() == 1);  // the reviews
    CHECK(rules("bookinfo")["incomplete"] == false);
}

TEST_CASE("token reviews") {
    struct Row {
        std::string token;
        const char* name;  // "" nobody
    };
    const std::string subject = R"("sub":"system:serviceaccount:demo:demo-b")";
    const auto row = GENERATE_COPY(values<Row>({
        {"demo-a-token", "demo-a"},
        {"demo-a", ""},
        {"", ""},
        {"system:anonymous-token", ""},
        {token_for("{" + subject + "}"), "demo-b"},
        {token_for("{" + subject + R"(,"exp":1763683201})"), "demo-b"},
        {token_for("{" + subject + R"(,"exp":1763683200})"), ""},
        {token_for("{" + subject + "}", "forged"), ""},
        {token_for(R"({"sub":"system:serviceaccount:other:demo-b"})"), ""},
        {"a.b.c", ""},
    }));
    INFO(row.token);
    Kubernetes kubernetes;
    const std::string body = R"({"spec":{"token":")" + row.token + R"("}})";
    const HttpReply reply = post(kubernetes, kTokens, "demo-server-token", body);
    CHECK(reply.status == 201);
    const json status = json::parse(reply.body)["status"];
    const bool known = *row.name != '\0';
    CHECK(status["authenticated"] == known);
    CHECK(status.contains("error") != known);
    if (known) {
        CHECK(status["user"]["username"] == row.name);
        CHECK(status["user"]["groups"].back() == "system:authenticated");
        CHECK(kubernetes.ask("/version", "", row.token).status == 200);
    } else if (!row.token.empty()) {
        CHECK(kubernetes.ask("/version", "", row.token).status == 401);
    }
}

TEST_CASE("who may not review is told so") {
    Kubernetes kubernetes;
    CHECK(post(kubernetes, kTokens, "demo-a-token", "{}").status == 403);
    CHECK(post(kubernetes, kAccess, "", "{}").status == 403);
    CHECK(post(kubernetes, kAccess, "demo-a-token", "no json").status == 400);
    CHECK(kubernetes.ask(kAccess).status == 405);
    const std::string self = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const json answer = json::parse(post(kubernetes, self, "demo-a-token", "{}").body);
    CHECK(answer["status"]["userInfo"]["username"] == "demo-a");
    CHECK_THAT(kubernetes.counters.to_json(), Catch::Contains(R"("review selfsubjectreviews":1)"));
    CHECK_THAT(
        kubernetes.ask("/apis/authorization.k8s.io/v1").body, Catch::Contains("rulesreviews")
    );
}

TEST_CASE("who may impersonate is somebody else") {
    Kubernetes kubernetes;
    const auto ask_as = [&](const char* token, const char* user, const char* target) {
        HttpRequest request = parse_target("GET", target);
        request.authorization = "Bearer " + std::string(token);
        request.headers.emplace_back("impersonate-user", user);
        return kubernetes.api.handle(request).status;
    };
    CHECK(ask_as("demo-admin-token", "demo-a", "/api/v1/namespaces/bookinfo/pods") == 200);
    CHECK(ask_as("demo-admin-token", "demo-a", "/api/v1/namespaces/travel-agency/pods") == 403);
    CHECK(ask_as("demo-admin-token", "stranger", "/api/v1/namespaces/bookinfo/pods") == 403);
    CHECK(ask_as("demo-a-token", "demo-b", "/api/v1/namespaces/bookinfo/pods") == 403);
}
