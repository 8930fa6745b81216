#include "clients/prometheus/prometheus_store.hpp"

#include "async/fan_out.hpp"
#include "async/worker_pool.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/unit/prometheus/scripted_prometheus.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace meshscope::clients::prometheus {

namespace {

using namespace std::chrono_literals;
using test::json_answer;
using test::kOneSeries;
using test::one_value;
using test::ScriptedPrometheus;
using test::SeenRequest;
using test::status_answer;

promql::Expr requests() {
    return promql::sum(
        promql::rate("istio_requests_total", {promql::Matcher::equals("app", "a")}, 60s)
    );
}

MetricRange last_minute(SystemTime now) {
    MetricRange range;
    range.start = now - 60s;
    range.end = now;
    range.step = 15s;
    return range;
}

Deadline in(std::chrono::milliseconds time) {
    return Deadline::after(SystemClock().steady_now(), time);
}

}  // namespace

TEST_CASE("an instant query: a form by POST, in milliseconds, with the scope and a timeout") {
    ScriptedPrometheus prometheus([](const SeenRequest&) { return one_value("12.5"); });
    prometheus.options.http.base.path = "/prom";
    prometheus.options.query_scope = {{"mesh", "m\"1"}};
    prometheus.options.http.custom_headers = {{"X-Scope-OrgID", "mesh-eu"}};
    const RequestContext context;
    const SystemTime at = from_micros(1'763'683'200'123'999);
    const auto answer = prometheus.instant_at(requests(), at, context);
    REQUIRE(answer.has_value());
    CHECK((*answer)->data.values == std::vector<double>{12.5});
    REQUIRE(prometheus.seen().size() == 1);
    const SeenRequest seen = prometheus.seen()[0];
    CHECK(seen.method == "POST");
    CHECK(seen.path == "/prom/api/v1/query");
    CHECK(
        seen.parameter("query") == R"(sum(rate(istio_requests_total{mesh="m\"1",app="a"}[60s])))"
    );
    CHECK(seen.parameter("time") == "1763683200.123");
    CHECK(seen.parameter("timeout").ends_with("ms"));
    CHECK(seen.head.find("X-Scope-OrgID: mesh-eu") != std::string::npos);
    CHECK(seen.head.find("application/x-www-form-urlencoded") != std::string::npos);
    CHECK(context.bill->of("prometheus").calls == 1);
    CHECK(context.bill->of("prometheus").bytes > 0);
    CHECK(prometheus.outcomes() == std::vector<std::string>{"ok"});
    CHECK(prometheus.store().state().reachability == MetricStoreState::Reachability::kReachable);
}

TEST_CASE("a range query: start, end and step") {
    ScriptedPrometheus prometheus([](const SeenRequest&) { return kOneSeries; });
    const auto answer = prometheus.range(requests(), last_minute(prometheus.clock.now()));
    REQUIRE(answer.has_value());
    CHECK((*answer)->data.of(0).size() == 2);
    REQUIRE(prometheus.seen().size() == 1);
    const SeenRequest seen = prometheus.seen()[0];
    CHECK(seen.path == "/api/v1/query_range");
    CHECK(seen.parameter("start") == "1763683140");
    CHECK(seen.parameter("end") == "1763683200");
    CHECK(seen.parameter("step") == "15");
}

TEST_CASE("a range that no store would answer is not asked") {
    ScriptedPrometheus prometheus([](const SeenRequest&) { return kOneSeries; });
    MetricRange range = last_minute(prometheus.clock.now());
    range.start = range.end - 15s * 11'000;
    CHECK(prometheus.range(requests(), range).has_value());
    range.start -= 15s;
    const auto many = prometheus.range(requests(), range);
    REQUIRE(many.has_error());
    CHECK(many.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(many.error().code() == "metrics_query_too_large");
    range = last_minute(prometheus.clock.now());
    std::swap(range.start, range.end);
    CHECK(prometheus.range(requests(), range).has_error());
    range = last_minute(prometheus.clock.now());
    range.step = 0s;
    CHECK(prometheus.range(requests(), range).has_error());
    CHECK(prometheus.seen().size() == 1);
}

TEST_CASE("POST refused: GET, remembered for a while") {
    ScriptedPrometheus prometheus([](const SeenRequest& seen) {
        return seen.method == "POST" ? status_answer(405, "method not allowed") : one_value("3");
    });
    prometheus.options.cache.enabled = false;
    REQUIRE(prometheus.instant(requests()).has_value());
    REQUIRE(prometheus.instant(requests()).has_value());
    auto seen = prometheus.seen();
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].method == "POST");
    CHECK(seen[1].method == "GET");
    CHECK(seen[1].parameter("query") == seen[0].parameter("query"));
    CHECK(seen[2].method == "GET");
    prometheus.clock.advance(11min);
    REQUIRE(prometheus.instant(requests()).has_value());
    CHECK(prometheus.seen()[3].method == "POST");
}

