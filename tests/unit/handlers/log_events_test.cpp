#include "business/login.hpp"
#include "business/rights.hpp"
#include "core/text.hpp"
#include "server/sealed_cookies.hpp"
#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using nlohmann::json;
using test::HandlersFixture;

namespace {

using namespace std::chrono_literals;

struct Event {
    std::string name, id;
    json data;
};

// Comments and fields of the stream itself are left out.
std::vector<Event> events_of(const std::string& body) {
    std::vector<Event> events;
    std::size_t at = 0;
    for (std::size_t end = 0; (end = body.find("\n\n", at)) != std::string::npos; at = end + 2) {
        Event event;
        std::size_t line = at;
        while (line < end) {
            const std::size_t stop = std::min(body.find('\n', line), end);
            const std::string text = body.substr(line, stop - line);
            line = stop + 1;
            if (text.starts_with("event: ")) {
                event.name = text.substr(7);
            } else if (text.starts_with("id: ")) {
                event.id = text.substr(4);
            } else if (text.starts_with("data: ")) {
                event.data = json::parse(text.substr(6));
            }
        }
        if (!event.name.empty()) {
            events.push_back(std::move(event));
        }
    }
    return events;
}

// "entry:hello," for entries, "source:ok," for containers, else the name alone.
std::string told(const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) {
        const char* what = event.name == "entry" ? "message" : "state";
        const bool known = event.name == "entry" || event.name == "source";
        text += event.name + (known ? ":" + event.data.value(what, "") : "") + ",";
    }
    return text;
}

struct Shop : HandlersFixture {
    std::string pod;
    std::string logs = "/api/namespaces/shop/workloads/cart/logs?follow=true";

    Shop() {
        test::WorkloadRow row;
        row.sidecar = false;
        pod = cluster.add_workload("shop", "cart", row).front();
        follow.gather = 2ms;
        follow.look_around = 5ms;
    }
    void set(const std::string& text) { cluster.set_log("shop", pod, "cart", text); }
    void append(const std::string& text) { cluster.append_log("shop", pod, "cart", text); }
    // Until `text` has come; `then` is done once when `sign` has.
    void leave_at(std::string text, std::string sign = {}, std::function<void()> then = {}) {
        leaves = [text = std::move(text),
                  sign = std::move(sign),
                  then = std::move(then)](const std::string& body) mutable {
            if (then && body.find(sign) != std::string::npos) {
                std::exchange(then, nullptr)();
            }
            return body.find(text) != std::string::npos;
        };
    }
};

// Lets nobody in any more once it is told so.
class Revocable final : public business::Access {
 public:
    bool open = true;
    [[nodiscard]] bool sees_all(const Caller& /*caller*/) const override { return open; }
    [[nodiscard]] bool visible(const Caller& /*caller*/, std::string_view /*ns*/) const override {
        return open;
    }
};

// A shop that alice may see, whose rights are asked of a cluster that can be out of reach.
struct GuardedShop : Shop {
    const std::string token =
        base64_encode("{}") + "." + base64_encode(R"({"sub":"alice"})") + ".c2ln";
    test::FakeCluster door;
    business::RightsBook rights{door, clock, {}};

    GuardedShop() {
        door.add_namespace("shop");
        door.add_user(token, {"alice", {"shop"}});
        cluster.add_user(token, {"alice", {"shop"}});
        auto made = std::make_shared<handlers::LoginParts>();
        made->login = std::make_shared<const business::Login>(
            &door, &rights, clock, business::LoginOptions()
        );
        made->cookies = std::make_shared<const server::SealedCookies>(server::CookieOptions(), [] {
            return std::vector<std::string>{"0123456789abcdef"};
        });
        login = std::move(made);
        event_times.comment = 1ms;
        event_times.gate = 5ms;
        set("2026-03-04T05:06:10Z hello\n");
    }
    std::vector<Event> follow_as_alice() {
        server::Request request;
        request.peer = "10.0.0.1";
        request.headers.add("Authorization", "Bearer " + token);
        const auto reply = send(server::Method::kGet, logs, request);
        CHECK(reply.status == 200);
        return events_of(reply.body);
    }
    [[nodiscard]] int asked() const {
        int all = 0;
        for (const auto& [name, count] : door.calls()) {
            all += count;
        }
        return all;
    }
    // What was known of alice is too old to be used, and nobody can be asked.
    void cut_off() {
        door.fail_with(Error(ErrorKind::kUpstreamUnavailable, "kubernetes is out of reach"));
        clock.advance(2min);
    }
};

}  // namespace

