#include "demo/jaeger/go_values.hpp"

#include <catch2/catch.hpp>

using meshscope::demo::parse_go_duration;
using meshscope::demo::parse_integer;

TEST_CASE("Go durations") {
    struct Row {
        const char* text;
        std::optional<std::int64_t> micros;
    };
    const auto row = GENERATE(values<Row>({
        {"0", 0},
        {"15us", 15},
        {"15\xC2\xB5s", 15},
        {"1500ns", 1},
        {"2ms", 2'000},
        {"1.5s", 1'500'000},
        {"1m30s", 90'000'000},
        {"2h", 7'200'000'000},
        {"", std::nullopt},
        {"5", std::nullopt},
        {"-5s", std::nullopt},
        {"5 s", std::nullopt},
        {"s", std::nullopt},
        {"1e3s", std::nullopt},
        {"99999999999h", std::nullopt},
    }));
    INFO(row.text);
    CHECK(parse_go_duration(row.text) == row.micros);
}

TEST_CASE("integers take the whole text") {
    CHECK(parse_integer("-12") == -12);
    CHECK_FALSE(parse_integer("").has_value());
    CHECK_FALSE(parse_integer("12x").has_value());
    CHECK_FALSE(parse_integer("99999999999999999999").has_value());
}