TEST_CASE("a 403 without a challenge is tried as a GET, and told when that is refused too") {
    ScriptedPrometheus prometheus([](const SeenRequest&) { return status_answer(403, "no"); });
    const auto answer = prometheus.instant(requests());
    REQUIRE(answer.has_error());
    CHECK(answer.error().kind() == ErrorKind::kUpstreamAuth);
    CHECK(answer.error().hint().setting == "external_services.prometheus.auth");
    CHECK(prometheus.seen().size() == 2);
}

TEST_CASE("a busy store is asked once more, after the pause it wishes for") {
    for (const std::string& busy :
         {status_answer(429, "slow down", "Retry-After: 0\r\n"),
          status_answer(503, "Service Unavailable", "X-Prometheus-Stopping: false\r\n"),
          status_answer(502, "<html><title>Bad gateway</title></html>"),
          status_answer(500, R"({"status":"error","errorType":"unavailable","error":"not ready"})")
         }) {
        std::atomic<int> asked = 0;
        ScriptedPrometheus prometheus([&](const SeenRequest&) {
            return ++asked == 1 ? busy : one_value("3");
        });
        INFO(busy);
        CHECK(prometheus.instant(requests()).has_value());
        CHECK(asked == 2);
    }
}

TEST_CASE("what would fail again is not asked again") {
    for (const std::string& answer :
         {status_answer(
              503, R"({"status":"error","errorType":"timeout","error":"query timed out"})"
          ),
          status_answer(
              422, R"({"status":"error","errorType":"execution","error":"many-to-many"})"
          ),
          status_answer(400, R"({"status":"error","errorType":"bad_data","error":"parse"})"),
          status_answer(499, R"({"status":"error","errorType":"canceled","error":"gone"})"),
          status_answer(404, "404 page not found")}) {
        ScriptedPrometheus prometheus([&](const SeenRequest&) { return answer; });
        INFO(answer);
        CHECK(prometheus.instant(requests()).has_error());
        CHECK(prometheus.seen().size() == 1);
    }
}

TEST_CASE("equal queries at the same time are one call") {
    std::atomic<bool> go = false;
    ScriptedPrometheus prometheus([&](const SeenRequest&) {
        while (!go) {
            std::this_thread::yield();
        }
        return one_value("3");
    });
    const RequestContext context;
    int fine = 0;
    test::run_coroutine<bool>([&]() -> Awaitable<bool> {
        std::function<Awaitable<bool>(std::size_t)> task = [&](std::size_t index
                                                           ) -> Awaitable<bool> {
            if (index == 19) {
                go = true;
            }
            const auto at = prometheus.clock.now();
            const auto answer = co_await prometheus.store().instant(context, requests(), at);
            fine += answer.has_value() ? 1 : 0;
            co_return true;
        };
        co_return co_await fan_out(20, 20, std::move(task));
    });
    CHECK(fine == 20);
    CHECK(prometheus.seen().size() == 1);
    CHECK(context.bill->of("prometheus").joined == 19);
}

TEST_CASE("64 different queries: no more than the cap at once") {
    std::atomic<std::size_t> now = 0;
    std::atomic<std::size_t> most = 0;
    std::atomic<bool> full = false;
    ScriptedPrometheus prometheus([&](const SeenRequest&) {
        const std::size_t mine = ++now;
        std::size_t seen = most;
        while (mine > seen && !most.compare_exchange_weak(seen, mine)) {
        }
        if (mine == GovernorLimits().max_in_flight) {
            full = true;
        }
        while (!full) {
            std::this_thread::yield();
        }
        --now;
        return one_value("3");
    });
    std::atomic<int> fine = 0;
    test::run_coroutine<bool>([&]() -> Awaitable<bool> {
        std::function<Awaitable<bool>(std::size_t)> task = [&](std::size_t i) -> Awaitable<bool> {
            const SystemTime at = prometheus.clock.now() - std::chrono::hours(i + 1);
            const RequestContext context;
            const auto answer = co_await prometheus.store().instant(context, requests(), at);
            fine += answer.has_value() ? 1 : 0;
            co_return true;
        };
        co_return co_await fan_out(64, 64, std::move(task));
    });
    CHECK(fine == 64);
    CHECK(most == GovernorLimits().max_in_flight);
}

