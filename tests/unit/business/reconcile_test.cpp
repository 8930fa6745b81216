#include "business/reconcile.hpp"

#include "business/logs.hpp"
#include "business/masking.hpp"
#include "business/traces.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using test::SpanRow;
using enum GapClass;

namespace {

constexpr std::int64_t kNow = 1'763'683'200'000'000;
constexpr auto kIn = TrafficDirection::kInbound;
constexpr auto kOut = TrafficDirection::kOutbound;

// Which spans of a call from the gateway over productpage to ratings there are.
struct Kept {
    bool page = true;  // productpage's
    bool ratings = true;
    bool context = true;  // productpage forwards it
};

// The gateway calls productpage, which calls ratings.
struct World {
    test::FakeMetricStore metrics;
    test::FakeTraceStore store;
    test::ManualClock clock;
    test::FakeCluster cluster{&clock};
    CallerAccess all;
    test::FakeAccess bookinfo{{"bookinfo"}};
    const Access* access = &all;
    bool has_metrics = true;
    std::map<std::string, std::string> pods;
    std::map<std::string, std::string> addresses;
    std::uint64_t next = 1;

    World() {
        add("istio-system", "gateway");
        add("bookinfo", "productpage");
        add("bookinfo", "ratings");
    }
    void add(const std::string& ns, const std::string& name) {
        pods[name] = cluster.add_workload(ns, name).front() + "." + ns;
        addresses[name] = "10.0.0." + std::to_string(pods.size());
        cluster.add_service(ns, name, {{"app", name}});
    }

    void count(
        const std::string& source,
        const std::string& target,
        double requests,
        const std::string& flags = "-"
    ) {
        const auto ns = [](const std::string& name) {
            return name == "gateway" ? "istio-system" : "bookinfo";
        };
        for (const char* reporter : {"source", "destination"}) {
            rows_.push_back(
                {{{"reporter", reporter},
                  {"source_workload_namespace", ns(source)},
                  {"source_workload", source},
                  {"destination_workload_namespace", ns(target)},
                  {"destination_workload", target},
                  {"destination_service_namespace", ns(target)},
                  {"destination_service_name", target},
                  {"response_code", flags == "-" ? "200" : "503"},
                  {"response_flags", flags}},
                 requests / 600}
            );
        }
    }

    SpanRow span(
        std::uint64_t id, std::uint64_t parent, const std::string& by, const std::string& other
    ) {
        const bool client = id % 2 == 1;
        SpanRow row;
        row.id = id;
        row.parent = parent;
        row.start_us = kNow - 120'000'000 - static_cast<std::int64_t>(next) * 100'000 +
                       static_cast<std::int64_t>(id);
        const std::string ns = by == "gateway" ? "istio-system" : "bookinfo";
        row.service = by + "." + ns;
        row.tags = {
            {"component", std::string("proxy")},
            {"node_id", "sidecar~10.1.0.1~" + pods.at(by) + "~" + ns + ".svc.cluster.local"},
            {"peer.address", addresses.at(other)},
            {"response_flags", std::string("-")},
            {"http.status_code", std::string("200")},
            {"span.kind", std::string(client ? "client" : "server")}
        };
        if (client) {
            row.tags.emplace_back(
                "upstream_cluster", "outbound|9080||" + other + ".bookinfo.svc.cluster.local"
            );
        }
        return row;
    }

    void calls(int count, Kept kept) {
        for (int i = 0; i < count; ++i, ++next) {
            std::vector<SpanRow> first{span(1, 0, "gateway", "productpage")};
            std::vector<SpanRow> second;
            if (kept.page) {
                first.push_back(span(2, 1, "productpage", "gateway"));
                second.push_back(span(3, kept.context ? 2 : 0, "productpage", "ratings"));
            }
            if (kept.ratings) {
                second.push_back(span(4, 3, "ratings", "productpage"));
            }
            if (kept.context) {
                first.insert(first.end(), second.begin(), second.end());
            } else {
                store.add(test::make_trace({1, next}, second));
            }
            store.add(test::make_trace({0, next}, first));
        }
    }

