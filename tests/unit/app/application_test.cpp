#include "app/application.hpp"

#include "app/descriptors.hpp"
#include "app/server_options.hpp"
#include "app/tracing.hpp"
#include "config/load.hpp"
#include "telemetry/logger.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;

const std::string kAnyPorts =
    "auth: {strategy: anonymous}\n"
    "server: {address: 127.0.0.1, port: 0, observability: {metrics: {port: 0}}}\n"
    "external_services: {prometheus: {enabled: false}, tracing: {enabled: true, use_grpc: false, "
    "internal_url: 'http://127.0.0.1:1/jaeger'}}\n";

config::Loaded loaded(const std::string& text) {
    auto result = config::load_text(text, {});
    REQUIRE(result.has_value());
    return *result;
}

telemetry::LogOptions quiet() {
    telemetry::LogOptions options;
    options.level = telemetry::LogLevel::kFatal;
    return options;
}

std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

// Ready once the upstream was looked at, whatever was seen.
bool ready_in_the_end(RawClient& client) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < end) {
        const unsigned status = client.ask(get("/readyz"))->status;
        if (status == 200) {
            return true;
        }
        REQUIRE(status == 503);
    }
    return false;
}

struct Running {
    telemetry::Logger logger{quiet()};
    std::unique_ptr<app::Application> application;

    explicit Running(const std::string& text) {
        auto made = app::Application::create(loaded(text), telemetry::LogLevel::kFatal, logger);
        REQUIRE(made.has_value());
        application = std::move(*made);
        REQUIRE(application->start().has_value());
    }
};

TEST_CASE("with its upstream down the server answers, is ready, and says what is wrong", "[app]") {
    Running running(kAnyPorts);
    RawClient client(running.application->port());
    CHECK(client.ask(get("/healthz"))->status == 200);
    CHECK(ready_in_the_end(client));
    const auto traces = client.ask(get("/api/namespaces/a/apps/b/traces"));
    CHECK(traces->status == 503);
    CHECK(traces->body.find("upstream_unreachable") != std::string::npos);
    CHECK(traces->body.find("external_services.tracing.internal_url") != std::string::npos);
    RawClient metrics(running.application->metrics_port());
    const auto text = metrics.ask(get("/metrics"))->body;
    CHECK(text.find("meshscope_http_requests_total") != std::string::npos);
    CHECK(text.find("meshscope_upstream_calls_in_flight") != std::string::npos);
    running.application->stop();
    running.application->stop();
}

TEST_CASE("a cluster that is down: it is said, and the server is not ready", "[app]") {
    const ScratchDir dir;
    const std::string kubeconfig = dir.write(
        "kubeconfig",
        "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
        "users: [{name: u, user: {token: secret-marker}}]\n"
    );
    Running running(kAnyPorts + "meshscope: {kubernetes: {kubeconfig: '" + kubeconfig + "'}}\n");
    RawClient client(running.application->port());
    const char* const down = R"("name":"kubernetes","status":"Unreachable")";
    std::string status;
    for (const auto end = std::chrono::steady_clock::now() + 10s;
         std::chrono::steady_clock::now() < end && status.find(down) == std::string::npos;) {
        status = client.ask(get("/api/istio/status"))->body;
    }
    CHECK(status.find(down) != std::string::npos);
    CHECK(status.find("meshscope.kubernetes.kubeconfig") != std::string::npos);
    CHECK(status.find("secret-marker") == std::string::npos);
    CHECK(client.ask(get("/readyz"))->status == 503);
    CHECK(client.ask(get("/api/clusters/workloads"))->status == 503);
    RawClient metrics(running.application->metrics_port());
    const auto text = metrics.ask(get("/metrics"))->body;
    for (const char* line :
         {"meshscope_upstream_reachable{upstream=\"kubernetes\"} 0\n",
          "meshscope_upstream_calls_in_flight{upstream=\"kubernetes\"} 0\n",
          "meshscope_upstream_calls_waiting{upstream=\"kubernetes\"} 0\n",
          "meshscope_cluster_objects{kind=\"pods\"} 0\n",
          "meshscope_cluster_lists{kind=\"gateways.networking.istio.io\"} 0\n",
          "meshscope_cluster_age_seconds ",
          "meshscope_cluster_event_age_seconds "}) {
        CAPTURE(line, text);
        CHECK(text.find(line) != std::string::npos);
    }
}