TEST_CASE("answers are kept: about now for some seconds, about the past for the same moment") {
    ScriptedPrometheus prometheus([](const SeenRequest& seen) {
        return seen.path == "/api/v1/query" ? one_value("3") : kOneSeries;
    });
    const RequestContext context;
    REQUIRE(prometheus.instant(requests(), context).has_value());
    prometheus.clock.advance(3s);
    REQUIRE(prometheus.instant(requests(), context).has_value());
    CHECK(prometheus.seen().size() == 1);
    CHECK(context.bill->of("prometheus").cached == 1);
    prometheus.clock.advance(4s);
    REQUIRE(prometheus.instant(requests()).has_value());
    CHECK(prometheus.seen().size() == 2);

    const SystemTime past = prometheus.clock.now() - 1h;
    REQUIRE(prometheus.instant_at(requests(), past).has_value());
    prometheus.clock.advance(250s);
    REQUIRE(prometheus.instant_at(requests(), past).has_value());
    CHECK(prometheus.seen().size() == 3);
    REQUIRE(prometheus.instant_at(requests(), past + 1ms).has_value());
    CHECK(prometheus.seen().size() == 4);

    const MetricRange range = last_minute(prometheus.clock.now());
    REQUIRE(prometheus.range(requests(), range).has_value());
    REQUIRE(prometheus.range(requests(), range).has_value());
    CHECK(prometheus.seen().size() == 5);
    CHECK(prometheus.store().cache_stats().answers > 0);
}

TEST_CASE("errors are not kept, and nothing is when the cache is off") {
    std::atomic<int> asked = 0;
    ScriptedPrometheus failing([&](const SeenRequest&) {
        return ++asked == 1 ? status_answer(500, "{}") : one_value("3");
    });
    CHECK(failing.instant(requests()).has_error());
    CHECK(failing.instant(requests()).has_value());
    ScriptedPrometheus off([](const SeenRequest&) { return one_value("3"); });
    off.options.cache.enabled = false;
    CHECK(off.instant(requests()).has_value());
    CHECK(off.instant(requests()).has_value());
    CHECK(off.seen().size() == 2);
}

TEST_CASE("a store that does not answer: the deadline ends it, the connection is given up") {
    ScriptedPrometheus prometheus([](const SeenRequest&) { return std::string(); });
    prometheus.options.query_timeout = 100ms;
    const auto answer = prometheus.instant(requests());
    REQUIRE(answer.has_error());
    CHECK(answer.error().kind() == ErrorKind::kDeadline);
    RequestContext context;
    context.deadline = in(50ms);
    ScriptedPrometheus other([](const SeenRequest&) { return std::string(); });
    const auto late = other.instant(requests(), context);
    REQUIRE(late.has_error());
    CHECK(late.error().kind() == ErrorKind::kDeadline);
    CHECK(other.governor().stats().in_flight == 0);
}

TEST_CASE("a store that is not there: said at once, after some failures without a call") {
    ScriptedPrometheus prometheus([](const SeenRequest&) { return one_value("3"); });
    prometheus.options.http.base.port = 1;
    prometheus.options.breaker.failures_to_open = 2;
    for (int i = 0; i < 2; ++i) {
        const auto answer = prometheus.instant(requests());
        REQUIRE(answer.has_error());
        CHECK(answer.error().kind() == ErrorKind::kUpstreamUnavailable);
        CHECK(answer.error().hint().setting == "external_services.prometheus.url");
    }
    CHECK(prometheus.store().state().reachability == MetricStoreState::Reachability::kUnreachable);
    const auto refused = prometheus.instant(requests());
    REQUIRE(refused.has_error());
    CHECK(refused.error().detail().find("not asked again") != std::string::npos);
    CHECK(prometheus.outcomes().size() == 2);
}

