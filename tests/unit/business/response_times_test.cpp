#include "business/response_times.hpp"

#include "tests/support/fake_metric_store.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using namespace std::chrono_literals;
using clients::promql::Quantile;
using test::MetricRow;

namespace {

using Kind = MeasuredTarget::Kind;

const SystemTime kAt = from_micros(1'763'683'200'000'000);

MeasuredRequests asked_for(MeasuredTarget target, bool inbound = true) {
    MeasuredRequests asked;
    asked.target = std::move(target);
    asked.inbound = inbound;
    asked.reporters = {inbound ? "destination" : "source"};
    asked.at = kAt;
    return asked;
}

MeasuredRequests workload(const std::string& name, const std::string& ns = "bookinfo") {
    return asked_for({Kind::kWorkload, "", ns, name});
}

std::string text_of(const std::vector<MeasuredRequests>& asked) {
    const auto queries = plan_histograms(asked);
    REQUIRE(queries.size() == 1);
    return queries[0].expr.text();
}

MetricRow bucket(const std::string& workload, const std::string& ns, std::string le, double value) {
    return {
        {{"destination_workload", workload},
         {"destination_workload_namespace", ns},
         {"le", std::move(le)}},
        value
    };
}

MetricRow of(const std::string& workload, const std::string& ns, double value) {
    MetricRow row = bucket(workload, ns, "", value);
    row.labels.erase("le");
    return row;
}

MetricRow part(MetricRow row, const std::string& meaning) {
    row.labels["meshscope_part"] = meaning;
    return row;
}

}  // namespace

TEST_CASE("one query asks for the buckets, the sums and the form of many histograms", "[times]") {
    CHECK(
        text_of({workload("a"), workload("b.c", "travel")}) ==
        "((sum(rate(istio_request_duration_milliseconds_bucket{reporter=\"destination\","
        "destination_workload_namespace=~\"bookinfo|travel\",destination_workload=~\"a|b\\\\.c\"}"
        "[600s])) by (le,destination_workload,destination_workload_namespace) or "
        "sum(rate(istio_request_duration_milliseconds_sum{reporter=\"destination\","
        "destination_workload_namespace=~\"bookinfo|travel\",destination_workload=~\"a|b\\\\.c\"}"
        "[600s])) by (destination_workload,destination_workload_namespace)) or "
        "label_replace(count(rate(istio_request_duration_milliseconds{reporter=\"destination\","
        "destination_workload_namespace=~\"bookinfo|travel\",destination_workload=~\"a|b\\\\.c\"}"
        "[600s])) by (destination_workload,destination_workload_namespace), \"meshscope_part\", "
        "\"native\", \"\", \"\"))"
    );
}

TEST_CASE("each kind of target is named by its own labels", "[times]") {
    struct Row {
        MeasuredRequests asked;
        std::string selector;
    };
    auto with_peer = asked_for({Kind::kApp, "", "bookinfo", "reviews"}, false);
    with_peer.peer = MeasuredTarget{Kind::kService, "east", "bookinfo", "ratings"};
    with_peer.reporters = {"source", "waypoint"};
    const Row rows[] = {
        {asked_for({Kind::kWorkload, "east", "b", "w"}, false),
         R"({reporter="source",source_workload_namespace="b",source_workload="w",source_cluster="east"})"
        },
        {asked_for({Kind::kApp, "", "b", "a"}),
         R"({reporter="destination",destination_workload_namespace="b",destination_canonical_service="a"})"
        },
        {asked_for({Kind::kService, "", "b", "s"}),
         R"({reporter="destination",destination_service_name="s",destination_service_namespace="b"})"
        },
        {with_peer,
         R"({reporter=~"source|waypoint",source_workload_namespace="bookinfo",source_canonical_service="reviews",)"
         R"(destination_service_name="ratings",destination_service_namespace="bookinfo",destination_cluster="east"})"
        },
    };
    for (const Row& row : rows) {
        const std::string text = text_of({row.asked});
        INFO(text);
        CHECK(text.find(row.selector) != std::string::npos);
    }
}

TEST_CASE("what differs in more than names is asked for apart", "[times]") {
    auto longer = workload("a");
    longer.interval = 1h;
    auto later = workload("a");
    later.at += 1s;
    auto peer = workload("a");
    peer.peer = MeasuredTarget{Kind::kWorkload, "", "b", "p"};
    auto reporters = workload("a");
    reporters.reporters = {"destination", "waypoint"};
    const std::vector<MeasuredRequests> asked{
        workload("a"),
        longer,
        later,
        peer,
        reporters,
        asked_for({Kind::kApp, "", "bookinfo", "a"}),
        asked_for({Kind::kWorkload, "east", "bookinfo", "a"}),
        asked_for({Kind::kWorkload, "", "bookinfo", "a"}, false),
        workload("b"),
    };
    const auto queries = plan_histograms(asked);
    CHECK(queries.size() == 8);
    std::size_t covered = 0;
    for (const HistogramQuery& query : queries) {
        covered += query.asked.size();
    }
    CHECK(covered == asked.size());
}

TEST_CASE(
    "an answer is told apart by its names, and rows that nobody asked for are left", "[times]"
) {
    const std::vector<MeasuredRequests> asked{
        workload("a", "x"), workload("b", "y"), workload("c")
    };
    const auto queries = plan_histograms(asked);
    REQUIRE(queries.size() == 1);
    const auto vector = test::metric_vector({
        bucket("a", "x", "1", 3),
        bucket("a", "x", "+Inf", 5),
        bucket("a", "x", "broken", 5),
        of("a", "x", 20),
        bucket("a", "y", "1", 100),  // of the cross product
        bucket("b", "y", "5", 2),
        bucket("b", "y", "+Inf", 2),
    });
    const auto times =
        read_histograms(asked, queries[0], HistogramAnswer(vector), BucketRepair::kEnvelope);
    REQUIRE(times.size() == 1);
    REQUIRE(times[0].size() == 3);
    CHECK(times[0][0].quantile(0, 0.5) == 0.8333333333333334);
    CHECK(times[0][0].average() == 4);
    CHECK(times[0][0].count() == 5);
    CHECK(times[0][1].quantile(0, 0.5) == 2.5);
    CHECK(std::isnan(times[0][1].average()));  // no sum
    CHECK_FALSE(times[0][2].buckets.has_value());
    CHECK(std::isnan(times[0][2].count()));
    CHECK_FALSE(times[0][0].native);
}

TEST_CASE("each moment of a range has its own histograms", "[times]") {
    const std::vector<MeasuredRequests> asked{workload("a", "x")};
    const auto queries = plan_histograms(asked);
    const auto matrix = test::metric_matrix({
        {bucket("a", "x", "1", 0).labels, {{1000, 3}, {2000, 1}, {2500, 9}}},
        {bucket("a", "x", "+Inf", 0).labels, {{1000, 5}, {2000, 1}}},
    });
    const std::int64_t moments[] = {1000, 2000, 3000};
    const auto times = read_histograms(
        asked, queries[0], HistogramAnswer(matrix, moments), BucketRepair::kEnvelope
    );
    REQUIRE(times.size() == 3);
    CHECK(times[0][0].quantile(0, 0.5) == 0.8333333333333334);
    CHECK(times[1][0].quantile(0, 0.5) == 0.5);
    CHECK_FALSE(times[2][0].buckets.has_value());
}

TEST_CASE("native histograms are left to the store", "[times]") {
    const std::vector<MeasuredRequests> asked{workload("a", "x"), workload("b", "x")};
    const auto queries = plan_histograms(asked);
    const std::vector<Quantile> quantiles{*Quantile::parse("0.5"), *Quantile::parse("0.99")};
    const std::string text = native_query(asked, queries[0], quantiles).text();
    INFO(text);
    const std::string histogram =
        "sum(rate(istio_request_duration_milliseconds{reporter=\"destination\","
        "destination_workload_namespace=\"x\",destination_workload=~\"a|b\"}[600s])) by "
        "(destination_workload,destination_workload_namespace)";
    CHECK(text.find("histogram_sum(" + histogram + ")") != std::string::npos);
    CHECK(text.find("histogram_count(" + histogram + ")") != std::string::npos);
    CHECK(
        text.find(
            "label_replace(histogram_quantile(0.99, " + histogram + "), \"meshscope_part\""
        ) != std::string::npos
    );

    const auto first = test::metric_vector({
        part(of("a", "x", 2), "native"),
        part(of("b", "x", 1), "native"),
        bucket("b", "x", "5", 2),
        bucket("b", "x", "+Inf", 2),
    });
    auto times =
        read_histograms(asked, queries[0], HistogramAnswer(first), BucketRepair::kEnvelope);
    CHECK(times[0][0].native);
    CHECK_FALSE(times[0][0].buckets.has_value());
    const auto second = test::metric_vector({
        part(of("a", "x", 30), "sum"),
        part(of("a", "x", 10), "count"),
        part(of("a", "x", 2.5), "q0"),
        part(of("a", "x", 9.5), "q1"),
        part(of("b", "x", 77), "q0"),
    });
    read_native(asked, queries[0], HistogramAnswer(second), quantiles.size(), times);
    CHECK(times[0][0].average() == 3);
    CHECK(times[0][0].count() == 10);
    CHECK(times[0][0].quantile(0, 0.5) == 2.5);
    CHECK(times[0][0].quantile(1, 0.99) == 9.5);
    CHECK(times[0][1].quantile(0, 0.5) == 2.5);  // what its buckets say
}
