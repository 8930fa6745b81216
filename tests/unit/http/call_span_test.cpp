#include "clients/http/call_span.hpp"

#include "tests/support/recorded_spans.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace meshscope::test {
namespace {

using telemetry::SpanStatus;

struct TracedClient : ClientFixture {
    explicit TracedClient(const std::string& url) : ClientFixture(url) {
        options.tracer = &recorded.tracer;
        context = sampled(std::move(context));
    }

    telemetry::SpanPtr span() {
        auto spans = recorded.take();
        REQUIRE(spans.size() == 1);
        return std::move(spans.front());
    }

    RecordedSpans recorded;
};

ScriptedServer::Script always(std::string answer) {
    return [answer = std::move(answer)](Peer& peer) {
        while (!peer.read_request().empty()) {
            peer.send(answer);
        }
    };
}

TEST_CASE("a call has a client span whose id is sent on", "[spans]") {
    const ScriptedServer server(always(http_answer("{}")));
    TracedClient f("http://user:hunter2@127.0.0.1:" + std::to_string(server.port()) + "/jaeger");
    REQUIRE(f.get("/api/traces?tags=%7B%22token%22:%22secret%22%7D").has_value());
    const auto span = f.span();
    CHECK(span->name == "GET jaeger");
    CHECK(span->kind == telemetry::SpanKind::kClient);
    CHECK(span->trace == TraceId{0, 1});
    CHECK(span->parent == SpanId{2});
    CHECK(span->status == SpanStatus::kUnset);
    auto got = texts(*span);
    CHECK(got["http.request.method"] == "GET");
    CHECK(
        got["url.full"] ==
        "http://127.0.0.1:" + std::to_string(server.port()) + "/jaeger/api/traces"
    );
    CHECK(got["server.address"] == "127.0.0.1");
    CHECK(got["server.port"] == std::to_string(server.port()));
    CHECK(got["peer.service"] == "jaeger");
    CHECK(got["http.response.status_code"] == "200");
    CHECK(got["http.response.body.size"] == "2");
    const std::string request = server.requests().front();
    CHECK(
        request.find("00000000000000000000000000000001-" + span->id.to_hex() + "-01") !=
        std::string::npos
    );
}

TEST_CASE("an answer that is an error makes the client span one", "[spans]") {
    for (const int status : {404, 503}) {
        const ScriptedServer server(always(http_answer("no", "", status)));
        TracedClient f(server.url());
        REQUIRE(f.get().has_value());
        const auto span = f.span();
        CHECK(span->status == SpanStatus::kError);
        CHECK(texts(*span)["error.type"] == std::to_string(status));
    }
}

TEST_CASE("a call without an answer makes the client span an error", "[spans]") {
    const ScriptedServer server([](Peer&) {});
    TracedClient f(server.url());
    const auto result = f.get();
    REQUIRE_FALSE(result.has_value());
    const auto span = f.span();
    CHECK(span->status == SpanStatus::kError);
    CHECK(span->status_message == result.error().message());
    CHECK(texts(*span)["error.type"] == result.error().code());
}

TEST_CASE("a cut answer makes the client span an error", "[spans]") {
    const ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    });
    TracedClient f(server.url());
    REQUIRE(f.get().has_value());
    const auto span = f.span();
    CHECK(span->status == SpanStatus::kError);
    CHECK(texts(*span)["http.response.status_code"] == "200");
}

TEST_CASE("calls of no sampled request have no span", "[spans]") {
    const ScriptedServer server(always(http_answer("{}")));
    TracedClient f(server.url());
    f.context.trace = {};  // a probe
    REQUIRE(f.get().has_value());
    f.context = sampled(f.context);
    f.context.trace.sampled = false;
    REQUIRE(f.get().has_value());
    CHECK(f.recorded.take().empty());
    CHECK(server.requests()[0].find("traceparent") == std::string::npos);
    CHECK(server.requests()[1].find("-0000000000000002-00") != std::string::npos);
}

}  // namespace
}  // namespace meshscope::test