TEST_CASE("cut bodies are errors: by length, by size") {
    ScriptedPrometheus prometheus([](const SeenRequest&) {
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"status\":\"succ") +
               std::string(30, ' ');
    });
    prometheus.options.query_timeout = 200ms;
    CHECK(prometheus.instant(requests()).has_error());
    ScriptedPrometheus large([](const SeenRequest&) { return one_value(std::string(5'000, '1')); });
    large.options.http.limits.max_body_bytes = 1'000;
    const auto answer = large.instant(requests());
    REQUIRE(answer.has_error());
    CHECK(answer.error().kind() == ErrorKind::kTooLarge);
    CHECK(answer.error().hint().setting == "meshscope.receive_limit_mb");
}

TEST_CASE("long bodies are decoded on a worker") {
    WorkerPool workers(1);
    std::string items;
    for (int i = 0; i < 5'000; ++i) {
        items += std::string(i == 0 ? "" : ",") + R"({"metric":{"pod":"p)" + std::to_string(i) +
                 R"("},"value":[1763683200,")" + std::to_string(i) + R"("]})";
    }
    ScriptedPrometheus prometheus([&](const SeenRequest&) {
        return json_answer(
            R"({"status":"success","data":{"resultType":"vector","result":[)" + items + "]}}"
        );
    });
    prometheus.options.workers = &workers;
    const auto answer = prometheus.instant(requests());
    REQUIRE(answer.has_value());
    CHECK((*answer)->data.values.size() == 5'000);
    CHECK((*answer)->data.values.back() == 4'999);
    workers.join();
}

TEST_CASE(
    "over TLS: an own authority, a client certificate, basic credentials; strangers are refused"
) {
    const test::TestAuthority authority;
    const test::TestAuthority stranger("Stranger CA");
    test::ScriptedTls tls;
    tls.certificate = authority.issue({"127.0.0.1"});
    tls.client_authority = authority.certificate();
    test::ScratchDir dir;
    const auto answers = [](const SeenRequest& seen) {
        return seen.head.find("Authorization: Basic bWVzaDpzY29wZQ==") == std::string::npos
                   ? status_answer(401, "who are you")
                   : one_value("3");
    };
    const auto over_tls = [&](ScriptedPrometheus& prometheus, const test::TestAuthority& trusted) {
        const auto client = authority.issue({"meshscope"});
        HttpClientOptions& http = prometheus.options.http;
        http.base.https = true;
        http.tls.ca_files = {dir.write("ca.pem", trusted.certificate())};
        http.tls.client_certificate = Secret::literal(client.certificate);
        http.tls.client_key = Secret::literal(client.key);
        http.credentials.type = AuthType::kBasic;
        http.credentials.username = Secret::literal("mesh");
        http.credentials.password = Secret::literal("scope");
    };
    ScriptedPrometheus fine(answers, tls);
    over_tls(fine, authority);
    CHECK(fine.instant(requests()).has_value());
    ScriptedPrometheus unknown(answers, tls);
    over_tls(unknown, stranger);
    const auto refused = unknown.instant(requests());
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind() == ErrorKind::kUpstreamUnavailable);
    ScriptedPrometheus nobody(answers, tls);
    over_tls(nobody, authority);
    nobody.options.http.tls.client_certificate = Secret::none();
    const auto demanded = nobody.instant(requests());
    REQUIRE(demanded.has_error());
    CHECK(demanded.error().hint().setting.starts_with("external_services.prometheus.auth"));
}

TEST_CASE("clocks that are apart are said") {
    // The manual clock stands at Fri, 21 Nov 2025 00:00:00 GMT.
    struct Row {
        std::string date;
        std::string warning;
    };
    const std::vector<Row> rows = {
        {"Fri, 21 Nov 2025 00:00:20 GMT", ""},
        {"Fri, 21 Nov 2025 00:00:45 GMT", "45 s ahead of"},
        {"Thu, 20 Nov 2025 23:58:00 GMT", "120 s behind"},
        {"yesterday", ""},
    };
    for (const Row& row : rows) {
        ScriptedPrometheus prometheus([&](const SeenRequest&) {
            std::string answer = one_value("3");
            return answer.insert(answer.find("\r\n") + 2, "Date: " + row.date + "\r\n");
        });
        const auto answer = prometheus.instant(requests());
        INFO(row.date);
        REQUIRE(answer.has_value());
        REQUIRE((*answer)->warnings.size() == (row.warning.empty() ? 0 : 1));
        if (!row.warning.empty()) {
            CHECK((*answer)->warnings[0].find(row.warning) != std::string::npos);
        }
    }
}

TEST_CASE("a time that the store keeps no more is said") {
    ScriptedPrometheus prometheus([](const SeenRequest&) { return one_value("3"); });
    prometheus.options.known = KnownSettings{24h * 7, 30s};
    const SystemTime now = prometheus.clock.now();
    CHECK((*prometheus.instant_at(requests(), now - 24h * 6))->warnings.empty());
    const auto old = prometheus.instant_at(requests(), now - 24h * 8);
    REQUIRE(old.has_value());
    REQUIRE((*old)->warnings.size() == 1);
    CHECK((*old)->warnings[0].find("keeps samples for 7d") != std::string::npos);
    CHECK(prometheus.store().state().scrape_interval == 30s);
}

}  // namespace meshscope::clients::prometheus
