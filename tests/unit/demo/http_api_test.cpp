#include "demo/jaeger/http_api.hpp"

#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace meshscope;
using namespace meshscope::demo;
using nlohmann::json;

namespace {

struct Jaeger {
    explicit Jaeger(JaegerOptions options = {}, std::string_view scenario = "normal")
        : archive(EventStream(*scenario_named(scenario), 1, clock.now()), clock),
          api(archive, clock, std::move(options), release, counters) {}

    HttpReply get(std::string_view target) { return api.handle(parse_target("GET", target)); }

    test::ManualClock clock;
    Counters counters;
    RunningRelease release;
    TraceArchive archive;
    JaegerHttpApi api;
};

JaegerOptions below(std::string path) {
    JaegerOptions options;
    options.base_path = std::move(path);
    return options;
}

}  // namespace

TEST_CASE("which paths are the API, the user interface or nothing") {
    struct Row {
        const char* base;
        const char* target;
        unsigned status;
        const char* type;
    };
    const auto row = GENERATE(values<Row>({
        {"", "/api/services", 200, "application/json"},
        {"", "/api/whatever", 404, "text/plain; charset=utf-8"},
        {"", "/", 200, "text/html; charset=utf-8"},
        {"", "/jaeger/api/services", 200, "text/html; charset=utf-8"},
        {"/jaeger", "/jaeger/api/services", 200, "application/json"},
        {"/jaeger", "/api/services", 404, "text/plain; charset=utf-8"},
        {"/jaeger", "/", 404, "text/plain; charset=utf-8"},
        {"/jaeger", "/jaeger", 301, "text/plain; charset=utf-8"},
        {"/jaeger", "/jaeger/", 200, "text/html; charset=utf-8"},
        {"/jaeger", "/jaegerx/api/services", 404, "text/plain; charset=utf-8"},
        {"/jaeger", "/jaeger/search", 200, "text/html; charset=utf-8"},
    }));
    INFO(row.base << " " << row.target);
    const HttpReply reply = Jaeger(below(row.base)).get(row.target);
    CHECK(reply.status == row.status);
    CHECK(reply.content_type == row.type);
}

TEST_CASE("up to 2.15 an unknown path of the API is the page") {
    for (const char* path : {"/api/whatever", "/api/v3/whatever"}) {
        INFO(path);
        Jaeger jaeger;
        jaeger.release.set(*release_named("2.15"));
        CHECK(jaeger.get(path).status == 200);
        CHECK(jaeger.get(path).content_type == "text/html; charset=utf-8");
        jaeger.release.set(*release_named("2.16"));
        CHECK(jaeger.get(path).status == 404);
    }
}

TEST_CASE("up to 2.15 whatever lies outside of the base path is the page") {
    for (const char* path : {"/", "/api/services", "/api/v3/services", "/jaeger"}) {
        INFO(path);
        Jaeger jaeger(below("/jaeger"));
        jaeger.release.set(*release_named("2.15"));
        const HttpReply reply = jaeger.get(path);
        CHECK(reply.status == 200);
        CHECK(reply.content_type == "text/html; charset=utf-8");
        CHECK_THAT(reply.body, Catch::Contains(R"(<base href="/jaeger/")"));
    }
}

TEST_CASE("errors are JSON in the body and text in the header") {
    struct Row {
        const char* target;
        unsigned status;
        const char* message;
    };
    const auto row = GENERATE(values<Row>({
        {"/api/traces", 400, "parameter 'service' is required"},
        {"/api/operations", 400, "parameter 'service' is required"},
        {"/api/traces?service=a&start=x", 400, "unable to parse param 'start'"},
        {"/api/traces?service=a&minDuration=3", 400, "unable to parse param 'minDuration'"},
        {"/api/traces?service=a&minDuration=3s&maxDuration=2s",
         400,
         "'maxDuration' should be greater"},
        {"/api/traces?service=a&tag=x", 400, "malformed 'tag' parameter"},
        {"/api/traces?service=a&tags=%7B%22a%22:1%7D", 400, "malformed 'tags' parameter"},
        {"/api/traces?service=a&limit=0", 500, "search depth must be greater than 0"},
        {"/api/traces?service=a&limit=10001", 500, "search depth must be greater than 0"},
        {"/api/traces/xyz", 400, R"(strconv.ParseUint: parsing "xyz": invalid syntax)"},
        {"/api/traces/abc", 404, "trace not found"},
    }));
    INFO(row.target);
    const HttpReply reply = Jaeger().get(row.target);
    CHECK(reply.status == row.status);
    CHECK(reply.content_type == "text/plain; charset=utf-8");
    const json body = json::parse(reply.body);
    CHECK(body["data"].is_null());
    CHECK(body["errors"][0]["code"] == row.status);
    CHECK_THAT(body["errors"][0]["msg"].get<std::string>(), Catch::Contains(row.message));
}

