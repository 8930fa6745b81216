#include "business/trace_graphs.hpp"

#include "business/masking.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using test::make_trace;
using test::SpanRow;

namespace {

constexpr std::int64_t kNow = 1'763'683'200'000'000;

test::MetricRow traffic(const std::string& source, const std::string& target) {
    const std::string app = target.substr(0, target.find('-'));
    return {
        {{"source_cluster", "Kubernetes"},
         {"source_workload_namespace", "bookinfo"},
         {"source_workload", source},
         {"source_canonical_service", source.substr(0, source.find('-'))},
         {"source_canonical_revision", "v1"},
         {"destination_cluster", "Kubernetes"},
         {"destination_service_namespace", "bookinfo"},
         {"destination_service", app + ".bookinfo.svc.cluster.local"},
         {"destination_service_name", app},
         {"destination_workload_namespace", "bookinfo"},
         {"destination_workload", target},
         {"destination_canonical_service", app},
         {"destination_canonical_revision", "v1"},
         {"request_protocol", "http"},
         {"response_code", "200"},
         {"response_flags", "-"}},
        2
    };
}

SpanRow span(
    std::uint64_t id, std::uint64_t parent, const std::string& kind, const std::string& pod
) {
    SpanRow row;
    row.id = id;
    row.parent = parent;
    row.start_us = kNow - 300'000'000 + static_cast<std::int64_t>(id) * 10;
    row.duration_us = 1'000 - static_cast<std::int64_t>(id);
    const std::string ns = pod.starts_with("cars") ? "travel" : "bookinfo";
    row.tags = {{"span.kind", kind}, {"node_id", "sidecar~1.1.1.1~" + pod + "." + ns + "~x"}};
    return row;
}

// productpage calls reviews, which fails in the trace `failing`; and cars of another namespace.
models::TracePtr trace(std::uint64_t id, bool failing = false) {
    std::vector<SpanRow> rows{
        span(1, 0, "client", "productpage-v1-6f89b6c557-sg2bc"),
        span(2, 1, "server", "reviews-v1-6f89b6c557-sg2bc"),
        span(3, 1, "server", "cars-v1-6f89b6c557-sg2bc"),
    };
    if (failing) {
        rows[1].tags.emplace_back("error", true);
    }
    return make_trace({0, id}, rows);
}

struct World {
    test::FakeTraceStore store;
    test::FakeMetricStore metrics;
    test::FakeCluster cluster;
    test::ManualClock clock;
    Masker masker;
    CallerAccess all;
    test::FakeAccess bookinfo_only{{"bookinfo"}};
    const Access* access = &all;
    bool with_metrics = true;

    World() {
        for (const char* name : {"productpage-v1", "reviews-v1"}) {
            cluster.add_workload("bookinfo", name);
        }
        cluster.add_workload("travel", "cars-v1");
        metrics.answer("reporter=~\"destination", {traffic("productpage-v1", "reviews-v1")});
    }

    [[nodiscard]] TraceGraphs make() {
        Traces::Parts of_traces;
        of_traces.store = &store;
        of_traces.access = access;
        of_traces.clock = &clock;
        of_traces.masker = &masker;
        of_traces.cluster = &cluster;
        Graphs::Parts of_graphs;
        of_graphs.metrics = with_metrics ? &metrics : nullptr;
        of_graphs.unavailable = Error(ErrorKind::kUnavailable, "metrics are off");
        of_graphs.cluster = &cluster;
        of_graphs.access = access;
        of_graphs.clock = &clock;
        TraceGraphs::Parts parts;
        parts.traces = std::make_shared<const Traces>(std::move(of_traces));
        parts.graphs = std::make_shared<const Graphs>(std::move(of_graphs));
        parts.cluster = &cluster;
        parts.access = access;
        parts.clock = &clock;
        return TraceGraphs(std::move(parts));
    }
    Result<LaidTrace> of(std::uint64_t id, TraceGraphQuery query = {}) {
        const TraceGraphs graphs = make();
        return test::run_coroutine<Result<LaidTrace>>([&] {
            return graphs.of(anonymous(), TraceId{0, id}, query);
        });
    }
    Result<LaidTraces> flow(const std::vector<std::uint64_t>& ids, TraceGraphQuery query) {
        std::vector<TraceId> all_ids;
        for (const std::uint64_t id : ids) {
            all_ids.push_back({0, id});
        }
        const TraceGraphs graphs = make();
        return test::run_coroutine<Result<LaidTraces>>([&] {
            return graphs.flow(anonymous(), all_ids, query);
        });
    }
    static RequestContext anonymous() {
        RequestContext context;
        context.caller = anonymous_caller();
        return context;
    }
};

TraceGraphQuery of_namespaces(std::vector<std::string> namespaces) {
    TraceGraphQuery query;
    query.graph.namespaces = std::move(namespaces);
    return query;
}

std::vector<std::string> names_of(const GraphWork& work) {
    std::vector<std::string> names;
    for (const GraphNamespace& one : work.namespaces) {
        names.push_back(one.name);
    }
    return names;
}

}  // namespace

