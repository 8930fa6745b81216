#include "business/log_join.hpp"

#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace meshscope;
using business::LogJoin;
using business::SelectedSpans;
using business::SpanLink;
using models::LogLine;
using test::SpanRow;

namespace {

constexpr std::int64_t kStart = 1'763'683'200'000'000;  // µs

SpanRow span(std::uint64_t id, std::int64_t start, std::int64_t duration, std::string request) {
    SpanRow row;
    row.id = id;
    row.parent = id == 1 ? 0 : 1;
    row.start_us = kStart + start;
    row.duration_us = duration;
    if (!request.empty()) {
        row.tags = {{"guid:x-request-id", request}};
    }
    return row;
}

SelectedSpans selected(std::uint64_t trace, const std::vector<SpanRow>& rows) {
    SelectedSpans out;
    out.view.trace = test::make_trace({0, trace}, rows);
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        out.spans.push_back(i);
    }
    return out;
}

LogLine line(std::int64_t at, std::string_view trace, std::string_view request) {
    LogLine out;
    out.time_ns = (kStart + at) * 1'000;
    out.trace_id = trace;
    out.request_id = request;
    return out;
}

}  // namespace

TEST_CASE("lines are joined with spans by trace id, then by request id", "[logs]") {
    std::vector<SelectedSpans> spans;
    spans.push_back(selected(0x2a, {span(1, 0, 1'000, "r-1"), span(2, 100, 200, "r-1")}));
    spans.push_back(selected(0x2b, {span(1, 5'000, 1'000, "r-2")}));
    spans.push_back(selected(0x2c, {span(1, 9'000, 10, ""), span(2, 9'500, 10, "r-3")}));
    // The caller may not see the second span of the last trace.
    spans[2].view.hidden =
        std::make_shared<const std::vector<bool>>(std::vector<bool>{false, true});
    const LogJoin join(spans);

    struct Row {
        std::int64_t at;
        std::string trace, request;
        std::uint64_t found_trace, found_span;  // 0: none
        SpanLink::By by;
    };
    constexpr auto kTrace = SpanLink::By::kTraceId;
    constexpr auto kRequest = SpanLink::By::kRequestId;
    const std::vector<Row> rows{
        {150, "000000000000002a", "", 0x2a, 2, kTrace},  // the innermost under way
        {50, "000000000000002a", "", 0x2a, 1, kTrace},
        {301, "000000000000002a", "", 0x2a, 1, kTrace},  // the second has ended
        {-50, "000000000000002a", "", 0x2a, 1, kTrace},
        {90'000, "0000000000000000000000000000002a", "r-2", 0x2a, 2, kTrace},
        {5'500, "", "r-2", 0x2b, 1, kRequest},
        {5'500, "000000000000002f", "r-2", 0x2b, 1, kRequest},
        {5'500, "nonsense", "r-2", 0x2b, 1, kRequest},
        {9'500, "", "r-3", 0, 0, kRequest},  // hidden
        {9'505, "000000000000002c", "r-3", 0x2c, 1, kTrace},
        {5'500, "", "", 0, 0, kRequest},
        {5'500, "000000000000002f", "r-9", 0, 0, kRequest},
    };
    for (const Row& row : rows) {
        CAPTURE(row.at, row.trace, row.request);
        const auto link = join.find(line(row.at, row.trace, row.request));
        REQUIRE(link.has_value() == (row.found_trace != 0));
        if (link) {
            CHECK(link->trace == TraceId{0, row.found_trace});
            CHECK(link->span == SpanId{row.found_span});
            CHECK(link->by == row.by);
        }
    }
    CHECK_FALSE(LogJoin({}).find(line(0, "2a", "r-1")));
}
