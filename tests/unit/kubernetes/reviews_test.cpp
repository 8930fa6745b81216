#include "clients/kubernetes/reviews.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;

TEST_CASE("reviews as they go out: nothing is asked beyond what was meant") {
    CHECK(
        token_review("a\"b") ==
        R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"a\"b"}})"
    );
    AccessQuestion question;
    question.verb = "get";
    question.resource = "pods";
    question.subresource = "log";
    question.ns = "team-a";
    CHECK(
        access_review(question) ==
        R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":)"
        R"({"namespace":"team-a","verb":"get","resource":"pods","subresource":"log"}}})"
    );
    CHECK(
        rules_review("team-a") ==
        R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"team-a"}})"
    );
}

TEST_CASE("a token review names the owner, or says that there is none") {
    const auto good = read_token_review(
        R"({"kind":"TokenReview","metadata":{},"spec":{"token":"t"},"status":{"authenticated":true,)"
        R"("user":{"username":"system:serviceaccount:team-a:viewer","uid":"1","groups":["a",7,"b"],"extra":{"x":["y"]}},"audiences":["z"]}})"
    );
    REQUIRE(good.has_value());
    CHECK(good->authenticated);
    CHECK(good->username == "system:serviceaccount:team-a:viewer");
    CHECK(good->groups == std::vector<std::string>{"a", "b"});
    const auto bad = read_token_review(
        R"({"kind":"TokenReview","status":{"user":{},"error":"[invalid bearer token, expired]"}})"
    );
    REQUIRE(bad.has_value());
    CHECK_FALSE(bad->authenticated);
    CHECK(bad->error == "[invalid bearer token, expired]");
    CHECK(read_token_review(R"({"kind":"TokenReview","status":{"authenticated":true,"user":{}}})")
              .has_error());
}

TEST_CASE("an access review allows only what is said to be allowed") {
    struct Row {
        const char* status;
        bool allowed;
        const char* reason;
    };
    const Row rows[] = {
        {R"({"allowed":true,"reason":"RBAC: allowed by ..."})", true, "RBAC: allowed by ..."},
        {R"({"allowed":false})", false, ""},
        {R"({})", false, ""},
        {R"({"allowed":"true"})", false, ""},
        {R"({"allowed":1})", false, ""},
        {R"({"allowed":true,"denied":true,"reason":"no"})", false, "no"},
        {R"({"allowed":false,"evaluationError":"role not found"})", false, "role not found"},
        {R"({"allowed":false,"reason":"r","evaluationError":"role not found"})", false, "r"},
    };
    for (const Row& row : rows) {
        INFO(row.status);
        const auto answer = read_access_review(
            std::string(R"({"kind":"SelfSubjectAccessReview","spec":{"allowed":true},"status":)") +
            row.status + "}"
        );
        REQUIRE(answer.has_value());
        CHECK(answer->allowed == row.allowed);
        CHECK(answer->reason == row.reason);
    }
}

TEST_CASE("an incomplete rules review says so") {
    const auto rules = read_rules_review(
        R"({"kind":"SelfSubjectRulesReview","status":{"incomplete":true,"evaluationError":"webhook","nonResourceRules":[],)"
        R"("resourceRules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"],"resourceNames":["one"]},)"
        R"({"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]}})"
    );
    REQUIRE(rules.has_value());
    CHECK(rules->incomplete);
    REQUIRE(rules->rules.size() == 2);
    CHECK(rules->rules[0].verbs == std::vector<std::string>{"get", "list"});
    CHECK(rules->rules[0].groups == std::vector<std::string>{""});
    CHECK(rules->rules[0].resources == std::vector<std::string>{"pods", "pods/log"});
    CHECK(rules->rules[0].names == std::vector<std::string>{"one"});
    CHECK(rules->rules[1].names.empty());
    CHECK_FALSE(
        read_rules_review(R"({"kind":"SelfSubjectRulesReview","status":{"resourceRules":null}})")
            ->incomplete
    );
}

TEST_CASE("an answer that is no review of its kind is an error, never a right") {
    for (const char* body :
         {"",
          "<html>",
          "{",
          "[]",
          "null",
          R"({"status":{"allowed":true}})",
          R"({"kind":"SelfSubjectAccessReview"})",
          R"({"kind":"SelfSubjectAccessReview","status":null})",
          R"({"kind":"SelfSubjectAccessReview","status":true})",
          R"({"kind":"Status","status":{"allowed":true}})",
          R"({"kind":"SelfSubjectAccessReview","status":{"allowed":true)"}) {
        INFO(body);
        CHECK(read_access_review(body).has_error());
        CHECK(read_token_review(body).has_error());
        CHECK(read_rules_review(body).has_error());
    }
}
