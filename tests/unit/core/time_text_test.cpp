#include "core/time_text.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using meshscope::parse_rfc3339;

TEST_CASE("times of RFC 3339 are read", "[time]") {
    struct Row {
        std::string text;
        std::optional<std::int64_t> nanos;
    };
    constexpr std::int64_t kSecond = 1'000'000'000;
    const std::vector<Row> rows{
        {"2026-03-04T05:06:07Z", 1'772'600'767 * kSecond},
        {"2026-03-04T05:06:07.5Z", 1'772'600'767 * kSecond + 500'000'000},
        {"2026-03-04T05:06:07.123456789Z", 1'772'600'767 * kSecond + 123'456'789},
        {"2026-03-04T05:06:07.1234567894Z", 1'772'600'767 * kSecond + 123'456'789},
        {"2026-03-04T07:06:07+02:00", 1'772'600'767 * kSecond},
        {"2026-03-04T03:36:07.000-01:30", 1'772'600'767 * kSecond},
        {"1970-01-01T00:00:00Z", 0},
        {"2024-02-29T00:00:00Z", 1'709'164'800 * kSecond},
        {"2023-02-29T00:00:00Z", std::nullopt},
        {"1969-12-31T23:59:59Z", std::nullopt},
        {"1970-01-01T00:00:00+01:00", std::nullopt},
        {"2262-01-01T00:00:00Z", std::nullopt},
        {"2026-13-04T05:06:07Z", std::nullopt},
        {"2026-03-04T24:06:07Z", std::nullopt},
        {"2026-03-04T05:06:07", std::nullopt},
        {"2026-03-04T05:06:07.Z", std::nullopt},
        {"2026-03-04T05:06:07Zx", std::nullopt},
        {"2026-03-04T05:06:07+0200", std::nullopt},
        {"2026-03-04 05:06:07Z", std::nullopt},
        {"2026-o3-04T05:06:07Z", std::nullopt},
        {"", std::nullopt},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_rfc3339(row.text) == row.nanos);
    }
}

TEST_CASE("times are written as RFC 3339", "[time]") {
    struct Row {
        std::int64_t micros;
        std::string text;
    };
    const std::vector<Row> rows{
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {951'782'399'000'001, "2000-02-28T23:59:59.000001Z"},
        {951'782'400'000'000, "2000-02-29T00:00:00Z"},
        {1'787'303'700'123'450, "2026-08-21T09:15:00.12345Z"},
        {253'402'300'799'999'999, "9999-12-31T23:59:59.999999Z"},
        {-62'167'219'200'000'000, "0000-01-01T00:00:00Z"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(meshscope::format_rfc3339(meshscope::from_micros(row.micros)) == row.text);
    }
    CHECK(
        meshscope::format_rfc1123(meshscope::from_micros(1'787'303'700'999'999)) ==
        "Fri, 21 Aug 2026 09:15:00 +0000"
    );
    CHECK(
        meshscope::format_rfc1123(meshscope::from_micros(0)) == "Thu, 01 Jan 1970 00:00:00 +0000"
    );
}