    Result<WorkloadReconciliation> ask(ReconcileQuery query) {
        metrics.answer(
            "destination_workload=\"" + query.workload, rows("destination_workload", query.workload)
        );
        metrics.answer(
            "source_workload=\"" + query.workload, rows("source_workload", query.workload)
        );
        Masker masker;
        Traces::Parts of_traces;
        of_traces.store = &store;
        of_traces.access = access;
        of_traces.clock = &clock;
        of_traces.masker = &masker;
        of_traces.cluster = &cluster;
        const Traces traces(of_traces);
        Logs::Parts of_logs;
        of_logs.cluster = &cluster;
        of_logs.access = access;
        of_logs.clock = &clock;
        const Logs logs(std::move(of_logs));
        Reconcile::Parts parts;
        parts.metrics = has_metrics ? &metrics : nullptr;
        parts.traces = &traces;
        parts.logs = &logs;
        parts.cluster = &cluster;
        parts.access = access;
        parts.clock = &clock;
        const Reconcile reconcile(std::move(parts));
        RequestContext context;
        context.caller = anonymous_caller();
        context.caller.cluster_wide = access == &all;
        return test::run_coroutine<Result<WorkloadReconciliation>>([&] {
            return reconcile.of(context, std::move(query));
        });
    }
    Result<WorkloadReconciliation> ask(const std::string& workload = "productpage") {
        ReconcileQuery query;
        query.ns = "bookinfo";
        query.workload = workload;
        query.lines = false;
        return ask(std::move(query));
    }

 private:
    std::vector<test::MetricRow> rows(const std::string& label, const std::string& workload) {
        std::vector<test::MetricRow> out;
        for (const test::MetricRow& row : rows_) {
            if (row.labels.at(label) == workload) {
                out.push_back(row);
            }
        }
        return out;
    }
    std::vector<test::MetricRow> rows_;
};

struct Expected {
    TrafficDirection direction;
    const char* peer;
    std::vector<GapClass> classes;
};

void check(const Result<WorkloadReconciliation>& told, const std::vector<Expected>& expected) {
    REQUIRE(told.has_value());
    REQUIRE(told->edges.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const ReconciledEdge& edge = told->edges[i];
        INFO(expected[i].peer);
        CHECK(edge.counts.direction == expected[i].direction);
        CHECK(edge.peer.workload == expected[i].peer);
        std::vector<GapClass> classes;
        for (const GapReason& reason : edge.verdict.reasons) {
            INFO(reason.summary);
            classes.push_back(reason.gap);
        }
        CHECK(classes == expected[i].classes);
    }
}

}  // namespace

TEST_CASE("every call is there: two queries, one search, no word", "[reconcile]") {
    World world;
    world.count("gateway", "productpage", 50);
    world.count("productpage", "ratings", 50);
    world.calls(50, {});
    const auto told = world.ask();
    check(told, {{kIn, "gateway", {}}, {kOut, "ratings", {}}});
    CHECK(told->edges[0].counts.requests == Approx(50));
    CHECK(told->edges[0].counts.found->own == 50);
    CHECK(told->edges[0].counts.found->peer == 50);
    CHECK(told->edges[1].counts.found->traces == 50);
    CHECK(told->rate.rate == 1);
    CHECK(world.store.queries().size() == 1);
    const auto asked = world.metrics.asked();
    REQUIRE(asked.size() == 2);
    CHECK(
        asked[0].text ==
        "sum(rate(istio_requests_total{destination_workload_namespace=\"bookinfo\","
        "destination_workload=\"productpage\",destination_cluster=\"Kubernetes\"}[600s])) by "
        "(reporter,source_workload_namespace,source_workload,destination_service_namespace,"
        "destination_service_name,response_code,grpc_response_status,response_flags)"
    );
    CHECK(to_micros(asked[0].at) == kNow - 60'000'000);
}

TEST_CASE("spans that a workload has lost are found at its peers", "[reconcile]") {
    World world;
    world.count("gateway", "productpage", 50);
    world.count("productpage", "ratings", 50);
    world.calls(50, {.page = false});
    const auto told = world.ask();
    check(told, {{kIn, "gateway", {kExporterDrops}}, {kOut, "ratings", {kExporterDrops}}});
    CHECK(told->edges[0].counts.found->own == 0);
    CHECK(told->edges[0].counts.found->peer == 50);
    check(world.ask("ratings"), {{kIn, "productpage", {kExporterDrops}}});
}

