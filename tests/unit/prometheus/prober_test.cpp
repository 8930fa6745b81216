#include "tests/unit/prometheus/scripted_prometheus.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <string>

namespace meshscope::clients::prometheus {

namespace {

using namespace std::chrono_literals;
using test::json_answer;
using test::one_value;
using test::ScriptedPrometheus;
using test::SeenRequest;
using test::status_answer;
using Reachability = MetricStoreState::Reachability;

std::string data(const std::string& members) {
    return json_answer(R"({"status":"success","data":{)" + members + "}}");
}

// What a Prometheus answers to each question of the prober.
std::string healthy(const SeenRequest& seen) {
    if (seen.path == "/-/healthy") {
        return status_answer(200, "Prometheus Server is Healthy.\n");
    }
    if (seen.path == "/api/v1/query") {
        return one_value("1");
    }
    if (seen.path == "/api/v1/status/buildinfo") {
        return data(R"("version":"2.54.1","revision":"x")");
    }
    if (seen.path == "/api/v1/status/runtimeinfo") {
        return data(R"("storageRetention":"15d")");
    }
    if (seen.path == "/api/v1/status/config") {
        return data(R"("yaml":"global:\n  scrape_interval: 15s\n")");
    }
    return status_answer(404, "404 page not found");
}

std::size_t asked(const ScriptedPrometheus& prometheus, const std::string& path) {
    std::size_t count = 0;
    for (const SeenRequest& seen : prometheus.seen()) {
        count += seen.path == path ? 1 : 0;
    }
    return count;
}

}  // namespace

TEST_CASE("the first look finds out everything, later ones only a sign of life") {
    ScriptedPrometheus prometheus(healthy);
    const MetricStoreState state = prometheus.probe();
    CHECK(state.reachability == Reachability::kReachable);
    CHECK(state.product == "Prometheus");
    CHECK(state.version == "2.54.1");
    CHECK(state.flattens_small_deltas);
    CHECK(state.retention == 15 * 24h);
    CHECK(state.scrape_interval == 15s);
    CHECK(state.last_probe.has_value());
    CHECK(state.last_success.has_value());
    for (int i = 0; i < 18; ++i) {
        prometheus.probe();
    }
    CHECK(asked(prometheus, "/-/healthy") == 19);
    CHECK(asked(prometheus, "/api/v1/query") == 1);
    CHECK(asked(prometheus, "/api/v1/status/buildinfo") == 1);
    prometheus.probe();
    prometheus.probe();
    CHECK(asked(prometheus, "/api/v1/status/buildinfo") == 2);
}

TEST_CASE("a store without a health page is asked a query") {
    for (const int status : {404, 401, 403, 405, 400}) {
        ScriptedPrometheus prometheus([&](const SeenRequest& seen) {
            return seen.path == "/-/healthy" ? status_answer(status, "no") : healthy(seen);
        });
        INFO(status);
        CHECK(prometheus.probe().reachability == Reachability::kReachable);
        CHECK(prometheus.probe().reachability == Reachability::kReachable);
        CHECK(asked(prometheus, "/api/v1/query") == 2);
    }
}

TEST_CASE("a store that is healthy and refuses queries is not reachable") {
    ScriptedPrometheus prometheus([&](const SeenRequest& seen) {
        return seen.path == "/api/v1/query" ? status_answer(401, "no org id") : healthy(seen);
    });
    const MetricStoreState state = prometheus.probe();
    CHECK(state.reachability == Reachability::kUnreachable);
    REQUIRE(state.reason.has_value());
    CHECK(state.reason->hint().setting == "external_services.prometheus.custom_headers");
    CHECK(state.last_probe.has_value());
    CHECK_FALSE(state.last_success.has_value());
}

TEST_CASE("a store that starts is said to start, and found when it has started") {
    std::atomic<bool> ready = false;
    ScriptedPrometheus prometheus([&](const SeenRequest& seen) {
        return ready
                   ? healthy(seen)
                   : status_answer(503, "Service Unavailable", "X-Prometheus-Stopping: false\r\n");
    });
    const MetricStoreState state = prometheus.probe();
    CHECK(state.reachability == Reachability::kUnreachable);
    REQUIRE(state.reason.has_value());
    CHECK(state.reason->code() == "upstream_starting");
    ready = true;
    CHECK(prometheus.probe().reachability == Reachability::kReachable);
    CHECK(asked(prometheus, "/api/v1/status/buildinfo") == 1);
}

TEST_CASE("facts that are hidden stay unknown, the flags tell the retention too") {
    ScriptedPrometheus hidden([&](const SeenRequest& seen) {
        return seen.path.starts_with("/api/v1/status/") ? status_answer(403, "hidden")
                                                        : healthy(seen);
    });
    const MetricStoreState state = hidden.probe();
    CHECK(state.reachability == Reachability::kReachable);
    CHECK(state.product.empty());
    CHECK_FALSE(state.flattens_small_deltas);
    CHECK_FALSE(state.retention.has_value());
    CHECK_FALSE(state.scrape_interval.has_value());

    ScriptedPrometheus flags([&](const SeenRequest& seen) {
        if (seen.path == "/api/v1/status/runtimeinfo") {
            return status_answer(404, "404 page not found");
        }
        return seen.path == "/api/v1/status/flags" ? data(R"("storage.tsdb.retention.time":"30d")")
                                                   : healthy(seen);
    });
    CHECK(flags.probe().retention == 30 * 24h);
}

TEST_CASE("what is configured about the store is not asked") {
    ScriptedPrometheus prometheus(healthy);
    prometheus.options.known = KnownSettings{7 * 24h, 30s};
    const MetricStoreState state = prometheus.probe();
    CHECK(state.retention == 7 * 24h);
    CHECK(state.scrape_interval == 30s);
    CHECK(state.version == "2.54.1");
    CHECK(asked(prometheus, "/api/v1/status/runtimeinfo") == 0);
    CHECK(asked(prometheus, "/api/v1/status/config") == 0);
}

TEST_CASE("another page to probe: fine below 400, without the headers of queries") {
    std::atomic<int> status = 302;
    ScriptedPrometheus prometheus([&](const SeenRequest& seen) {
        return seen.path == "/up" ? status_answer(status, "") : healthy(seen);
    });
    HealthCheck check;
    check.http = prometheus.options.http;
    check.target = "/up?deep=1";
    prometheus.options.http.custom_headers = {{"X-Scope-OrgID", "mesh"}};
    prometheus.options.health = check;
    status = 204;
    CHECK(prometheus.probe().reachability == Reachability::kReachable);
    CHECK(prometheus.seen().at(0).path == "/up");
    CHECK(prometheus.seen().at(0).parameter("deep") == "1");
    CHECK(prometheus.seen().at(0).head.find("X-Scope-OrgID") == std::string::npos);
    CHECK(asked(prometheus, "/-/healthy") == 0);
    status = 500;
    const MetricStoreState state = prometheus.probe();
    CHECK(state.reachability == Reachability::kUnreachable);
    REQUIRE(state.reason.has_value());
    CHECK(state.reason->hint().setting == "external_services.prometheus.health_check_url");
}

TEST_CASE("VictoriaMetrics is told by its header") {
    ScriptedPrometheus prometheus([&](const SeenRequest& seen) {
        if (seen.path == "/api/v1/status/buildinfo") {
            return status_answer(
                200,
                R"({"status":"success","data":{"version":"2.24.0"}})",
                "X-Server-Hostname: vm-0\r\n"
            );
        }
        return healthy(seen);
    });
    CHECK(prometheus.probe().product == "VictoriaMetrics");
}

TEST_CASE("a call that loses the store makes the next look a thorough one") {
    std::atomic<bool> down = false;
    ScriptedPrometheus prometheus([&](const SeenRequest& seen) {
        return down ? status_answer(502, "gone") : healthy(seen);
    });
    CHECK(prometheus.probe().reachability == Reachability::kReachable);
    down = true;
    const auto up = promql::Expr::selector("up", {});
    CHECK(prometheus.instant(up).has_error());
    down = false;
    CHECK(prometheus.probe().reachability == Reachability::kReachable);
    CHECK(asked(prometheus, "/api/v1/status/buildinfo") == 2);
}

}  // namespace meshscope::clients::prometheus
