#include "business/explain.hpp"

#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/fake_store_finder.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;
using namespace std::chrono_literals;
using clients::StoreTarget;
using test::make_trace;
using test::SpanRow;

namespace {

constexpr std::int64_t kNow = 1'763'683'200'000'000;

struct Fixture {
    test::ManualClock clock;
    test::FakeTraceStore store;
    test::FakeStoreFinder finder;
    test::FakeMetricStore metrics;
    test::FakeCluster cluster{&clock};
    CallerAccess all;
    test::FakeAccess bookinfo_only{{"bookinfo"}};
    Explain::Parts parts;
    std::string pod;
    std::uint64_t last_id = 0;
    std::unique_ptr<Explain> made;
    UpstreamBill bill;  // of the last call

    Fixture() {
        test::WorkloadRow row;
        row.app = "reviews";
        row.version = "v1";
        pod = cluster.add_workload("bookinfo", "reviews-v1", row).front();
        cluster.add_workload("travel", "hotels-v1");
        parts.store = &store;
        parts.finder = &finder;
        parts.metrics = &metrics;
        parts.cluster = &cluster;
        parts.access = &all;
        parts.clock = &clock;
        parts.setup.url = "http://tracing:16686";
        parts.setup.url_key = "in_cluster_url";
        parts.setup.transport = StoreTarget::Transport::kHttp;
    }

    // A span of the workload's proxy, `age` before now, stored as `service`.
    void add(const std::string& service, std::chrono::seconds age, test::Tags tags = {}) {
        SpanRow row;
        row.service = service;
        row.start_us = kNow - std::chrono::duration_cast<std::chrono::microseconds>(age).count();
        row.tags = std::move(tags);
        row.tags.emplace_back(
            "node_id", "sidecar~10.0.0.1~" + pod + ".bookinfo~bookinfo.svc.cluster.local"
        );
        row.tags.emplace_back("span.kind", "server");
        store.add(make_trace({0, ++last_id}, {row}));
    }

    Result<ExplainAnswerPtr> ask(ExplainQuery query) {
        if (!made) {
            made = std::make_unique<Explain>(parts);
        }
        RequestContext context;
        context.caller = anonymous_caller();
        auto answer = test::run_coroutine<Result<ExplainAnswerPtr>>([&] {
            return made->workload(context, query);
        });
        bill = *context.bill;
        return answer;
    }
    ExplainAnswerPtr reviews() {
        ExplainQuery query;
        query.name_space = "bookinfo";
        query.workload = "reviews-v1";
        auto answer = ask(query);
        REQUIRE(answer.has_value());
        CHECK((*answer)->calls <= kMostExplainCalls);
        std::uint64_t calls = 0;
        for (const auto& [name, cost] : bill.by_name) {
            calls += cost.calls;
        }
        CHECK(calls <= kMostExplainCalls);
        return *answer;
    }
    std::string code() { return reviews()->explanation.verdict.code; }
};

Error wrong_prefix() {
    return Error(ErrorKind::kUpstreamProtocol, "not the API")
        .with_cause(Cause::kPathPrefix)
        .with_hint(
            {"external_services.tracing.in_cluster_url", "set it", "http://tracing:16686/jaeger"}
        );
}

}  // namespace

TEST_CASE("a store that fails is explained, with what was tried instead", "[explain]") {
    Fixture f;
    f.store.fail_with(wrong_prefix());
    f.finder.put(
        "http://tracing:16686/jaeger",
        StoreTarget::Transport::kHttp,
        clients::StoreFinding{"http v1", {"reviews.bookinfo"}, 3ms}
    );
    const auto answer = f.reviews();
    const Verdict& verdict = answer->explanation.verdict;
    CHECK(verdict.code == "path_prefix_missing");
    CHECK(verdict.certainty == Sureness::kCertain);
    REQUIRE(verdict.change);
    CHECK(verdict.change->from == "http://tracing:16686");
    CHECK(verdict.change->to == "http://tracing:16686/jaeger");
    REQUIRE(f.finder.tried().size() == 1);
    CHECK(f.finder.tried()[0].with == StoreTarget::With::kConfigured);
}

TEST_CASE("what does not work when it is tried is not certain", "[explain]") {
    Fixture f;
    f.store.fail_with(wrong_prefix());
    const auto answer = f.reviews();
    CHECK(answer->explanation.verdict.certainty == Sureness::kLikely);
}

TEST_CASE("what the prober saw a moment ago is not asked for again", "[explain]") {
    Fixture f;
    clients::StoreState state;
    state.reachability = clients::StoreState::Reachability::kUnreachable;
    state.reason = wrong_prefix();
    state.last_probe = f.clock.now();
    f.store.set_state(state);
    CHECK(f.code() == "path_prefix_missing");
    CHECK(f.finder.tried().size() == 1);
    CHECK(f.bill.of("jaeger").calls == 1);  // the try

    Fixture g;
    state.last_probe = g.clock.now() - 11s;
    g.store.set_state(state);
    g.add("reviews.bookinfo", 60s);
    CHECK(g.code() == "not_empty");
}

TEST_CASE("without a store the configuration explains", "[explain]") {
    Fixture f;
    f.parts.store = nullptr;
    f.parts.unavailable =
        Error(ErrorKind::kUnavailable, "only links").with_code("tracing_link_only");
    CHECK(f.code() == "tracing_link_only");
    CHECK(f.bill.by_name.empty());
}

