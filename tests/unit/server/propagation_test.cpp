#include "server/propagation.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {
namespace {

using server::RemoteParent;
using server::TraceHeaders;

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kShort = "a3ce929d0e0e4736";
const std::string kSpan = "00f067aa0ba902b7";
const TraceId kTraceId{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736};
const TraceId kShortId{0, 0xa3ce929d0e0e4736};
const SpanId kSpanId{0x00f067aa0ba902b7};
const std::string kW3c = "00-" + kTrace + "-" + kSpan + "-01";

using Fields = std::vector<std::pair<std::string, std::string>>;

RemoteParent read(const Fields& fields) {
    TraceHeaders headers;
    for (const auto& [name, value] : fields) {
        CHECK(headers.note(name, value));
    }
    return headers.parent();
}

bool is_new(const RemoteParent& parent) {
    return parent.trace.is_zero() && parent.span.is_zero() && !parent.sampled &&
           parent.state.empty();
}

struct Row {
    std::string name;
    Fields fields;
    TraceId trace;
    SpanId span;
    std::optional<bool> sampled;
};

void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(row.name);
        const RemoteParent parent = read(row.fields);
        CHECK(parent.trace == row.trace);
        CHECK(parent.span == row.span);
        CHECK(parent.sampled == row.sampled);
    }
}

TEST_CASE("other fields carry no trace", "[propagation]") {
    TraceHeaders headers;
    for (const char* name : {"b", "x-b3", "x-b3-parentspanid", "traceparent2", "accept"}) {
        CHECK_FALSE(headers.note(name, "1"));
    }
    CHECK(is_new(headers.parent()));
}

TEST_CASE("a malformed traceparent starts a new trace and drops tracestate", "[propagation]") {
    const std::string upper = "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kSpan + "-01";
    for (const std::string& text :
         {upper,
          kW3c.substr(0, 54),
          "ff" + kW3c.substr(2),
          "00-" + std::string(32, '0') + "-" + kSpan + "-01",
          "00-" + kTrace + "-" + std::string(16, '0') + "-01",
          std::string()}) {
        INFO(text);
        CHECK(is_new(read({{"traceparent", text}, {"tracestate", "a=1"}})));
        // Nor does a weaker kind stand in for it.
        CHECK(is_new(read({{"traceparent", text}, {"b3", kTrace + "-" + kSpan + "-1"}})));
    }
    CHECK(is_new(read({{"traceparent", kW3c}, {"Traceparent", kW3c}, {"tracestate", "a=1"}})));
}

TEST_CASE("a bad tracestate is dropped, its traceparent kept", "[propagation]") {
    const auto members = [](int count) {
        std::string text = "a=1";
        for (int i = 1; i < count; ++i) {
            text += ",k" + std::to_string(i) + "=v";
        }
        return text;
    };
    struct StateRow {
        std::string state;
        bool kept;
    };
    for (const StateRow& row : std::vector<StateRow>{
             {"vendor=opaque, other@x=1", true},
             {members(32), true},
             {members(33), false},
             {"a=" + std::string(510, 'x'), true},
             {"a=" + std::string(511, 'x'), false},
             {"a=1,b=2,a=3", false},
             {"a=1,,b=2", true},
             {"a", false},
             {"=1", false},
             {"A=1", false},
             {"a=1=2", false},
             {"a=\xC3\xA4", false}
         }) {
        INFO(row.state);
        const RemoteParent parent = read({{"traceparent", kW3c}, {"tracestate", row.state}});
        CHECK(parent.trace == kTraceId);
        CHECK(parent.state == (row.kept ? row.state : ""));
    }
    const RemoteParent joined =
        read({{"tracestate", "a=1"}, {"traceparent", kW3c}, {"tracestate", "b=2"}});
    CHECK(joined.state == "a=1,b=2");
    CHECK(read({{"tracestate", "a=1"}, {"traceparent", kW3c}, {"tracestate", "a=2"}}).state.empty()
    );
    CHECK(is_new(read({{"tracestate", "a=1"}})));
}

TEST_CASE("the single b3 field", "[propagation]") {
    const std::string ids = kTrace + "-" + kSpan;
    check({
        {"undecided", {{"b3", ids}}, kTraceId, kSpanId, std::nullopt},
        {"sampled", {{"b3", ids + "-1"}}, kTraceId, kSpanId, true},
        {"not sampled", {{"B3", ids + "-0"}}, kTraceId, kSpanId, false},
        {"debug", {{"b3", ids + "-d"}}, kTraceId, kSpanId, true},
        {"with a parent", {{"b3", ids + "-1-" + kShort}}, kTraceId, kSpanId, true},
        {"a short trace id is padded",
         {{"b3", kShort + "-" + kSpan + "-1"}},
         kShortId,
         kSpanId,
         true},
        {"not sampled, no ids", {{"b3", "0"}}, {}, {}, false},
        {"sampled, no ids", {{"b3", "1"}}, {}, {}, true},
        {"debug, no ids", {{"b3", "d"}}, {}, {}, true},
        {"a word", {{"b3", "yes"}}, {}, {}, std::nullopt},
        {"a trace of 31 digits", {{"b3", kTrace.substr(1) + "-" + kSpan}}, {}, {}, std::nullopt},
        {"a span of 15 digits", {{"b3", kTrace + "-" + kSpan.substr(1)}}, {}, {}, std::nullopt},
        {"a zero trace", {{"b3", std::string(32, '0') + "-" + kSpan}}, {}, {}, std::nullopt},
        {"an odd decision", {{"b3", ids + "-2"}}, {}, {}, std::nullopt},
        {"a bad parent", {{"b3", ids + "-1-zz"}}, {}, {}, std::nullopt},
        {"five parts", {{"b3", ids + "-1-" + kShort + "-1"}}, {}, {}, std::nullopt},
        {"twice", {{"b3", ids + "-1"}, {"b3", ids + "-1"}}, {}, {}, std::nullopt},
    });
}

