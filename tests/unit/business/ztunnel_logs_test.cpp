#include "business/logs.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using business::PodLog;
using business::PodLogQuery;

namespace {

constexpr std::int64_t kBase = 1'772'600'760;  // 2026-03-04T05:06:00Z

std::string time_at(int second) {
    const std::string digits = std::to_string(second);
    return "2026-03-04T05:06:" + std::string(digits.size() < 2 ? "0" : "") + digits;
}

// "namespace/pod" of both ends; `more` behind them.
std::string connection(
    int second, const std::string& from, const std::string& to, const std::string& more = {}
) {
    const auto end_of = [](const std::string& prefix, const std::string& place) {
        const std::size_t slash = place.find('/');
        return place.empty() ? std::string()
                             : prefix + ".workload=\"" + place.substr(slash + 1) + "\" " + prefix +
                                   ".namespace=\"" + place.substr(0, slash) + "\" ";
    };
    return time_at(second) + ".900Z " + time_at(second) +
           ".123456Z\tinfo\taccess\tconnection complete\tsrc.addr=10.0.0.1:5 " +
           end_of("src", from) + "dst.addr=10.0.0.2:80 " + end_of("dst", to) + more +
           "bytes_sent=99 bytes_recv=12 duration=\"3ms\"\n";
}

struct Mesh {
    test::ManualClock clock{SystemTime(std::chrono::seconds(kBase + 60))};
    test::FakeCluster cluster{&clock};
    business::CallerAccess access;
    business::Masker masker;
    business::Logs::Parts parts;
    std::string cart = cluster.add_workload("shop", "cart-v1").front();
    std::string web = cluster.add_workload("shop", "web-v1").front();
    std::string bank = cluster.add_workload("bank", "ledger-v1").front();
    std::vector<std::string> ztunnels;  // of the carts' node, of another
    bool limited = false;               // to namespace shop
    std::string token = "token-a";

    Mesh() {
        for (const char* node : {"node-1", "node-2"}) {
            test::WorkloadRow row;
            row.kind = "DaemonSet";
            row.app = "ztunnel";
            row.node = node;
            ztunnels.push_back(
                cluster.add_workload("mesh-system", "ztunnel-" + std::string(node), row).front()
            );
        }
        cluster.add_user("token-a", {"a", {"shop"}});
        test::FakeCluster::User no_logs{"b", {"shop"}};
        no_logs.reads_logs = false;
        cluster.add_user("token-b", no_logs);
        parts.cluster = &cluster;
        parts.access = &access;
        parts.masker = &masker;
        parts.clock = &clock;
    }

    void set(std::size_t ztunnel, const std::string& text) {
        cluster.set_log("mesh-system", ztunnels[ztunnel], "istio-proxy", text);
    }

    [[nodiscard]] RequestContext context() const {
        RequestContext out;
        out.caller = business::anonymous_caller();
        if (limited) {
            auto credentials = std::make_shared<CallerCredentials>();
            credentials->token = token;
            credentials->key = std::string(64, '1');
            auto visible = std::make_shared<VisibleNamespaces>();
            visible->names = {"shop"};
            out.caller = {};
            out.caller.credentials = std::move(credentials);
            out.caller.visible = std::move(visible);
        }
        return out;
    }

    Result<PodLog> log(PodLogQuery query = {}) {
        query.ns = query.ns.empty() ? "shop" : query.ns;
        query.pod = query.pod.empty() ? cart : query.pod;
        query.kind = models::LogSource::kZtunnel;
        const business::Logs logs(parts);
        return test::run_coroutine<Result<PodLog>>([&] { return logs.of_pod(context(), query); });
    }