TEST_CASE("a busy port is said at the start, and nothing is left running", "[app]") {
    Running first(kAnyPorts);
    std::string text = kAnyPorts;
    text.replace(text.find("port: 0"), 7, "port: " + std::to_string(first.application->port()));
    telemetry::Logger logger{quiet()};
    auto second = app::Application::create(loaded(text), telemetry::LogLevel::kFatal, logger);
    REQUIRE(second.has_value());
    const auto started = (*second)->start();
    REQUIRE_FALSE(started.has_value());
    CHECK(
        started.error().message().find(std::to_string(first.application->port())) !=
        std::string::npos
    );
}

TEST_CASE("an internal URL that is none is refused with its key", "[app]") {
    telemetry::Logger logger{quiet()};
    std::string text = kAnyPorts;
    text.replace(text.find("http://127.0.0.1:1/jaeger"), 25, "http://");
    const auto result = config::load_text(text, {});
    if (result) {
        const auto made = app::Application::create(*result, telemetry::LogLevel::kFatal, logger);
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().message().find("external_services.tracing") != std::string::npos);
    } else {
        CHECK(result.error().message().find("internal_url") != std::string::npos);
    }
}

TEST_CASE("without a cluster no login starts, and the key says so", "[app]") {
    telemetry::Logger logger{quiet()};
    for (const char* strategy : {"token", "header"}) {
        std::string text = kAnyPorts;
        text.replace(text.find("anonymous"), 9, strategy);
        text += "login_token: {signing_key: sixteen-byte-key}\n";
        const auto made =
            app::Application::create(loaded(text), telemetry::LogLevel::kFatal, logger);
        REQUIRE(made.has_error());
        CHECK(made.error().hint().setting == "auth.strategy");
        CHECK(made.error().message().find("no cluster") != std::string::npos);
    }
}

TEST_CASE("why there is no tracing has a code and a key", "[app]") {
    config::TracingTarget target;
    CHECK(app::tracing_unavailable(target).code() == "tracing_disabled");
    target.enabled = true;
    CHECK(app::tracing_unavailable(target).code() == "tracing_link_only");
    target.off_reason = "provider tempo is not served yet";
    const Error off = app::tracing_unavailable(target);
    CHECK(off.code() == "tracing_off");
    CHECK(off.message().find("tempo") != std::string::npos);
    CHECK(off.kind() == ErrorKind::kUnavailable);
}

TEST_CASE("a request outlives the upstream call that it waits for", "[app]") {
    const auto timeout = [](const std::string& query, const std::string& request) {
        const auto configuration = loaded(
            "auth: {strategy: anonymous}\nexternal_services: {tracing: {query_timeout: " + query +
            "}}\nmeshscope: {request_timeout: " + request + "}\n"
        );
        return app::server_options(configuration.config)->limits.request_timeout;
    };
    CHECK(timeout("5", "60s") == 60s);
    CHECK(timeout("120", "60s") == 125s);
    CHECK(timeout("0", "60s") == 65s);
}

}  // namespace
}  // namespace meshscope::test

TEST_CASE("connections leave descriptors for everything else", "[descriptors]") {
    CHECK(meshscope::app::connections_within(1'000'000) == 999'744);
    CHECK(meshscope::app::connections_within(1'024) == 768);
    CHECK(meshscope::app::connections_within(512) == 256);
    CHECK(meshscope::app::connections_within(100) == 50);
    CHECK(meshscope::app::connections_within(1) == 1);
    CHECK(meshscope::app::connections_within(0) == 1);
}
