#include "demo/jaeger/http_api.hpp"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace meshscope;
using namespace meshscope::demo;
using nlohmann::json;

namespace {

struct Jaeger {
    explicit Jaeger(std::string_view version = "v2.20.0")
        : release(*release_named(version)),
          archive(EventStream(*scenario_named("normal"), 1, clock.now()), clock),
          api(archive, clock, {}, release, counters) {}

    HttpReply get(const std::string& target) { return api.handle(parse_target("GET", target)); }
    json body(const std::string& target) { return json::parse(get(target).body); }

    test::ManualClock clock;
    Counters counters;
    RunningRelease release;
    TraceArchive archive;
    JaegerHttpApi api;
};

// The clock of the test stands at 2025-11-21T00:00:00Z.
const std::string kCamel =
    "/api/v3/"
    "traces?query.startTimeMin=2025-11-20T00:00:00Z&query.startTimeMax=2025-11-21T00:00:00.5Z";
const std::string kSnake =
    "/api/v3/traces?query.start_time_min=2025-11-20T00:00:00Z"
    "&query.start_time_max=2025-11-21T00:00:00.500000000Z";

std::set<std::string> trace_ids(const json& answer) {
    std::set<std::string> ids;
    for (const json& resource : answer["result"]["resourceSpans"]) {
        for (const json& scope : resource["scopeSpans"]) {
            for (const json& span : scope["spans"]) {
                ids.insert(span["traceId"]);
            }
        }
    }
    return ids;
}

}  // namespace

