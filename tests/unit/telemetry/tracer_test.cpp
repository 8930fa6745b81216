#include "telemetry/tracer.hpp"

#include "core/text.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/span_queue.hpp"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;
using telemetry::Sampler;
using telemetry::SpanKind;
using telemetry::SpanQueue;
using telemetry::SpanRecord;
using telemetry::Tracer;

TraceId trace_number(std::uint64_t number) {
    // Spread over the whole range, as random ids are.
    return TraceId{number + 1, number * 0x9E3779B97F4A7C15ULL};
}

int sampled_of(Sampler& sampler, int requests, std::optional<bool> parent) {
    int sampled = 0;
    for (int i = 0; i < requests; ++i) {
        sampled += sampler.sample(trace_number(static_cast<std::uint64_t>(i)), parent) ? 1 : 0;
    }
    return sampled;
}

struct Fixture {
    RequestContext context() {
        RequestContext made;
        made.trace.trace = TraceId{1, 2};
        made.trace.span = SpanId{3};
        made.trace.sampled = true;
        made.trace.state = "vendor=1";
        return made;
    }

    ManualClock clock;
    telemetry::MetricsRegistry metrics;
    SpanQueue queue{4};
    Tracer tracer{1.0, queue, clock, &metrics};
};

TEST_CASE("the share of sampled requests follows the rate", "[spans]") {
    const ManualClock clock;
    struct Row {
        double rate;
        int least;
        int most;
    };
    for (const Row& row : std::vector<Row>{
             {0, 0, 0},
             {-1, 0, 0},
             {std::numeric_limits<double>::quiet_NaN(), 0, 0},
             {0.5, 450, 550},
             {0.01, 1, 30},
             {1, 1000, 1000},
             {7, 1000, 1000}
         }) {
        Sampler sampler(row.rate, clock);
        const int sampled = sampled_of(sampler, 1000, std::nullopt);
        INFO(row.rate);
        CHECK(sampled >= row.least);
        CHECK(sampled <= row.most);
    }
}

TEST_CASE("equal trace ids are sampled alike by everybody", "[spans]") {
    const ManualClock clock;
    Sampler one(0.3, clock);
    Sampler other(0.3, clock);
    Sampler more(0.6, clock);
    for (std::uint64_t i = 0; i < 200; ++i) {
        const bool sampled = one.sample(trace_number(i), std::nullopt);
        CHECK(sampled == other.sample(trace_number(i), std::nullopt));
        CHECK((!sampled || more.sample(trace_number(i), std::nullopt)));
    }
}

TEST_CASE("the decision of the caller is followed", "[spans]") {
    const ManualClock clock;
    Sampler none(0, clock);
    Sampler all(1, clock);
    CHECK(none.sample(TraceId{0, 1}, true));
    CHECK_FALSE(all.sample(TraceId{0, 1}, false));
}

