#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using clients::StoppedBy;
using nlohmann::json;
using test::HandlersFixture;
using test::make_trace;
using test::SpanRow;

namespace {

const std::string kApp = "/api/namespaces/bookinfo/apps/productpage";

SpanRow row(std::uint64_t id, std::int64_t age_s, const std::string& service) {
    SpanRow span;
    span.id = id;
    span.service = service;
    span.start_us = test::kNow - age_s * 1'000'000;
    return span;
}

models::TracePtr one_span(std::uint64_t id, std::int64_t age_s) {
    return make_trace({0, id}, {row(id, age_s, "productpage.bookinfo")});
}

}  // namespace

TEST_CASE("the same list in the same order at every call", "[apps]") {
    HandlersFixture f;
    for (std::uint64_t id = 1; id <= 30; ++id) {
        f.store.add(one_span(id, static_cast<std::int64_t>(id * 7 % 30) + 1));
    }
    const json first = f.get(kApp + "/traces").json();
    const json second = f.get(kApp + "/traces").json();
    CHECK(first["data"] == second["data"]);
    REQUIRE(first["data"].size() == 30);
    for (std::size_t i = 1; i < 30; ++i) {
        CHECK(
            first["data"][i - 1]["spans"][0]["startTime"] >=
            first["data"][i]["spans"][0]["startTime"]
        );
    }
    CHECK(first["tracingServiceName"] == "productpage.bookinfo");
    CHECK(first["errors"].is_null());
    CHECK(first["meta"]["stoppedBy"] == "complete");
    CHECK(first["meta"]["upstream"][0]["name"] == "jaeger");
    CHECK(first["meta"]["upstream"][0]["calls"] == 1);
    CHECK(first["meta"]["order"] == "startTime:desc,traceID:asc");
}

TEST_CASE("an application without traces is an empty list", "[apps]") {
    HandlersFixture f;
    const json body = f.get("/api/namespaces/shop/apps/ghost/traces").json();
    CHECK(body["data"] == json::array());
    CHECK(body["tracingServiceName"] == "ghost.shop");
    CHECK(f.get("/api/namespaces/shop/apps/ghost/spans").body == "[]");
}

TEST_CASE("what a slow or broken backend becomes", "[apps]") {
    struct Row {
        const char* name;
        Error error;
        unsigned status;
        const char* code;
    };
    const Row rows[] = {
        {"Jaeger down",
         Error(ErrorKind::kUpstreamUnavailable, "refused"),
         503,
         "upstream_unreachable"},
        {"nothing received in time", Error(ErrorKind::kDeadline, "slow"), 504, "upstream_timeout"},
        {"an HTML page", Error(ErrorKind::kUpstreamProtocol, "html"), 502, "upstream_protocol"},
        {"bad credentials", Error(ErrorKind::kUpstreamAuth, "401"), 502, "upstream_auth"},
        {"overloaded",
         Error(ErrorKind::kUnavailable, "busy").with_code("overloaded"),
         503,
         "overloaded"},
    };
    for (const Row& row : rows) {
        for (const char* route : {"/traces", "/spans", "/errortraces?duration=60"}) {
            INFO(row.name << " " << route);
            HandlersFixture f;
            f.store.fail_with(row.error);
            const auto reply = f.get(kApp + route);
            CHECK(reply.status == row.status);
            CHECK(reply.json()["code"] == row.code);
        }
    }
}

TEST_CASE("some spans before the deadline are a 200 that says it is partial", "[apps]") {
    HandlersFixture f;
    const auto partial = [&](StoppedBy stopped_by) {
        clients::TraceBatch batch;
        batch.traces = {one_span(1, 5)};
        batch.stopped_by = stopped_by;
        batch.warnings = {{"partial", "the stream was cut"}};
        f.store.script(batch);
    };
    struct Row {
        StoppedBy stopped_by;
        const char* word;
    };
    for (const Row& row :
         {Row{StoppedBy::kTime, "time"},
          Row{StoppedBy::kBytes, "bytes"},
          Row{StoppedBy::kBackend, "backend"}}) {
        partial(row.stopped_by);
        const json body = f.get(kApp + "/traces").json();
        CHECK(body["data"].size() == 1);
        CHECK(body["meta"]["stoppedBy"] == row.word);
        CHECK(body["errors"][0]["msg"] == "partial result: the stream was cut");

        partial(row.stopped_by);
        const auto spans = f.get(kApp + "/spans");
        CHECK(spans.json().size() == 1);
        CHECK(spans.meta()["stoppedBy"] == row.word);

        partial(row.stopped_by);
        const auto count = f.get(kApp + "/errortraces?duration=60");
        CHECK(count.body == "1");
        CHECK(count.meta()["stoppedBy"] == row.word);
        CHECK(count.meta()["warnings"].back()["code"] == "at_least");
    }
}

