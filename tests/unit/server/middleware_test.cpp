#include "server/response_head.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace meshscope::test {
namespace {

const std::string kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("a safe request id is echoed and handed on, another is replaced", "[middleware]") {
    TestServer server;
    RawClient client(server.port());
    for (const std::string& id : {std::string("abc-1.2_3~:/+=@Z"), std::string(128, 'a')}) {
        const auto response = client.ask(get_request("/context", "x-REQUEST-id: " + id + "\r\n"));
        CHECK(response->header("x-request-id") == id);
        CHECK(holds(response->body, "\"requestId\":\"" + id + "\""));
    }
    for (const std::string& id :
         {std::string(129, 'a'),
          std::string("a b"),
          std::string("<x>"),
          std::string("\xC3\xA4"),
          std::string()}) {
        INFO(id);
        const auto response = client.ask(get_request("/context", "X-Request-Id: " + id + "\r\n"));
        CHECK(response->header("x-request-id").size() == 32);
    }
}

TEST_CASE("generated ids do not repeat", "[middleware]") {
    TestServer server;
    RawClient client(server.port());
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) {
        ids.insert(client.ask(get_request("/hello"))->header("x-request-id"));
    }
    CHECK(ids.size() == 100);
}

TEST_CASE("a trace is continued or started", "[middleware]") {
    TestServer server;
    RawClient client(server.port());
    const auto continued =
        client.ask(get_request("/context", "traceparent: " + kParent + "\r\ntracestate: v=1\r\n"));
    CHECK(holds(continued->body, "\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\""));
    CHECK_FALSE(holds(continued->body, "00f067aa0ba902b7"));  // the span is ours
    CHECK(holds(continued->body, "\"sampled\":true"));
    CHECK(holds(continued->body, "\"state\":\"v=1\""));

    for (const std::string& fields :
         {std::string("tracestate: v=1\r\n"),
          "traceparent: 00-" + std::string(32, '0') + "-00f067aa0ba902b7-01\r\ntracestate: v=1\r\n",
          "traceparent: " + kParent + "\r\ntraceparent: " + kParent + "\r\ntracestate: v=1\r\n"}) {
        INFO(fields);
        const auto started = client.ask(get_request("/context", fields));
        CHECK_FALSE(holds(started->body, "4bf92f3577b34da6"));
        CHECK(holds(started->body, "\"sampled\":false"));
        CHECK(holds(started->body, "\"state\":\"\""));
    }
}

TEST_CASE("every answer carries the security headers", "[middleware]") {
    TestServer server;
    RawClient client(server.port());
    for (const std::string path : {"/hello", "/healthz", "/nowhere", "/throw", "/a/../b"}) {
        INFO(path);
        const auto response = client.ask(get_request(path));
        CHECK(response->header("x-content-type-options") == "nosniff");
        CHECK(response->header("x-frame-options") == "DENY");
        CHECK(response->header("x-xss-protection") == "1; mode=block");
        CHECK(response->header("referrer-policy") == "no-referrer");
        CHECK(holds(response->header("permissions-policy"), "camera=()"));
        CHECK(holds(response->header("content-security-policy"), "default-src 'none'"));
        CHECK_FALSE(response->has("strict-transport-security"));
        CHECK_FALSE(response->has("access-control-allow-origin"));
        CHECK(response->has("date"));
        CHECK_FALSE(response->has("server"));
    }
}

TEST_CASE("a handler overrides a policy but can neither frame nor inject", "[middleware]") {
    server::Response response = server::Response::text("x");
    response.headers.add("Content-Security-Policy", "default-src 'self'");
    response.headers.add("X-Injected", "a\r\nSet-Cookie: b");
    response.headers.add("Bad Name", "c");
    response.headers.add("Content-Length", "999");
    response.headers.add("Transfer-Encoding", "chunked");
    const auto fixed = server::FixedHeaders::of_server(true, false);
    server::HeadParts parts;
    parts.fixed = &fixed;
    parts.content_length = 1;
    std::string head;
    server::append_response_head(head, response, parts);
    CHECK(holds(head, "Content-Security-Policy: default-src 'self'\r\n"));
    CHECK_FALSE(holds(head, "default-src 'none'"));
    CHECK(holds(head, "X-Injected: a  Set-Cookie: b\r\n"));
    CHECK_FALSE(holds(head, "Bad Name"));
    CHECK_FALSE(holds(head, "999"));
    CHECK_FALSE(holds(head, "chunked"));
    CHECK(holds(head, "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"));
}