TEST_CASE("each fault behind a store that answers is found by asking", "[explain]") {
    Fixture f;
    SECTION("there are traces") {
        f.add("reviews.bookinfo", 60s);
        CHECK(f.code() == "not_empty");
        CHECK(f.store.queries().size() == 1);
    }
    SECTION("the name has no namespace") {
        f.add("reviews", 60s);
        const auto answer = f.reviews();
        CHECK(answer->explanation.verdict.code == "name_scheme");
        CHECK(answer->explanation.verdict.certainty == Sureness::kCertain);
        REQUIRE(answer->tried.size() == 2);
        CHECK(answer->tried[1].service == "reviews");
        CHECK(answer->tried[1].traces == 1);
    }
    SECTION("another label names it") {
        f.add("reviews-v1.bookinfo", 60s);
        CHECK(f.code() == "app_label");
    }
    SECTION("a tag of every search") {
        f.parts.settings.query_scope = {{"env", "prod"}};
        f.add("reviews.bookinfo", 60s);
        CHECK(f.code() == "query_scope");
    }
    SECTION("the tag of the cluster") {
        f.parts.settings.several_clusters = true;
        f.parts.settings.home_cluster = "east";
        f.add("reviews.bookinfo", 60s, {{"istio.cluster_id", "west"}});
        CHECK(f.code() == "cluster_tag");
    }
    SECTION("traces of the future") {
        f.add("reviews.bookinfo", -2h);
        CHECK(f.code() == "clock_skew");
    }
    SECTION("older traces only") {
        f.add("reviews.bookinfo", 3h);
        f.metrics.answer("istio_requests_total", {{{}, 2.0}});
        CHECK(f.code() == "traces_stopped");
    }
    SECTION("nothing was asked of it") {
        f.store.add_operation("other.bookinfo", {"op", "server"});
        f.metrics.answer("istio_requests_total", {{{}, 0.0}});
        CHECK(f.code() == "no_traffic");
    }
    SECTION("nobody sends spans") {
        f.metrics.answer("istio_requests_total", {{{}, 2.0}});
        const auto answer = f.reviews();
        CHECK(answer->explanation.verdict.code == "exporter_off");
        CHECK(f.metrics.asked().size() == 1);
    }
    SECTION("the storage fails") {
        f.store.script(Error(ErrorKind::kUpstreamProtocol, "no").with_cause(Cause::kStorage));
        CHECK(f.code() == "storage_error");
    }
}

TEST_CASE("a window that nothing is kept of", "[explain]") {
    Fixture f;
    f.add("reviews.bookinfo", 60s);
    f.metrics.answer("istio_requests_total", {{{}, 2.0}});
    ExplainQuery query;
    query.name_space = "bookinfo";
    query.workload = "reviews-v1";
    query.start = from_micros(kNow) - 240h;
    query.end = from_micros(kNow) - 239h;
    const auto answer = f.ask(query);
    REQUIRE(answer.has_value());
    CHECK((*answer)->explanation.verdict.code == "window_beyond_retention");
    CHECK((*answer)->calls <= kMostExplainCalls);
}

TEST_CASE("an answer is kept for its caller for a while", "[explain]") {
    Fixture f;
    const auto first = f.reviews();
    f.add("reviews.bookinfo", 60s);
    f.clock.advance(29s);
    CHECK(f.reviews() == first);
    CHECK(f.bill.by_name.empty());
    f.clock.advance(2s);
    CHECK(f.code() == "not_empty");
}

TEST_CASE("who may not see a namespace is told nothing of it", "[explain]") {
    Fixture f;
    f.parts.access = &f.bookinfo_only;
    ExplainQuery query;
    query.name_space = "travel";
    query.workload = "hotels-v1";
    const auto refused = f.ask(query);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind() == ErrorKind::kForbidden);
    CHECK(f.bill.by_name.empty());
    query.name_space = "bookinfo";
    query.workload = "nobody";
    CHECK(f.ask(query).error().kind() == ErrorKind::kNotFound);
}

TEST_CASE("callers with limited rights learn no values and no counts of others", "[explain]") {
    Fixture f;
    f.parts.access = &f.bookinfo_only;
    f.store.fail_with(wrong_prefix());
    const auto failed = f.reviews();
    REQUIRE(failed->explanation.verdict.change);
    CHECK(failed->explanation.verdict.change->from.empty());
    CHECK(failed->explanation.verdict.change->to.empty());
    CHECK(failed->meta.upstream.empty());

    Fixture g;
    g.parts.access = &g.bookinfo_only;
    SpanRow hidden;
    hidden.service = "reviews.bookinfo";
    hidden.start_us = kNow - 1'000'000;
    hidden.tags = {{"node_id", "sidecar~10.0.0.9~hotels-v1-0.travel~travel.svc.cluster.local"}};
    g.store.add(make_trace({0, 99}, {hidden}));
    const auto with = g.reviews();
    Fixture h;
    h.parts.access = &h.bookinfo_only;
    h.store.add_operation("any.travel", {"op", "server"});
    const auto without = h.reviews();
    CHECK(with->explanation.verdict.code == without->explanation.verdict.code);
    CHECK(with->explanation.verdict.summary == without->explanation.verdict.summary);
    CHECK(with->calls == without->calls);
}
