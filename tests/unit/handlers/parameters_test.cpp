#include "handlers/parameters.hpp"

#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using test::encoded;
using test::HandlersFixture;

namespace {

const std::string kTraces = "/api/namespaces/shop/apps/cart/traces";
const std::string kErrors = "/api/namespaces/shop/apps/cart/errortraces";
const std::string kZeros(32, '0');

}  // namespace

TEST_CASE("parameters that are refused with a 400 that names them", "[parameters]") {
    struct Row {
        std::string target;
        const char* says;
    };
    const Row rows[] = {
        {kTraces + "?foo=1", "unsupported query parameter 'foo'"},
        {kTraces + "?limit=5&foo=1&bar=2", "unsupported query parameter 'foo'"},
        {kTraces + "?startMicros=-1", "'startMicros'"},
        {kTraces + "?startMicros=abc", "'startMicros'"},
        {kTraces + "?startMicros=1.5", "'startMicros'"},
        {kTraces + "?startMicros=%201", "'startMicros'"},
        {kTraces + "?startMicros=0x10", "'startMicros'"},
        // microseconds that overflow as nanoseconds, and numbers that overflow themselves
        {kTraces + "?startMicros=9223372036854776", "'startMicros'"},
        {kTraces + "?endMicros=9223372036854775807", "'endMicros'"},
        {kTraces + "?endMicros=99999999999999999999999", "'endMicros'"},
        {kTraces + "?minDuration=9223372036854776", "'minDuration'"},
        {kTraces + "?limit=0", "'limit'"},
        {kTraces + "?limit=-1", "'limit'"},
        {kTraces + "?limit=x", "'limit'"},
        {kTraces + "?minDuration=-1", "'minDuration'"},
        {kTraces + "?tags=null", "'tags'"},
        {kTraces + "?tags=" + encoded("{\"a\":1}"), "'a'"},
        {kTraces + "?tags=[]", "'tags'"},
        {kTraces + "?tags=" + encoded("{\"a\":"), "'tags'"},
        {kTraces + "?tags=" + encoded("{\"\":\"x\"}"), "'tags'"},
        {kTraces + "?tags=%zz", "malformed query parameter 'tags=%zz'"},
        {kTraces + "?clusterName=a%00b", "'clusterName'"},
        {kTraces + "?clusterName=%ff", "'clusterName'"},
        {kTraces + "?startMicros=5&endMicros=5", "startMicros must be before endMicros"},
        {kTraces + "?startMicros=6&endMicros=5", "startMicros must be before endMicros"},
        {kTraces + "?endMicros=0", "startMicros must be before endMicros"},
        {kErrors, "'duration' is required"},
        {kErrors + "?duration=", "'duration' is required"},
        {kErrors + "?duration=0", "'duration'"},
        {kErrors + "?duration=-5", "'duration'"},
        {kErrors + "?duration=1h", "'duration'"},
        {kErrors + "?duration=9223372037", "'duration'"},
        {kErrors + "?duration=60&limit=5", "unsupported query parameter 'limit'"},
        {"/api/traces?errors=perhaps", "'errors'"},
        {"/api/traces?cursor=nonsense", "'cursor'"},
        {"/api/traces?minDuration=5&maxDuration=4", "maxDuration"},
        {"/api/traces/2a/spans?count=0", "'count'"},
        {"/api/traces/2a/spans?from=-1", "'from'"},
        {"/api/traces/2a/spans?collapse=xyz", "'collapse'"},
        {"/api/traces/2a/spans?collapse=1,,2", "'collapse'"},
        {"/api/tracing/services?x=1", "unsupported query parameter 'x'"},
        {"/api/traces/xyz", "Invalid trace ID format"},
        {"/api/traces/" + std::string(33, 'a'), "Invalid trace ID format"},
        {"/api/traces/" + kZeros, "Invalid trace ID format"},
        {"/api/traces/xyz/spans", "Invalid trace ID format"},
        {"/api/namespaces/Shop/apps/cart/traces", "namespace"},
        {"/api/namespaces/shop.x/apps/cart/traces", "namespace"},
        {"/api/namespaces/" + std::string(64, 'a') + "/apps/cart/traces", "namespace"},
        {"/api/namespaces/shop/apps/-cart/traces", "app"},
        {"/api/namespaces/shop/apps/c_art/spans", "app"},
        {"/api/namespaces/shop/apps/a%22b/errortraces?duration=5", "app"},
        {"/api/tracing/services/" + std::string(1025, 'a') + "/operations", "service"},
    };
    for (const Row& row : rows) {
        INFO(row.target);
        HandlersFixture f;
        const auto reply = f.get(row.target);
        CHECK(reply.status == 400);
        CHECK(reply.json()["code"] == "invalid_parameter");
        CHECK(reply.json()["requestId"] == "test-request");
        CHECK(reply.json()["error"].get<std::string>().find(row.says) != std::string::npos);
        CHECK(f.store.queries().empty());
        CHECK(f.store.looked_up().empty());
    }
}

