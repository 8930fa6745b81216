#include "tests/support/raw_client.hpp"
#include "tests/support/recorded_spans.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace meshscope::test {
namespace {

using telemetry::SpanPtr;
using telemetry::SpanRecord;
using telemetry::SpanStatus;

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSampled = "traceparent: 00-" + kTrace + "-00f067aa0ba902b7-01\r\n";
const std::string kUnsampled = "traceparent: 00-" + kTrace + "-00f067aa0ba902b7-00\r\n";

struct TracedServer {
    explicit TracedServer(double rate) : recorded(rate) {}

    // The spans of what was asked, when there are so many.
    std::vector<SpanPtr> spans(std::size_t count) {
        CHECK(TestServer::eventually([&] { return recorded.queue.size() >= count; }));
        return recorded.take();
    }

    RecordedSpans recorded;
    TestServer server{{}, nullptr, &recorded.tracer};
    RawClient client{server.port()};
};

TEST_CASE("a request has a server span by OpenTelemetry's names", "[spans]") {
    TracedServer traced(1);
    const auto response = traced.client.ask(get_request(
        "/items/a%20b?token=secret",
        kSampled + "tracestate: v=1\r\nUser-Agent: agent/1\r\nX-Request-Id: req-7\r\n"
    ));
    REQUIRE(response->status == 200);
    const auto spans = traced.spans(1);
    REQUIRE(spans.size() == 1);
    const SpanRecord& span = *spans.front();
    CHECK(span.name == "GET /items/{id}");
    CHECK(span.kind == telemetry::SpanKind::kServer);
    CHECK(span.trace.to_hex() == kTrace);
    CHECK(span.parent.to_hex() == "00f067aa0ba902b7");
    CHECK(span.remote_parent);
    CHECK(span.trace_state == "v=1");
    CHECK(span.status == SpanStatus::kUnset);
    CHECK(span.end_ns >= span.start_ns);
    auto got = texts(span);
    CHECK(got["http.request.method"] == "GET");
    CHECK(got["http.route"] == "/items/{id}");
    CHECK(got["url.path"] == "/items/a b");
    CHECK(got["url.scheme"] == "http");
    CHECK(got["server.address"] == "localhost");
    CHECK(got["client.address"] == "127.0.0.1");
    CHECK(got["network.protocol.version"] == "1.1");
    CHECK(got["user_agent.original"] == "agent/1");
    CHECK(got["http.request.header.x-request-id"] == "req-7");
    CHECK(got["http.response.status_code"] == "200");
    CHECK(std::stoi(got["http.response.size"]) > 0);
    for (const auto& [key, text] : got) {
        CHECK(text.find("secret") == std::string::npos);
    }
}

TEST_CASE("handlers see the server span as theirs", "[spans]") {
    TracedServer traced(1);
    const auto response = traced.client.ask(get_request("/context"));
    const auto spans = traced.spans(1);
    REQUIRE(spans.size() == 1);
    CHECK(response->body.find(spans.front()->id.to_hex()) != std::string::npos);
    CHECK(response->body.find("\"sampled\":true") != std::string::npos);
    CHECK(spans.front()->parent.is_zero());
    CHECK_FALSE(spans.front()->remote_parent);
}

TEST_CASE("only a server error makes the span an error", "[spans]") {
    TracedServer traced(1);
    struct Row {
        std::string target;
        std::string name;
        std::string status;
        SpanStatus expected;
    };
    for (const Row& row : std::vector<Row>{
             {"/hello", "GET /hello", "200", SpanStatus::kUnset},
             {"/nowhere", "GET", "404", SpanStatus::kUnset},
             {"/throw", "GET /throw", "500", SpanStatus::kError}
         }) {
        INFO(row.target);
        REQUIRE(traced.client.ask(get_request(row.target)));
        const auto spans = traced.spans(1);
        REQUIRE(spans.size() == 1);
        CHECK(spans.front()->name == row.name);
        CHECK(spans.front()->status == row.expected);
        auto got = texts(*spans.front());
        CHECK(got["http.response.status_code"] == row.status);
        CHECK(got["error.type"] == (row.expected == SpanStatus::kError ? row.status : ""));
    }
}

TEST_CASE("a client that left is no error of the server", "[spans]") {
    TracedServer traced(1);
    REQUIRE(traced.client.send(get_request("/wait")));
    REQUIRE(TestServer::eventually([&] { return traced.server.waiting() == 1; }));
    traced.client.close();
    const auto spans = traced.spans(1);
    REQUIRE(spans.size() == 1);
    CHECK(spans.front()->status == SpanStatus::kUnset);
    auto got = texts(*spans.front());
    CHECK(got["error.type"] == "client_gone");
    CHECK(got.count("http.response.status_code") == 0);
}

TEST_CASE("probes and unsampled requests leave no span", "[spans]") {
    TracedServer traced(1);
    REQUIRE(traced.client.ask(get_request("/healthz", kSampled)));
    REQUIRE(traced.client.ask(get_request("/hello", kUnsampled)));
    REQUIRE(traced.client.ask(get_request("/hello", "b3: 0\r\n")));
    REQUIRE(traced.client.ask("BROKEN\r\n\r\n"));
    CHECK(traced.client.closed_by_server());
    CHECK(traced.recorded.queue.size() == 0);
}

TEST_CASE("a request that carries b3 is continued, its decision followed", "[spans]") {
    TracedServer traced(0);
    REQUIRE(traced.client.ask(get_request("/hello", "b3: a3ce929d0e0e4736-00f067aa0ba902b7-1\r\n"))
    );
    const auto spans = traced.spans(1);
    REQUIRE(spans.size() == 1);
    CHECK(spans.front()->trace == TraceId{0, 0xa3ce929d0e0e4736});
    REQUIRE(traced.client.ask(get_request("/hello")));
    const auto unsampled = traced.client.ask(get_request("/context", "b3: 0\r\n"));
    CHECK(unsampled->body.find("\"sampled\":false") != std::string::npos);
    CHECK(traced.recorded.queue.size() == 0);
}

}  // namespace
}  // namespace meshscope::test
