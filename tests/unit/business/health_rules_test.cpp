#include "business/health_rules.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using models::Health;
using models::HealthStatus;
using models::RatesByCode;
using models::RequestRates;

namespace {

constexpr auto kNA = HealthStatus::kUnknown;
constexpr auto kHealthy = HealthStatus::kHealthy;
constexpr auto kNotReady = HealthStatus::kNotReady;
constexpr auto kDegraded = HealthStatus::kDegraded;
constexpr auto kFailure = HealthStatus::kFailure;

Tolerances built_in() { return HealthRules().of("bookinfo", "workload", "reviews-v1", ""); }

}  // namespace

TEST_CASE("requests are judged by the built-in tolerances", "[health]") {
    struct Row {
        const char* what;
        RatesByCode inbound;
        HealthStatus status;
        double ratio;
        double rate;
    };
    const std::vector<Row> rows{
        {"no traffic", {}, kNA, -1, 0},
        {"a protocol without a tolerance", {{"tcp", {{"-", 4}}}}, kNA, -1, 4},
        {"all well", {{"http", {{"200", 9}, {"302", 1}}}}, kHealthy, 0, 10},
        {"any server error degrades", {{"http", {{"200", 999}, {"503", 1}}}}, kDegraded, 0.1, 1000},
        {"just below a tenth", {{"http", {{"200", 901}, {"500", 99}}}}, kDegraded, 9.9, 1000},
        {"a tenth fails", {{"http", {{"200", 9}, {"500", 1}}}}, kFailure, 10, 10},
        {"codes of a class are added",
         {{"http", {{"200", 18}, {"500", 1}, {"503", 1}}}},
         kFailure,
         10,
         20},
        {"few client errors", {{"http", {{"200", 91}, {"404", 9}}}}, kHealthy, 9, 100},
        {"client errors degrade from 10", {{"http", {{"200", 9}, {"404", 1}}}}, kDegraded, 10, 10},
        {"and fail from 20", {{"http", {{"200", 4}, {"404", 1}}}}, kFailure, 20, 5},
        {"no response at all", {{"http", {{"200", 99}, {"-", 1}}}}, kDegraded, 1, 100},
        {"gRPC's status", {{"grpc", {{"0", 99}, {"14", 1}}}}, kDegraded, 1, 100},
        {"gRPC's last status", {{"grpc", {{"0", 1}, {"16", 1}}}}, kFailure, 50, 2},
        {"17 is none of gRPC's", {{"grpc", {{"0", 1}, {"17", 1}}}}, kHealthy, 0, 2},
        {"an HTTP code is no gRPC error", {{"grpc", {{"0", 1}, {"500", 1}}}}, kHealthy, 0, 2},
        {"5000 is no server error", {{"http", {{"200", 1}, {"5000", 1}}}}, kHealthy, 0, 2},
        {"the worse protocol decides",
         {{"http", {{"200", 1}}}, {"grpc", {{"0", 1}, {"2", 1}}}, {"tcp", {{"-", 1}}}},
         kFailure,
         50,
         4},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        const Health in = built_in().judge(RequestRates{row.inbound, {}});
        CHECK(in.status == row.status);
        CHECK(in.error_ratio == Approx(row.ratio));
        CHECK(in.request_rate == Approx(row.rate));
        const Health out = built_in().judge(RequestRates{{}, row.inbound});
        CHECK(out.status == row.status);
        CHECK(out.request_rate == Approx(row.rate));
    }
}

TEST_CASE("the worse direction decides, rates are of both", "[health]") {
    const Health health = built_in().judge(
        RequestRates{{{"http", {{"200", 10}}}}, {{"http", {{"200", 4}, {"500", 1}}}}}
    );
    CHECK(health.status == kFailure);
    CHECK(health.error_ratio == Approx(20));
    CHECK(health.request_rate == Approx(15));
}

TEST_CASE("the first entry of the settings that matches holds", "[health]") {
    const auto rules = HealthRules::make({
        {"book.*", "service", "", {{"5xx", "http", "inbound", 30, 60}}},
        {"", "", "re|ra", {{"X00", "h.*", "", 0, 100}}},
        {"quiet", "", "", {}},
    });
    REQUIRE(rules.has_value());
    const RequestRates fails{{{"http", {{"200", 1}, {"500", 1}}}}, {}};
    const RequestRates out{{}, {{"http", {{"200", 1}, {"500", 1}}}}};
    struct Row {
        const char *ns, *kind, *name;
        HealthStatus in, out;
    };
    const std::vector<Row> rows{
        {"bookinfo", "service", "ratings", kDegraded, kNA},
        {"bookinfo", "workload", "ratings", kFailure, kFailure},  // built in
        {"abookinfo", "service", "ratings", kFailure, kFailure},  // whole texts
        {"x", "app", "re", kFailure, kFailure},                   // X00 is also 200
        {"x", "app", "rex", kFailure, kFailure},
        {"quiet", "app", "y", kFailure, kFailure},
    };
    for (const Row& row : rows) {
        INFO(row.ns << " " << row.kind << " " << row.name);
        const Tolerances tolerances = rules->of(row.ns, row.kind, row.name, "");
        CHECK(tolerances.judge(fails).status == row.in);
        CHECK(tolerances.judge(out).status == row.out);
    }
    CHECK(rules->of("x", "app", "re", "").judge(fails).error_ratio == 100);
    // Without any tolerance an error share of a thousandth degrades.
    const RequestRates rare{{{"http", {{"200", 999.5}, {"404", 0.5}}}}, {}};
    CHECK(rules->of("quiet", "app", "y", "").judge(rare).status == kHealthy);
    const RequestRates some{{{"http", {{"200", 99}, {"404", 1}}}}, {}};
    CHECK(rules->of("quiet", "app", "y", "").judge(some).status == kDegraded);
}

