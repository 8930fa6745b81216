#include "business/health.hpp"

#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;
using models::HealthStatus;
using models::RatesByCode;
using std::chrono::seconds;

namespace {

using Row = std::map<std::string, std::string>;

Row row(const std::string& side, const std::string& ns, const std::string& name, Row more) {
    more[side + "_workload_namespace"] = ns;
    more[side + "_workload"] = name;
    more[side + "_canonical_service"] = name.substr(0, name.find('-'));
    return more;
}
Row http(const std::string& reporter, const std::string& code) {
    return {{"reporter", reporter}, {"request_protocol", "http"}, {"response_code", code}};
}

struct World {
    test::FakeMetricStore store;
    test::ManualClock clock;
    test::FakeCluster cluster{&clock};
    MeshHealth::Parts parts;

    World() {
        cluster.add_workload("bookinfo", "reviews-v1");
        cluster.add_workload("bookinfo", "ratings-v1");
        test::WorkloadRow none;
        none.pods = 0;
        cluster.add_workload("travel", "hotels", none);
        parts.store = &store;
        parts.cluster = &cluster;
        parts.clock = &clock;
    }
    HealthView look(const MeshHealth& health, HealthQuery query = {}) {
        RequestContext context;
        return test::run_coroutine<HealthView>([&] { return health.look(context, query); });
    }
    const models::Workload& workload(const char* ns, const char* name) {
        snapshot = cluster.snapshot();
        return *snapshot->find_workload(ns, name);
    }
    models::ClusterSnapshotPtr snapshot;
};

std::string code_of(const HealthView& view) {
    Meta meta;
    view.describe(meta);
    return meta.warnings.empty() ? "" : meta.warnings[0].code;
}

}  // namespace

TEST_CASE("three queries tell of the whole mesh", "[health]") {
    World world;
    const MeshHealth health(world.parts);
    world.look(health);
    const auto asked = world.store.asked();
    REQUIRE(asked.size() == 3);
    std::string all;
    for (const auto& one : asked) {
        all += one.text + "\n";
    }
    const std::string tail = ",request_protocol,response_code,grpc_response_status) > 0)\n";
    CHECK(
        all ==
        R"((sum(rate(istio_requests_total{destination_cluster="Kubernetes"}[300s])) by (reporter,destination_workload_namespace,destination_workload,destination_canonical_service)" +
            tail +
            R"((sum(rate(istio_requests_total{reporter="source",source_cluster="Kubernetes"}[300s])) by (reporter,source_workload_namespace,source_workload,source_canonical_service)" +
            tail +
            R"((sum(rate(istio_requests_total{destination_cluster=~"Kubernetes|unknown"}[300s])) by (reporter,destination_service_namespace,destination_service_name)" +
            tail
    );
}

TEST_CASE("what several tell of one request counts once", "[health]") {
    const auto vector = [](std::vector<test::MetricRow> rows) {
        return test::metric_vector(std::move(rows));
    };
    const Row grpc{
        {"reporter", "source"},
        {"request_protocol", "grpc"},
        {"response_code", "200"},
        {"grpc_response_status", "14"}
    };
    Row left = grpc;  // the client hung up, gRPC's status is what its proxy started with
    left["response_code"] = "0";
    left["grpc_response_status"] = "0";
    const auto to = vector({
        {row("destination", "n", "a-v1", left), 0.25},
        {row("destination", "n", "a-v1", http("source", "200")), 2},
        {row("destination", "n", "a-v1", http("destination", "200")), 3},
        {row("destination", "n", "a-v2", http("destination", "200")), 4},
        {row("destination", "n", "a-v1", http("source", "0")), 0.5},
        {row("destination", "n", "a-v1", http("waypoint", "503")), 1},
        {row("destination", "n", "a-v1", grpc), 7},
        {row("destination", "m", "a-v1", http("source", "200")), 5},
        {row("destination", "n", "a-v1", {{"reporter", "source"}}), 99},  // without a protocol
        {row("destination", "n", "b", http("source", "200")), std::nan("")},
    });
    const auto from = vector({{row("source", "n", "a-v1", http("source", "200")), 6}});
    Row service = http("source", "200");
    service["destination_service_namespace"] = "unknown";
    service["destination_service_name"] = "api.example.org";
    const auto services = vector({{service, 8}});
    const HealthRates rates = HealthRates::read({&to, &from, &services}, [](std::string_view ns) {
        return ns == "m" ? 2.0 : 1.0;
    });
    const auto& workload = rates.of_workload("n", "a-v1");
    CHECK(
        workload.inbound ==
        RatesByCode{
            {"grpc", {{"-", 0.25}, {"14", 7}}}, {"http", {{"-", 0.5}, {"200", 3}, {"503", 1}}}
        }
    );
    CHECK(workload.outbound == RatesByCode{{"http", {{"200", 6}}}});
    // Each reporter's rates are added over the workloads of an application first.
    CHECK(rates.of_app("n", "a").inbound.at("http").at("200") == 7);
    CHECK(rates.of_workload("m", "a-v1").inbound == RatesByCode{{"http", {{"200", 10}}}});
    CHECK(rates.of_service("unknown", "api.example.org").inbound.at("http").at("200") == 8);
    CHECK(rates.of_workload("n", "b").inbound.empty());
    CHECK(rates.of_workload("nowhere", "b").outbound.empty());
}

