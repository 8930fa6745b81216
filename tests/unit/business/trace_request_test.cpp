#include "business/trace_request.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace meshscope;
using namespace meshscope::business;
using namespace std::chrono_literals;

namespace {

const SystemTime kNow = from_micros(1'787'220'000'123'456);
using Tags = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("without a start the window is the ten minutes before the end", "[trace_request]") {
    TraceRequest request;
    auto query = complete(request, {}, kNow);
    REQUIRE(query.has_value());
    CHECK(query->window.end == kNow);
    CHECK(query->window.start == kNow - 10min);
    CHECK(query->limit == 100);

    request.end = from_micros(1'000'000);
    query = complete(request, {}, kNow);
    REQUIRE(query.has_value());
    CHECK(to_micros(query->window.start) == 0);  // never before 1970
}

TEST_CASE("the window keeps its microseconds", "[trace_request]") {
    TraceRequest request;
    request.start = from_micros(1'787'220'000'123'455);
    const auto query = complete(request, {}, kNow);
    REQUIRE(query.has_value());
    CHECK(to_micros(query->window.start) == 1'787'220'000'123'455);
}

TEST_CASE("an empty window is refused", "[trace_request]") {
    TraceRequest request;
    request.start = kNow;
    CHECK(complete(request, {}, kNow).error().kind() == ErrorKind::kInvalidArgument);
    request.end = kNow - 1s;
    CHECK(complete(request, {}, kNow).error().kind() == ErrorKind::kInvalidArgument);
    request.end = kNow + 1us;
    CHECK(complete(request, {}, kNow).has_value());
}

TEST_CASE("a maximum below the minimum duration is refused", "[trace_request]") {
    TraceRequest request;
    request.min_duration = 2500us;
    request.max_duration = 2499us;
    CHECK(complete(request, {}, kNow).error().kind() == ErrorKind::kInvalidArgument);
    request.max_duration = 0us;
    const auto query = complete(request, {}, kNow);
    REQUIRE(query.has_value());
    CHECK(query->min_duration == 2500us);
}

TEST_CASE("a limit above 10000 is clamped, and said", "[trace_request]") {
    TraceRequest request;
    request.limit = 999'999;
    const auto query = complete(request, {}, kNow);
    REQUIRE(query.has_value());
    CHECK(query->limit == 10'000);
    Meta meta;
    describe_limits(meta, request, *query);
    CHECK(meta.asked.limit == 999'999U);
    CHECK(meta.used.limit == 10'000U);
    REQUIRE(meta.warnings.size() == 1);
    CHECK(meta.warnings[0].code == "limit_clamped");
}

TEST_CASE(
    "tags are completed; the cluster's is added only when it can tell clusters apart",
    "[trace_request]"
) {
    struct Row {
        const char* name;
        Tags asked;
        std::string cluster_name;
        bool several_clusters;
        Tags sent;
    };
    const Row rows[] = {
        {"query scope is added",
         {{"error", "true"}},
         "",
         false,
         {{"env", "prod"}, {"error", "true"}}},
        {"query scope wins", {{"env", "test"}}, "", false, {{"env", "prod"}}},
        {"the caller's own value stays",
         {{"istio.cluster_id", "west"}},
         "",
         false,
         {{"env", "prod"}, {"istio.cluster_id", "west"}}},
        {"clusterName is sent", {}, "west", false, {{"env", "prod"}, {"istio.cluster_id", "west"}}},
        {"clusterName wins over the tag",
         {{"istio.cluster_id", "south"}},
         "west",
         false,
         {{"env", "prod"}, {"istio.cluster_id", "west"}}},
        {"several clusters: the home cluster",
         {},
         "",
         true,
         {{"env", "prod"}, {"istio.cluster_id", "east"}}},
        {"several clusters: clusterName",
         {},
         "west",
         true,
         {{"env", "prod"}, {"istio.cluster_id", "west"}}},
    };
    TracingSettings settings;
    settings.query_scope = {{"env", "prod"}};
    settings.home_cluster = "east";
    for (const Row& row : rows) {
        INFO(row.name);
        TraceRequest request;
        request.tags = row.asked;
        request.cluster_name = row.cluster_name;
        settings.several_clusters = row.several_clusters;
        const auto query = complete(request, settings, kNow);
        REQUIRE(query.has_value());
        CHECK(query->tags == row.sent);
    }
}