TEST_CASE("a trace names its graph's namespaces and window", "[trace_graphs]") {
    World world;
    world.store.add(trace(1));
    const auto laid = world.of(1);
    REQUIRE(laid.has_value());
    CHECK(names_of(*laid->graph) == std::vector<std::string>{"bookinfo", "travel"});
    // It ended nearly five minutes ago; a minute later all of it was scraped.
    CHECK(to_micros(laid->graph->at) == kNow - 240'000'000);
    CHECK(laid->graph->request.duration == std::chrono::seconds(600));
    CHECK(laid->laid.hops.size() == 2);
    REQUIRE(laid->laid.left_out.size() == 1);
    CHECK(laid->laid.left_out[0].reason == Unplaced::kWorkloadNotOnGraph);
    CHECK(laid->meta.scanned == 3);
    CHECK(laid->meta.upstream.contains("jaeger"));
    CHECK(laid->meta.upstream.contains("prometheus"));
    // Nothing that only decorates a graph is asked for.
    CHECK(world.metrics.asked().size() == 6);
}

TEST_CASE("the caller names namespaces and a window", "[trace_graphs]") {
    World world;
    world.store.add(trace(1));
    TraceGraphQuery query = of_namespaces({"bookinfo"});
    query.graph.at = from_micros(kNow);
    query.graph.duration = std::chrono::seconds(60);
    query.duration_given = true;
    const auto laid = world.of(1, query);
    REQUIRE(laid.has_value());
    CHECK(laid->graph->at == from_micros(kNow));
    CHECK(laid->graph->request.duration == std::chrono::seconds(60));
    REQUIRE(laid->laid.left_out.size() == 1);
    CHECK(laid->laid.left_out[0].reason == Unplaced::kNamespaceNotOnGraph);
    CHECK(laid->laid.left_out[0].ns == "travel");
    // A window that began after the trace reaches back to it when nobody says how long it is.
    query.duration_given = false;
    CHECK(world.of(1, query)->graph->request.duration == std::chrono::seconds(360));
}

TEST_CASE("what a caller may not see is on no graph", "[trace_graphs]") {
    World world;
    world.access = &world.bookinfo_only;
    world.store.add(trace(1));
    const auto laid = world.of(1);
    REQUIRE(laid.has_value());
    CHECK(names_of(*laid->graph) == std::vector<std::string>{"bookinfo"});
    REQUIRE(laid->laid.left_out.size() == 1);
    CHECK(laid->laid.left_out[0].reason == Unplaced::kHidden);
    CHECK(laid->laid.left_out[0].ns.empty());
    const auto refused = world.of(1, of_namespaces({"travel"}));
    REQUIRE(!refused);
    CHECK(refused.error().kind() == ErrorKind::kForbidden);
}

TEST_CASE("errors of a trace on a graph", "[trace_graphs]") {
    World world;
    CHECK(world.of(9).error().kind() == ErrorKind::kNotFound);
    world.store.add(trace(1));
    world.metrics.fail("", Error(ErrorKind::kUpstreamUnavailable, "no answer"));
    CHECK(world.of(1).error().kind() == ErrorKind::kUpstreamUnavailable);
    world.with_metrics = false;
    CHECK(world.of(1).error().message() == "metrics are off");
}