TEST_CASE("the backend's errors are kept beside data and are an error without", "[apps]") {
    HandlersFixture f;
    clients::TraceBatch batch;
    batch.errors = {{500, "shard failed", "2a"}};
    f.store.script(batch);
    const auto failed = f.get(kApp + "/traces");
    CHECK(failed.status == 502);
    CHECK(failed.json()["detail"] == "shard failed");

    batch.traces = {one_span(1, 5)};
    f.store.script(batch);
    const json body = f.get(kApp + "/traces").json();
    CHECK(body["errors"] == json::parse(R"([{"code":500,"msg":"shard failed","traceID":"2a"}])"));
}

TEST_CASE("the spans of an application carry their process and the size of the trace", "[apps]") {
    HandlersFixture f;
    SpanRow own = row(1, 10, "productpage.bookinfo");
    own.process_tags = {{"ip", "10.0.0.1"}};
    SpanRow other = row(2, 9, "reviews.bookinfo");
    other.parent = 1;
    SpanRow short_name = row(3, 8, "productpage");
    short_name.parent = 1;
    f.store.add(make_trace({0, 5}, {own, other, short_name}));
    const auto reply = f.get(kApp + "/spans");
    const json body = reply.json();
    REQUIRE(body.size() == 2);
    CHECK(body[0]["spanID"] == "0000000000000001");
    CHECK(body[0]["traceSize"] == 3);
    CHECK(body[0]["process"]["serviceName"] == "productpage.bookinfo");
    CHECK(body[0]["process"]["tags"][0]["value"] == "10.0.0.1");
    CHECK(body[1]["spanID"] == "0000000000000003");
    CHECK(reply.meta()["returned"] == 2);
    CHECK(reply.meta()["scanned"] == 1);
}

TEST_CASE("errortraces is a bare number, and says when it is only a floor", "[apps]") {
    HandlersFixture f;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        SpanRow failed = row(id, 30, "productpage.bookinfo");
        failed.tags = {{"error", true}};
        f.store.add(make_trace({0, id}, {failed}));
    }
    f.store.add(one_span(9, 30));
    const auto reply = f.get(kApp + "/errortraces?duration=60");
    CHECK(reply.body == "3");
    CHECK(reply.meta()["stoppedBy"] == "complete");
    CHECK(f.store.queries().back().limit == 1000);

    for (std::uint64_t id = 10; id < 1020; ++id) {
        SpanRow failed = row(id, 30, "productpage.bookinfo");
        failed.tags = {{"error", true}};
        f.store.add(make_trace({0, id}, {failed}));
    }
    const auto floor = f.get(kApp + "/errortraces?duration=60");
    CHECK(floor.body == "1000");
    CHECK(floor.meta()["stoppedBy"] == "limit");
    CHECK(floor.meta()["warnings"].back()["code"] == "at_least");
}

TEST_CASE("the store's own filter does not make a short page", "[apps]") {
    HandlersFixture f;
    // The newest are of another service that the scan of the store counts against its limit.
    clients::TraceBatch filtered;
    filtered.stopped_by = StoppedBy::kLimit;
    filtered.traces = {one_span(1, 5)};
    f.store.script(filtered);
    for (std::uint64_t id = 1; id <= 4; ++id) {
        f.store.add(one_span(id, static_cast<std::int64_t>(id)));
    }
    const json body = f.get(kApp + "/traces?limit=3").json();
    CHECK(body["data"].size() == 3);
    CHECK(body["meta"]["stoppedBy"] == "limit");
    CHECK(body["meta"]["upstream"][0]["calls"] == 2);
    CHECK(f.store.queries().back().limit == 6);
}

TEST_CASE("without a store the routes say why", "[apps]") {
    HandlersFixture f;
    f.no_store =
        Error(ErrorKind::kUnavailable, "tracing is disabled").with_code("tracing_disabled");
    for (const std::string& target :
         {kApp + "/traces",
          kApp + "/spans",
          kApp + "/errortraces?duration=5",
          std::string("/api/traces"),
          std::string("/api/traces/2a"),
          std::string("/api/traces/2a/spans"),
          std::string("/api/tracing/services")}) {
        INFO(target);
        const auto reply = f.get(target);
        CHECK(reply.status == 503);
        CHECK(reply.json()["code"] == "tracing_disabled");
    }
}
