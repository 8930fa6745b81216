#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::make_trace;
using test::Reply;
using test::SpanRow;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
const std::string kApp = "/api/namespaces/bookinfo/apps/productpage";

test::Tags of_pod(const std::string& pod, const std::string& name_space) {
    return {{"node_id", "sidecar~10.0.0.1~" + pod + "." + name_space + "~" + name_space + ".svc"}};
}

// A visible span, the caller of two hidden ones that hold what is asked for; one of those goes by
// the visible one's service name. `age` in seconds.
models::TracePtr secretive(std::uint64_t id, std::int64_t age) {
    SpanRow seen;
    seen.id = 1;
    seen.start_us = test::kNow - age * kSecond;
    seen.duration_us = 500;
    seen.tags = of_pod("productpage-v1-0", "bookinfo");
    seen.tags.emplace_back("half", "seen");
    SpanRow hidden = seen;
    hidden.id = 2;
    hidden.parent = 1;
    hidden.start_us += 20 * kSecond;
    hidden.duration_us = 90'000;
    hidden.service = "hotels.travel";
    hidden.operation = "book a room";
    hidden.tags = of_pod("hotels-v1-0", "travel");
    hidden.tags.insert(
        hidden.tags.end(),
        {{"user", "alice"}, {"guest", "bob"}, {"error", true}, {"other", "hidden"}}
    );
    hidden.process_tags = {{"hostname", "hotels-v1-0"}};
    hidden.logs = {{{"event", "paid"}}};
    SpanRow alike = hidden;
    alike.id = 3;
    alike.service = seen.service;
    alike.duration_us = 3;
    return make_trace({0, id}, {seen, hidden, alike});
}

models::TracePtr visible(std::uint64_t id, std::int64_t age) {
    SpanRow row;
    row.start_us = test::kNow - age * kSecond;
    row.duration_us = 500;
    row.tags = of_pod("productpage-v1-0", "bookinfo");
    row.tags.emplace_back("guest", "bob");
    return make_trace({1, id}, {row});
}

// Sees bookinfo only.
struct Limited : HandlersFixture {
    Limited() {
        access = std::make_shared<test::FakeAccess>(std::set<std::string, std::less<>>{"bookinfo"});
        cluster_wide = false;
        for (std::uint64_t id = 1; id <= 4; ++id) {
            store.add(visible(id, static_cast<std::int64_t>(id) * 40));
        }
    }
    void hide(std::uint64_t traces) {
        for (std::uint64_t id = 1; id <= traces; ++id) {
            store.add(secretive(id, 60 + static_cast<std::int64_t>(id)));
        }
    }
    void see_all() {
        access = HandlersFixture().access;
        cluster_wide = true;
    }
};

std::string tags(const std::string& object) { return "tags=" + test::encoded(object); }

json data_of(const Reply& reply) {
    const json body = reply.json();
    return body.is_object() ? body["data"] : body;
}

}  // namespace

