#include "clients/jaeger/http_v1_query.hpp"

#include <catch2/catch.hpp>

namespace meshscope::clients::jaeger {

TEST_CASE("a search keeps its times to the microsecond, sorted and encoded") {
    TraceQuery query;
    query.service = "reviews/v1 & more.bookinfo";
    query.operation = "GET /a?b=c";
    query.tags = {{"error", "true"}, {"quote", "a\"b"}};
    query.window = {from_micros(1'787'220'000'123'456), from_micros(1'787'220'000'999'999)};
    query.min_duration = std::chrono::microseconds(2'500);
    query.max_duration = std::chrono::seconds(2);
    query.limit = 20;
    CHECK(
        search_target(query) ==
        "/api/traces?end=1787220000999999&limit=20&maxDuration=2000000us&minDuration=2500us"
        "&operation=GET%20%2Fa%3Fb%3Dc&service=reviews%2Fv1%20%26%20more.bookinfo"
        "&start=1787220000123456&tags=%7B%22error%22%3A%22true%22%2C%22quote%22%3A%22a%5C%22b%22%7D"
    );
}

TEST_CASE("what is not asked is not sent, but a limit always is") {
    TraceQuery query;
    query.window = {from_micros(1), from_micros(2)};
    query.limit = 0;
    CHECK(search_target(query) == "/api/traces?end=2&limit=1&start=1");
}

TEST_CASE("targets of traces and operations") {
    CHECK(trace_target(TraceId{0, 0x2A}, std::nullopt) == "/api/traces/000000000000002a");
    CHECK(
        trace_target(TraceId{1, 2}, TimeRange{from_micros(5), from_micros(9)}) ==
        "/api/traces/00000000000000010000000000000002?end=9&start=5"
    );
    CHECK(operations_target("a b", "") == "/api/operations?service=a%20b");
    CHECK(operations_target("a", "server") == "/api/operations?service=a&spanKind=server");
    CHECK(service_operations_target("a/b%") == "/api/services/a%2Fb%25/operations");
}

}  // namespace meshscope::clients::jaeger
