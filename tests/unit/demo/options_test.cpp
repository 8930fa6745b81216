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
        "t"
    };
    const auto options = parse_options(flags);
    REQUIRE(options.has_value());
    CHECK(options->http_port == 16686);
    CHECK(options->grpc_port == 0);
    CHECK(options->jaeger.base_path == "/jaeger");
    CHECK(options->seed == 9);
    CHECK(options->scenario == "big-trace");
    CHECK(options->closed);
    CHECK(options->start_micros == 5);
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
        {{"--scenario", "rain"}, "unknown scenario 'rain'"},
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
    counters.count("http", "search");
    const auto ask = [&](std::string_view method, std::string_view target) {
        return control(parse_target(method, target), counters, faults);
    };
    CHECK(ask("GET", "/counts").body == R"({"grpc":{},"http":{"search":1}})");
    CHECK(ask("POST", "/faults?latency-ms=20&stall-after-chunks=3").status == 200);
    CHECK(faults.latency_ms == 20);
    CHECK(faults.stall_after_chunks == 3);
    CHECK(faults.stall_after_bytes == -1);
    CHECK(ask("POST", "/faults?rain=1").status == 400);
    CHECK(ask("POST", "/faults?latency-ms=x").status == 400);
    CHECK(ask("GET", "/reset").status == 404);
    ask("POST", "/reset");
    CHECK(ask("GET", "/counts").body == R"({"grpc":{},"http":{}})");
}