TEST_CASE("a search answers traces in Jaeger's shape") {
    Jaeger jaeger;
    const json body = json::parse(jaeger.get("/api/traces?service=reviews.bookinfo&limit=5").body);
    CHECK(body["errors"].is_null());
    CHECK(body["total"] == 0);
    REQUIRE(body["data"].size() == 5);
    const json& trace = body["data"][0];
    const json& span = trace["spans"].back();
    CHECK(span["traceID"] == trace["traceID"]);
    CHECK(span["references"][0]["refType"] == "CHILD_OF");
    CHECK(trace["processes"].contains(span["processID"].get<std::string>()));
    CHECK(span["warnings"].is_null());
    CHECK(span["startTime"].is_number_integer());
    CHECK(json::parse(jaeger.counters.to_json())["http"]["search"] == 1);
}

TEST_CASE("filters of the HTTP search") {
    Jaeger jaeger;
    const auto count = [&](const std::string& query) {
        return json::parse(jaeger.get("/api/traces?limit=1000&service=" + query).body)["data"].size(
        );
    };
    const std::size_t all = count("productpage.bookinfo");
    CHECK(all > 500);
    const std::size_t failed = count("productpage.bookinfo&tags=%7B%22error%22%3A%22true%22%7D");
    CHECK(failed > 10);
    CHECK(count("productpage.bookinfo&tag=error:true") == failed);
    CHECK(count("productpage.bookinfo&tag=error:true&tag=http.method:PUT") == 0);
    CHECK(count("ratings.bookinfo&minDuration=1s") < count("ratings.bookinfo&maxDuration=1s"));
    const auto now = to_micros(jaeger.clock.now());
    const std::size_t recent =
        count("productpage.bookinfo&start=" + std::to_string(now - 600'000'000));
    CHECK(recent > 80);
    CHECK(recent < 130);
    CHECK(count("productpage.bookinfo&end=" + std::to_string(now - 3'700'000'000)) == 0);
    CHECK(count("nobody") == 0);
}

TEST_CASE("traces by id: found ones come, missing ones are named") {
    Jaeger jaeger;
    const json one = json::parse(jaeger.get("/api/traces?service=ratings.bookinfo&limit=1").body);
    const std::string id = one["data"][0]["traceID"];
    const json body = json::parse(jaeger.get("/api/traces?traceID=" + id + "&traceID=abc").body);
    CHECK(body["data"][0] == one["data"][0]);
    CHECK(body["errors"][0]["traceID"] == "0000000000000abc");
    CHECK(json::parse(jaeger.get("/api/traces/" + id).body)["data"][0] == one["data"][0]);
}

TEST_CASE("names of services and operations") {
    Jaeger jaeger;
    const json services = json::parse(jaeger.get("/api/services").body);
    CHECK(services["total"] == services["data"].size());
    const json names = json::parse(jaeger.get("/api/services/ratings.bookinfo/operations").body);
    CHECK(names["data"] == json::array({"ratings.bookinfo.svc.cluster.local:9080/*"}));
    const json kinds =
        json::parse(jaeger.get("/api/operations?service=productpage.bookinfo&spanKind=server").body
        );
    REQUIRE(kinds["data"].size() == 1);
    CHECK(kinds["data"][0]["spanKind"] == "server");
    CHECK(json::parse(jaeger.get("/api/services/nobody/operations").body)["data"].is_null());
}

TEST_CASE("credentials are asked for on every path") {
    JaegerOptions options;
    options.credentials.allow_basic("user:pass");
    options.credentials.allow_bearer("t0ken");
    Jaeger jaeger(std::move(options));
    CHECK(jaeger.get("/api/services").status == 401);
    CHECK(jaeger.get("/").status == 401);
    for (const char* header : {"Basic dXNlcjpwYXNz", "Bearer t0ken"}) {
        HttpRequest request = parse_target("GET", "/api/services");
        request.authorization = header;
        CHECK(jaeger.api.handle(request).status == 200);
    }
    HttpRequest request = parse_target("GET", "/api/services");
    request.authorization = "Bearer other";
    CHECK(jaeger.api.handle(request).status == 401);
}

TEST_CASE("the page of the user interface tells the version and the base path") {
    const std::string page = Jaeger(below("/jaeger")).get("/jaeger/").body;
    CHECK_THAT(page, Catch::Contains("<title>Jaeger UI</title>"));
    CHECK_THAT(page, Catch::Contains(R"(<base href="/jaeger/")"));
    CHECK_THAT(page, Catch::Contains(R"(JAEGER_VERSION = {"gitCommit":)"));
    CHECK_THAT(page, Catch::Contains(R"("gitVersion":"v2.20.0")"));
}
