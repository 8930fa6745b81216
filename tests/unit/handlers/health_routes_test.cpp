#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

const std::string kHealth = "/api/clusters/health";

struct Failing : HandlersFixture {
    Failing() {
        test::WorkloadRow row;
        row.app = "reviews";
        cluster.add_workload("bookinfo", "reviews-v1", row);
        cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
        row.app = "hotels";
        row.pods = 0;
        cluster.add_workload("travel", "hotels", row);
        const auto rows = [](const char* ns, const char* name, const char* app) {
            std::vector<test::MetricRow> out;
            for (const char* code : {"200", "503"}) {
                test::MetricRow one;
                one.labels = {
                    {"reporter", "destination"},
                    {"request_protocol", "http"},
                    {"response_code", code}
                };
                one.labels[ns] = "bookinfo";
                one.labels[name] = app == nullptr ? "reviews" : "reviews-v1";
                if (app != nullptr) {
                    one.labels[app] = "reviews";
                }
                one.value = code[0] == '2' ? 0.75 : 0.25;
                out.push_back(one);
            }
            return out;
        };
        metric_store.answer(
            "by (reporter,destination_workload_namespace",
            rows(
                "destination_workload_namespace",
                "destination_workload",
                "destination_canonical_service"
            )
        );
        metric_store.answer(
            "by (reporter,destination_service_namespace",
            rows("destination_service_namespace", "destination_service_name", nullptr)
        );
    }
    void limit_to(const std::string& ns) {
        access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{ns});
        cluster_wide = false;
    }
};

const json kRequests = json::parse(
    R"({"healthAnnotations":{},"inbound":{"http":{"200":0.75,"503":0.25}},"outbound":{}})"
);
const json kFailure =
    json::parse(R"({"errorRatio":25.0,"status":"Failure","totalRequestRate":1.0})");

std::string warned(const json& body) {
    const json& warnings = body["meta"]["warnings"];
    return warnings.empty() ? "" : warnings[0]["code"].get<std::string>();
}

}  // namespace

TEST_CASE("health of all that the caller sees", "[health]") {
    Failing f;
    const auto reply = f.get(kHealth);
    const json body = reply.json();
    CHECK(reply.fields.get("X-Kiali-Health-Cached") == "false");
    const json workload = body["namespaceWorkloadHealth"]["bookinfo"]["reviews-v1"];
    CHECK(workload["requests"] == kRequests);
    CHECK(workload["status"] == kFailure);
    CHECK(workload["workloadStatus"]["desiredReplicas"] == 1);
    const json app = body["namespaceAppHealth"]["bookinfo"]["reviews"];
    CHECK(app["requests"] == kRequests);
    CHECK(app["status"] == kFailure);
    CHECK(app["workloadStatuses"].size() == 1);
    CHECK(
        body["namespaceServiceHealth"]["bookinfo"]["reviews"] ==
        json({{"requests", kRequests}, {"status", kFailure}})
    );
    CHECK(
        body["namespaceHealth"]["bookinfo"]["statusService"] ==
        json::parse(R"({"inError":["reviews"],
        "inNotReady":[],"inSuccess":[],"inWarning":[],"notAvailable":[]})")
    );
    CHECK(body["namespaceHealth"]["bookinfo"]["worstStatus"] == "Failure");
    CHECK(body["namespaceHealth"]["travel"]["worstStatus"] == "Not Ready");
    CHECK(body["namespaceHealth"]["travel"]["statusWorkload"]["inNotReady"] == json({"hotels"}));
    CHECK(body["namespaceServiceHealth"]["travel"] == json::object());
    CHECK(body["meta"]["upstream"][0]["calls"] == 3);

    f.clock.advance(std::chrono::seconds(7));
    const auto again = f.get(kHealth);
    CHECK(again.fields.get("X-Kiali-Health-Cached") == "true");
    CHECK(warned(again.json()) == "requests_kept");
    CHECK(f.metric_store.asked().size() == 3);
}

