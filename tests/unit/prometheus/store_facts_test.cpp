#include "clients/prometheus/store_facts.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients::prometheus {

namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

std::string data(const std::string& members) {
    return R"({"status":"success","data":{)" + members + "}}";
}

}  // namespace

TEST_CASE("durations of stores") {
    struct Row {
        std::string text;
        std::optional<seconds> time;
        std::string printed = {};
    };
    const std::vector<Row> rows = {
        {"15d", 15 * 24h, "15d"},
        {"1y2w", (365 + 14) * 24h, "379d"},
        {"90s", 90s, "90s"},
        {"1h30m", 90min, "90m"},
        {"36h", 36h, "36h"},
        {"500ms", 1s, "1s"},
        {" 15s ", 15s, "15s"},
        {"0s", std::nullopt},
        {"", std::nullopt},
        {"10GiB", std::nullopt},
        {"d", std::nullopt},
        {"-5m", std::nullopt},
        {"5", std::nullopt},
        {"5 m", std::nullopt},
        {"99999999999999999999d", std::nullopt},
        {"999999999y999999999y", std::nullopt},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto time = parse_duration(row.text);
        CHECK(time == row.time);
        if (time) {
            CHECK(duration_text(*time) == row.printed);
        }
    }
}

TEST_CASE("retention, as the runtime or the flags tell it") {
    const auto runtime = [](const std::string& text) {
        return retention_of_runtime(data(R"("startTime":"x","storageRetention":")" + text + "\""));
    };
    CHECK(runtime("15d") == 15 * 24h);
    CHECK(runtime("15d or 10GiB") == 15 * 24h);
    CHECK(runtime("10GiB") == std::nullopt);
    CHECK(runtime("") == std::nullopt);
    CHECK(retention_of_runtime("") == std::nullopt);
    CHECK(retention_of_runtime("<html>") == std::nullopt);
    CHECK(retention_of_runtime(R"({"status":"success","data":{}})") == std::nullopt);
    CHECK(
        retention_of_flags(data(R"("storage.tsdb.retention.time":"1w","query.timeout":"2m")")) ==
        24h * 7
    );
    CHECK(retention_of_flags(data(R"("storage.tsdb.retention.time":"0s")")) == std::nullopt);
}

TEST_CASE("the global scrape interval, and nothing else of the configuration") {
    const auto interval = [](const std::string& yaml) {
        return scrape_interval_of_config(data("\"yaml\":\"" + yaml + "\""));
    };
    CHECK(
        interval(R"(global:\n  scrape_interval: 15s\n  scrape_timeout: 10s\nscrape_configs:\n)") ==
        15s
    );
    CHECK(
        interval(R"(# c\nglobal:\n  external_labels:\n    x: y\n  scrape_interval: 1m\n)") == 1min
    );
    CHECK(interval(R"(scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n)") == std::nullopt);
    CHECK(interval(R"(global:\n  x: 1\nother:\n  scrape_interval: 5s\n)") == std::nullopt);
    CHECK(interval("") == std::nullopt);
    CHECK(scrape_interval_of_config(R"({"status":"success","data":{}})") == std::nullopt);
    CHECK(scrape_interval_of_config("404 page not found") == std::nullopt);
}

TEST_CASE("product, version and how it computes quantiles") {
    struct Row {
        std::string members;
        bool is_victoria;
        std::string product;
        std::string version;
        bool flattens;
    };
    const std::vector<Row> rows = {
        {R"("version":"2.42.0","revision":"x","goVersion":"go1.19")",
         false,
         "Prometheus",
         "2.42.0",
         false},
        {R"("version":"2.48.1","revision":"x")", false, "Prometheus", "2.48.1", false},
        {R"("version":"2.49.0","revision":"x")", false, "Prometheus", "2.49.0", true},
        {R"("version":"2.54.1+dev","revision":"x")", false, "Prometheus", "2.54.1+dev", true},
        {R"("version":"v3.5.0-rc.0","revision":"x")", false, "Prometheus", "3.5.0-rc.0", true},
        {R"("version":"0.33.0","revision":"x")", false, "Thanos", "0.33.0", false},
        {R"("version":"0.35.1","revision":"x")", false, "Thanos", "0.35.1", true},
        {R"("application":"Grafana Mimir","version":"2.14.0","revision":"x","features":{"ruler_config_api":"true"})",
         false,
         "Mimir",
         "2.14.0",
         true},
        {R"("application":"Grafana Mimir","version":"2.10.0")", false, "Mimir", "2.10.0", false},
        {R"("version":"2.24.0")", false, "VictoriaMetrics", "", false},
        {R"("version":"2.24.0","revision":"x")", true, "VictoriaMetrics", "", false},
        {R"("version":"","revision":"x")", false, "", "", false},
        {R"("version":"<script>","revision":"x")", false, "", "", false},
        {R"("version":7)", false, "", "", false},
    };
    for (const Row& row : rows) {
        INFO(row.members);
        const BuildInfo build = decode_build_info(data(row.members), row.is_victoria);
        CHECK(build.product == row.product);
        CHECK(build.version == row.version);
        CHECK(flattens_small_deltas(build) == row.flattens);
    }
    CHECK(decode_build_info("<html>", false).product.empty());
    CHECK(decode_build_info("", false).product.empty());
}

}  // namespace meshscope::clients::prometheus
