#include "business/metrics.hpp"

#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

using namespace meshscope;
using namespace meshscope::business;
using clients::promql::Label;
using clients::promql::Quantile;
using std::chrono::seconds;

namespace {

SystemTime at(std::int64_t unix_seconds) { return SystemTime(seconds(unix_seconds)); }

MetricsRequest of_workload(std::vector<MetricFamily> families) {
    MetricsRequest request;
    request.target = {MetricSubject::kWorkload, {"shop"}, "cart-v2"};
    request.direction = TrafficDirection::kInbound;
    request.reporters = {"destination"};
    request.families = std::move(families);
    return request;
}

std::vector<MetricFamily> all_families() {
    std::vector<MetricFamily> all;
    for (const FamilySpec& spec : kFamilies) {
        all.push_back(spec.family);
    }
    return all;
}

std::string only_query(const MetricsRequest& request) {
    const auto queries = plan_metrics(request, request.rate_interval, "east");
    REQUIRE(queries.size() == 1);
    return queries[0].expression.text();
}

struct World {
    test::FakeMetricStore store;
    test::ManualClock clock;
    test::FakeCluster cluster{&clock};
    CallerAccess access;
    Caller caller = anonymous_caller();

    Metrics metrics() {
        Metrics::Parts parts;
        parts.store = &store;
        parts.cluster = &cluster;
        parts.access = &access;
        parts.clock = &clock;
        return Metrics(std::move(parts));
    }
    Result<MetricsAnswer> ask(MetricsRequest request, bool parts_may_miss = false) {
        const Metrics asked = metrics();
        RequestContext context;
        context.caller = caller;
        return test::run_coroutine<Result<MetricsAnswer>>([&] {
            return asked.of(context, std::move(request), parts_may_miss);
        });
    }
};

const MetricSeries* find(
    const MetricsAnswer& answer, MetricFamily family, const std::string& stat
) {
    for (const FamilyAnswer& one : answer.families) {
        if (one.family != family) {
            continue;
        }
        const auto found = std::ranges::find(one.series, stat, &MetricSeries::stat);
        return found == one.series.end() ? nullptr : &*found;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("families are ascending by name and found by it", "[metrics]") {
    for (std::size_t i = 0; i < kMetricFamilies; ++i) {
        CHECK(static_cast<std::size_t>(kFamilies[i].family) == i);
        CHECK(family_named(kFamilies[i].name.text()) == kFamilies[i].family);
        CHECK((i == 0 || kFamilies[i - 1].name.text() < kFamilies[i].name.text()));
    }
    CHECK(family_named("request_counts") == std::nullopt);
}

TEST_CASE("the selector of each kind of object", "[metrics]") {
    struct Row {
        MetricSubject subject;
        const char* name;
        TrafficDirection direction;
        std::vector<std::string> reporters;
        const char* selector;
    };
    constexpr auto kIn = TrafficDirection::kInbound;
    constexpr auto kOut = TrafficDirection::kOutbound;
    const std::vector<Row> rows{
        {MetricSubject::kWorkload,
         "cart-v2",
         kIn,
         {"destination"},
         R"(reporter="destination",destination_workload_namespace="shop",destination_workload="cart-v2",destination_cluster="east")"
        },
        {MetricSubject::kWorkload,
         "cart-v2",
         kOut,
         {"waypoint", "source", "source"},
         R"(reporter=~"source|waypoint",source_workload_namespace="shop",source_workload="cart-v2",source_cluster="east")"
        },
        {MetricSubject::kApp,
         "ca\"rt",
         kOut,
         {},
         R"(source_workload_namespace="shop",source_canonical_service="ca\"rt",source_cluster="east")"
        },
        {MetricSubject::kService,
         "cart",
         kIn,
         {"source"},
         R"(reporter="source",destination_service_name="cart",destination_service_namespace="shop",destination_cluster="east")"
        },
        {MetricSubject::kNamespace,
         "",
         kIn,
         {"source"},
         R"(reporter="source",destination_workload_namespace="shop",destination_cluster="east")"},
    };
    for (const Row& row : rows) {
        MetricsRequest request = of_workload({MetricFamily::kRequestCount});
        request.target = {row.subject, {"shop"}, row.name};
        request.direction = row.direction;
        request.reporters = row.reporters;
        CHECK(
            only_query(request) ==
            "sum(rate(istio_requests_total{" + std::string(row.selector) + "}[60s]))"
        );
    }
    MetricsRequest request = of_workload({MetricFamily::kTcpSent});
    request.target = {MetricSubject::kNamespace, {"shop"}, ""};
    request.rate_func = clients::promql::RateFunc::kIrate;
    request.request_protocol = "tcp";
    request.aggregate.emplace(*Label::parse("request_operation"), "buy");
    request.by = {"response_code", "source_workload"};
    CHECK(
        only_query(request) ==
        R"(sum(irate(istio_tcp_received_bytes_total{reporter="destination",destination_workload_namespace="shop",request_protocol="tcp",request_operation="buy",destination_cluster="east"}[60s])) by (response_code,source_workload))"
    );
}

TEST_CASE("errors of HTTP and of gRPC are added, none counted twice", "[metrics]") {
    MetricsRequest request = of_workload({MetricFamily::kRequestErrors});
    request.by = {"source_workload"};
    const std::string base =
        R"(reporter="destination",destination_workload_namespace="shop",destination_workload="cart-v2",destination_cluster="east",)";
    const std::string by_code =
        "rate(istio_requests_total{" + base + R"(response_code=~"^0$|^[4-5]\\d\\d$"}[60s]))";
    CHECK(
        only_query(request) ==
        "sum((" + by_code + " or rate(istio_requests_total{" + base +
            R"(grpc_response_status=~"^[1-9]$|^1[0-6]$",response_code!~"^0$|^[4-5]\\d\\d$"}[60s]))) by (source_workload))"
    );
    request.request_protocol = "http";
    CHECK(only_query(request).find("grpc_response_status") == std::string::npos);
    CHECK(only_query(request).find(" or ") == std::string::npos);
}

TEST_CASE(
    "one statistic of a histogram is asked as such, several out of its buckets", "[metrics]"
) {
    MetricsRequest request = of_workload({MetricFamily::kRequestDuration});
    const std::string labels =
        R"x({reporter="destination",destination_workload_namespace="shop",destination_workload="cart-v2",destination_cluster="east"}[60s])))x";
    const std::string metric = "istio_request_duration_milliseconds";
    // Each asks for native histograms, too: whether there are any.
    const auto either_native = [&](const std::string& query, const std::string& by) {
        return "(" + query + " or label_replace(count(rate(" + metric + labels + by +
               R"(, "meshscope_part", "native", "", "")))";
    };
    request.rate_func = clients::promql::RateFunc::kIrate;  // not for histograms
    CHECK(
        only_query(request) == either_native(
                                   "(sum(rate(" + metric + "_sum" + labels + " / sum(rate(" +
                                       metric + "_count" + labels + ")",
                                   ""
                               )
    );
    request.average = false;
    request.quantiles = {*Quantile::parse("0.950")};
    request.by = {"response_code"};
    const std::string by = " by (response_code)";
    CHECK(
        only_query(request) == either_native(
                                   "histogram_quantile(0.95, sum(rate(" + metric + "_bucket" +
                                       labels + " by (le,response_code))",
                                   by
                               )
    );
    request.quantiles.push_back(*Quantile::parse("0.5"));
    CHECK(
        only_query(request) ==
        either_native(
            "(sum(rate(" + metric + "_bucket" + labels + " by (le,response_code) or sum(rate(" +
                metric + "_sum" + labels + by + ")",
            by
        )
    );
    request.quantiles.clear();
    CHECK(plan_metrics(request, seconds(60), "east").empty());
}

TEST_CASE("all families cost five queries", "[metrics]") {
    MetricsRequest request = of_workload(all_families());
    request.quantiles = {*Quantile::parse("0.5"), *Quantile::parse("0.99")};
    const auto queries = plan_metrics(request, seconds(60), "east");
    CHECK(queries.size() == 5);
    std::size_t families = 0;
    for (const auto& query : queries) {
        families += query.families.size();
    }
    CHECK(families == kMetricFamilies);
    CHECK_THAT(
        queries[1].expression.text(),
        Catch::Contains(R"(, "meshscope_family", "tcp_closed", "", "") or label_replace()")
    );
}

TEST_CASE("times of the queries", "[metrics]") {
    struct Row {
        const char* what;
        std::int64_t end, duration, step, interval, created;  // created 0: unknown
        std::int64_t start, used_interval;                    // used_interval 0: nothing
    };
    const std::vector<Row> rows{
        {"start goes down to the step", 1787220067, 60, 15, 60, 0, 1787220000, 60},
        {"an old namespace", 100'000, 1800, 15, 60, 1, 98'190, 60},
        {"younger than the window", 100'000, 1800, 10, 60, 99'000, 99'060, 60},
        {"younger than the interval", 100'000, 1800, 10, 10'800, 96'400, 100'000, 3600},
        {"a second old", 100'000, 1800, 10, 60, 99'999, 100'000, 1},
        {"not a second old", 100'000, 1800, 10, 60, 100'000, 100'000 - 1800, 0},
        {"not there yet", 100'000, 1800, 10, 60, 200'000, 100'000 - 1800, 0},
        {"before time began", 100, 1800, 10, 60, 0, 0, 60},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        MetricsRequest request;
        request.end = at(row.end);
        request.duration = seconds(row.duration);
        request.step = seconds(row.step);
        request.rate_interval = seconds(row.interval);
        const auto created = row.created == 0 ? std::nullopt : std::optional(at(row.created));
        const auto times = metric_times(request, at(1), created);
        REQUIRE(times.has_value());
        CHECK(times->start == at(row.start));
        CHECK(times->end == at(row.end));
        CHECK(times->nothing == (row.used_interval == 0));
        CHECK((times->nothing || times->rate_interval == seconds(row.used_interval)));
    }
    MetricsRequest request;
    CHECK(metric_times(request, at(5000) + std::chrono::milliseconds(700), {})->end == at(5000));
    request.step = seconds(1);
    request.duration = seconds(kMostPoints - 1);
    CHECK(metric_times(request, at(100'000), {}).has_value());
    request.duration = seconds(kMostPoints);
    const auto many = metric_times(request, at(100'000), {});
    REQUIRE_FALSE(many.has_value());
    CHECK(many.error().kind() == ErrorKind::kInvalidArgument);
    CHECK_THAT(many.error().message(), Catch::Contains("'step'"));
}

TEST_CASE("families of one answer are told apart", "[metrics]") {
    World world;
    world.cluster.add_workload("shop", "cart-v2");
    const std::string tag = "meshscope_family";
    world.store.answer_range(
        "istio_requests_total",
        {{{{tag, "request_count"}, {"response_code", "500"}}, {{1000, 2.5}}},
         {{{tag, "request_count"}, {"response_code", "200"}}, {{1000, 1}, {16'000, 3}}},
         {{{tag, "request_throughput"}}, {{1000, 7}}},
         {{{tag, "what"}}, {{1000, 9}}},
         {{}, {{1000, 9}}}}
    );
    MetricsRequest request =
        of_workload({MetricFamily::kRequestCount, MetricFamily::kRequestThroughput});
    request.by = {"response_code"};
    const auto answer = world.ask(request);
    REQUIRE(answer.has_value());
    REQUIRE(answer->families.size() == 2);
    const auto& counts = answer->families[0].series;
    REQUIRE(counts.size() == 2);
    using Labels = std::vector<std::pair<std::string, std::string>>;
    CHECK(counts[0].labels == Labels{{"response_code", "200"}});
    REQUIRE(counts[0].points.size() == 2);
    CHECK(counts[0].points[1].value == 3);
    CHECK(counts[1].labels == Labels{{"response_code", "500"}});
    CHECK(counts[0].stat.empty());
    REQUIRE(answer->families[1].series.size() == 1);
    CHECK(answer->families[1].series[0].labels.empty());
    CHECK(answer->meta.returned == 3);
    CHECK(answer->meta.upstream.at("prometheus").calls == 1);
}

TEST_CASE("quantiles and the mean of one query of buckets", "[metrics]") {
    World world;
    world.cluster.add_workload("shop", "cart-v2");
    world.store.answer_range(
        "duration_milliseconds_bucket",
        {{{{"le", "1"}, {"app", "a"}}, {{1000, 0}, {2000, 3}}},
         {{{"le", "+Inf"}, {"app", "a"}}, {{1000, 0}, {2000, 5}, {3000, 5}}},
         {{{"le", "5"}, {"app", "a"}}, {{1000, 0}, {2000, 4}, {3000, 5}}},
         {{{"le", "no bound"}, {"app", "a"}}, {{1000, 1}}},
         {{{"app", "a"}}, {{1000, 0}, {2000, 20}}},
         {{{"le", "5"}, {"app", "b"}}, {{1000, 1}}},
         {{{"le", "+Inf"}, {"app", "b"}}, {{1000, 2}}}}
    );
    MetricsRequest request = of_workload({MetricFamily::kRequestDuration});
    request.quantiles = {*Quantile::parse("0.5"), *Quantile::parse("0.990")};
    request.by = {"app"};
    const auto answer = world.ask(request);
    REQUIRE(answer.has_value());
    const auto& series = answer->families[0].series;
    std::vector<std::string> stats;
    for (const MetricSeries& one : series) {
        stats.push_back(one.stat + " " + one.labels.at(0).second);
    }
    CHECK(stats == std::vector<std::string>{"0.5 a", "0.5 b", "0.990 a", "0.990 b", "avg a"});
    const MetricSeries* half = find(*answer, MetricFamily::kRequestDuration, "0.5");
    REQUIRE(half->points.size() == 3);
    CHECK(std::isnan(half->points[0].value));  // nothing was counted
    CHECK(half->points[1].value == 0.8333333333333334);
    CHECK(half->points[2].value == 2.5);  // the bucket up to 1 has no point there
    const MetricSeries* mean = find(*answer, MetricFamily::kRequestDuration, "avg");
    REQUIRE(mean->points.size() == 2);
    CHECK(std::isnan(mean->points[0].value));
    CHECK(mean->points[1].value == 4);
}

TEST_CASE("where there are no buckets native histograms are asked for", "[metrics]") {
    using Labels = std::map<std::string, std::string>;
    World world;
    world.cluster.add_workload("shop", "cart-v2");
    // Of group a there are both until 2000, of b native ones only, of c both.
    const auto native = [](const char* app) {
        return Labels{{"app", app}, {"meshscope_part", "native"}};
    };
    world.store.answer_range(
        "duration_milliseconds_bucket",
        {{{{"le", "1"}, {"app", "a"}}, {{1000, 5}, {2000, 5}}},
         {{{"le", "+Inf"}, {"app", "a"}}, {{1000, 5}, {2000, 5}}},
         {{{"app", "a"}}, {{1000, 10}, {2000, 10}}},
         {native("a"), {{2000, 1}, {3000, 1}}},
         {native("b"), {{1000, 1}, {2000, 1}, {3000, 1}}},
         {{{"le", "+Inf"}, {"app", "c"}}, {{1000, 5}}},
         {native("c"), {{1000, 1}}}}
    );
    const auto told = [](const char* app, const char* part) {
        return Labels{
            {"app", app}, {"meshscope_part", part}, {"meshscope_family", "request_duration_millis"}
        };
    };
    world.store.answer_range(
        "histogram_sum(",
        {{told("a", "sum"), {{2000, 80}, {3000, 80}}},
         {told("a", "count"), {{2000, 4}, {3000, 4}}},
         {told("a", "q0"), {{2000, 7}, {3000, 7}}},
         {told("b", "sum"), {{1000, 30}, {2000, 0}, {3000, 30}}},
         {told("b", "count"), {{1000, 3}, {2000, 0}, {3000, 3}}},
         {told("b", "q0"), {{1000, 9}, {3000, 9}}}}
    );
    MetricsRequest request = of_workload({MetricFamily::kRequestDuration});
    request.quantiles = {*Quantile::parse("0.5")};
    request.by = {"app"};
    const auto answer = world.ask(request);
    REQUIRE(answer.has_value());
    REQUIRE(world.store.asked().size() == 2);
    CHECK_THAT(
        world.store.asked()[1].text,
        Catch::Contains("histogram_quantile(0.5, sum(rate(istio_request_duration_milliseconds{") &&
            Catch::Contains("by (app)")
    );
    std::map<std::string, std::vector<double>> found;
    for (const MetricSeries& one : answer->families[0].series) {
        REQUIRE(one.labels.size() == 1);
        for (const models::MetricPoint& point : one.points) {
            found[one.stat + " " + one.labels[0].second].push_back(point.value);
        }
    }
    CHECK(found["0.5 a"] == std::vector<double>{0.5, 0.5, 7});  // buckets as long as there are any
    CHECK(found["avg a"] == std::vector<double>{2, 2, 20});
    CHECK(found["0.5 b"] == std::vector<double>{9, 9});
    REQUIRE(found["avg b"].size() == 3);
    CHECK(found["avg b"][0] == 10);
    CHECK(std::isnan(found["avg b"][1]));
    CHECK(found["0.5 c"].size() == 1);

    world.store.fail("histogram_sum(", Error(ErrorKind::kUpstreamUnavailable, "gone"));
    CHECK(world.ask(request).error().message() == "error in metric request_duration_millis: gone");
}

TEST_CASE("one query tells of all native histograms of a dashboard", "[metrics]") {
    using Labels = std::map<std::string, std::string>;
    World world;
    world.cluster.add_workload("shop", "cart-v2");
    for (const char* metric : {"duration_milliseconds_bucket", "request_bytes_bucket"}) {
        world.store.answer_range(metric, {{Labels{{"meshscope_part", "native"}}, {{1000, 1}}}});
    }
    world.store.answer_range(
        "istio_requests_total",
        {{Labels{{"meshscope_part", "native"}, {"meshscope_family", "request_throughput"}},
          {{1000, 1}}},
         {Labels{{"meshscope_family", "request_count"}}, {{1000, 3}}}}
    );
    const auto told = [](const char* family, const char* part) {
        return Labels{{"meshscope_part", part}, {"meshscope_family", family}};
    };
    world.store.answer_range(
        "histogram_sum(",
        {{told("request_duration_millis", "q1"), {{1000, 8}}},
         {told("request_size", "sum"), {{1000, 60}}},
         {told("request_size", "count"), {{1000, 2}}},
         {told("request_throughput", "sum"), {{1000, 60}}}}
    );
    MetricsRequest request = of_workload(all_families());
    request.quantiles = {*Quantile::parse("0.5"), *Quantile::parse("0.99")};
    const auto answer = world.ask(request, true);
    REQUIRE(answer.has_value());
    CHECK(answer->meta.upstream.at("prometheus").calls == 6);
    const auto value = [&](MetricFamily family, const char* stat) {
        const MetricSeries* series = find(*answer, family, stat);
        return series == nullptr ? -1 : series->points.at(0).value;
    };
    CHECK(value(MetricFamily::kRequestDuration, "0.99") == 8);
    CHECK(value(MetricFamily::kRequestSize, "avg") == 30);
    CHECK(value(MetricFamily::kRequestThroughput, "") == 60);
    CHECK(value(MetricFamily::kRequestCount, "") == 3);
    CHECK(value(MetricFamily::kResponseSize, "avg") == -1);
}

TEST_CASE("rates over less than two samples are said to be empty for that", "[metrics]") {
    World world;
    world.cluster.add_workload("shop", "cart-v2");
    clients::MetricStoreState state;
    state.scrape_interval = seconds(30);
    world.store.set_state(state);
    MetricsRequest request = of_workload({MetricFamily::kRequestCount});
    CHECK(world.ask(request)->meta.warnings.empty());
    request.rate_interval = seconds(59);
    const auto answer = world.ask(request);
    REQUIRE(answer->meta.warnings.size() == 1);
    CHECK_THAT(answer->meta.warnings[0].message, Catch::Contains("120 s are always enough"));
}

TEST_CASE("what fails is told", "[metrics]") {
    World world;
    world.cluster.add_workload("shop", "cart-v2");
    world.store.warn("a part is missing");
    const Error down =
        Error(ErrorKind::kUpstreamUnavailable, "connection refused").with_upstream("prometheus");
    world.store.fail("istio_tcp", down);
    MetricsRequest request = of_workload(all_families());
    const auto whole = world.ask(request);
    REQUIRE_FALSE(whole.has_value());
    CHECK(whole.error().kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(whole.error().message() == "error in metric tcp_closed: connection refused");
    CHECK(whole.error().upstream() == "prometheus");
    const auto parts = world.ask(request, true);
    REQUIRE(parts.has_value());
    for (const FamilyAnswer& one : parts->families) {
        INFO(to_string(one.family));
        CHECK(one.error.has_value() == to_string(one.family).starts_with("tcp_"));
    }
    REQUIRE(parts->meta.warnings.size() == 1);
    CHECK(parts->meta.warnings[0].message == "a part is missing");
    world.store.fail("", Error(ErrorKind::kInvalidArgument, "bad"));
    CHECK(world.ask(request, true).error().kind() == ErrorKind::kUpstreamProtocol);
}

TEST_CASE("who may ask for which metrics", "[metrics]") {
    World world;
    world.cluster.add_workload("shop", "cart-v2");
    MetricsRequest request = of_workload({MetricFamily::kRequestCount});
    const auto kind = [&](const MetricsRequest& asked) {
        const auto answer = world.ask(asked);
        return answer ? ErrorKind::kInternal : answer.error().kind();
    };
    CHECK(world.ask(request).has_value());
    MetricsRequest elsewhere = request;
    elsewhere.target.namespaces = {"nowhere"};
    CHECK(kind(elsewhere) == ErrorKind::kNotFound);
    elsewhere = request;
    elsewhere.cluster = "west";
    CHECK(kind(elsewhere) == ErrorKind::kNotFound);
    elsewhere.cluster = "Kubernetes";
    CHECK(world.ask(elsewhere).has_value());
    MetricsRequest outbound = request;
    outbound.target.subject = MetricSubject::kService;
    outbound.direction = TrafficDirection::kOutbound;
    CHECK(kind(outbound) == ErrorKind::kInvalidArgument);
    const std::size_t asked = world.store.asked().size();
    world.caller = Caller();
    CHECK(kind(request) == ErrorKind::kForbidden);
    CHECK(world.store.asked().size() == asked);
}

TEST_CASE("more series than are kept are counted", "[metrics]") {
    World world;
    world.cluster.add_workload("shop", "cart-v2");
    std::vector<test::MetricSeriesRow> rows;
    for (std::size_t i = 0; i < kMostSeries + 7; ++i) {
        rows.push_back({{{"path", std::to_string(i)}}, {{1000, 1}}});
    }
    world.store.answer_range("istio_requests_total", rows);
    MetricsRequest request = of_workload({MetricFamily::kRequestCount});
    request.by = {"path"};
    const auto answer = world.ask(request);
    REQUIRE(answer.has_value());
    CHECK(answer->families[0].series.size() == kMostSeries);
    CHECK(answer->meta.stopped_by == clients::StoppedBy::kLimit);
    REQUIRE(answer->meta.dropped.size() == 1);
    CHECK(answer->meta.dropped[0].count == 7);
}

TEST_CASE("namespaces of one age are asked together", "[metrics]") {
    World world;
    for (const char* ns : {"shop", "travel", "web"}) {
        world.cluster.add_workload(ns, "w");
    }
    const std::string label = "destination_workload_namespace";
    world.store.answer_range(
        "istio_requests_total",
        {{{{label, "travel"}}, {{1000, 2}}}, {{{label, "shop"}}, {{1000, 1}}}}
    );
    MetricsRequest request = of_workload({MetricFamily::kRequestCount});
    request.target = {MetricSubject::kNamespace, {"shop", "travel", "web"}, ""};
    const Metrics metrics = world.metrics();
    RequestContext context;
    context.caller = world.caller;
    const auto answer = test::run_coroutine<Result<NamespaceMetrics>>([&] {
        return metrics.of_namespaces(context, request);
    });
    REQUIRE(answer.has_value());
    REQUIRE(answer->namespaces.size() == 3);
    REQUIRE(answer->namespaces.at("travel")[0].series.size() == 1);
    CHECK(answer->namespaces.at("travel")[0].series[0].points[0].value == 2);
    CHECK(answer->namespaces.at("travel")[0].series[0].labels.empty());
    CHECK(answer->namespaces.at("web")[0].series.empty());
    REQUIRE(world.store.asked().size() == 1);
    CHECK_THAT(
        world.store.asked()[0].text,
        Catch::Contains(R"(destination_workload_namespace=~"shop|travel|web")") &&
            Catch::EndsWith(" by (destination_workload_namespace)")
    );
}