TEST_CASE("requests and replicas together", "[health]") {
    World world;
    world.store.answer(
        "by (reporter,destination_workload_namespace",
        {{row("destination", "bookinfo", "reviews-v1", http("destination", "200")), 9},
         {row("destination", "bookinfo", "reviews-v1", http("destination", "500")), 1}}
    );
    const MeshHealth health(world.parts);
    const HealthView view = world.look(health);
    const auto reviews = view.of(world.workload("bookinfo", "reviews-v1"));
    CHECK(reviews.health.status == HealthStatus::kFailure);
    CHECK(reviews.health.error_ratio == Approx(10));
    CHECK(reviews.health.request_rate == Approx(10));
    CHECK(reviews.requests->inbound.at("http").size() == 2);
    const auto ratings = view.of(world.workload("bookinfo", "ratings-v1"));
    CHECK(ratings.health.status == HealthStatus::kHealthy);
    CHECK(ratings.health.error_ratio == -1);
    CHECK(view.of(world.workload("travel", "hotels")).health.status == HealthStatus::kNotReady);
    AppItem app;
    app.ns = "bookinfo";
    app.name = "reviews";
    CHECK(view.of(app).health.status == HealthStatus::kFailure);
    CHECK(code_of(view).empty());
}

TEST_CASE("without requests nothing is healthy by its replicas alone", "[health]") {
    World world;
    world.store.fail("source_workload,", Error(ErrorKind::kUpstreamUnavailable, "refused"));
    const MeshHealth health(world.parts);
    const HealthView view = world.look(health);
    CHECK(
        view.of(world.workload("bookinfo", "reviews-v1")).health.status == HealthStatus::kUnknown
    );
    CHECK(view.of(world.workload("travel", "hotels")).health.status == HealthStatus::kNotReady);
    Meta meta;
    view.describe(meta);
    REQUIRE(meta.warnings.size() == 1);
    CHECK(meta.warnings[0].code == "requests_unknown");
    CHECK_THAT(meta.warnings[0].message, Catch::Contains("refused"));

    // A failure is remembered for some seconds, no longer.
    const std::size_t asked = world.store.asked().size();
    CHECK(world.look(health).cached());
    CHECK(world.store.asked().size() == asked);
    world.store.fail("source_workload,", std::nullopt);
    world.clock.advance(seconds(5));
    CHECK(
        world.look(health).of(world.workload("bookinfo", "reviews-v1")).health.status ==
        HealthStatus::kHealthy
    );

    // A store that is known to be away is not asked.
    clients::MetricStoreState away;
    away.reachability = clients::MetricStoreState::Reachability::kUnreachable;
    away.reason = Error(ErrorKind::kUpstreamUnavailable, "no such host");
    world.store.set_state(away);
    const MeshHealth other(world.parts);
    const std::size_t before = world.store.asked().size();
    CHECK(code_of(world.look(other)) == "requests_unknown");
    CHECK(world.store.asked().size() == before);
}

TEST_CASE("a store that is back is asked at once", "[health]") {
    World world;
    using Reachability = clients::MetricStoreState::Reachability;
    clients::MetricStoreState state;
    state.reachability = Reachability::kUnreachable;
    state.last_success = world.clock.now() - seconds(60);
    world.store.set_state(state);
    const MeshHealth health(world.parts);
    CHECK(code_of(world.look(health)) == "requests_unknown");
    world.clock.advance(seconds(1));
    CHECK(world.look(health).cached());
    state.reachability = Reachability::kReachable;
    state.last_success = world.clock.now();
    world.store.set_state(state);
    CHECK(code_of(world.look(health)).empty());
    // What failed for another reason than that is kept: asking again costs as much.
    const MeshHealth slow(world.parts);
    world.store.fail("", Error(ErrorKind::kDeadline, "too slow"));
    CHECK(code_of(world.look(slow)) == "requests_unknown");
    state.last_success = world.clock.now() + seconds(1);
    world.store.set_state(state);
    CHECK(world.look(slow).cached());
}

TEST_CASE("where metrics are off replicas alone are judged", "[health]") {
    World world;
    world.parts.store = nullptr;
    const MeshHealth health(world.parts);
    const HealthView view = world.look(health);
    CHECK(
        view.of(world.workload("bookinfo", "reviews-v1")).health.status == HealthStatus::kHealthy
    );
    CHECK(code_of(view) == "requests_off");
}

TEST_CASE("what was found is kept for its time", "[health]") {
    World world;
    world.parts.keep = seconds(60);
    const MeshHealth health(world.parts);
    CHECK_FALSE(world.look(health).cached());
    world.clock.advance(seconds(59));
    const HealthView kept = world.look(health);
    CHECK(kept.cached());
    CHECK(code_of(kept) == "requests_kept");
    CHECK(world.store.asked().size() == 3);
    world.clock.advance(seconds(1));
    CHECK_FALSE(world.look(health).cached());
    CHECK(world.store.asked().size() == 6);
}

TEST_CASE("a time or an interval of one's own leaves nothing behind", "[health]") {
    World world;
    const MeshHealth health(world.parts);
    HealthQuery query;
    query.namespaces = {"bookinfo", "travel"};
    query.at = world.clock.now() - seconds(3600);
    CHECK_FALSE(world.look(health, query).cached());
    REQUIRE(world.store.asked().size() == 3);
    CHECK(world.store.asked()[0].at == *query.at);
    CHECK_THAT(
        world.store.asked()[0].text,
        Catch::Contains(R"(destination_workload_namespace=~"bookinfo|travel"})")
    );
    query.at.reset();
    query.interval = std::chrono::hours(48);
    const HealthView view = world.look(health, query);
    CHECK(code_of(view) == "interval_shortened");
    CHECK_THAT(world.store.asked()[3].text, Catch::Contains("[86400s]"));
    query.interval = seconds(300);  // as configured
    CHECK_FALSE(world.look(health, query).cached());
    CHECK(world.look(health, query).cached());
    CHECK(world.store.asked().size() == 9);
}