TEST_CASE("a peer's lost spans, a context that is not forwarded, flags", "[reconcile]") {
    World lost;
    lost.count("gateway", "productpage", 50);
    lost.count("productpage", "ratings", 50);
    lost.calls(50, {.ratings = false});
    check(lost.ask(), {{kIn, "gateway", {}}, {kOut, "ratings", {kExporterDrops}}});

    World context;
    context.count("gateway", "productpage", 50);
    context.count("productpage", "ratings", 50);
    context.calls(50, {.context = false});
    check(context.ask(), {{kIn, "gateway", {}}, {kOut, "ratings", {kContextNotForwarded}}});

    World flags;
    flags.count("gateway", "productpage", 50);
    flags.count("productpage", "ratings", 50);
    flags.count("productpage", "ratings", 20, "UC");
    flags.calls(50, {});
    const auto told = flags.ask();
    check(told, {{kIn, "gateway", {}}, {kOut, "ratings", {kFlagsWithoutSpan}}});
    REQUIRE(told->edges[1].outcomes.size() == 2);
    CHECK(told->edges[1].outcomes[1].flags == "UC");
    CHECK(told->edges[1].outcomes[1].may_leave_no_span);
    CHECK(told->edges[1].counts.errors == Approx(20));
}

TEST_CASE("what is hidden is counted and not told", "[reconcile]") {
    World world;
    world.access = &world.bookinfo;
    world.count("gateway", "productpage", 50);
    world.count("productpage", "ratings", 50);
    world.calls(50, {});
    const auto told = world.ask();
    check(told, {{kIn, "gateway", {kRights}}, {kOut, "ratings", {}}});
    CHECK(told->edges[0].counts.found->hidden == 50);
    CHECK(told->edges[0].counts.found->peer == 0);
    CHECK_FALSE(told->meta.upstream.contains("jaeger"));
    CHECK(told->meta.stopped_by == clients::StoppedBy::kRights);
}

TEST_CASE("a peer that may not be seen and that no metrics name stays unnamed", "[reconcile]") {
    World world;
    world.access = &world.bookinfo;
    world.count("productpage", "ratings", 50);
    world.calls(50, {});
    const auto told = world.ask();
    REQUIRE(told.has_value());
    REQUIRE(told->edges.size() == 2);
    CHECK(told->edges[0].peer.workload.empty());
    CHECK(told->edges[0].counts.found->calls == 50);
}

TEST_CASE("traces that cannot be had leave the metrics", "[reconcile]") {
    World world;
    world.count("gateway", "productpage", 50);
    world.store.fail_with(Error(ErrorKind::kUpstreamUnavailable, "Jaeger is away"));
    const auto told = world.ask();
    check(told, {{kIn, "gateway", {kUnknown}}});
    CHECK_FALSE(told->edges[0].counts.found.has_value());
    REQUIRE(told->meta.warnings.size() == 1);
    CHECK(told->meta.warnings[0].code == "traces_unavailable");
}

TEST_CASE("what is no question", "[reconcile]") {
    World world;
    const auto kind = [&](ReconcileQuery query) {
        return world.ask(std::move(query)).error().kind();
    };
    ReconcileQuery query;
    query.ns = "bookinfo";
    query.workload = "nothing";
    CHECK(kind(query) == ErrorKind::kNotFound);
    query.workload = "productpage";
    query.cluster = "west";
    CHECK(kind(query) == ErrorKind::kNotFound);
    query.cluster.clear();
    query.start = query.end = from_micros(kNow);
    CHECK(kind(query) == ErrorKind::kInvalidArgument);
    query.start = from_micros(kNow - 90'000'000'000);
    CHECK(kind(query) == ErrorKind::kInvalidArgument);
    query.start = query.end = std::nullopt;
    world.metrics.fail("", Error(ErrorKind::kUpstreamUnavailable, "Prometheus is away"));
    CHECK(kind(query) == ErrorKind::kUpstreamUnavailable);
    world.has_metrics = false;
    CHECK(kind(query) == ErrorKind::kUnavailable);
    world.access = &world.bookinfo;
    query.ns = "istio-system";
    CHECK(kind(query) == ErrorKind::kForbidden);
}