TEST_CASE("many traces as flow", "[trace_graphs]") {
    World world;
    for (const std::uint64_t id : {1U, 2U, 3U}) {
        world.store.add(trace(id, id == 2));
    }
    const auto laid = world.flow({3, 1, 2, 3, 9}, of_namespaces({"bookinfo"}));
    REQUIRE(laid.has_value());
    REQUIRE(laid->traces.size() == 3);
    CHECK(laid->traces[0].id == TraceId{0, 3});
    CHECK(laid->traces[0].placed == 2);
    CHECK(laid->traces[0].total == 3);
    CHECK(laid->missing == std::vector<TraceId>{{0, 9}});
    CHECK(laid->failed.empty());
    CHECK(laid->flow.placed() == 6);
    CHECK(laid->flow.total() == 9);
    const auto edges = laid->flow.edges();
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].traces == 3);
    CHECK(edges[0].spans == 6);
    CHECK(edges[0].calls == 3);
    CHECK(edges[0].errors == 1);  // told by the server's side alone
    CHECK(edges[0].durations.median == 999'000);
    const auto nodes = laid->flow.nodes();
    REQUIRE(nodes.size() == 2);
    CHECK(nodes[0].spans + nodes[1].spans == 6);
    const auto left_out = laid->flow.left_out();
    REQUIRE(left_out.size() == 1);
    CHECK(left_out[0].reason == Unplaced::kNamespaceNotOnGraph);
    CHECK(left_out[0].workload == "cars-v1");
    CHECK(left_out[0].spans == 3);
}

TEST_CASE("a flow without its traces", "[trace_graphs]") {
    World world;
    CHECK(
        world.flow({}, of_namespaces({"bookinfo"})).error().kind() == ErrorKind::kInvalidArgument
    );
    std::vector<std::uint64_t> many(TraceGraphs::kMostTraces + 1);
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i] = i + 1;
    }
    CHECK(
        world.flow(many, of_namespaces({"bookinfo"})).error().kind() == ErrorKind::kInvalidArgument
    );
    world.store.add(trace(1));
    world.store.add(trace(2));
    world.store.script(Error(ErrorKind::kUpstreamUnavailable, "no answer"));
    const auto one_of_two = world.flow({1, 1, 2}, of_namespaces({"bookinfo"}));
    REQUIRE(one_of_two.has_value());
    CHECK(one_of_two->traces.size() == 1);
    CHECK(one_of_two->failed.size() == 1);
    CHECK(one_of_two->meta.stopped_by == clients::StoppedBy::kBackend);
    world.store.fail_with(Error(ErrorKind::kUpstreamUnavailable, "no answer"));
    CHECK(
        world.flow({1, 2}, of_namespaces({"bookinfo"})).error().kind() ==
        ErrorKind::kUpstreamUnavailable
    );
}

TEST_CASE("durations of a flow", "[trace_graphs]") {
    models::Graph graph;
    const auto a = graph.add({models::NodeKey::Kind::kWorkload, "c", "n", "a", {}, {}});
    const auto b = graph.add({models::NodeKey::Kind::kWorkload, "c", "n", "b", {}, {}});
    const auto edge = graph.add(a, b, "http");
    TraceFlow flow(graph);
    for (int i = 1; i <= 20; ++i) {
        SpanRow row;
        row.duration_us = i;
        const auto trace = make_trace({0, static_cast<std::uint64_t>(i)}, {row});
        Hop hop;
        hop.own = a;
        hop.node_count = 2;
        hop.nodes = {a, b};
        hop.edges = {edge};
        flow.add(*trace, {{hop}, {}});
    }
    const FlowDurations durations = flow.edges().front().durations;
    CHECK(durations.min == 1'000);
    CHECK(durations.median == 10'000);
    CHECK(durations.p95 == 19'000);
    CHECK(durations.max == 20'000);
    CHECK(durations.average == 10'500);
}
