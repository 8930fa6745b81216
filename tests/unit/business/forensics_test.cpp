#include "business/forensics.hpp"

#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;
using namespace std::chrono_literals;
using test::make_trace;
using test::SpanRow;

namespace {

constexpr TraceId kId{0, 42};

struct Fixture {
    test::ManualClock clock;
    test::FakeTraceStore store;
    test::FakeCluster cluster{&clock};
    CallerAccess access;
    Masker masker;
    Traces::Parts of_traces;
    Forensics::Parts parts;

    Fixture() {
        of_traces.store = &store;
        of_traces.access = &access;
        of_traces.clock = &clock;
        of_traces.masker = &masker;
        parts.cluster = &cluster;
        parts.clock = &clock;
        parts.pauses.fill(1ms);
        parts.quiet = 2ms;
    }

    // So many spans in a chain whose root is missing, which ended `ago`.
    [[nodiscard]] models::TracePtr chain(std::uint64_t spans, std::chrono::seconds ago) const {
        std::vector<SpanRow> rows;
        for (std::uint64_t i = 1; i <= spans; ++i) {
            SpanRow row;
            row.id = i;
            row.parent = i == 1 ? 99 : i - 1;
            row.start_us = to_micros(clock.now() - ago);
            row.tags = {{"span.kind", std::string("server")}};
            rows.push_back(row);
        }
        return make_trace(kId, rows);
    }
    void script(models::TracePtr trace) {
        clients::TraceBatch batch;
        batch.traces.push_back(std::move(trace));
        store.script(std::move(batch));
    }

    Result<ForensicsAnswer> ask(std::chrono::milliseconds wait = 10s) {
        const Traces traces(of_traces);
        parts.traces = &traces;
        const Forensics forensics(parts);
        RequestContext context;
        context.caller = anonymous_caller();
        return test::run_coroutine<Result<ForensicsAnswer>>([&] {
            return forensics.of(context, {kId, wait});
        });
    }
};

}  // namespace

TEST_CASE("an old trace is read once", "[forensics]") {
    Fixture f;
    f.store.add(f.chain(3, 1h));
    const auto answer = f.ask();
    REQUIRE(answer.has_value());
    CHECK(answer->reads == 1);
    CHECK_FALSE(answer->young);
    REQUIRE(answer->gaps.gaps.size() == 1);
    CHECK(answer->gaps.gaps[0].cause == GapCause::kUnknown);
    CHECK(answer->meta.scanned == 3);
}

TEST_CASE("a young trace is read again until it is quiet", "[forensics]") {
    Fixture f;
    f.script(f.chain(2, 1s));
    f.script(f.chain(3, 1s));
    f.script(f.chain(5, 1s));
    f.store.add(f.chain(5, 1s));
    const auto answer = f.ask();
    REQUIRE(answer.has_value());
    CHECK(answer->view.trace->spans.size() == 5);
    CHECK(answer->reads == 5);  // two more brought nothing
    CHECK(answer->arrived == 3);
    CHECK_FALSE(answer->young);
    CHECK(answer->gaps.gaps.at(0).cause == GapCause::kUnknown);
}

TEST_CASE("a trace that goes on growing is read six times at most", "[forensics]") {
    Fixture f;
    for (std::uint64_t spans = 1; spans < 10; ++spans) {
        f.script(f.chain(spans, 1s));
    }
    const auto answer = f.ask();
    REQUIRE(answer.has_value());
    CHECK(answer->reads == kMostTraceReads);
    CHECK(f.store.looked_up().size() == kMostTraceReads);
    CHECK(answer->young);
    CHECK(answer->gaps.gaps.at(0).cause == GapCause::kStillArriving);
    CHECK(answer->gaps.gaps.at(0).certainty == Sureness::kLikely);
}

TEST_CASE("nobody waits who did not ask to", "[forensics]") {
    Fixture f;
    f.store.add(f.chain(2, 1s));
    const auto answer = f.ask(0ms);
    REQUIRE(answer.has_value());
    CHECK(answer->reads == 1);
    CHECK(answer->young);
    CHECK(answer->gaps.gaps.at(0).cause == GapCause::kStillArriving);
    CHECK(answer->gaps.gaps.at(0).certainty == Sureness::kPossible);
}

TEST_CASE("an answer that was cut is the cause", "[forensics]") {
    Fixture f;
    clients::TraceBatch batch;
    batch.traces.push_back(f.chain(2, 1h));
    SECTION("by the store's answer") { batch.stopped_by = clients::StoppedBy::kBytes; }
    SECTION("by what was left out") { batch.dropped.push_back({"bad_span_id", 1}); }
    f.store.script(std::move(batch));
    const auto answer = f.ask();
    REQUIRE(answer.has_value());
    CHECK(answer->gaps.gaps.at(0).cause == GapCause::kCut);
}

TEST_CASE("a sidecar beside who serves has lost the headers", "[forensics]") {
    Fixture f;
    test::WorkloadRow workload;
    workload.app = "reviews";
    const std::string pod = f.cluster.add_workload("bookinfo", "reviews-v1", workload).front();
    f.cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
    SpanRow row;
    row.tags = {
        {"span.kind", std::string("client")},
        {"component", std::string("proxy")},
        {"node_id", "sidecar~10.0.0.1~" + pod + ".bookinfo~bookinfo.svc.cluster.local"},
    };
    row.start_us -= 3'600'000'000;
    f.store.add(make_trace(kId, {row}));
    const auto answer = f.ask();
    REQUIRE(answer.has_value());
    CHECK(answer->gaps.gaps.at(0).cause == GapCause::kHeaderNotForwarded);
    CHECK(answer->gaps.gaps.at(0).certainty == Sureness::kLikely);
}

TEST_CASE("a trace that is not there", "[forensics]") {
    Fixture f;
    const auto answer = f.ask();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().kind() == ErrorKind::kNotFound);
}
