#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::make_trace;
using test::SpanRow;

namespace {

models::TracePtr call(std::uint64_t id, std::int64_t age_s, bool error = false) {
    SpanRow root;
    root.id = 1;
    root.start_us = test::kNow - age_s * 1'000'000;
    root.operation = "GET /productpage?access_token=secret-marker";
    SpanRow child = root;
    child.id = 2;
    child.parent = 1;
    child.start_us += 100;
    child.service = "reviews.bookinfo";
    child.operation = "reviews";
    if (error) {
        child.tags = {{"http.status_code", std::int64_t{500}}};
    }
    SpanRow orphan = child;
    orphan.id = 3;
    orphan.parent = 99;
    orphan.tags.clear();
    return make_trace({0, id}, {root, child, orphan});
}

}  // namespace

TEST_CASE("one trace by id, whatever the case and the padding", "[trace]") {
    HandlersFixture f;
    f.store.add(call(0xabcdef, 5));
    for (const char* id : {"ABCDEF", "abcdef", "00000000000000000000000000abcdef"}) {
        const auto reply = f.get(std::string("/api/traces/") + id + "?ignored=1");
        REQUIRE(reply.status == 200);
        const json body = reply.json();
        CHECK(body["data"]["traceID"] == "0000000000abcdef");
        CHECK(body["data"]["spans"].size() == 3);
        CHECK(body["errors"].is_null());
        CHECK(body["meta"]["returned"] == 1);
    }
}

TEST_CASE("a trace that is not there is a 404", "[trace]") {
    HandlersFixture f;
    for (const char* route : {"/api/traces/2a", "/api/traces/2a/spans"}) {
        const auto reply = f.get(route);
        CHECK(reply.status == 404);
        CHECK(reply.json()["error"] == "Trace 000000000000002a not found");
        f.store.script(clients::TraceBatch{});
        CHECK(f.get(route).status == 404);
    }
}

TEST_CASE("a trace cut by the deadline says so; nothing received is a 504", "[trace]") {
    HandlersFixture f;
    clients::TraceBatch batch;
    batch.traces = {call(5, 5)};
    batch.stopped_by = clients::StoppedBy::kTime;
    batch.warnings = {{"partial_timeout", "only 3 spans came in time"}};
    f.store.script(batch);
    const json body = f.get("/api/traces/5").json();
    CHECK(body["meta"]["stoppedBy"] == "time");
    CHECK(body["errors"][0]["msg"] == "partial result: only 3 spans came in time");

    clients::TraceBatch nothing;
    nothing.stopped_by = clients::StoppedBy::kTime;
    f.store.script(nothing);
    CHECK(f.get("/api/traces/5").status == 504);
}

TEST_CASE("a search gives summaries, newest first, secrets masked", "[search]") {
    HandlersFixture f;
    f.store.add(call(1, 60));
    f.store.add(call(2, 30, true));
    const auto reply = f.get("/api/traces?service=productpage.bookinfo");
    const json body = reply.json();
    REQUIRE(body["data"].size() == 2);
    const json& first = body["data"][0];
    CHECK(first["traceID"] == "0000000000000002");
    CHECK(first["rootService"] == "productpage.bookinfo");
    CHECK(first["spans"] == 3);
    CHECK(first["errors"] == 1);
    CHECK(first["orphans"] == 1);
    CHECK(first["duration"] == 1100);
    CHECK(first["services"] == json::parse(R"([{"name":"productpage.bookinfo","spans":1,"errors":0},
        {"name":"reviews.bookinfo","spans":2,"errors":1}])"));
    CHECK(body["cursor"].is_null());
    CHECK(reply.body.find("secret-marker") == std::string::npos);

    const json failed = f.get("/api/traces?service=productpage.bookinfo&errors=true").json();
    REQUIRE(failed["data"].size() == 1);
    CHECK(failed["data"][0]["traceID"] == "0000000000000002");
    CHECK(failed["meta"]["scanned"] == 2);
}

TEST_CASE("pages of a search hold every trace once", "[search]") {
    HandlersFixture f;
    for (std::uint64_t id = 1; id <= 23; ++id) {
        f.store.add(call(id, static_cast<std::int64_t>(id / 3 + 1)));
    }
    std::set<std::string> seen;
    std::string cursor;
    int pages = 0;
    do {
        const json body =
            f.get(
                 "/api/traces?limit=5&startMicros=1763683100000000&endMicros=1763683200000000" +
                 (cursor.empty() ? "" : "&cursor=" + cursor)
            )
                .json();
        for (const json& trace : body["data"]) {
            CHECK(seen.insert(trace["traceID"]).second);
        }
        CHECK(body["cursor"].is_null() == (body["meta"]["stoppedBy"] == "complete"));
        cursor = body["cursor"].is_null() ? "" : body["cursor"].get<std::string>();
        REQUIRE(++pages < 10);
    } while (!cursor.empty());
    CHECK(seen.size() == 23);
    CHECK(pages == 5);
}

TEST_CASE("what a search asks the store for", "[search]") {
    HandlersFixture f;
    const auto reply = f.get(
        "/api/traces?service=a%20b&operation=GET%20%2F&minDuration=5&maxDuration=9&limit=3"
        "&startMicros=10&endMicros=20&clusterName=east&tags=" +
        test::encoded(R"({"k":"v"})")
    );
    CHECK(reply.status == 200);
    const auto sent = f.store.queries().back();
    CHECK(sent.service == "a b");
    CHECK(sent.operation == "GET /");
    CHECK(sent.min_duration == std::chrono::microseconds(5));
    CHECK(sent.max_duration == std::chrono::microseconds(9));
    CHECK(sent.limit == 3);
    CHECK(to_micros(sent.window.start) == 10);
    CHECK(to_micros(sent.window.end) == 20);
    CHECK(
        sent.tags == std::map<std::string, std::string>{{"istio.cluster_id", "east"}, {"k", "v"}}
    );
}