TEST_CASE("a flood of sampled callers is not believed beyond a limit", "[spans]") {
    ManualClock clock;
    Sampler none(0, clock);
    CHECK(sampled_of(none, 100'000, true) == 2 * Sampler::kBelievedPerSecond);
    clock.advance(1s);
    CHECK(sampled_of(none, 100'000, true) == Sampler::kBelievedPerSecond);
    Sampler half(0.5, clock);
    const int sampled = sampled_of(half, 10'000, true);
    CHECK(sampled > 4'000);
    CHECK(sampled < 6'000);
}

TEST_CASE("a flood from many threads is limited as one", "[spans]") {
    const ManualClock clock;
    Sampler none(0, clock);
    std::atomic<int> sampled{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { sampled += sampled_of(none, 1'000, true); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(sampled == 2 * Sampler::kBelievedPerSecond);
}

TEST_CASE("a span is the child of the context's and becomes its span", "[spans]") {
    Fixture f;
    RequestContext context = f.context();
    {
        const auto outer = f.tracer.start(context, "outer", SpanKind::kInternal);
        REQUIRE(outer);
        CHECK(context.trace.span == outer->id);
        RequestContext inner_context = context;
        auto inner = f.tracer.start(inner_context, "inner", SpanKind::kClient);
        inner->set("rpc.method", "a/b");
        f.clock.advance(250us);
        inner.end();
        f.clock.advance(1ms);
    }
    const auto spans = f.queue.take(10);
    REQUIRE(spans.size() == 2);
    const SpanRecord& inner = *spans[0];
    const SpanRecord& outer = *spans[1];
    CHECK(inner.name == "inner");
    CHECK(inner.kind == SpanKind::kClient);
    CHECK(inner.trace == TraceId{1, 2});
    CHECK(inner.parent == outer.id);
    CHECK(inner.trace_state == "vendor=1");
    CHECK(inner.end_ns - inner.start_ns == 250'000);
    CHECK(outer.parent == SpanId{3});
    CHECK(outer.end_ns - outer.start_ns == 1'250'000);
    CHECK(outer.start_ns == 1'763'683'200'000'000'000);
    CHECK(inner.id != outer.id);
}

TEST_CASE("what belongs to no sampled request leaves no span", "[spans]") {
    Fixture f;
    RequestContext background;
    RequestContext unsampled = f.context();
    unsampled.trace.sampled = false;
    for (RequestContext* context : {&background, &unsampled}) {
        const SpanId before = context->trace.span;
        const auto span = f.tracer.start(*context, "call", SpanKind::kClient);
        CHECK_FALSE(span);
        CHECK(context->trace.span == before);
    }
    RequestContext context = f.context();
    CHECK_FALSE(telemetry::start_span(nullptr, context, "call", SpanKind::kClient));
    CHECK(f.queue.size() == 0);
}

TEST_CASE("a full queue drops the newest span and counts it", "[spans]") {
    Fixture f;
    for (int i = 0; i < 7; ++i) {
        RequestContext context = f.context();
        f.tracer.start(context, "span " + std::to_string(i), SpanKind::kInternal).end();
    }
    CHECK(
        f.metrics.expose().find("meshscope_own_spans_total{reason=\"queue_full\"} 3") !=
        std::string::npos
    );
    const auto spans = f.queue.take(3);
    REQUIRE(spans.size() == 3);
    CHECK(spans.front()->name == "span 0");
    CHECK(spans.back()->name == "span 2");
    CHECK(f.queue.size() == 1);
}

TEST_CASE("the queue wakes its reader once when it has grown", "[spans]") {
    SpanQueue queue(10);
    int woken = 0;
    queue.when_grown_to(3, [&woken] { ++woken; });
    const auto push = [&queue](int count) {
        for (int i = 0; i < count; ++i) {
            CHECK(queue.push(std::make_unique<SpanRecord>()));
        }
    };
    push(2);
    CHECK(woken == 0);
    push(3);
    CHECK(woken == 1);
    CHECK(queue.take(10).size() == 5);
    push(3);
    CHECK(woken == 2);
    queue.when_grown_to(0, nullptr);
    queue.take(10);
    push(3);
    CHECK(woken == 2);
    queue.when_grown_to(3, [&woken] { ++woken; });  // what is there already
    CHECK(woken == 3);
}

TEST_CASE("a span never ends before it starts", "[spans]") {
    Fixture f;
    auto span = std::make_unique<SpanRecord>();
    span->start_ns = 2'000;
    span->end_ns = 1'000;  // the clock was set back meanwhile
    f.tracer.record(std::move(span));
    const auto taken = f.queue.take(1);
    CHECK(taken.front()->start_ns == 2'000);
    CHECK(taken.front()->end_ns == 2'000);
}

TEST_CASE("texts of spans are valid UTF-8", "[spans]") {
    Fixture f;
    RequestContext context = f.context();
    {
        auto span = f.tracer.start(context, "name \xFF", SpanKind::kInternal);
        span->set("user_agent.original", "a\xC3(b\x80");
        span->set("bad\xFEkey", "v");
        span->fail("reason", "broken \xE2\x82");
    }
    const auto taken = f.queue.take(1);
    const SpanRecord& span = *taken.front();
    CHECK(is_valid_utf8(span.name));
    CHECK(is_valid_utf8(span.status_message));
    for (const auto& attribute : span.attributes) {
        CHECK(is_valid_utf8(attribute.key));
        CHECK(is_valid_utf8(std::get<std::string>(attribute.value)));
    }
    CHECK(std::get<std::string>(span.attributes[0].value) == "a\xEF\xBF\xBD(b\xEF\xBF\xBD");
}

TEST_CASE("attributes beyond 128 are dropped and counted, large values cut", "[spans]") {
    SpanRecord span;
    span.set("big", std::string(1024UL * 1024, 'x'));
    for (int i = 0; i < 200; ++i) {
        span.set("key" + std::to_string(i), std::int64_t{i});
    }
    CHECK(span.attributes.size() == 128);
    CHECK(span.dropped_attributes == 73);
    CHECK(std::get<std::string>(span.attributes[0].value) == std::string(4096, 'x'));
    span.set("big", "small");
    CHECK(std::get<std::string>(span.attributes[0].value) == "small");
    CHECK(span.dropped_attributes == 73);
}

TEST_CASE("a text is cut between characters", "[spans]") {
    using telemetry::bounded_span_text;
    CHECK(bounded_span_text("abc", 3) == "abc");
    CHECK(bounded_span_text("abcd", 3) == "abc");
    CHECK(bounded_span_text("ab\xC3\xA4", 3) == "ab");
    CHECK(bounded_span_text("ab\xC3\xA4", 4) == "ab\xC3\xA4");
    CHECK(bounded_span_text("\xF0\x9F\x98\x80x", 3).empty());
    CHECK(
        bounded_span_text(std::string(100, '\xFF'), 10) == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
    );
}

}  // namespace
}  // namespace meshscope::test