TEST_CASE("a search over HTTP v3 answers OTLP JSON, all traces in one list") {
    Jaeger jaeger;
    REQUIRE(to_micros(jaeger.clock.now()) == 1'763'683'200'000'000);
    const json answer =
        jaeger.body(kCamel + "&query.serviceName=krakend-gateway&query.searchDepth=7");
    CHECK(trace_ids(answer).size() == 7);
    const json& resource = answer["result"]["resourceSpans"][0];
    CHECK(resource["resource"]["attributes"][0]["key"] == "service.name");
    const json& scope = resource["scopeSpans"][0];
    CHECK(scope["scope"]["name"] == "github.com/krakend/krakend-otel");
    const json& span = scope["spans"][0];
    CHECK(span["traceId"].get<std::string>().size() == 32);
    CHECK(span["spanId"].get<std::string>().size() == 16);
    CHECK_FALSE(span.contains("parentSpanId"));
    CHECK(span["startTimeUnixNano"].is_string());
    CHECK(span["kind"] == 2);
    CHECK(span["status"]["code"] == 1);
    const json& attributes = span["attributes"];
    const auto named = [&](const char* key) {
        return *std::find_if(attributes.begin(), attributes.end(), [key](const json& pair) {
            return pair["key"] == key;
        });
    };
    CHECK(named("http.response.status_code")["value"]["intValue"].is_string());
    const json header = named("http.request.header.accept")["value"]["arrayValue"]["values"];
    CHECK(header[0]["stringValue"] == "application/json");
}

TEST_CASE("errors of HTTP v3 are JSON of their own shape, sent as text") {
    struct Row {
        const char* version;
        std::string target;
        unsigned status;
        const char* message;
    };
    const std::string bounds = kCamel.substr(std::string("/api/v3/traces?").size());
    const std::vector<Row> rows = {
        {"v2.20.0", "/api/v3/traces", 400, "query.startTimeMin is required"},
        {"v2.18.0", kCamel, 400, "query.start_time_min and query.start_time_max are required"},
        {"v2.20.0", kCamel + "&query.serviceName=nobody", 404, "No traces found"},
        {"v2.20.0", kCamel + "&query.searchDepth=x", 400, "malformed parameter query.searchDepth"},
        {"v2.20.0", kCamel + "&query.searchDepth=0", 500, "search depth must be greater than 0"},
        {"v2.18.0", kSnake, 500, "search depth must be greater than 0"},
        {"v2.20.0", kCamel + "&query.durationMin=3", 400, "malformed parameter query.durationMin"},
        {"v2.20.0", kCamel + "&query.attributes=x", 400, "malformed parameter query.attributes"},
        {"v2.20.0",
         "/api/v3/traces?query.startTimeMin=2025-11-20T00:00:00Z"
         "&query.startTimeMax=2025-11-20T01:00:00%2B01:00",
         400,
         "must be before"},
        {"v2.20.0",
         "/api/v3/traces/xyz",
         400,
         R"(malformed parameter trace_id: strconv.ParseUint: parsing "xyz": invalid syntax)"},
        {"v2.13.0", "/api/v3/traces/0", 404, "No traces found"},
        {"v2.13.0", kSnake + "&query.num_traces=x", 400, "malformed parameter query.num_traces"},
        {"v2.20.0", "/api/v3/traces/abc", 404, "No traces found"},
        {"next", "/api/v3/traces/abc", 404, "trace not found"},
    };
    for (const Row& row : rows) {
        INFO(row.version << " " << row.target);
        const HttpReply reply = Jaeger(row.version).get(row.target);
        CHECK(reply.status == row.status);
        CHECK(reply.content_type == "text/plain; charset=utf-8");
        const json error = json::parse(reply.body)["error"];
        CHECK(error["httpCode"] == row.status);
        CHECK_THAT(error["message"].get<std::string>(), Catch::Contains(row.message));
    }
}

TEST_CASE("releases up to 2.18 know the snake_case names and no attributes") {
    const std::string depth = "&query.num_traces=500&query.searchDepth=3";
    const std::string failed = "&query.attributes=%7B%22error%22:%22true%22%7D";
    Jaeger old("v2.18.0");
    const std::size_t all = trace_ids(old.body(kSnake + depth)).size();
    CHECK(all == 500);
    CHECK(trace_ids(old.body(kSnake + depth + failed)).size() == all);
    CHECK(trace_ids(old.body(kSnake + depth + "&query.serviceName=nobody")).size() == all);
    CHECK(old.get(kSnake + depth + "&query.service_name=nobody").status == 404);
    CHECK(old.get("/api/v3/trace-summaries?" + kSnake.substr(15)).status == 404);

    Jaeger now("v2.19.0");
    CHECK(trace_ids(now.body(kSnake)).size() == 100);
    CHECK(trace_ids(now.body(kSnake + depth)).size() == 3);
    CHECK(trace_ids(now.body(kCamel + failed + "&query.searchDepth=1000")).size() < 200);
    const json summaries = now.body("/api/v3/trace-summaries?" + kCamel.substr(15));
    CHECK(summaries["summaries"].size() == 100);
    CHECK(summaries["summaries"][0]["spanCount"].is_number());
}

TEST_CASE("which releases have which routes") {
    struct Row {
        const char* version;
        const char* target;
        unsigned status;
    };
    const auto row = GENERATE(values<Row>({
        {"v2.18.0", "/api/services", 200},
        {"v2.20.3", "/api/services", 200},
        {"v2.20.0", "/api/traces?service=a", 200},
        {"next", "/api/services", 404},
        {"next", "/api/operations?service=a", 404},
        {"next", "/api/services/a/operations", 404},
        {"next", "/api/traces?service=a", 404},
        {"v2.18.0", "/api/v3/services", 200},
        {"next", "/api/v3/services", 200},
        {"next", "/api/v3/operations?service=krakend-gateway", 200},
        {"next", "/api/v3/dependencies", 404},
    }));
    INFO(row.version << " " << row.target);
    const HttpReply reply = Jaeger(row.version).get(row.target);
    CHECK(reply.status == row.status);
    if (row.status == 404) {
        CHECK(reply.body == "404 page not found\n");
        CHECK(reply.content_type == "text/plain; charset=utf-8");
    }
}

TEST_CASE("the release changes while it runs, api_v3 comes and goes") {
    Jaeger jaeger("v2.18.0");
    CHECK_THAT(jaeger.get("/").body, Catch::Contains(R"("gitVersion":"v2.18.0")"));
    jaeger.release.set(*release_named("next"));
    CHECK_THAT(jaeger.get("/").body, Catch::Contains(R"("gitVersion":"v2.21.0")"));
    CHECK(jaeger.get("/api/services").status == 404);
    // Single traces stay in the old API.
    const std::string id = *trace_ids(jaeger.body(kCamel + "&query.searchDepth=1")).begin();
    CHECK(jaeger.get("/api/traces/" + id).status == 200);
    Release without = *release_named("2.20");
    CHECK(without.version == "v2.20.0");
    without.api_v3 = false;
    jaeger.release.set(without);
    CHECK(jaeger.get("/api/v3/services").status == 404);
    CHECK(jaeger.get("/api/services").status == 200);
    for (const char* wrong : {"", "v3.0.0", "2", "2.12", "2.x", "2.20.0.1", "v2.-20"}) {
        CHECK_FALSE(release_named(wrong).has_value());
    }
}

TEST_CASE("error=false finds an explicit Ok only, and later all without an error") {
    const std::string fine =
        "&query.attributes=%7B%22error%22:%22false%22%7D&query.searchDepth=2000";
    Jaeger jaeger;
    const std::size_t explicitly = trace_ids(jaeger.body(kCamel + fine)).size();
    jaeger.release.set(*release_named("next"));
    CHECK(trace_ids(jaeger.body(kCamel + fine)).size() > explicitly);
}
