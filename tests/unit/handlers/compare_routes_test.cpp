#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::make_trace;
using test::SpanRow;

namespace {

SpanRow row(
    std::uint64_t id, std::uint64_t parent, const std::string& service, std::int64_t duration_us
) {
    SpanRow made;
    made.id = id;
    made.parent = parent;
    made.service = service;
    made.operation = service == "productpage.bookinfo" ? "page" : "get";
    made.start_us = test::kNow - 60'000'000 + static_cast<std::int64_t>(id);
    made.duration_us = duration_us;
    return made;
}

// The page as a few of its spans, and one that is slower, asks ratings and not details.
void add_two(HandlersFixture& f) {
    f.store.add(make_trace(
        {0, 0xa},
        {row(1, 0, "productpage.bookinfo", 20'000),
         row(2, 1, "productpage.bookinfo", 9'000),
         row(3, 2, "reviews.bookinfo", 8'000),
         row(4, 1, "details.bookinfo", 5'000)}
    ));
    auto failed = row(5, 3, "ratings.bookinfo", 700'000);
    failed.tags = {{"error", true}};
    f.store.add(make_trace(
        {0, 0xb},
        {row(1, 0, "productpage.bookinfo", 900'000),
         row(2, 1, "productpage.bookinfo", 800'000),
         row(3, 2, "reviews.bookinfo", 790'000),
         failed}
    ));
}

}  // namespace

TEST_CASE("two traces are compared place by place", "[compare]") {
    HandlersFixture f;
    add_two(f);
    const json body = f.get("/api/traces/a/compare/b").json();
    CHECK(body["a"]["traceID"] == "000000000000000a");
    CHECK(body["b"]["duration"] == 900'000);
    // The page's two spans have one operation and one place.
    REQUIRE(body["nodes"].size() == 2);
    CHECK(
        body["nodes"][0] == json::parse(R"({"path":["productpage.bookinfo"],"operation":"page",
        "inA":2,"inB":2,"durationA":29000,"durationB":1700000,"delta":1671000,"errorsA":0,"errorsB":0})"
                            )
    );
    CHECK(
        body["nodes"][1]["path"] == json::parse(R"(["productpage.bookinfo","reviews.bookinfo"])")
    );
    CHECK(body["nodes"][1]["delta"] == 782'000);
    REQUIRE(body["onlyA"].size() == 1);
    CHECK(body["onlyA"][0]["path"][1] == "details.bookinfo");
    CHECK(body["onlyA"][0]["delta"] == -5000);
    REQUIRE(body["onlyB"].size() == 1);
    CHECK(
        body["onlyB"][0]["path"] ==
        json::parse(R"(["productpage.bookinfo","reviews.bookinfo","ratings.bookinfo"])")
    );
    CHECK(body["onlyB"][0]["errorsB"] == 1);
    CHECK(body["meta"]["returned"] == 4);
    CHECK(body["meta"]["scanned"] == 8);  // the spans of both

    const json same = f.get("/api/traces/a/compare/a").json();
    CHECK(same["nodes"].size() == 3);
    CHECK(same["onlyA"].empty());
    CHECK(same["nodes"][0]["delta"] == 0);
    CHECK(f.get("/api/traces/a/compare/c").status == 404);
    CHECK(f.get("/api/traces/x/compare/a").status == 400);
}

TEST_CASE("what is hidden has no place in a comparison", "[compare][rights]") {
    HandlersFixture f;
    f.access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
    f.cluster_wide = false;
    auto first = row(1, 0, "productpage.bookinfo", 9'000);
    auto hidden = row(2, 1, "secret.travel", 8'000);
    auto last = row(3, 2, "details.bookinfo", 7'000);
    const auto node = [](const std::string& ns) {
        return "sidecar~10.0.0.1~x-79f774bdb9-x7k2p." + ns + "~" + ns + ".svc.cluster.local";
    };
    first.tags = last.tags = {{"node_id", node("bookinfo")}};
    hidden.tags = {{"node_id", node("travel")}};
    f.store.add(make_trace({0, 0xa}, {first, hidden, last}));
    const auto reply = f.get("/api/traces/a/compare/a");
    CHECK(reply.body.find("secret") == std::string::npos);
    const json body = reply.json();
    REQUIRE(body["nodes"].size() == 2);
    CHECK(
        body["nodes"][1]["path"] ==
        json::parse(R"(["productpage.bookinfo","redacted","details.bookinfo"])")
    );
    CHECK(body["meta"]["dropped"] == json::parse(R"([{"reason":"hidden_spans","count":2}])"));
}

TEST_CASE("spans lie over a chart as points, or as boxes when there are many", "[overlay]") {
    HandlersFixture f;
    f.has_cluster = false;
    for (std::uint64_t i = 0; i < 30; ++i) {
        auto one = row(1, 0, "details.bookinfo", static_cast<std::int64_t>(i + 1) * 100);
        one.start_us = test::kNow - 30'000'000 + static_cast<std::int64_t>(i) * 1'000'000;
        one.tags = {{"error", i == 7}};
        f.store.add(make_trace({0, i + 1}, {one}));
    }
    const std::string path = "/api/namespaces/bookinfo/apps/details/overlay?limit=100";
    const json points = f.get(path).json();
    CHECK(points["buckets"].empty());
    REQUIRE(points["points"].size() == 30);
    CHECK(
        points["points"][7] ==
        json{
            {"time", test::kNow - 23'000'000},
            {"duration", 800},
            {"traceID", "0000000000000008"},
            {"spanID", "0000000000000001"},
            {"error", true},
            {"operation", "get"}
        }
    );
    CHECK(f.get(path + "&maxPoints=30").json()["points"].size() == 30);
    const json boxes = f.get(path + "&maxPoints=29").json();
    CHECK(boxes["points"].empty());
    REQUIRE(boxes["buckets"].size() == 15);
    std::uint64_t count = 0;
    std::int64_t end = test::kNow - 30'000'000;
    for (const json& box : boxes["buckets"]) {
        count += box["count"].get<std::uint64_t>();
        CHECK(box["from"].get<std::int64_t>() == end);
        end = box["to"].get<std::int64_t>();
    }
    CHECK(count == 30);
    // The first holds the durations 100 and 200.
    const json& box = boxes["buckets"][0];
    CHECK(box["count"] == 2);
    CHECK(box["min"] == 100.0);
    CHECK(box["q1"] == 125.0);
    CHECK(box["median"] == 150.0);
    CHECK(box["q3"] == 175.0);
    CHECK(box["max"] == 200.0);
    CHECK(box["avg"] == 150.0);
    CHECK(f.get(path + "&maxPoints=10001").status == 400);
    CHECK(f.get("/api/namespaces/bookinfo/apps/none/overlay").json()["points"].empty());
}
