#include "clients/telemetry_rule.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace meshscope;
using namespace meshscope::clients;

TEST_CASE("what a Telemetry says of tracing incoming requests") {
    struct Row {
        std::string spec;
        double sampling;  // negative: it does not say
        std::optional<bool> disabled;
    };
    const std::vector<Row> rows = {
        {R"({"tracing":[{"providers":[{"name":"otel"}],"randomSamplingPercentage":12.5,"disableSpanReporting":false}]})",
         12.5,
         false},
        {R"({"tracing":[{"randomSamplingPercentage":0}]})", 0, std::nullopt},
        {R"({"tracing":[{"disableSpanReporting":true}]})", -1, true},
        {R"({"tracing":[{"randomSamplingPercentage":5,"match":{"mode":"CLIENT"}}]})",
         -1,
         std::nullopt},
        {R"({"tracing":[{"match":{"mode":"SERVER"},"randomSamplingPercentage":5},{"match":{"mode":"CLIENT_AND_SERVER"},"disableSpanReporting":true}]})",
         5,
         true},
        {R"({"tracing":[{"randomSamplingPercentage":5},{"randomSamplingPercentage":6}]})",
         6,
         std::nullopt},
        {R"({"tracing":[{"randomSamplingPercentage":"x","disableSpanReporting":null},null,7]})",
         -1,
         std::nullopt},
        {R"({"tracing":{}})", -1, std::nullopt},
        {"[]", -1, std::nullopt},
        {"nonsense", -1, std::nullopt},
    };
    for (const Row& row : rows) {
        INFO(row.spec);
        const TelemetryRule rule =
            read_telemetry(R"({"kind":"Telemetry","spec":)" + row.spec + "}");
        CHECK(rule.sampling.value_or(-1) == row.sampling);
        CHECK(rule.disabled == row.disabled);
        CHECK(rule.selector.empty());
        CHECK_FALSE(rule.targeted);
    }
}

TEST_CASE("whom a Telemetry is for") {
    const TelemetryRule some =
        read_telemetry(R"({"spec":{"selector":{"matchLabels":{"b":"2","a":"1"}}}})");
    CHECK(some.selector == models::LabelSet{{"a", "1"}, {"b", "2"}});
    CHECK(read_telemetry(R"({"spec":{"targetRefs":[{"kind":"Gateway","name":"w"}]}})").targeted);
    CHECK(read_telemetry(R"({"spec":{"targetRef":{"kind":"Service","name":"s"}}})").targeted);
    CHECK(read_telemetry(R"({"spec":{"selector":{"matchLabels":[]}}})").selector.empty());
}
