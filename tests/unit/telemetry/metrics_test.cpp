#include "telemetry/metrics.hpp"

#include <catch2/catch.hpp>

#include <locale>
#include <string>
#include <thread>
#include <vector>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;
using telemetry::MetricsRegistry;

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST_CASE("requests are counted and timed", "[metrics]") {
    MetricsRegistry metrics;
    metrics.count_request("/api/traces", "GET", 200, 30ms);
    metrics.count_request("/api/traces", "GET", 200, 3s);
    metrics.request_meter("/api/traces", "GET").record(503, 1ms);
    const std::string text = metrics.expose();
    const std::string labels = "{method=\"GET\",route=\"/api/traces\"";
    CHECK(holds(text, "meshscope_http_requests_total" + labels + ",status=\"200\"} 2"));
    CHECK(holds(text, "meshscope_http_requests_total" + labels + ",status=\"503\"} 1"));
    CHECK(holds(text, "meshscope_http_request_duration_seconds_count" + labels + "} 3"));
    CHECK(holds(text, "meshscope_http_request_duration_seconds_bucket" + labels + ",le=\"0.05\"} 2")
    );
    CHECK(holds(text, "# TYPE meshscope_http_request_duration_seconds histogram"));
}

TEST_CASE("a status that does not exist makes no label of its own", "[metrics]") {
    MetricsRegistry metrics;
    for (const unsigned status : {0U, 99U, 600U, 4'000'000'000U}) {
        metrics.count_request("/x", "GET", status, 1ms);
    }
    CHECK(holds(metrics.expose(), "status=\"599\"} 4"));
}

TEST_CASE("upstream calls are counted by outcome and timed", "[metrics]") {
    MetricsRegistry metrics;
    metrics.count_upstream_call("jaeger", "ok", 5ms);
    metrics.count_upstream_call("jaeger", "timeout", 5s);
    const std::string text = metrics.expose();
    CHECK(holds(text, "meshscope_upstream_calls_total{outcome=\"timeout\",upstream=\"jaeger\"} 1"));
    CHECK(holds(text, "meshscope_upstream_call_duration_seconds_count{upstream=\"jaeger\"} 2"));
}

TEST_CASE("gauges are read at each scrape", "[metrics]") {
    MetricsRegistry metrics;
    double value = 1.5;
    metrics.add_gauge("depth", "How deep.", "queue", "a", [&] { return value; });
    metrics.add_gauge("depth", "How deep.", "queue", "b", [] { return 7.0; });
    metrics.add_gauge("up", "Alive.", "", "", [] { return 1.0; });
    CHECK(holds(metrics.expose(), "meshscope_depth{queue=\"a\"} 1.5"));
    value = 2;
    const std::string text = metrics.expose();
    CHECK(holds(text, "meshscope_depth{queue=\"a\"} 2"));
    CHECK(holds(text, "meshscope_depth{queue=\"b\"} 7"));
    CHECK(holds(text, "# TYPE meshscope_depth gauge"));
    CHECK(holds(text, "meshscope_up 1"));
    metrics.remove_gauge("depth", "a");
    CHECK_FALSE(holds(metrics.expose(), "queue=\"a\""));
    CHECK(holds(metrics.expose(), "queue=\"b\""));
}

TEST_CASE("label values are escaped and bounded", "[metrics]") {
    MetricsRegistry metrics;
    metrics.count("events_total", "Events.", "a\"b\nc\\d");
    CHECK(holds(metrics.expose(), R"(meshscope_events_total{reason="a\"b\nc\\d"} 1)"));
    for (int i = 0; i < 1000; ++i) {
        metrics.count("events_total", "Events.", "reason" + std::to_string(i));
        metrics.count_request("/r" + std::to_string(i), "GET", 200, 1ms);
    }
    const std::string text = metrics.expose();
    CHECK(count_of(text, "meshscope_events_total{") == 201);
    CHECK(count_of(text, "meshscope_http_requests_total{") == 201);
    CHECK(holds(text, "meshscope_events_total{reason=\"other\"} 801"));
}

// Thousands with points, decimals with commas.
struct German : std::numpunct<char> {
    [[nodiscard]] char do_decimal_point() const override { return ','; }
    [[nodiscard]] char do_thousands_sep() const override { return '.'; }
    [[nodiscard]] std::string do_grouping() const override { return "\3"; }
};

TEST_CASE("numbers do not depend on the locale", "[metrics]") {
    const std::locale before = std::locale::global(std::locale(std::locale::classic(), new German));
    MetricsRegistry metrics;
    metrics.count("events_total", "Events.", "x", 1234567.5);
    const std::string text = metrics.expose();
    std::locale::global(before);
    CHECK(holds(text, "meshscope_events_total{reason=\"x\"} 1234567.5"));
}

TEST_CASE("counting from many threads loses nothing", "[metrics]") {
    MetricsRegistry metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (unsigned n = 0; n < 500; ++n) {
                metrics.count_request("/x", "GET", 200 + n % 3, 1ms);
                metrics.count("events_total", "Events.", "x");
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    const std::string text = metrics.expose();
    CHECK(holds(
        text, "meshscope_http_request_duration_seconds_count{method=\"GET\",route=\"/x\"} 2000"
    ));
    CHECK(holds(text, "meshscope_events_total{reason=\"x\"} 2000"));
}

}  // namespace
}  // namespace meshscope::test
