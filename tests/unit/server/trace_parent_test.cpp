#include "server/trace_parent.hpp"

#include <catch2/catch.hpp>

namespace meshscope::test {
namespace {

using server::checked_tracestate;
using server::format_traceparent;
using server::parse_traceparent;

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSpan = "00f067aa0ba902b7";
const std::string kGood = "00-" + kTrace + "-" + kSpan + "-01";

struct Row {
    std::string name;
    std::string text;
    bool good;
};

TEST_CASE("traceparent is read strictly", "[trace]") {
    const std::vector<Row> rows{
        {"version 00", kGood, true},
        {"empty", "", false},
        {"too short", kGood.substr(0, 54), false},
        {"version 00 with more", kGood + "-extra", false},
        {"version 00 with one more", kGood + "0", false},
        {"later version", "01" + kGood.substr(2), true},
        {"later version with more", "cc" + kGood.substr(2) + "-what-the-future-will-be-like", true},
        {"later version with more but no dash", "cc" + kGood.substr(2) + ".x", false},
        {"version ff", "ff" + kGood.substr(2), false},
        {"upper-case version", "CC" + kGood.substr(2), false},
        {"version that is no hex", "0x" + kGood.substr(2), false},
        {"zero trace", "00-" + std::string(32, '0') + "-" + kSpan + "-01", false},
        {"zero span", "00-" + kTrace + "-" + std::string(16, '0') + "-01", false},
        {"upper-case trace", "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kSpan + "-01", false},
        {"upper-case span", "00-" + kTrace + "-00F067AA0BA902B7-01", false},
        {"flags that are no hex", "00-" + kTrace + "-" + kSpan + "-0g", false},
        {"upper-case flags", "00-" + kTrace + "-" + kSpan + "-0A", false},
        {"underscore for a dash", "00_" + kTrace + "-" + kSpan + "-01", false},
        {"trace of 31 digits", "00-" + kTrace.substr(1) + "-" + kSpan + "-011", false},
        {"leading space", " " + kGood, false},
        {"trailing space", kGood + " ", false},
        {"64-bit trace, padded", "00-0000000000000000a3ce929d0e0e4736-" + kSpan + "-01", true},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        CHECK(parse_traceparent(row.text).has_value() == row.good);
    }
}

TEST_CASE("traceparent gives ids and the sampled flag", "[trace]") {
    const auto context = parse_traceparent(kGood);
    REQUIRE(context);
    CHECK(context->trace == TraceId{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736});
    CHECK(context->span == SpanId{0x00f067aa0ba902b7});
    CHECK(context->sampled);
    CHECK_FALSE(parse_traceparent(kGood.substr(0, 54) + "0")->sampled);
    CHECK_FALSE(parse_traceparent(kGood.substr(0, 53) + "fe")->sampled);
    CHECK(parse_traceparent(kGood.substr(0, 53) + "ff")->sampled);
    CHECK(format_traceparent(*context) == kGood);
    TraceContext plain = *context;
    plain.sampled = false;
    CHECK(format_traceparent(plain) == kGood.substr(0, 54) + "0");
}

TEST_CASE("tracestate is passed on or dropped, never changed", "[trace]") {
    const auto members = [](int count) {
        std::string text = "a=1";
        for (int i = 1; i < count; ++i) {
            text += ",k" + std::to_string(i) + "=v";
        }
        return text;
    };
    CHECK(checked_tracestate("vendor=opaque, other@x=1") == "vendor=opaque, other@x=1");
    CHECK(checked_tracestate(members(32)) == members(32));
    CHECK_FALSE(checked_tracestate(members(33)));
    CHECK(checked_tracestate("a=" + std::string(510, 'x')));
    CHECK_FALSE(checked_tracestate("a=" + std::string(511, 'x')));
    CHECK_FALSE(checked_tracestate("a=\xC3\xA4"));
    CHECK_FALSE(checked_tracestate(""));
}

}  // namespace
}  // namespace meshscope::test
