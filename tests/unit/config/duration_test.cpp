#include "config/duration.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <limits>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using meshscope::config::format_duration;
using meshscope::config::parse_duration;
using meshscope::config::parse_go_duration;
using meshscope::config::parse_prometheus_duration;
using Parsed = std::optional<std::chrono::nanoseconds>;

TEST_CASE("Go durations") {
    struct Row {
        const char* text;
        Parsed expected;
    };
    const Row rows[] = {
        {"90s", 90s},
        {"1h30m", 90min},
        {"30m1h", 90min},
        {"1.5s", 1500ms},
        {".5s", 500ms},
        {"5.s", 5s},
        {"0.1s", 100ms},
        {"0.3us", 300ns},
        {"1.0000000019s", 1000000001ns},
        {"-2ms", -2ms},
        {"+2ms", 2ms},
        {"0", 0ns},
        {"-0", 0ns},
        {"3us", 3us},
        {"3\xC2\xB5s", 3us},
        {"3\xCE\xBCs", 3us},
        {"7ns", 7ns},
        {"2562047h", 2562047h},
        {"2562048h", std::nullopt},
        {"99999999999999999999s", std::nullopt},
        {"30", std::nullopt},
        {"", std::nullopt},
        {"s", std::nullopt},
        {".s", std::nullopt},
        {"1d", std::nullopt},
        {"1 s", std::nullopt},
        {" 1s", std::nullopt},
        {"1s ", std::nullopt},
        {"1e3s", std::nullopt},
        {"--1s", std::nullopt},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        CHECK(parse_go_duration(row.text) == row.expected);
    }
}

TEST_CASE("Prometheus durations") {
    struct Row {
        const char* text;
        Parsed expected;
    };
    const Row rows[] = {
        {"7d", 7 * 24h},
        {"1w", 7 * 24h},
        {"1y", 365 * 24h},
        {"1d12h30m", 36h + 30min},
        {"1m30s5ms", 90s + 5ms},
        {"0", 0ns},
        {"0s", 0ns},
        {"12h1d", std::nullopt},
        {"1d1d", std::nullopt},
        {"1.5d", std::nullopt},
        {"-1d", std::nullopt},
        {"1", std::nullopt},
        {"d", std::nullopt},
        {"", std::nullopt},
        {"1us", std::nullopt},
        {"400y", std::nullopt},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        CHECK(parse_prometheus_duration(row.text) == row.expected);
    }
    CHECK(parse_duration("1d") == Parsed(24h));
    CHECK(parse_duration("1.5h") == Parsed(90min));
    CHECK(parse_duration("soon") == std::nullopt);
}

TEST_CASE("a printed duration reads back") {
    CHECK(format_duration(0s) == "0s");
    CHECK(format_duration(90min) == "1h30m");
    CHECK(format_duration(7 * 24h) == "168h");
    CHECK(format_duration(-1500ms) == "-1s500ms");
    for (const std::chrono::nanoseconds value :
         {std::chrono::nanoseconds(1),
          std::chrono::nanoseconds(123456789012345),
          std::chrono::nanoseconds(std::numeric_limits<std::int64_t>::max())}) {
        CHECK(parse_go_duration(format_duration(value)) == Parsed(value));
    }
    const std::chrono::nanoseconds least(std::numeric_limits<std::int64_t>::min());
    CHECK(format_duration(least) == "-2562047h47m16s854ms775us808ns");
}