TEST_CASE("a bad expression in the settings is named", "[health]") {
    const auto bad = [](HealthRateSetting setting) {
        return HealthRules::make({{}, std::move(setting)}).error().message();
    };
    using Catch::Contains;
    CHECK_THAT(bad({"(", "", "", {}}), Contains("health_config.rate[1].namespace: "));
    CHECK_THAT(bad({"", "", "*", {}}), Contains("health_config.rate[1].name: "));
    CHECK_THAT(
        bad({"", "", "", {{}, {"[", "", "", 0, 0}}}),
        Contains("health_config.rate[1].tolerance[1].code: ")
    );
    CHECK_THAT(
        bad({"", "", "", {{"", "", "(?<", 0, 0}}}), Contains("rate[1].tolerance[0].direction: ")
    );
}

TEST_CASE("an object's annotation stands in place of the settings", "[health]") {
    const RequestRates half{{{"http", {{"200", 1}, {"500", 1}}}}, {}};
    struct Row {
        const char* annotation;
        HealthStatus status;
    };
    const std::vector<Row> rows{
        {"", kFailure},
        {"5XX,60,70,http,inbound", kHealthy},
        {" 5XX , 40 , 70 , http , .* ", kDegraded},
        {"4XX,0,0,http,inbound;5XX,0,50,http,inbound", kFailure},
        {"5XX,60,70,http,outbound", kNA},        // valid, and for nothing here
        {"5XX,70,60,http,inbound", kFailure},    // degraded above failure: not valid
        {"5XX,60,70,http", kFailure},            // a field is missing
        {"(,60,70,http,inbound", kFailure},      // no expression
        {"5XX,nan,nan,http,inbound", kFailure},  // no number
        {"5XX,x,70,http,inbound;5XX,60,70,http,inbound", kHealthy},  // one is valid
    };
    const HealthRules rules;
    for (int round = 0; round < 2; ++round) {
        for (const Row& row : rows) {
            INFO(row.annotation);
            CHECK(rules.of("a", "app", "b", row.annotation).judge(half).status == row.status);
        }
    }
    for (int i = 0; i < 1000; ++i) {  // more than are kept
        const std::string annotation = "5XX," + std::to_string(51 + i) + ",2000,http,inbound";
        CHECK(rules.of("a", "app", "b", annotation).judge(half).status == kHealthy);
    }
}

TEST_CASE("replicas are judged in order", "[health]") {
    struct Row {
        models::Replicas replicas;
        HealthStatus status;
    };
    const std::vector<Row> rows{
        {{0, 0, 0}, kNotReady},
        {{0, 1, 1}, kNotReady},
        {{2, 2, 2}, kHealthy},
        {{2, 2, 1}, kDegraded},
        {{2, 1, 1}, kDegraded},
        {{2, 2, 0}, kFailure},
        {{2, 0, 0}, kFailure},
        {{2, 3, 2}, kFailure},
        {{2, 0, 2}, kFailure},
        {{2, 3, 3}, kDegraded},
        {{3, 0, 2}, kDegraded},
        {{2, 2, 2, 2}, kHealthy},
        {{2, 2, 2, 1}, kDegraded},
        {{2, 2, 2, 0}, kDegraded},
    };
    for (const auto& [replicas, status] : rows) {
        INFO(
            replicas.desired << " " << replicas.current << " " << replicas.available << " "
                             << replicas.synced_proxies
        );
        CHECK(judge(replicas) == status);
    }
}

TEST_CASE("the worst of requests and replicas", "[health]") {
    const auto status = [](HealthStatus requests, bool known, std::vector<HealthStatus> replicas) {
        return merged({requests, 3, 5}, known, replicas).status;
    };
    CHECK(status(kHealthy, true, {kHealthy, kDegraded}) == kDegraded);
    CHECK(status(kFailure, true, {kNotReady}) == kFailure);
    CHECK(status(kHealthy, true, {kNotReady}) == kNotReady);
    CHECK(status(kNA, true, {kHealthy}) == kHealthy);
    CHECK(status(kNA, true, {}) == kNA);
    // Nothing is healthy by ignorance, what is bad stays bad.
    CHECK(status(kNA, false, {kHealthy, kHealthy}) == kNA);
    CHECK(status(kNA, false, {kHealthy, kNotReady}) == kNotReady);
    CHECK(status(kNA, false, {kFailure}) == kFailure);
    CHECK(merged({kHealthy, 3, 5}, true, {}).error_ratio == 3);
    CHECK(merged({kHealthy, 3, 5}, true, {}).request_rate == 5);
    CHECK(to_string(kNA) == "NA");
    CHECK(to_string(kNotReady) == "Not Ready");
}