TEST_CASE("no question makes an answer tell what a hidden span holds", "[rights]") {
    const std::int64_t start = test::kNow - 62 * kSecond + 10 * kSecond;
    const std::string only_hidden = "startMicros=" + std::to_string(start) +
                                    "&endMicros=" + std::to_string(start + 15 * kSecond);
    const std::vector<std::string> targets{
        "/api/traces?" + tags(R"({"user":"alice"})"),
        "/api/traces?limit=1&" + tags(R"({"user":"alice"})"),
        "/api/traces?" + tags(R"({"half":"seen","other":"hidden"})") + "&service=hotels.travel",
        "/api/traces?" + tags(R"({"hostname":"hotels-v1-0"})"),
        "/api/traces?" + tags(R"({"event":"paid"})"),
        "/api/traces?" + tags(R"({"error":"true"})"),
        "/api/traces?errors=true",
        "/api/traces?service=hotels.travel",
        "/api/traces?operation=" + test::encoded("book a room"),
        "/api/traces?minDuration=80000",
        "/api/traces?maxDuration=4",
        "/api/traces?" + only_hidden,
        kApp + "/traces?" + tags(R"({"user":"alice"})"),
        kApp + "/traces?minDuration=2&limit=1&" + tags(R"({"other":"hidden"})"),
        kApp + "/traces?" + only_hidden,
        kApp + "/spans?" + tags(R"({"user":"alice"})"),
        kApp + "/errortraces?duration=300",
        "/api/tracing/services",
    };
    for (const std::string& target : targets) {
        INFO(target);
        Limited without;
        const Reply nothing = without.get(target);
        REQUIRE(nothing.status == 200);
        for (const std::uint64_t traces : {1U, 3U, 70U}) {
            Limited f;
            f.hide(traces);
            const Reply reply = f.get(target);
            CHECK(reply.status == 200);
            CHECK(reply.body == nothing.body);
            CHECK(reply.meta_header == nothing.meta_header);
            if (target.find("half") == std::string::npos) {
                f.see_all();
                without.see_all();
                CHECK(data_of(f.get(target)) != data_of(without.get(target)));
                without.cluster_wide = false;
                without.access = Limited().access;
            }
        }
    }
}

TEST_CASE("what a visible span says is found, though others of its trace are hidden", "[rights]") {
    Limited f;
    f.hide(2);
    for (const char* object :
         {R"({"half":"seen"})",
          R"({"node_id":"sidecar~10.0.0.1~productpage-v1-0.bookinfo~bookinfo.svc","half":"seen"})"
         }) {
        const json body = f.get("/api/traces?" + tags(object)).json();
        CHECK(body["data"].size() == 2);
        CHECK(body["meta"]["scanned"] == 2);
        CHECK(body["meta"]["stoppedBy"] == "rights");
        CHECK(body["meta"]["upstream"].empty());
        CHECK(body["meta"]["dropped"] == json::parse(R"([{"reason":"hidden_spans","count":4}])"));
    }
    const json app = f.get(kApp + "/traces?limit=1").json();
    CHECK(app["data"].size() == 1);
    CHECK(app["meta"]["stoppedBy"] == "limit");
}

TEST_CASE("a page ends alike, whatever is hidden between, before and after it", "[rights]") {
    const std::string bob = tags(R"({"guest":"bob"})");
    for (const std::string& path : {std::string("/api/traces"), kApp + "/traces"}) {
        for (const std::size_t limit : {1U, 2U, 3U, 4U, 5U}) {
            const std::string target = path + "?limit=" + std::to_string(limit) + "&" + bob;
            INFO(target);
            Limited without;
            const Reply expected = without.get(target);
            CHECK(expected.json()["data"].size() == std::min<std::size_t>(limit, 4));
            for (const std::uint64_t traces : {1U, 2U, 3U, 4U, 5U, 7U}) {
                Limited f;
                f.hide(traces);
                CHECK(f.get(target).body == expected.body);
            }
        }
    }
}

