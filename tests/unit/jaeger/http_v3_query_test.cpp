#include "clients/jaeger/http_v3_query.hpp"

#include "clients/jaeger/release.hpp"

#include <catch2/catch.hpp>

#include <limits>

namespace meshscope::clients::jaeger {

TEST_CASE("a search of api_v3 says everything in both spellings") {
    TraceQuery query;
    query.service = "reviews/v1 & more.bookinfo";
    query.operation = "GET /a?b=c";
    query.tags = {{"error", "true"}, {"quote", "a\"b"}};
    query.window = {from_micros(1'787'220'000'123'456), from_micros(1'787'220'000'999'999)};
    query.min_duration = std::chrono::microseconds(2'500);
    query.max_duration = std::chrono::seconds(2);
    query.limit = 20;
    CHECK(
        v3_search_target(query) ==
        "/api/v3/traces?query.startTimeMin=2026-08-20T10%3A00%3A00.123456000Z"
        "&query.start_time_min=2026-08-20T10%3A00%3A00.123456000Z"
        "&query.startTimeMax=2026-08-20T10%3A00%3A00.999999000Z"
        "&query.start_time_max=2026-08-20T10%3A00%3A00.999999000Z"
        "&query.serviceName=reviews%2Fv1%20%26%20more.bookinfo"
        "&query.service_name=reviews%2Fv1%20%26%20more.bookinfo"
        "&query.operationName=GET%20%2Fa%3Fb%3Dc&query.operation_name=GET%20%2Fa%3Fb%3Dc"
        "&query.attributes=%7B%22error%22%3A%22true%22%2C%22quote%22%3A%22a%5C%22b%22%7D"
        "&query.durationMin=2500us&query.duration_min=2500us"
        "&query.durationMax=2000000us&query.duration_max=2000000us"
        "&query.searchDepth=20&query.search_depth=20&query.num_traces=20"
    );
}

TEST_CASE("bounds and a depth are sent even when nothing is asked for") {
    TraceQuery query;
    query.limit = 0;
    CHECK(
        v3_search_target(query) ==
        "/api/v3/traces?query.startTimeMin=1970-01-01T00%3A00%3A00.000000000Z"
        "&query.start_time_min=1970-01-01T00%3A00%3A00.000000000Z"
        "&query.startTimeMax=1970-01-01T00%3A00%3A00.000001000Z"
        "&query.start_time_max=1970-01-01T00%3A00%3A00.000001000Z"
        "&query.searchDepth=1&query.search_depth=1&query.num_traces=1"
    );
}

TEST_CASE("times of api_v3 are UTC to the nanosecond and stay in range") {
    CHECK(rfc3339(from_micros(0)) == "1970-01-01T00:00:00.000000000Z");
    CHECK(rfc3339(from_micros(-1)) == "1969-12-31T23:59:59.999999000Z");
    CHECK(rfc3339(from_micros(951'782'399'000'001)) == "2000-02-28T23:59:59.000001000Z");
    CHECK(rfc3339(from_micros(951'782'400'000'000)) == "2000-02-29T00:00:00.000000000Z");
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const std::string far =
        v3_trace_target(TraceId{0, 1}, TimeRange{from_micros(-kMost), from_micros(kMost)});
    CHECK(far.find("startTime=1677-09-21T") != std::string::npos);
    CHECK(far.find("endTime=2262-04-11T") != std::string::npos);
}

TEST_CASE("targets of api_v3's traces and operations") {
    CHECK(
        v3_trace_target(TraceId{0, 0x2A}, std::nullopt) ==
        "/api/v3/traces/0000000000000000000000000000002a"
    );
    CHECK(
        v3_trace_target(TraceId{1, 2}, TimeRange{from_micros(5), from_micros(9)}) ==
        "/api/v3/traces/00000000000000010000000000000002"
        "?startTime=1970-01-01T00%3A00%3A00.000005000Z"
        "&start_time=1970-01-01T00%3A00%3A00.000005000Z"
        "&endTime=1970-01-01T00%3A00%3A00.000009000Z"
        "&end_time=1970-01-01T00%3A00%3A00.000009000Z"
    );
    CHECK(v3_operations_target("a b", "") == "/api/v3/operations?service=a%20b");
    CHECK(
        v3_operations_target("a", "server") ==
        "/api/v3/operations?service=a&spanKind=server&span_kind=server"
    );
}

TEST_CASE("the release is read out of a version") {
    struct Row {
        const char* version;
        std::optional<Release> release;
    };
    const Row row = GENERATE(values<Row>({
        {"v2.19.0", Release{2, 19}},
        {"2.9", Release{2, 9}},
        {"v1.76.0", Release{1, 76}},
        {"v2.20.0-rc1", Release{2, 20}},
        {"v2.21-dev", Release{2, 21}},
        {"", std::nullopt},
        {"v", std::nullopt},
        {"v2", std::nullopt},
        {"2.", std::nullopt},
        {"v2.x", std::nullopt},
        {"v2.19x", std::nullopt},
        {"-1.2", std::nullopt},
        {"99999999999.1", std::nullopt},
        {"8498073ff", std::nullopt},
    }));
    INFO(row.version);
    CHECK(read_release(row.version) == row.release);
    CHECK(Release{2, 9} < Release{2, 19});
    CHECK(Release{1, 76} < Release{2, 0});
}

}  // namespace meshscope::clients::jaeger
