#include "business/graph_appenders.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/unit/business/graph_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using tests::GraphMaker;

namespace {

std::shared_ptr<const clients::VectorAnswer> answer_of(const std::vector<test::MetricRow>& rows) {
    auto answer = std::make_shared<clients::VectorAnswer>();
    answer->data = test::metric_vector(rows);
    return answer;
}

// productpage calls reviews-v1 and reviews-v2, over the service's node when there is one.
struct Calls {
    explicit Calls(GraphType type, bool services = false) {
        work.request.type = type;
        work.request.inject_services = services;
        work.namespaces = {{"bookinfo", std::chrono::seconds(600), false}};
        work.ranges = {{std::chrono::seconds(600), {"bookinfo"}, {}}};
        GraphMaker made;
        const bool app = type == GraphType::kApp;
        const auto node = [&](const char* workload, const char* name) {
            return app ? made.app("bookinfo", name) : made.workload("bookinfo", workload, name);
        };
        const auto source = node("productpage-v1", "productpage");
        const auto v1 = node("reviews-v1", "reviews");
        const auto v2 = node("reviews-v2", "reviews");
        if (services || type == GraphType::kService) {
            const auto service = made.service("bookinfo", "reviews");
            to_service = made.edge(source, service);
            to_v1 = made.edge(service, v1);
            to_v2 = made.edge(service, v2);
        } else {
            to_v1 = made.edge(source, v1);
            to_v2 = made.edge(source, v2);
        }
        work.graph = std::move(made.graph);
    }
    [[nodiscard]] std::vector<std::string> questions(const GraphAppenderPtr& appender) const {
        std::vector<std::string> out;
        for (const auto& question : appender->questions(work)) {
            out.push_back(question.text());
        }
        return out;
    }
    void apply(
        const GraphAppenderPtr& appender, const std::vector<std::vector<test::MetricRow>>& answers
    ) {
        std::vector<clients::VectorAnswerPtr> all;
        for (const auto& rows : answers) {
            all.push_back(answer_of(rows));
        }
        REQUIRE(all.size() == appender->questions(work).size());
        appender->apply(work, all);
    }
    [[nodiscard]] const models::GraphEdge& edge(models::EdgeIndex index) const {
        return work.graph.edge(index);
    }

    GraphWork work;
    models::EdgeIndex to_service = models::kNoIndex;
    models::EdgeIndex to_v1 = models::kNoIndex;
    models::EdgeIndex to_v2 = models::kNoIndex;
};

// A row as proxies label it, with every label that a query may group by.
test::MetricRow row(const std::string& target, double value, const std::string& more = "") {
    test::MetricRow out;
    out.value = value;
    out.labels = {
        {"source_cluster", "Kubernetes"},
        {"source_workload_namespace", "bookinfo"},
        {"source_workload", "productpage-v1"},
        {"source_canonical_service", "productpage"},
        {"destination_cluster", "Kubernetes"},
        {"destination_service_namespace", "bookinfo"},
        {"destination_service_name", "reviews"},
        {"destination_workload_namespace", "bookinfo"},
        {"destination_workload", target},
        {"destination_canonical_service", "reviews"},
        {"request_protocol", "http"},
        {"connection_security_policy", more.empty() ? "mutual_tls" : more},
        {"source_principal", more.empty() ? "spiffe://productpage" : "unknown"},
        {"destination_principal", more.empty() ? "spiffe://" + target : "unknown"},
    };
    return out;
}

}  // namespace

