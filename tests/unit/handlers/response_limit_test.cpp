#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;
using test::make_trace;
using test::SpanRow;

namespace {

constexpr std::size_t kAround = 4'096;  // errors and meta stand around what is limited

// Spans of about a kilobyte, every tenth with a process of its own.
models::TracePtr wide_trace(std::uint64_t id, std::size_t spans) {
    std::vector<SpanRow> rows(spans);
    for (std::size_t i = 0; i < spans; ++i) {
        rows[i].id = i + 1;
        rows[i].parent = i == 0 ? 0 : 1;
        rows[i].start_us = test::kNow - 5'000'000 - static_cast<std::int64_t>(id) * 10'000 +
                           static_cast<std::int64_t>(i);
        rows[i].tags = {{"text", std::string(500, 'x')}, {"url", "/a?token=secret&b=<b>"}};
        rows[i].process_tags = {{"pod", "p" + std::to_string(i / 10)}};
    }
    return make_trace({0, id}, rows);
}

json dropped(const json& meta, const std::string& reason) {
    for (const json& entry : meta["dropped"]) {
        if (entry["reason"] == reason) {
            return entry["count"];
        }
    }
    return nullptr;
}

void check_said(const json& meta) {
    CHECK(meta["stoppedBy"] == "bytes");
    CHECK(meta["warnings"].back()["code"] == "response_limit");
}

const std::string kApp = "/api/namespaces/bookinfo/apps/productpage";

}  // namespace

TEST_CASE("a trace beyond the limit is cut after the spans that fit", "[response_limit]") {
    HandlersFixture f;
    f.store.add(wide_trace(0x2a, 300));
    const std::string whole = f.get("/api/traces/2a").body;
    CHECK(json::parse(whole)["meta"]["stoppedBy"] == "complete");

    f.response_limit_bytes = 100'000;
    const auto reply = f.get("/api/traces/2a");
    const json body = reply.json();
    const json& spans = body["data"]["spans"];
    CHECK(reply.body.size() <= f.response_limit_bytes + kAround);
    CHECK(reply.body.size() > f.response_limit_bytes - kAround);
    CHECK(body["meta"]["returned"] == 1);
    CHECK(dropped(body["meta"], "response_bytes") == 300 - spans.size());
    check_said(body["meta"]);
    CHECK(
        body["errors"][0]["msg"].get<std::string>().find("response_limit_mb") != std::string::npos
    );
    CHECK(
        body["data"]["warnings"].back() == "only the first " + std::to_string(spans.size()) +
                                               " of 300 spans are shown: the answer is cut by its "
                                               "size"
    );
    std::set<std::string> used;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        CHECK(spans[i] == json::parse(whole)["data"]["spans"][i]);
        used.insert(spans[i]["processID"].get<std::string>());
    }
    CHECK(used.size() == body["data"]["processes"].size());
    CHECK(reply.body.rfind("\"meta\"") > reply.body.rfind("\"errors\""));
}

TEST_CASE("a list of traces keeps those that fit whole", "[response_limit]") {
    HandlersFixture f;
    for (std::uint64_t id = 1; id <= 5; ++id) {
        f.store.add(wide_trace(id, 60));
    }
    const json whole = f.get(kApp + "/traces").json();
    REQUIRE(whole["data"].size() == 5);
    f.response_limit_bytes = whole["data"][0].dump().size() * 5 / 2;
    const auto reply = f.get(kApp + "/traces");
    const json body = reply.json();
    CHECK(reply.body.size() <= f.response_limit_bytes + kAround);
    REQUIRE(body["data"].size() == 2);
    CHECK(body["data"][0] == whole["data"][0]);
    CHECK(body["data"][1] == whole["data"][1]);
    CHECK(body["meta"]["returned"] == 2);
    CHECK(dropped(body["meta"], "response_bytes") == 3);
    CHECK(body["meta"]["covered"]["startMicros"] == body["data"][1]["spans"][0]["startTime"]);
    check_said(body["meta"]);
    CHECK(body["errors"].size() == 1);
}

