#include "server/router.hpp"
#include "server/target.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>

namespace meshscope::test {
namespace {

using server::Method;
using server::Router;

server::Handler none() { return {}; }

struct Row {
    Method method;
    std::string path;
    std::string expected;  // "pattern a=b", "405 GET HEAD", "slash /x", "404"
};

std::string describe(const server::RouteMatch& match) {
    if (const auto* matched = std::get_if<server::Matched>(&match)) {
        std::string text = matched->route->pattern;
        for (const auto& [name, value] : matched->parameters) {
            text += " " + name + "=" + value;
        }
        return text;
    }
    if (const auto* wrong = std::get_if<server::WrongMethod>(&match)) {
        std::string text = "405";
        for (const Method method : wrong->allowed) {
            text += " " + std::string(to_string(method));
        }
        return text;
    }
    if (const auto* slash = std::get_if<server::WithoutSlash>(&match)) {
        return "slash " + slash->path;
    }
    return "404";
}

TEST_CASE("paths find their routes", "[router]") {
    Router router;
    router.add(Method::kGet, "/", none());
    router.add(Method::kGet, "/api/traces/{id}", none());
    router.add(Method::kGet, "/api/traces/heatmaps", none());
    router.add(Method::kPost, "/api/traces/graph", none());
    router.add(Method::kGet, "/api/{kind}/list/all", none());
    router.add(Method::kGet, "/api/traces/list/{what}", none());
    router.add(Method::kGet, "/api/ns/{ns}/apps/{app}", none());
    router.add(Method::kDelete, "/api/ns/{namespace}/apps/{name}", none());
    router.add(Method::kGet, "/console/{path...}", none());
    const std::vector<Row> rows{
        {Method::kGet, "/", "/"},
        {Method::kHead, "/", "/"},
        {Method::kPost, "/", "405 GET HEAD"},
        {Method::kGet, "/api/traces/abc", "/api/traces/{id} id=abc"},
        {Method::kGet, "/api/traces/heatmaps", "/api/traces/heatmaps"},
        {Method::kGet, "/api/%74races/heatmap%73", "/api/traces/heatmaps"},
        // A literal without the method does not hide a parameter with it.
        {Method::kGet, "/api/traces/graph", "/api/traces/{id} id=graph"},
        {Method::kPost, "/api/traces/graph", "/api/traces/graph"},
        {Method::kPut, "/api/traces/graph", "405 POST GET HEAD"},
        // Back out of a literal that leads nowhere.
        {Method::kGet, "/api/traces/list/all", "/api/traces/list/{what} what=all"},
        {Method::kGet, "/api/spans/list/all", "/api/{kind}/list/all kind=spans"},
        {Method::kGet, "/api/ns/a%2Fb/apps/c%20d", "/api/ns/{ns}/apps/{app} ns=a/b app=c d"},
        {Method::kDelete, "/api/ns/a/apps/b", "/api/ns/{namespace}/apps/{name} namespace=a name=b"},
        {Method::kGet, "/api/ns//apps/b", "404"},
        {Method::kGet, "/api/traces/", "404"},
        {Method::kGet, "/api/traces/abc/", "slash /api/traces/abc"},
        {Method::kPost, "/api/traces/abc/", "slash /api/traces/abc"},
        {Method::kGet, "/api/traces/abc//", "404"},
        {Method::kGet, "/api", "404"},
        {Method::kGet, "/API/traces/abc", "404"},
        {Method::kGet, "/api/traces/a/b", "404"},
        {Method::kGet, "//", "404"},
        {Method::kGet, "/api/traces/%zz", "404"},
        {Method::kGet, "/console", "/console/{path...} path="},
        {Method::kGet, "/console/", "/console/{path...} path="},
        {Method::kGet, "/console/a/b%20c", "/console/{path...} path=a/b c"},
        {Method::kGet, "/console/a%2Fb", "404"},
        {Method::kPost, "/console/a", "405 GET HEAD"},
        {Method::kOther, "/api/traces/abc", "405 GET HEAD"},
    };
    for (const Row& row : rows) {
        INFO(to_string(row.method) << " " << row.path);
        CHECK(describe(router.match(row.method, row.path)) == row.expected);
    }
}

TEST_CASE("a catch-all takes every path and yields to every other route", "[router]") {
    Router router;
    router.add(Method::kGet, "/{path...}", none());
    router.add(Method::kGet, "/metrics/{name}", none());
    CHECK(describe(router.match(Method::kGet, "/")) == "/{path...} path=");
    CHECK(describe(router.match(Method::kGet, "/a/b/")) == "/{path...} path=a/b/");
    CHECK(describe(router.match(Method::kGet, "/metrics/x")) == "/metrics/{name} name=x");
    CHECK(describe(router.match(Method::kGet, "/metrics")) == "/{path...} path=metrics");
}

TEST_CASE("routes that clash or are malformed are bugs", "[router]") {
    Router router;
    router.add(Method::kGet, "/a/{b}", none());
    router.add(Method::kPost, "/a/{b}", none());
    CHECK_THROWS_AS(router.add(Method::kGet, "/a/{b}", none()), std::logic_error);
    CHECK_THROWS_AS(router.add(Method::kGet, "/a/{other}", none()), std::logic_error);
    for (const std::string pattern :
         {"a", "", "/a//b", "/a/", "/{}", "/x{a}", "/{a}x", "/{a...}/b", "/%41", "/{...}"}) {
        INFO(pattern);
        CHECK_THROWS_AS(router.add(Method::kGet, pattern, none()), std::logic_error);
    }
}

TEST_CASE("statuses of routing over the wire", "[routing]") {
    TestServer server;
    RawClient client(server.port());
    const auto missing = client.ask(get_request("/nowhere"));
    CHECK(missing->status == 404);
    CHECK(missing->header("content-type") == "application/json");
    CHECK(missing->body.find("not_found") != std::string::npos);

    const auto wrong = client.ask("DELETE /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(wrong->status == 405);
    CHECK(wrong->header("allow") == "GET, HEAD");
    const auto unknown = client.ask("BREW /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(unknown->status == 405);

    const auto slash = client.ask(get_request("/items/a%2Fb/?x=%201"));
    CHECK(slash->status == 301);
    CHECK(slash->header("location") == "/items/a%2Fb?x=%201");
    const auto posted = client.ask("POST /echo/ HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    CHECK(posted->status == 308);

    CHECK(client.ask(get_request("/items/a%2Fb"))->body == "a/b");
    CHECK(client.ask(get_request("/query?a=1+2&a=%26&b&c=%zz"))->body == "a=1 2\na=&\nb=\n");
    CHECK(client.ask("GET http://other/items/x?y HTTP/1.1\r\nHost: h\r\n\r\n")->body == "x");
}

TEST_CASE("everything lives below web_root", "[routing]") {
    TestServer server([](server::ServerOptions& options) { options.web_root = "/mesh"; });
    RawClient client(server.port());
    const auto root = client.ask(get_request("/"));
    CHECK(root->status == 302);
    CHECK(root->header("location") == "/mesh/");
    CHECK(client.ask(get_request("/mesh"))->status == 200);
    CHECK(client.ask(get_request("/mesh/"))->status == 200);
    CHECK(client.ask(get_request("/mesh/hello"))->status == 200);
    CHECK(client.ask(get_request("/hello"))->status == 404);
    CHECK(client.ask(get_request("/meshhello"))->status == 404);
    CHECK(client.ask(get_request("/mesh/hello/"))->header("location") == "/mesh/hello");
    CHECK(client.ask(get_request("/mesh/healthz"))->status == 200);
}

TEST_CASE("OPTIONS tells the methods; CORS only when it is on", "[routing]") {
    const std::string preflight =
        "OPTIONS /hello HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\n"
        "Access-Control-Request-Method: GET\r\n\r\n";
    TestServer closed;
    const auto plain = fetch(closed.port(), preflight);
    CHECK(plain->status == 204);
    CHECK(plain->header("allow") == "GET, HEAD, OPTIONS");
    CHECK_FALSE(plain->has("access-control-allow-origin"));
    CHECK_FALSE(plain->has("access-control-allow-methods"));
    CHECK_FALSE(plain->has("content-length"));

    TestServer open([](server::ServerOptions& options) { options.cors.allow_all = true; });
    RawClient client(open.port());
    const auto answered = client.ask(preflight);
    CHECK(answered->status == 204);
    CHECK(answered->header("access-control-allow-origin") == "*");
    CHECK(answered->header("access-control-allow-methods") == "GET, HEAD, OPTIONS");
    CHECK(
        answered->header("access-control-allow-headers") ==
        "Origin, X-Requested-With, Content-Type, Accept"
    );
    const auto simple = client.ask(get_request("/hello", "Origin: https://a.example\r\n"));
    CHECK(simple->header("access-control-allow-origin") == "*");
    CHECK(client.ask("OPTIONS /nowhere HTTP/1.1\r\nHost: h\r\n\r\n")->status == 404);
}

}  // namespace
}  // namespace meshscope::test