TEST_CASE("response times are grouped by what an edge stands for", "[graph_appenders]") {
    struct Row {
        GraphType type;
        bool services;
        std::string by;
    };
    const std::vector<Row> rows{
        {GraphType::kWorkload,
         false,
         "source_cluster,source_workload_namespace,source_workload,source_canonical_service,"
         "destination_cluster,destination_workload_namespace,destination_workload,"
         "destination_canonical_service,request_protocol,le"},
        {GraphType::kApp,
         false,
         "source_cluster,source_workload_namespace,source_canonical_service,destination_cluster,"
         "destination_workload_namespace,destination_canonical_service,request_protocol,le"},
        {GraphType::kWorkload,
         true,
         "source_cluster,destination_cluster,destination_service_namespace,"
         "destination_service_name,destination_workload_namespace,destination_workload,"
         "destination_canonical_service,request_protocol,le"},
        {GraphType::kService,
         true,
         "source_cluster,source_workload_namespace,source_workload,source_canonical_service,"
         "destination_cluster,destination_service_namespace,destination_service_name,"
         "request_protocol,le"},
    };
    for (const Row& one : rows) {
        const Calls calls(one.type, one.services);
        const auto questions = calls.questions(make_response_times());
        REQUIRE(questions.size() == (one.type == GraphType::kService ? 2 : 3));
        CHECK(questions[0].find("by (" + one.by + ")") != std::string::npos);
        CHECK(questions[0].find("histogram_quantile(0.95") != std::string::npos);
        CHECK(
            questions[0].find("{reporter=~\"destination|waypoint\","
                              "destination_service_namespace=\"bookinfo\"}[600s]"
            ) != std::string::npos
        );
        CHECK(questions[1].find("source_workload_namespace=\"bookinfo\"}") != std::string::npos);
    }
    Calls average(GraphType::kWorkload);
    average.work.request.response_time = ResponseTimeKind::kAverage;
    average.work.ranges[0].ambient = {"bookinfo"};
    const auto questions = average.questions(make_response_times());
    REQUIRE(questions.size() == 4);
    CHECK(questions[0].find("reporter=\"source\"") != std::string::npos);
    CHECK(questions[0].find("_sum") < questions[0].find(" / "));
    CHECK(questions[0].find("_count") > questions[0].find(" / "));
}

TEST_CASE("response times of edges", "[graph_appenders]") {
    const double nan = std::nan("");
    Calls direct(GraphType::kWorkload);
    direct.apply(
        make_response_times(),
        {{row("reviews-v1", 25), row("reviews-v1", 20), row("reviews-v9", 1)},
         {row("reviews-v1", 99), row("reviews-v2", 7), row("reviews-v2", nan)},
         {}}
    );
    CHECK(direct.edge(direct.to_v1).response_time_ms == 25);
    CHECK(direct.edge(direct.to_v2).response_time_ms == 7);

    Calls injected(GraphType::kWorkload, true);
    injected.apply(make_response_times(), {{row("reviews-v1", 25)}, {}, {}});
    CHECK(injected.edge(injected.to_v1).response_time_ms == 25);
    CHECK_FALSE(injected.edge(injected.to_service).response_time_ms);

    Calls services(GraphType::kService);
    services.apply(make_response_times(), {{row("reviews-v1", 25)}, {}});
    CHECK(services.edge(services.to_service).response_time_ms == 25);

    Calls apps(GraphType::kApp);
    apps.apply(make_response_times(), {{row("", 25)}, {}, {}});
    CHECK(apps.edge(apps.to_v1).response_time_ms == 25);
}