TEST_CASE("what health can be asked", "[health]") {
    Failing f;
    const json apps = f.get(kHealth + "?type=app&namespaces=bookinfo,nothing").json();
    CHECK_FALSE(apps.contains("namespaceServiceHealth"));
    CHECK_FALSE(apps.contains("namespaceWorkloadHealth"));
    CHECK(apps["namespaceAppHealth"].size() == 1);
    CHECK_FALSE(apps["namespaceHealth"]["bookinfo"].contains("statusWorkload"));
    const json none = f.get(kHealth + "?namespaces=nothing").json();
    CHECK(none.size() == 1);
    CHECK(f.get(kHealth + "?queryTime=1763680000&rateInterval=1h").status == 200);
    const auto asked = f.metric_store.asked();
    CHECK_THAT(asked.back().text, Catch::Contains("[3600s]") && Catch::Contains("bookinfo|travel"));
    CHECK(asked.back().at == SystemTime(std::chrono::seconds(1763680000)));
    for (const char* bad :
         {"type=pod", "queryTime=now", "rateInterval=5", "rateInterval=500ms", "health=true"}) {
        INFO(bad);
        CHECK(f.get(kHealth + "?" + bad).status == 400);
    }
    CHECK(f.get(kHealth + "?clusterName=west").status == 404);
}

TEST_CASE("health holds nothing of hidden namespaces", "[health]") {
    Failing f;
    f.limit_to("travel");
    const auto reply = f.get(kHealth + "?namespaces=bookinfo,travel");
    CHECK(reply.body.find("bookinfo") == std::string::npos);
    CHECK(reply.body.find("reviews") == std::string::npos);
    CHECK(reply.json()["namespaceHealth"].size() == 1);
}

TEST_CASE("health in lists and details", "[health]") {
    Failing f;
    struct Row {
        const char* target;
        json::json_pointer place;
    };
    const Row rows[] = {
        {"/api/clusters/workloads", json::json_pointer("/workloads/0/health")},
        {"/api/clusters/apps", json::json_pointer("/applications/0/health")},
        {"/api/clusters/services", json::json_pointer("/services/0/health")},
        {"/api/namespaces/bookinfo/workloads/reviews-v1", json::json_pointer("/health")},
        {"/api/namespaces/bookinfo/workloads/reviews-v1", json::json_pointer("/services/0/health")},
        {"/api/namespaces/bookinfo/apps/reviews", json::json_pointer("/health")},
        {"/api/namespaces/bookinfo/services/reviews", json::json_pointer("/health")},
        {"/api/namespaces/bookinfo/services/reviews", json::json_pointer("/workloads/0/health")},
    };
    for (const auto& [target, place] : rows) {
        INFO(target);
        const json body = f.get(target).json();
        CHECK(body.at(place)["requests"] == kRequests);
        CHECK(body.at(place)["status"] == kFailure);
    }
    CHECK(f.metric_store.asked().size() == 3);
    const json bare = f.get("/api/clusters/apps?health=false").json()["applications"][0]["health"];
    CHECK_FALSE(bare.contains("status"));
    CHECK(bare["requests"]["inbound"].empty());
}

TEST_CASE(
    "without Prometheus replicas still count, and nothing is healthy by ignorance", "[health]"
) {
    Failing f;
    f.metric_store.fail("", Error(ErrorKind::kUpstreamUnavailable, "connection refused"));
    const json body = f.get(kHealth).json();
    CHECK(body["namespaceHealth"]["bookinfo"]["worstStatus"] == "NA");
    CHECK(body["namespaceHealth"]["bookinfo"]["statusApp"]["notAvailable"] == json({"reviews"}));
    CHECK(body["namespaceHealth"]["travel"]["worstStatus"] == "Not Ready");
    CHECK(warned(body) == "requests_unknown");
    for (const char* target :
         {"/api/clusters/workloads", "/api/clusters/apps", "/api/clusters/services"}) {
        const auto reply = f.get(target);
        CHECK(reply.status == 200);
        CHECK(warned(reply.json()) == "requests_unknown");
    }
    f.has_metrics = false;
    f.health = nullptr;
    const json off = f.get(kHealth).json();
    CHECK(
        off["namespaceHealth"]["bookinfo"]["statusWorkload"]["inSuccess"] == json({"reviews-v1"})
    );
    CHECK(warned(off) == "requests_off");
}