    // The seconds of the lines.
    std::string seconds(PodLogQuery query = {}) {
        const auto found = log(std::move(query));
        REQUIRE(found.has_value());
        std::string text;
        for (const auto& line : found->lines) {
            text += std::to_string(line.time_ns / 1'000'000'000 - kBase) + ",";
        }
        return text;
    }
};

}  // namespace

TEST_CASE("the lines of a node's ztunnel about a pod", "[ztunnel]") {
    Mesh f;
    const std::string cart = "shop/" + f.cart;
    f.set(
        0,
        connection(1, "shop/" + f.web, cart, "error=\"it broke\" ") +
            connection(2, cart, "bank/" + f.bank) + connection(3, cart + "-2", "shop/" + f.web) +
            connection(4, "bank/" + f.cart, "shop/" + f.web) + time_at(5) + "Z started " + f.cart +
            "\n"
    );
    f.set(1, connection(6, "shop/" + f.web, cart));
    const auto log = f.log();
    REQUIRE(log.has_value());
    REQUIRE(log->lines.size() == 2);
    const models::LogLine& line = log->lines[0];
    CHECK(line.message.starts_with("[" + f.ztunnels[0] + "] src.addr=10.0.0.1:5 src.workload="));
    CHECK(line.message.ends_with(R"(duration="3ms")"));
    CHECK(line.severity == "INFO");
    CHECK(line.time_ns == (kBase + 1) * 1'000'000'000 + 123'456'000);
    REQUIRE(line.access);
    CHECK(line.access->start_time == "2026-03-04 05:06:01.123");
    CHECK(line.access->upstream_service == "10.0.0.2:80");
    CHECK(line.access->bytes_sent == "99");
    CHECK(line.access->error == "it broke");
    CHECK(log->lines[1].access->error.empty());
    CHECK_FALSE(log->truncated);
    CHECK(log->meta.returned == 2);
    CHECK(log->meta.scanned == 5);
    REQUIRE(f.cluster.log_queries().size() == 1);
    CHECK(f.cluster.log_queries()[0].as_server);
    CHECK(f.cluster.log_queries()[0].ns == "mesh-system");
}

TEST_CASE("lines of ztunnel tell nothing of hidden namespaces", "[ztunnel]") {
    Mesh f;
    const std::string cart = "shop/" + f.cart;
    const std::string web = "shop/" + f.web;
    f.set(
        0,
        connection(1, web, cart) + connection(2, cart, "bank/" + f.bank) +
            connection(3, "bank/" + f.bank, cart) + connection(4, cart, "") +
            connection(5, web, cart, "dst.service=\"ledger.bank.svc.cluster.local\" ") +
            connection(6, web, cart, "src.identity=\"spiffe://c/ns/bank/sa/x\" ") +
            connection(7, web, cart, "error=\"no waypoint bank/wp\" ") +
            connection(8, web, cart, "error=\"banking hours\" ") +
            connection(9, web, cart, "dst.service=\"cart.shop.svc.cluster.local\" ") +
            connection(10, web, cart, "dst.identity=\"spiffe://c/ns/shop/sa/bank\" ")
    );
    CHECK(f.seconds() == "1,2,3,4,5,6,7,8,9,10,");
    f.limited = true;
    CHECK(f.seconds() == "1,8,9,10,");
    const auto log = f.log();
    CHECK(log->meta.scanned == 4);
    CHECK(log->meta.upstream.empty());
    // A line of which the end was cut off may be about anything.
    f.parts.bounds.line_bytes = 350;
    const std::string longer = "x=\"" + std::string(300, 'x') + "\" ";
    f.set(0, connection(1, web, cart, longer) + connection(2, cart, web));
    CHECK(f.seconds() == "2,");
}

TEST_CASE("the log of ztunnel is for those who may read the pod's", "[ztunnel]") {
    Mesh f;
    f.set(0, connection(1, "shop/" + f.web, "shop/" + f.cart));
    f.limited = true;
    CHECK(f.seconds() == "1,");
    REQUIRE(f.cluster.questions().size() == 1);
    CHECK(f.cluster.questions()[0].subresource == "log");
    CHECK(f.cluster.questions()[0].name == f.cart);
    PodLogQuery hidden;
    hidden.ns = "bank";
    hidden.pod = f.bank;
    CHECK(f.log(hidden).error().kind() == ErrorKind::kForbidden);
    f.token = "token-b";
    CHECK(f.log().error().kind() == ErrorKind::kForbidden);
    f.token = "token-c";
    CHECK(f.log().error().kind() == ErrorKind::kUnauthenticated);
    CHECK(f.cluster.calls()["read_log"] == 1);

    f.limited = false;
    PodLogQuery gone;
    gone.pod = "nothing";
    CHECK(f.log(gone).error().kind() == ErrorKind::kNotFound);
    test::WorkloadRow elsewhere;
    elsewhere.node = "node-3";
    PodLogQuery without;
    without.pod = f.cluster.add_workload("shop", "far-v1", elsewhere).front();
    CHECK(f.log(without).error().kind() == ErrorKind::kNotFound);
    f.cluster.fail_log(
        "mesh-system",
        f.ztunnels[0],
        "istio-proxy",
        Error(ErrorKind::kUpstreamAuth, "the server's account may not read it")
    );
    CHECK(f.log().error().kind() == ErrorKind::kUpstreamAuth);
}

TEST_CASE("the log of ztunnel keeps the newest lines of its window", "[ztunnel]") {
    Mesh f;
    std::string text;
    for (int i = 0; i < 5; ++i) {
        text += connection(10 * i, "shop/" + f.web, "shop/" + f.cart) +
                connection(10 * i + 1, "shop/" + f.web, "bank/" + f.bank);
    }
    f.set(0, text);
    PodLogQuery query;
    query.max_lines = 2;
    CHECK(f.seconds(query) == "30,40,");
    CHECK(f.log(query)->truncated);
    query.max_lines = 0;
    query.duration = std::chrono::seconds(10);
    CHECK(f.seconds(query) == "0,10,");
    query.since = SystemTime(std::chrono::seconds(kBase + 10));
    query.duration = std::chrono::seconds(21);
    CHECK(f.seconds(query) == "10,20,30,");
    query.duration.reset();
    CHECK(f.seconds(query) == "10,20,30,40,");

    // While it is replaced a node has two: one list by time.
    test::WorkloadRow row;
    row.kind = "DaemonSet";
    row.app = "ztunnel";
    const auto other = f.cluster.add_workload("mesh-system", "ztunnel-new", row).front();
    f.cluster.set_log(
        "mesh-system", other, "istio-proxy", connection(15, "shop/" + f.web, "shop/" + f.cart)
    );
    CHECK(f.seconds() == "0,10,15,20,30,40,");
    f.cluster.fail_log(
        "mesh-system", other, "istio-proxy", Error(ErrorKind::kUpstreamUnavailable, "away")
    );
    const auto partial = f.log();
    REQUIRE(partial.has_value());
    CHECK(partial->lines.size() == 5);
    REQUIRE(partial->meta.warnings.size() == 1);
    CHECK(partial->meta.warnings[0].code == "log_broken");
}