TEST_CASE("what the backend says beside its traces is not for limited callers", "[rights]") {
    const auto answer = [](bool hidden, clients::StoppedBy stopped_by) {
        clients::TraceBatch batch;
        batch.traces.push_back(visible(1, 30));
        if (hidden) {
            batch.traces.push_back(secretive(0x2b, 60));
        }
        batch.stopped_by = stopped_by;
        batch.errors = {{500, "trace 2b is broken", "2b"}};
        batch.warnings = {{"malformed_json", hidden ? "7 spans are too long" : "1 span"}};
        batch.dropped = {{"bad_span", hidden ? 7U : 1U}};
        return batch;
    };
    struct Row {
        clients::StoppedBy stopped_by;
        const char* word;
        const char* warning;
    };
    const Row rows[] = {
        {clients::StoppedBy::kComplete, "rights", nullptr},
        {clients::StoppedBy::kTime, "time", "partial_timeout"},
        {clients::StoppedBy::kBytes, "bytes", "receive_limit"},
        {clients::StoppedBy::kBackend, "backend", "partial_body"},
    };
    const std::string bob = tags(R"({"guest":"bob"})");
    for (const std::string& target : {"/api/traces?" + bob, kApp + "/traces?" + bob}) {
        for (const Row& row : rows) {
            INFO(target << " " << row.word);
            Limited f;
            f.store.script(answer(true, row.stopped_by));
            const Reply reply = f.get(target);
            const json body = reply.json();
            CHECK(body["data"].size() == 1);
            CHECK(body["meta"]["stoppedBy"] == row.word);
            CHECK(body["meta"]["dropped"].empty());
            CHECK(body["errors"][0]["msg"] == "the tracing backend reported an error");
            if (row.warning != nullptr) {
                CHECK(body["meta"]["warnings"][0]["code"] == row.warning);
                CHECK(body["errors"].size() == 2);
            }
            f.store.script(answer(false, row.stopped_by));
            CHECK(f.get(target).body == reply.body);
        }
    }
    Limited f;
    f.store.script(answer(true, clients::StoppedBy::kComplete));
    const json single = f.get("/api/traces/1").json();
    CHECK(single["meta"]["dropped"].empty());
    CHECK(single["meta"]["warnings"].empty());
    CHECK(single["meta"]["stoppedBy"] == "complete");
}

TEST_CASE("an answer that failed is the same error, whatever was hidden in it", "[rights]") {
    for (const auto stopped_by : {clients::StoppedBy::kTime, clients::StoppedBy::kBackend}) {
        const auto ask = [&](bool hidden) {
            Limited f;
            clients::TraceBatch batch;
            if (hidden) {
                batch.traces.push_back(secretive(1, 60));
            }
            batch.stopped_by = stopped_by;
            batch.warnings = {{"x", hidden ? "1 traces came" : "0 traces came"}};
            f.store.script(batch);
            return f.get("/api/traces?" + tags(R"({"user":"alice"})"));
        };
        CHECK(ask(true).status >= 500);
        CHECK(ask(true).body == ask(false).body);
    }
}

TEST_CASE("services of hidden namespaces are like unknown ones", "[rights]") {
    Limited f;
    f.hide(1);
    f.store.add_operation("hotels.travel", {"book a room", "server"});
    const auto ask = [&](const std::string& service) {
        return f.get("/api/tracing/services/" + service + "/operations");
    };
    CHECK(ask("hotels.travel").status == ask("nobody.travel").status);
    CHECK(ask("plain").status == ask("nobody").status);
    const json list = f.get("/api/tracing/services").json();
    CHECK(list["data"] == json::parse(R"(["productpage.bookinfo"])"));
    CHECK(list["meta"]["stoppedBy"] == "rights");
    CHECK(list["meta"]["scanned"] == 1);
}

TEST_CASE("what looking for spans between lines costs is not for limited callers", "[rights]") {
    Limited f;
    const std::string pod = f.cluster.add_workload("bookinfo", "productpage-v1").front();
    for (const char* container : {"productpage-v1", "istio-proxy"}) {
        f.cluster.set_log("bookinfo", pod, container, "2025-11-20T23:59:00Z a line\n");
    }
    const std::string target =
        "/api/namespaces/bookinfo/workloads/productpage-v1/logs?spans=true&since=600s";
    const auto billed = [&] {
        std::set<std::string> names;
        const json meta = f.get(target).meta();
        for (const json& entry : meta["upstream"]) {
            names.insert(entry["name"]);
        }
        return names;
    };
    f.hide(3);
    CHECK(billed() == std::set<std::string>{"kubernetes"});
    CHECK_FALSE(f.store.queries().empty());
    f.see_all();
    CHECK(billed() == std::set<std::string>{"jaeger", "kubernetes"});
}
