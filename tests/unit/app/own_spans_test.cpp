#include "app/own_spans.hpp"

#include "app/application.hpp"
#include "app/traced_store.hpp"
#include "telemetry/metrics.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/recorded_spans.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace meshscope::test {
namespace {

using telemetry::SpanRecord;
using telemetry::SpanStatus;

TEST_CASE("headers for the collector are read from the environment", "[spans]") {
    using Headers = std::vector<std::pair<std::string, std::string>>;
    struct Row {
        std::string text;
        Headers headers;
        std::size_t bad;
    };
    for (const Row& row : std::vector<Row>{
             {"", {}, 0},
             {"Api-Key=abc", {{"api-key", "abc"}}, 0},
             {" a = 1 ,b=2,", {{"a", "1"}, {"b", "2"}}, 0},
             {"authorization=Basic%20dXNlcjpwdw==", {{"authorization", "Basic dXNlcjpwdw=="}}, 0},
             {"a=", {{"a", ""}}, 0},
             {"novalue,=x,a=%zz,ok=1", {{"ok", "1"}}, 3}
         }) {
        INFO(row.text);
        std::size_t bad = 0;
        CHECK(app::parse_otlp_headers(row.text, bad) == row.headers);
        CHECK(bad == row.bad);
    }
}

TEST_CASE("a call to the store has a span with what it cost", "[spans]") {
    RecordedSpans recorded;
    FakeTraceStore store;
    app::TracedStore traced(store, recorded.tracer, "jaeger");
    const RequestContext context = sampled({});
    const auto services = run_coroutine<bool>([&]() -> Awaitable<bool> {
        const auto names = co_await traced.services(context);
        co_return names.has_value();
    });
    CHECK(services);
    store.fail_with(Error(ErrorKind::kUpstreamUnavailable, "jaeger is away"));
    run_coroutine<bool>([&]() -> Awaitable<bool> {
        const auto batch = co_await traced.get_trace(context, TraceId{0, 9}, std::nullopt);
        co_return batch.has_value();
    });
    const auto spans = recorded.take();
    REQUIRE(spans.size() == 2);
    CHECK(spans[0]->name == "list services");
    CHECK(spans[0]->parent == SpanId{2});
    auto got = texts(*spans[0]);
    CHECK(got["meshscope.upstream"] == "jaeger");
    CHECK(got["meshscope.upstream.calls"] == "1");
    CHECK(got["meshscope.joined"] == "false");
    CHECK(got["meshscope.cached"] == "false");
    CHECK(spans[1]->name == "get trace");
    CHECK(spans[1]->status == SpanStatus::kError);
    CHECK(texts(*spans[1])["error.type"] == "upstream_unreachable");
    CHECK(context.bill->of("jaeger").calls == 2);
}

// Serves from memory, or by another request's call, as its bill says.
class SharingStore final : public clients::TraceStore {
 public:
    Awaitable<Result<clients::TraceBatch>> find_traces(RequestContext context, clients::TraceQuery)
        override {
        ++context.bill->of("jaeger").joined;
        co_return clients::TraceBatch();
    }
    Awaitable<Result<clients::TraceBatch>>
    get_trace(RequestContext context, TraceId, std::optional<TimeRange>) override {
        ++context.bill->of("jaeger").cached;
        co_return clients::TraceBatch();
    }
    Awaitable<Result<std::vector<std::string>>> services(RequestContext) override {
        co_return std::vector<std::string>();
    }
    Awaitable<Result<std::vector<clients::Operation>>> operations(
        RequestContext, std::string, std::string
    ) override {
        co_return std::vector<clients::Operation>();
    }
    [[nodiscard]] clients::StoreState state() const override { return {}; }
};

TEST_CASE("a shared or remembered answer is noted on its span", "[spans]") {
    RecordedSpans recorded;
    SharingStore store;
    app::TracedStore traced(store, recorded.tracer, "jaeger");
    const RequestContext context = sampled({});
    run_coroutine<bool>([&]() -> Awaitable<bool> {
        co_await traced.find_traces(context, clients::TraceQuery());
        co_await traced.get_trace(context, TraceId{0, 9}, std::nullopt);
        co_return true;
    });
    const auto spans = recorded.take();
    REQUIRE(spans.size() == 2);
    CHECK(texts(*spans[0])["meshscope.joined"] == "true");
    CHECK(texts(*spans[0])["meshscope.traces"] == "0");
    CHECK(texts(*spans[0])["meshscope.stopped_by"] == "complete");
    CHECK(texts(*spans[1])["meshscope.cached"] == "true");
    CHECK(context.bill->of("jaeger").joined == 1);
    CHECK(context.bill->of("jaeger").cached == 1);
}

config::Loaded settings(const std::string& collector, const std::string& more) {
    auto result = config::load_text(
        "auth: {strategy: anonymous}\n"
        "server: {address: 127.0.0.1, port: 0, observability: {metrics: {port: 0}, tracing: "
        "{enabled: true, sampling_rate: 1, collector_url: '" +
            collector + "'" + more +
            "}}}\n"
            "external_services: {prometheus: {enabled: false}, tracing: {enabled: true, use_grpc: "
            "false, internal_url: 'http://127.0.0.1:1/jaeger'}}\n",
        {}
    );
    REQUIRE(result.has_value());
    return *result;
}

telemetry::LogOptions quiet() {
    telemetry::LogOptions options;
    options.level = telemetry::LogLevel::kFatal;
    return options;
}

TEST_CASE("the spans of a request are sent when the server stops", "[spans]") {
    const ScriptedServer collector([](Peer& peer) {
        while (!peer.read_request().empty()) {
            peer.send(http_answer(""));
        }
    });
    telemetry::Logger logger(quiet());
    auto made = app::Application::create(
        settings("127.0.0.1:" + std::to_string(collector.port()), ""),
        telemetry::LogLevel::kFatal,
        logger
    );
    REQUIRE(made.has_value());
    app::Application& application = **made;
    REQUIRE(application.start().has_value());
    {
        RawClient client(application.port());
        // While the background probe looks at Jaeger a request would share its look, and have no
        // span of its own for that.
        while (client.ask("GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n").value().status != 200) {
        }
        for (const char* path : {"/healthz", "/api/namespaces/a/apps/b/traces"}) {
            REQUIRE(client.ask(std::string("GET ") + path + " HTTP/1.1\r\nHost: test\r\n\r\n"));
        }
        RawClient metrics(application.metrics_port());
        const auto text = metrics.ask("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")->body;
        CHECK(text.find("meshscope_own_spans_queued") != std::string::npos);
    }
    application.stop();
    REQUIRE(collector.requests().size() == 1);
    const std::string sent = collector.requests().front();
    for (const char* part :
         {"service.name",
          "meshscope",
          "GET /api/namespaces/{namespace}/apps/{app}/traces",
          "find traces",
          "GET jaeger",
          "upstream_unreachable"}) {
        INFO(part);
        CHECK(sent.find(part) != std::string::npos);
    }
    for (const char* part : {"healthz", "readyz", "metrics", "traceparent"}) {
        INFO(part);
        CHECK(sent.find(part) == std::string::npos);
    }
}

TEST_CASE("a collector's address that cannot be used stops the start", "[spans]") {
    telemetry::Logger logger(quiet());
    const auto made = app::Application::create(
        settings("collector:port", ""), telemetry::LogLevel::kFatal, logger
    );
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().hint().setting == "server.observability.tracing.collector_url");
}

}  // namespace
}  // namespace meshscope::test