TEST_CASE("calls that nobody serves take as long as their callers say", "[graph_appenders]") {
    // To a host outside, to one that a ServiceEntry stands for, to a service without its workload.
    struct Row {
        std::string ns, name;
        std::string cluster = "unknown";
    };
    const auto unserved = [](const Row& called, double value) {
        test::MetricRow out = row("unknown", value);
        out.labels["destination_cluster"] = called.cluster;
        out.labels["destination_service_namespace"] = called.ns;
        out.labels["destination_service_name"] = called.name;
        out.labels["destination_workload_namespace"] = "unknown";
        out.labels["destination_canonical_service"] = "unknown";
        return out;
    };
    for (const bool services : {false, true}) {
        Calls calls(GraphType::kWorkload, services);
        models::Graph& graph = calls.work.graph;
        using Kind = models::NodeKey::Kind;
        const auto page =
            graph.find({Kind::kWorkload, "Kubernetes", "bookinfo", "productpage-v1", {}, {}});
        const auto call = [&](const Row& called) {
            const auto node =
                graph.add({Kind::kService, called.cluster, called.ns, called.name, {}, {}});
            return graph.add(page, node, "http");
        };
        const auto outside = call({"unknown", "PassthroughCluster"});
        const auto entry = call({"bookinfo", "fares", "Kubernetes"});
        const auto details = call({"bookinfo", "details", "Kubernetes"});
        graph.node(graph.edge(entry).target).more().service_entry = {
            {"*.fares.com", "fares.example.org"}, "MESH_EXTERNAL", "bookinfo"
        };
        const std::vector<test::MetricRow> rows{
            unserved({"unknown", "PassthroughCluster"}, 120),
            unserved({"bookinfo", "api.fares.com"}, 80),
            unserved({"bookinfo", "details"}, 1),
            unserved({"bookinfo", "reviews"}, 9'999),  // others of these calls are served
        };
        const auto questions = calls.questions(make_response_times());
        CHECK(
            questions[2].find("{reporter=~\"source|waypoint\",destination_workload=\"unknown\","
                              "source_workload_namespace=\"bookinfo\"}[600s]) or rate("
            ) != std::string::npos
        );
        CHECK(
            questions[2].find("destination_service_namespace=\"bookinfo\"}") != std::string::npos
        );
        CHECK(questions[2].find("destination_canonical_service") == std::string::npos);
        calls.apply(make_response_times(), {{}, {}, rows});
        CHECK(calls.edge(outside).response_time_ms == 120);
        CHECK(calls.edge(entry).response_time_ms == 80);
        CHECK(calls.edge(details).response_time_ms == 1);
        if (services) {
            CHECK_FALSE(calls.edge(calls.to_service).response_time_ms);
        }
        // What callers sent is known, too; what came back nobody there reports.
        calls.work.request.throughput = ThroughputKind::kRequest;
        calls.apply(make_throughput(), {{}, {}, rows});
        CHECK(calls.edge(outside).throughput == 120);
        calls.work.request.throughput = ThroughputKind::kResponse;
        CHECK(calls.questions(make_throughput()).size() == 2);
    }
}

TEST_CASE("throughput adds up, each byte once", "[graph_appenders]") {
    Calls calls(GraphType::kWorkload);
    const auto questions = calls.questions(make_throughput());
    REQUIRE(questions.size() == 2);
    CHECK(
        questions[0].find("istio_response_bytes_sum{reporter=~\"destination|waypoint\","
                          "destination_service_namespace=\"bookinfo\","
                          "source_workload_namespace!~\"(bookinfo)\"}") != std::string::npos
    );
    calls.apply(
        make_throughput(),
        {{row("reviews-v1", 1'000)}, {row("reviews-v1", 500), row("reviews-v2", 1)}}
    );
    CHECK(calls.edge(calls.to_v1).throughput == 1'500);
    CHECK(calls.edge(calls.to_v2).throughput == 1);
    calls.work.request.throughput = ThroughputKind::kRequest;
    CHECK(
        calls.questions(make_throughput())[0].find("istio_request_bytes_sum{reporter=~\"source") !=
        std::string::npos
    );
}

TEST_CASE("the share of mutual TLS", "[graph_appenders]") {
    Calls calls(GraphType::kWorkload, true);
    calls.work.request.tcp = TrafficRate::kNone;
    const std::vector<test::MetricRow> rows{
        row("reviews-v1", 2),
        row("reviews-v1", 1),
        row("reviews-v1", 1, "none"),
        row("reviews-v2", 4, "none")
    };
    calls.apply(make_security(), {rows, {}});
    CHECK(calls.edge(calls.to_v1).mtls_percent == 75);
    CHECK(calls.edge(calls.to_v1).source_principal == "spiffe://productpage");
    CHECK(calls.edge(calls.to_v1).target_principal == "spiffe://reviews-v1");
    CHECK_FALSE(calls.edge(calls.to_v2).mtls_percent);
    CHECK(calls.edge(calls.to_v2).source_principal.empty());
    CHECK(calls.edge(calls.to_service).mtls_percent == 37.5);
}