TEST_CASE("logs are followed as events", "[logs][follow]") {
    Shop f;
    f.set("2026-03-04T05:06:10Z hello\n2026-03-04T05:06:11Z line \\\"two\\\"\n");
    const auto more = [&] { f.append("2026-03-04T05:06:12Z three\n2026-03-04T05:06:12Z four\n"); };
    f.leave_at("four", "event: source", more);
    const auto reply = f.get(f.logs);
    CHECK(reply.status == 200);
    CHECK(reply.content_type == "text/event-stream");
    CHECK(reply.fields.get("Cache-Control") == "no-store");
    CHECK(reply.body.starts_with("retry: 2000\n\n"));
    const std::vector<Event> events = events_of(reply.body);
    CHECK(
        told(events) == "entry:hello,entry:line \\\"two\\\",meta,source:ok,entry:three,entry:four,"
    );
    REQUIRE(events.size() == 6);
    const json& line = events[4].data;
    CHECK(line["kind"] == "app");
    CHECK(line["pod"] == f.pod);
    CHECK(line["time"] == 1'772'600'772'000'000);
    CHECK(events[2].data["returned"] == 2);
    CHECK(events[0].id.empty());
    CHECK_FALSE(events[1].id.empty());
    CHECK(events[4].id.empty());
    CHECK_FALSE(events[5].id.empty());

    f.append("2026-03-04T05:06:13Z five\n");
    f.leave_at("five");
    server::Request again;
    again.headers.add("Last-Event-ID", events[5].id);
    const auto resumed = f.send(server::Method::kGet, f.logs, again);
    CHECK(told(events_of(resumed.body)) == "source:ok,entry:five,");

    f.leave_at("five");
    server::Request other;
    other.headers.add("Last-Event-ID", "17");
    CHECK(told(events_of(f.send(server::Method::kGet, f.logs, other).body))
              .starts_with("entry:hello,"));
}

TEST_CASE("spans of lines that are followed are entries, too", "[logs][follow]") {
    Shop f;
    f.follow.spans.every = 2ms;
    f.clock.advance(60s);
    f.logs += "&spans=true";
    f.set("2025-11-21T00:00:10Z hello\n");
    const auto more = [&] {
        test::SpanRow row;
        row.service = "cart.shop";
        row.operation = "GET /cart";
        row.start_us = test::kNow + 13'000'000;
        row.tags = {{"node_id", "sidecar~10.0.0.1~" + f.pod + ".shop~shop.svc.cluster.local"}};
        f.store.add(test::make_trace({0, 0xaa}, {row}));
        f.append("2025-11-21T00:00:12Z served trace_id=000000000000000000000000000000aa\n");
    };
    f.leave_at(R"("kind":"span")", "event: source", more);
    const std::vector<Event> events = events_of(f.get(f.logs).body);
    REQUIRE(events.size() == 5);
    CHECK(told(events).starts_with("entry:hello,meta,source:ok,entry:served"));
    CHECK_FALSE(events[3].id.empty());
    CHECK(events[4].id.empty());
    CHECK(events[4].data["operation"] == "GET /cart");
    CHECK(events[4].data["time"] == test::kNow + 13'000'000);
    CHECK(events[4].data["traceID"] == "00000000000000aa");
}

TEST_CASE("a follower of quiet logs gets a comment now and then", "[logs][follow]") {
    Shop f;
    f.event_times.comment = 5ms;
    f.set("");
    f.leave_at(":\n\n:\n\n");
    const auto reply = f.get(f.logs);
    CHECK(told(events_of(reply.body)) == "meta,source:empty,");
}

TEST_CASE("what was there is sent in pieces", "[logs][follow]") {
    Shop f;
    std::string text;
    for (int i = 0; i < 2'000; ++i) {
        text += "2026-03-04T05:06:07Z " + std::string(200, 'x') + "\n";
    }
    f.set(text);
    f.leave_at("event: meta");
    const auto reply = f.get(f.logs);
    CHECK(events_of(reply.body).size() == 2'001);
    CHECK(reply.pieces > 5);
    CHECK(reply.largest_piece < 70'000);
}

TEST_CASE("a follower who is too slow is told how much is missing", "[logs][follow]") {
    Shop f;
    f.follow.patience = 0ms;
    f.follow.queue = {200, 2};
    f.cluster.set_log_piece(150);
    f.set("");
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text += "2026-03-04T05:06:10Z line " + std::to_string(i) + "\n";
    }
    f.leave_at("line 49", "event: source", [&] { f.append(text); });
    const auto events = events_of(f.get(f.logs).body);
    std::size_t dropped = 0;
    std::size_t lines = 0;
    for (const Event& event : events) {
        dropped += event.name == "lagged" ? event.data["dropped"].get<std::size_t>() : 0;
        lines += event.name == "entry" ? 1U : 0U;
    }
    CHECK(dropped > 0);
    CHECK(lines + dropped == 50);
}

TEST_CASE("who may not follow any more is told so, and it ends", "[logs][follow][rights]") {
    Shop f;
    const auto access = std::make_shared<Revocable>();
    f.access = access;
    f.event_times.gate = 5ms;
    f.set("2026-03-04T05:06:10Z hello\n");
    f.leave_at("never", "event: source", [&] { access->open = false; });
    const auto events = events_of(f.get(f.logs).body);
    REQUIRE_FALSE(events.empty());
    CHECK(events.back().name == "source");
    CHECK(events.back().data["state"] == "forbidden");
    CHECK(events.back().data["lines"] == 1);
    CHECK(events.back().data["pod"] == f.pod);
}

TEST_CASE("rights that cannot be asked for a moment end no follow", "[logs][follow][rights]") {
    GuardedShop f;
    int asked = -1;
    bool back = false;
    f.leaves = [&](const std::string& body) {
        if (asked < 0 && body.find("event: source") != std::string::npos) {
            asked = f.asked();
            f.cut_off();
        } else if (asked >= 0 && !back && f.asked() > asked) {
            back = true;
            f.door.fail_with(std::nullopt);
            asked = f.asked();
        } else if (back && f.asked() > asked) {
            f.append("2026-03-04T05:06:11Z again\n");
            asked = std::numeric_limits<int>::max();
        }
        return body.find("again") != std::string::npos;
    };
    CHECK(told(f.follow_as_alice()) == "entry:hello,meta,source:ok,entry:again,");
}

TEST_CASE("a follow whose rights cannot be asked for long ends", "[logs][follow][rights]") {
    GuardedShop f;
    f.leave_at("never", "event: source", [&] { f.cut_off(); });
    const std::vector<Event> events = f.follow_as_alice();
    CHECK(told(events) == "entry:hello,meta,source:ok,");  // nobody said that it is forbidden
}

TEST_CASE("the last lines of a workload that is gone are told", "[logs][follow]") {
    Shop f;
    f.event_times.comment = 10ms;  // longer than until the next look at the cluster
    f.set("");
    std::size_t from = 0;
    bool over = false;
    f.leaves = [&](const std::string& body) {
        if (from == 0 && body.find("event: source") != std::string::npos) {
            from = body.size();
            f.cluster.set_snapshot(test::FakeCluster().snapshot());
        } else if (from > 0 && !over && body.find(":\n\n", from) != std::string::npos) {
            over = true;
            f.append("2026-03-04T05:06:10Z one\n2026-03-04T05:06:11Z last\n");
            f.cluster.end_log("shop", f.pod, "cart");
        }
        return false;
    };
    const std::vector<Event> events = events_of(f.get(f.logs).body);
    const std::string all = told(events);
    INFO(all);
    CHECK(all.find("entry:one,entry:last,") != std::string::npos);
    CHECK(all.find("source:ended,") != std::string::npos);
}

TEST_CASE("what cannot be followed is refused as it is without follow", "[logs][follow]") {
    Shop f;
    CHECK(f.get("/api/namespaces/shop/workloads/none/logs?follow=true").status == 404);
    CHECK(f.get(f.logs + "&matches=%28").status == 400);
    CHECK(f.get(f.logs + "&containers=other").status == 400);
    CHECK(f.get("/api/namespaces/shop/workloads/cart/logs?follow=perhaps").status == 400);
    f.cluster_wide = false;
    CHECK(f.get(f.logs).status == 403);
}