TEST_CASE("a list whose first trace is too large shows what fits of it", "[response_limit]") {
    HandlersFixture f;
    f.store.add(wide_trace(1, 200));
    f.store.add(wide_trace(2, 5));
    f.response_limit_bytes = 50'000;
    const json body = f.get(kApp + "/traces").json();
    REQUIRE(body["data"].size() == 1);
    const std::size_t spans = body["data"][0]["spans"].size();
    CHECK(spans > 10);
    CHECK(dropped(body["meta"], "response_bytes") == 1);
    CHECK(dropped(body["meta"], "response_bytes_spans") == 200 - spans);
    CHECK(body["data"][0]["warnings"].size() == 1);
}

TEST_CASE("a list of spans is cut and says so in its header", "[response_limit]") {
    HandlersFixture f;
    f.store.add(wide_trace(1, 60));
    f.store.add(wide_trace(2, 60));
    f.response_limit_bytes = 80'000;
    const auto reply = f.get(kApp + "/spans");
    const std::size_t spans = reply.json().size();
    CHECK(reply.body.size() <= f.response_limit_bytes);
    CHECK(spans > 20);
    CHECK(reply.meta()["returned"] == spans);
    CHECK(dropped(reply.meta(), "response_bytes") == 120 - spans);
    check_said(reply.meta());
}

TEST_CASE("a page of rows is cut, says so and can be read on", "[response_limit]") {
    HandlersFixture f;
    f.store.add(wide_trace(0x2a, 300));
    const json whole = f.get("/api/traces/2a/spans").json();
    REQUIRE(whole["spans"].size() == 300);
    CHECK(whole["meta"]["stoppedBy"] == "complete");

    f.response_limit_bytes = 100'000;
    json read = json::array();
    while (read.size() < 300) {
        const std::string from = std::to_string(read.size());
        const auto reply = f.get("/api/traces/2a/spans?from=" + from);
        const json body = reply.json();
        const std::size_t rows = body["spans"].size();
        CHECK(reply.body.size() <= f.response_limit_bytes + kAround);
        CHECK(body["rows"] == 300);
        CHECK(body["meta"]["returned"] == rows);
        REQUIRE(rows > 0);
        read.insert(read.end(), body["spans"].begin(), body["spans"].end());
        if (read.size() < 300) {
            CHECK(reply.body.size() > f.response_limit_bytes - kAround);
            CHECK(dropped(body["meta"], "response_bytes") == 300 - read.size());
            check_said(body["meta"]);
        } else {
            CHECK(body["meta"]["stoppedBy"] == "complete");
        }
    }
    CHECK(read == whole["spans"]);

    f.response_limit_bytes = 10;
    const json first = f.get("/api/traces/2a/spans?from=7&count=5").json();
    REQUIRE(first["spans"].size() == 1);
    CHECK(first["spans"][0] == whole["spans"][7]);
    CHECK(dropped(first["meta"], "response_bytes") == 4);
    check_said(first["meta"]);
}

TEST_CASE("no limit is passed, whatever texts the spans hold", "[response_limit][property]") {
    std::mt19937 random(3);
    const auto pick = [&random](int below) {
        return std::uniform_int_distribution<int>(0, below - 1)(random);
    };
    for (int round = 0; round < 40; ++round) {
        std::vector<SpanRow> rows(static_cast<std::size_t>(1 + pick(30)));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].id = i + 1;
            rows[i].start_us = test::kNow - 1'000'000;
            std::string text(static_cast<std::size_t>(pick(300)), '\x01');
            for (char& c : text) {
                c = static_cast<char>(pick(256));
            }
            rows[i].operation = text.substr(0, 20);
            rows[i].tags = {{text.substr(0, 10), text}, {"n", std::int64_t{1} << 60}};
            rows[i].logs = {{{"event", text}}};
            rows[i].warnings = {text};
            rows[i].service = "s" + std::to_string(pick(4)) + ".bookinfo";
        }
        HandlersFixture f;
        f.store.add(make_trace({0, 1}, rows));
        f.response_limit_bytes = static_cast<std::size_t>(pick(60'000));
        const auto reply = f.get("/api/traces/1");
        CHECK(reply.body.size() <= f.response_limit_bytes + kAround);
        const bool whole = reply.json()["data"]["spans"].size() == rows.size();
        CHECK(whole == (reply.meta()["stoppedBy"] == "complete"));
    }
}
