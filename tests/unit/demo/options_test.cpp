#include "demo/bookinfo/options.hpp"

#include "demo/bookinfo/control_api.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace meshscope::demo;

TEST_CASE("flags of the demo program") {
    const std::vector<const char*> flags = {
        "--http-port",
        "16686",
        "--base-path",
        "/jaeger",
        "--seed",
        "9",
        "--scenario",
        "big-trace",
        "--closed",
        "--start-micros",
        "5",
        "--bearer",
        "t",
        "--jaeger-version",
        "next",
        "--without-api-v3",
        "--kubernetes-anonymous",
        "none",
        "--marker",
        "MARK"
    };
    const auto options = parse_options(flags);
    REQUIRE(options.has_value());
    CHECK(options->http_port == 16686);
    CHECK(options->grpc_port == 0);
    CHECK(options->jaeger.base_path == "/jaeger");
    CHECK(options->seed == 9);
    CHECK(options->scenario == "big-trace");
    CHECK(options->closed);
    CHECK_FALSE(options->kubernetes.anonymous_reads);
    CHECK(options->marker == "MARK");
    CHECK(options->start_micros == 5);
    CHECK(options->release.version == "v2.21.0");
    CHECK_FALSE(options->release.api_v3);
    CHECK(options->jaeger.credentials.accept("Bearer t"));
    CHECK_FALSE(options->jaeger.credentials.accept(""));
}

TEST_CASE("a wrong flag is named") {
    struct Row {
        std::vector<const char*> flags;
        const char* text;
    };
    const std::vector<Row> rows = {
        {{"--nope"}, "unknown flag --nope"},
        {{"--seed"}, "--seed needs a value"},
        {{"--http-port", "70000"}, "--http-port: '70000' is not a number from 0 to 65535"},
        {{"--base-path", "jaeger"}, "--base-path: 'jaeger' is not a path"},
        {{"--base-path", "/jaeger/"}, "--base-path: '/jaeger/' is not a path"},
        {{"--jaeger-version", "1.60"}, "'1.60' is no release of Jaeger"},
        {{"--scenario", "rain"}, "unknown scenario 'rain'"},
        {{"--kubernetes-anonymous", "all"}, "'all' is not read or none"},
        {{"--basic-auth", "onlyauser"}, "--basic-auth: '(hidden)' is not USER:PASS"},
    };
    for (const Row& row : rows) {
        const auto options = parse_options(row.flags);
        REQUIRE_FALSE(options.has_value());
        CHECK_THAT(options.error().message(), Catch::Contains(row.text));
    }
}

TEST_CASE("the control port counts, forgets and sets faults") {
    Counters counters;
    Faults faults;
    RunningRelease release;
    counters.count("http", "search");
    const auto ask = [&](std::string_view method, std::string_view target) {
        return control(parse_target(method, target), counters, faults, release);
    };
    CHECK(
        ask("GET", "/counts").body ==
        R"({"grpc":{},"grpc_v3":{},"http":{"search":1},"http_v3":{},"kubernetes":{},)"
        R"("kubernetes_users":{},"otlp":{}})"
    );
    CHECK(ask("POST", "/faults?latency-ms=20&stall-after-chunks=3").status == 200);
    CHECK(faults.latency_ms == 20);
    CHECK(faults.stall_after_chunks == 3);
    CHECK(faults.stall_after_bytes == -1);
    CHECK(ask("POST", "/faults?rain=1").status == 400);
    CHECK(ask("POST", "/faults?latency-ms=x").status == 400);
    CHECK(ask("GET", "/reset").status == 404);
    CHECK(ask("POST", "/jaeger-version?version=next&api-v3=off").status == 200);
    CHECK(release.get().version == "v2.21.0");
    CHECK_FALSE(release.get().api_v3);
    CHECK(ask("POST", "/jaeger-version?version=2.18").status == 200);
    CHECK(release.get().version == "v2.18.0");
    CHECK(release.get().api_v3);
    CHECK(ask("POST", "/jaeger-version").status == 400);
    CHECK(ask("POST", "/jaeger-version?version=next&api-v3=maybe").status == 400);
    CHECK(release.get().version == "v2.18.0");
    ask("POST", "/reset");
    CHECK(
        ask("GET", "/counts").body ==
        R"({"grpc":{},"grpc_v3":{},"http":{},"http_v3":{},"kubernetes":{},"kubernetes_users":{},)"
        R"("otlp":{}})"
    );
}
