#include "business/mesh_sampling.hpp"

#include "tests/support/fake_cluster.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;

namespace {

struct Written {
    std::string ns;
    std::string name;
    std::string spec;
    int age = 0;  // s
};

std::string percent(const char* number, const char* more = "") {
    return std::string(R"({"tracing":[{"randomSamplingPercentage":)") + number + "}]" + more + "}";
}

void write(test::FakeCluster& cluster, const Written& written) {
    models::MeshObject object;
    object.kind = {"telemetry.istio.io", "v1", "Telemetry"};
    object.meta.ns = written.ns;
    object.meta.name = written.name;
    object.meta.created = from_micros(1'000'000'000LL - 1'000'000LL * written.age);
    object.json = std::make_shared<const std::string>(R"({"spec":)" + written.spec + "}");
    cluster.add_mesh_object(std::move(object));
}

MeshSampling found(const test::FakeCluster& cluster, const std::string& workload = "cart") {
    const auto snapshot = cluster.snapshot();
    return sampling_of(*snapshot->find_workload("shop", workload), snapshot.get());
}

}  // namespace

TEST_CASE("the nearest Telemetry that says something counts", "[explain]") {
    struct Row {
        const char* of;
        std::vector<Written> written;
        double percent;  // negative: nobody says
        std::string by;
        bool reports;
    };
    const char* const off = R"({"tracing":[{"disableSpanReporting":true}]})";
    const char* const on =
        R"({"tracing":[{"disableSpanReporting":false,"randomSamplingPercentage":0}]})";
    const char* const of_cart = R"(,"selector":{"matchLabels":{"app":"cart"}})";
    const char* const of_others = R"(,"selector":{"matchLabels":{"app":"orders"}})";
    const char* const of_waypoint = R"(,"targetRefs":[{"kind":"Gateway","name":"waypoint"}])";
    const std::vector<Row> rows = {
        {"nothing", {}, -1, "", true},
        {"the mesh's", {{"istio-system", "default", percent("10")}}, 10, "default", true},
        {"the mesh's, of the namespace that istiod runs in only",
         {{"elsewhere", "default", percent("10")},
          {"istio-system", "for-istiod", percent("3", of_cart)}},
         -1,
         "",
         true},
        {"the namespace's before the mesh's",
         {{"istio-system", "default", off}, {"shop", "all", on}},
         0,
         "all",
         true},
        {"what the nearer one does not say is as above it",
         {{"istio-system", "default", percent("10")}, {"shop", "all", off}},
         10,
         "default",
         false},
        {"the workload's before both",
         {{"istio-system", "default", percent("10")},
          {"shop", "all", percent("20")},
          {"shop", "cart", percent("30", of_cart)},
          {"shop", "others", percent("40", of_others)}},
         30,
         "cart",
         true},
        {"of several the oldest",
         {{"shop", "a", percent("1"), 5}, {"shop", "b", percent("2"), 50}},
         2,
         "b",
         true},
        {"those of gateways say nothing of workloads",
         {{"shop", "a", percent("1", of_waypoint)}},
         -1,
         "",
         true},
    };
    for (const Row& row : rows) {
        INFO(row.of);
        test::FakeCluster cluster;
        cluster.add_workload("istio-system", "istiod", {.sidecar = false});
        cluster.add_workload("shop", "cart", {});
        for (const Written& written : row.written) {
            write(cluster, written);
        }
        const MeshSampling sampling = found(cluster);
        CHECK(sampling.percent.value_or(-1) == row.percent);
        CHECK(sampling.percent_by.name == row.by);
        CHECK(sampling.reports == row.reports);
    }
}

TEST_CASE("an annotation says something where no Telemetry does", "[explain]") {
    struct Row {
        const char* config;
        double sampling;  // negative: none
    };
    const Row row = GENERATE(values<Row>({
        {"tracing:\n  sampling: 12.5\n", 12.5},
        {R"({"tracing":{"sampling":100}})", 100},
        {"tracing:\n  sampling: 0\n", -1},  // as if it were not there
        {"tracing:\n  sampling: 101", 1},
        {"tracing:\n  zipkin: {}\n", -1},
        {"sampling: 3", -1},
        {"tracing:\n  sampling: lots", -1},
        {"tracing:\n  sampling:", -1},
        {"", -1},
    }));
    INFO(row.config);
    test::FakeCluster cluster;
    cluster.add_workload("shop", "cart", {.annotations = {{"proxy.istio.io/config", row.config}}});
    CHECK(found(cluster).percent.value_or(-1) == row.sampling);
    CHECK(found(cluster).percent_by.name.empty());
    write(cluster, {"shop", "all", percent("50")});
    CHECK(found(cluster).percent == 50);
}
