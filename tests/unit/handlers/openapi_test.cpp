#include "handlers/openapi.hpp"

#include "core/text.hpp"
#include "handlers/register_routes.hpp"
#include "tests/support/openapi_check.hpp"
#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace meshscope;

TEST_CASE("the routes and the contract are the same list", "[openapi]") {
    server::Router router;
    handlers::register_routes(router, {});
    std::vector<std::pair<std::string, std::string>> routes;
    for (const server::Route* route : router.routes()) {
        routes.emplace_back(to_lower(to_string(route->method)), route->pattern);
    }
    std::sort(routes.begin(), routes.end());
    CHECK(routes == test::OpenApiCheck(handlers::openapi_json()).operations());
}

TEST_CASE("no object of the contract is open without saying what it holds", "[openapi]") {
    CHECK(test::OpenApiCheck(handlers::openapi_json()).open_objects().empty());
}

TEST_CASE("the contract is served as it is", "[openapi]") {
    test::HandlersFixture f;
    const auto reply = f.get("/api/openapi.json?ignored=1");
    CHECK(reply.status == 200);
    CHECK(reply.json()["openapi"] == "3.1.0");
    CHECK(reply.body == handlers::openapi_json());
}

TEST_CASE("the check itself fails what is not in the contract", "[openapi]") {
    const test::OpenApiCheck check(handlers::openapi_json());
    test::Answer answer;
    answer.pattern = "/readyz";
    answer.content_type = "application/json";
    struct Row {
        const char* body;
        std::size_t problems;
    };
    const Row rows[] = {
        {R"({"ready":true,"upstreams":[]})", 0},
        {R"({"ready":true,"upstreams":[],"extra":1})", 1},
        {R"({"ready":"yes","upstreams":[]})", 1},
        {R"({"ready":true})", 1},
        {R"({"ready":true,"upstreams":[{"name":"tracing","status":"Fine"}]})", 1},
        {R"({"ready":true,)", 1},
    };
    for (const Row& row : rows) {
        INFO(row.body);
        answer.body = row.body;
        CHECK(check.problems(answer).size() == row.problems);
    }
    answer.body = rows[0].body;
    answer.status = 418;
    CHECK(check.problems(answer).size() == 1);
    answer.status = 200;
    answer.content_type = "text/plain";
    CHECK(check.problems(answer).size() == 1);
    answer.content_type = "application/json";
    answer.meta_header = "{}";
    CHECK(check.problems(answer).size() == 1);
}