TEST_CASE("the date is that of the clock, in the one form HTTP has", "[middleware]") {
    ManualClock clock(from_micros(784'111'777'000'000));
    TestServer server({}, &clock);
    RawClient client(server.port());
    CHECK(client.ask(get_request("/hello"))->header("date") == "Sun, 06 Nov 1994 08:49:37 GMT");
    clock.advance(std::chrono::hours(24 * 25));
    CHECK(client.ask(get_request("/hello"))->header("date") == "Thu, 01 Dec 1994 08:49:37 GMT");
}

TEST_CASE("the access log has one line for each request, with the pattern", "[middleware]") {
    TestServer server;
    RawClient client(server.port());
    client.ask(get_request("/items/secret-item?token=hush", "X-Request-Id: req-1\r\n"));
    const std::string line = server.log().wait_for("req-1");
    CHECK(holds(line, " INF request method=GET route=/items/{id} status=200 bytes="));
    CHECK(holds(line, " peer=127.0.0.1"));
    CHECK_FALSE(holds(line, "secret-item"));
    CHECK_FALSE(holds(line, "hush"));

    client.ask(get_request("/no%0Asuch?token=hush", "X-Request-Id: req-2\r\n"));
    const std::string missing = server.log().wait_for("req-2");
    CHECK(holds(missing, "route=- path=/no%0Asuch status=400"));
    CHECK_FALSE(holds(missing, "hush"));
}

TEST_CASE("a probe leaves no line", "[middleware]") {
    TestServer server;
    RawClient client(server.port());
    client.ask(get_request("/healthz"));
    client.ask(get_request("/hello", "X-Request-Id: last\r\n"));
    CHECK_FALSE(server.log().wait_for("last").empty());
    CHECK_FALSE(server.log().holds("/healthz"));
}

TEST_CASE("requests are counted by pattern, method and status", "[middleware]") {
    TestServer server;
    RawClient client(server.port());
    client.ask(get_request("/items/a"));
    client.ask(get_request("/items/b"));
    client.ask(get_request("/nowhere/x"));
    client.ask("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    client.send("HEAD /items/a HTTP/1.1\r\nHost: h\r\n\r\n");
    client.receive(true);
    const auto counted = [&](const std::string& row) {
        return TestServer::eventually([&] {
            return holds(server.metrics().expose(), "meshscope_http_requests_total{" + row);
        });
    };
    CHECK(counted("method=\"GET\",route=\"/items/{id}\",status=\"200\"} 2"));
    CHECK(counted("method=\"GET\",route=\"-\",status=\"404\"} 1"));
    CHECK(counted("method=\"POST\",route=\"-\",status=\"405\"} 1"));
    CHECK(counted("method=\"HEAD\",route=\"/items/{id}\",status=\"200\"} 1"));
    const std::string text = server.metrics().expose();
    CHECK(holds(
        text, "meshscope_http_request_duration_seconds_bucket{method=\"GET\",route=\"/items/{id}\""
    ));
    CHECK(holds(text, "meshscope_connections{listener=\"http\"} 1"));
    CHECK_FALSE(holds(text, "nowhere"));
}

TEST_CASE("a metrics port answers on every path and does not log", "[middleware]") {
    telemetry::MetricsRegistry metrics;
    metrics.count_upstream_call("jaeger", "ok", std::chrono::milliseconds(3));
    server::ServerOptions options;
    options.name = "metrics";
    options.address = "127.0.0.1";
    options.port = 0;
    options.threads = 1;
    server::ServerParts parts;
    parts.router = server::metrics_router(metrics);
    parts.metrics = &metrics;
    server::Server server(std::move(options), std::move(parts));
    REQUIRE(server.start().has_value());
    for (const std::string path : {"/", "/metrics", "/any/thing"}) {
        const auto response = fetch(server.port(), get_request(path));
        REQUIRE(response);
        CHECK(response->status == 200);
        CHECK(response->header("content-type") == "text/plain; version=0.0.4; charset=utf-8");
        CHECK(holds(
            response->body, "meshscope_upstream_calls_total{outcome=\"ok\",upstream=\"jaeger\"} 1"
        ));
    }
    server.stop(std::chrono::seconds(1));
}

}  // namespace
}  // namespace meshscope::test