TEST_CASE("the X-B3 fields", "[propagation]") {
    const Fields ids{{"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kSpan}};
    const auto with = [&ids](Fields more) {
        more.insert(more.begin(), ids.begin(), ids.end());
        return more;
    };
    check({
        {"undecided", ids, kTraceId, kSpanId, std::nullopt},
        {"sampled", with({{"X-B3-Sampled", "1"}}), kTraceId, kSpanId, true},
        {"not sampled", with({{"x-b3-sampled", "0"}}), kTraceId, kSpanId, false},
        {"true", with({{"X-B3-Sampled", "True"}}), kTraceId, kSpanId, true},
        {"false", with({{"X-B3-Sampled", "false"}}), kTraceId, kSpanId, false},
        {"debug", with({{"X-B3-Flags", "1"}}), kTraceId, kSpanId, true},
        {"debug wins", with({{"X-B3-Flags", "1"}, {"X-B3-Sampled", "0"}}), kTraceId, kSpanId, true},
        {"no debug", with({{"X-B3-Flags", "0"}}), kTraceId, kSpanId, std::nullopt},
        {"a decision alone", {{"X-B3-Sampled", "0"}}, {}, {}, false},
        {"short trace", {{"X-B3-TraceId", kShort}, {"X-B3-SpanId", kSpan}}, kShortId, kSpanId, {}},
        {"no span id", {{"X-B3-TraceId", kTrace}, {"X-B3-Sampled", "1"}}, {}, {}, std::nullopt},
        {"an odd decision", with({{"X-B3-Sampled", "maybe"}}), {}, {}, std::nullopt},
        {"trace id twice", with({{"x-b3-traceid", kTrace}}), {}, {}, std::nullopt},
    });
}

TEST_CASE("the uber-trace-id field", "[propagation]") {
    const auto field = [](std::string text) { return Fields{{"Uber-Trace-Id", std::move(text)}}; };
    check({
        {"sampled", field(kTrace + ":" + kSpan + ":0:1"), kTraceId, kSpanId, true},
        {"not sampled", field(kTrace + ":" + kSpan + ":0:0"), kTraceId, kSpanId, false},
        {"debug", field(kTrace + ":" + kSpan + ":0:2"), kTraceId, kSpanId, true},
        {"no leading zeros", field("1f:f067aa0ba902b7:0:01"), TraceId{0, 0x1f}, kSpanId, true},
        {"encoded", field(kShort + "%3A" + kSpan + "%3a0%3A1"), kShortId, kSpanId, true},
        {"a zero trace", field("0:" + kSpan + ":0:1"), {}, {}, std::nullopt},
        {"a zero span", field(kTrace + ":0:0:1"), {}, {}, std::nullopt},
        {"three parts", field(kTrace + ":" + kSpan + ":1"), {}, {}, std::nullopt},
        {"flags of three digits", field(kTrace + ":" + kSpan + ":0:001"), {}, {}, std::nullopt},
        {"broken escape", field(kTrace + "%3" + kSpan + ":0:1"), {}, {}, std::nullopt},
        {"no hex", field("xyz:" + kSpan + ":0:1"), {}, {}, std::nullopt},
        {"far too long", field(std::string(4096, '0') + ":1:0:1"), {}, {}, std::nullopt},
    });
}

TEST_CASE("the strongest field of several counts", "[propagation]") {
    const std::pair<std::string, std::string> uber{"uber-trace-id", "1:1:0:1"};
    const std::pair<std::string, std::string> multi_trace{"x-b3-traceid", "0000000000000002"};
    const std::pair<std::string, std::string> multi_span{"x-b3-spanid", "0000000000000002"};
    const std::pair<std::string, std::string> single{"b3", "0000000000000003-0000000000000003"};
    const std::pair<std::string, std::string> w3c{
        "traceparent", "00-00000000000000000000000000000004-0000000000000004-00"
    };
    const auto low = [](const Fields& fields) { return read(fields).trace.low; };
    CHECK(low({uber}) == 1);
    CHECK(low({uber, multi_trace, multi_span}) == 2);
    CHECK(low({uber, multi_trace, multi_span, single}) == 3);
    CHECK(low({uber, multi_trace, multi_span, single, w3c}) == 4);
}

}  // namespace
}  // namespace meshscope::test