TEST_CASE("parameters as the store gets them", "[parameters]") {
    HandlersFixture f;
    f.settings.query_scope = {{"env", "prod"}};
    const auto query = [&](const std::string& parameters) {
        REQUIRE(f.get(kTraces + parameters).status == 200);
        return f.store.queries().back();
    };
    SECTION("no startMicros") {
        const auto sent = query("");
        CHECK(to_micros(sent.window.end) == test::kNow);
        CHECK(to_micros(sent.window.start) == test::kNow - 600'000'000);
        CHECK(sent.limit == 100);
        CHECK(sent.service == "cart.shop");
    }
    SECTION("microseconds stay whole") {
        const auto sent = query("?startMicros=1763683199123456&endMicros=1763683200000001");
        CHECK(to_micros(sent.window.start) == 1'763'683'199'123'456);
        CHECK(to_micros(sent.window.end) == 1'763'683'200'000'001);
    }
    SECTION("limit=999999 is 10000") {
        const auto reply = f.get(kTraces + "?limit=999999");
        CHECK(f.store.queries().back().limit == 10'000);
        CHECK(reply.meta()["asked"]["limit"] == 999'999);
        CHECK(reply.meta()["used"]["limit"] == 10'000);
        CHECK(reply.meta()["warnings"][0]["code"] == "limit_clamped");
    }
    SECTION("minDuration") {
        CHECK(query("?minDuration=2500").min_duration == std::chrono::microseconds(2500));
    }
    SECTION("tags with query_scope, and no cluster when only one is known") {
        const auto sent = query("?tags=" + encoded(R"({"error":"true","env":"test"})"));
        CHECK(sent.tags == std::map<std::string, std::string>{{"env", "prod"}, {"error", "true"}});
    }
    SECTION("the caller's own cluster tag stays") {
        const auto sent = query("?tags=" + encoded(R"({"istio.cluster_id":"west"})"));
        CHECK(sent.tags.at("istio.cluster_id") == "west");
    }
    SECTION("clusterName is sent") {
        CHECK(query("?clusterName=east").tags.at("istio.cluster_id") == "east");
    }
    SECTION("the first value counts, empty ones do not") {
        const auto sent = query("?limit=&limit=7&limit=9&tags=&startMicros=");
        CHECK(sent.limit == 7);
    }
}

TEST_CASE("more than 64 tags are refused", "[parameters]") {
    std::string json = "{";
    for (int i = 0; i < 65; ++i) {
        json += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"x\"";
    }
    CHECK_FALSE(handlers::read_tags(json + "}").has_value());
    CHECK(handlers::read_tags(R"({"a":"1","b":"2"})").has_value());
}

TEST_CASE("the words of booleans", "[parameters]") {
    const handlers::ParameterRule rules[] = {handlers::boolean_parameter("b")};
    for (const char* text : {"1", "t", "T", "TRUE", "true", "True"}) {
        CHECK(handlers::Parameters::read({{{"b", text}}, {}}, rules)->boolean("b"));
    }
    for (const char* text : {"0", "f", "F", "FALSE", "false", "False", ""}) {
        CHECK_FALSE(handlers::Parameters::read({{{"b", text}}, {}}, rules)->boolean("b"));
    }
    CHECK_FALSE(handlers::Parameters::read({{{"b", "yes"}}, {}}, rules).has_value());
}

TEST_CASE("trace ids as people paste them", "[parameters]") {
    const TraceId wanted{0x0af7651916cd43dd, 0x8448eb211c80319c};
    for (const char* text :
         {"0af7651916cd43dd8448eb211c80319c",
          "af7651916cd43dd8448eb211c80319c",
          "0AF7651916CD43DD8448EB211C80319C",
          " 0af7651916cd43dd8448eb211c80319c\n",
          "0x0af7651916cd43dd8448eb211c80319c",
          "0af76519-16cd-43dd-8448-eb211c80319c",
          "https://jaeger.example.org/trace/0af7651916cd43dd8448eb211c80319c?uiFind=x#y"}) {
        INFO(text);
        const auto id = handlers::read_trace_id(text);
        REQUIRE(id.has_value());
        CHECK(*id == wanted);
    }
    for (const char* text :
         {"", " ", "0x", "0", "-", "0af7651916cd43dd-8448eb211c80319c", "12 34", "a/", "xyz"}) {
        INFO(text);
        const auto id = handlers::read_trace_id(text);
        REQUIRE(id.has_error());
        CHECK(id.error().kind() == ErrorKind::kInvalidArgument);
        CHECK(id.error().detail().find("1 to 32 hexadecimal digits") != std::string::npos);
    }
}
