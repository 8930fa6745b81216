#include "demo/jaeger/go_values.hpp"

#include <catch2/catch.hpp>

using meshscope::demo::parse_go_duration;
using meshscope::demo::parse_integer;
using meshscope::demo::parse_rfc3339;

TEST_CASE("Go durations") {
    struct Row {
        const char* text;
        std::optional<std::int64_t> nanos;
    };
    const auto row = GENERATE(values<Row>({
        {"0", 0},
        {"15us", 15'000},
        {"15\xC2\xB5s", 15'000},
        {"1500ns", 1'500},
        {"2ms", 2'000'000},
        {"1.5s", 1'500'000'000},
        {"1m30s", 90'000'000'000},
        {"2h", 7'200'000'000'000},
        {"", std::nullopt},
        {"5", std::nullopt},
        {"-5s", std::nullopt},
        {"5 s", std::nullopt},
        {"s", std::nullopt},
        {"1e3s", std::nullopt},
        {"99999999999h", std::nullopt},
    }));
    INFO(row.text);
    CHECK(parse_go_duration(row.text) == row.nanos);
}

TEST_CASE("times of RFC 3339") {
    struct Row {
        const char* text;
        std::optional<std::int64_t> nanos;
    };
    static constexpr std::int64_t kDay = 1'763'683'200'000'000'000;
    const auto row = GENERATE(values<Row>({
        {"1970-01-01T00:00:00Z", 0},
        {"2025-11-21T00:00:00Z", kDay},
        {"2025-11-21T00:00:00.000000001Z", kDay + 1},
        {"2025-11-21T01:30:00.25+01:30", kDay + 250'000'000},
        {"2025-11-20T23:00:00-01:00", kDay},
        {"1969-12-31T23:59:59Z", -1'000'000'000},
        {"", std::nullopt},
        {"2025-11-21", std::nullopt},
        {"2025-11-21T00:00:00", std::nullopt},
        {"2025-11-21 00:00:00Z", std::nullopt},
        {"2025-02-30T00:00:00Z", std::nullopt},
        {"2025-11-21T24:00:00Z", std::nullopt},
        {"2025-11-21T00:00:00.Z", std::nullopt},
        {"2025-11-21T00:00:00Zx", std::nullopt},
        {"-025-11-21T00:00:00Z", std::nullopt},
        {"9999-11-21T00:00:00Z", std::nullopt},
    }));
    INFO(row.text);
    CHECK(parse_rfc3339(row.text) == row.nanos);
}

TEST_CASE("integers take the whole text") {
    CHECK(parse_integer("-12") == -12);
    CHECK_FALSE(parse_integer("").has_value());
    CHECK_FALSE(parse_integer("12x").has_value());
    CHECK_FALSE(parse_integer("99999999999999999999").has_value());
}
