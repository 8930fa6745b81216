#include "clients/otlp/collector.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace meshscope::test {
namespace {

using namespace clients;
using clients::otlp::Wire;

TEST_CASE("the collector's address is a host and a port", "[otlp]") {
    struct Row {
        std::string text;
        Wire wire;
        bool tls;
        std::string url;    // "" when it cannot be used
        std::string error;  // a part of it
    };
    for (const Row& row : std::vector<Row>{
             {"collector.obs:4318", Wire::kHttp, false, "http://collector.obs:4318", ""},
             {"collector.obs", Wire::kHttp, false, "http://collector.obs:4318", ""},
             {"collector.obs", Wire::kHttp, true, "https://collector.obs:4318", ""},
             {"collector.obs", Wire::kGrpc, false, "http://collector.obs:4317", ""},
             {"[::1]:4317", Wire::kGrpc, true, "https://[::1]:4317", ""},
             {"gateway:80/otlp", Wire::kHttp, false, "http://gateway/otlp", ""},
             {"gateway:80/otlp", Wire::kGrpc, false, "", "has a path"},
             {"http://collector:4318", Wire::kHttp, false, "", "has a scheme"},
             {"user:pw@collector:4318", Wire::kHttp, false, "", "has a user"},
             {"", Wire::kHttp, false, "", "cannot be used"},
             {"collector:port", Wire::kHttp, false, "", "cannot be used"}
         }) {
        INFO(row.text);
        const auto url = otlp::parse_collector(row.text, row.wire, row.tls);
        REQUIRE(url.has_value() == row.error.empty());
        if (url) {
            CHECK(url->to_string() == row.url);
        } else {
            CHECK(url.error().message().find(row.error) != std::string::npos);
            CHECK(url.error().message().find("pw") == std::string::npos);
            CHECK(url.error().hint().setting == "server.observability.tracing.collector_url");
        }
    }
}

TEST_CASE("hints of the transports become those of own spans", "[otlp]") {
    otlp::Collector collector;
    struct Row {
        Wire wire;
        std::string message;
        std::string setting;
        std::string expected;
    };
    const std::string prefix = "server.observability.tracing.";
    for (const Row& row : std::vector<Row>{
             {Wire::kHttp, "this is a gRPC port", prefix + "use_grpc", prefix + "otel.protocol"},
             {Wire::kHttp, "not trusted", prefix + "auth.ca_file", prefix + "otel.skip_verify"},
             {Wire::kGrpc, "closed", prefix + "auth.cert_file", prefix + "collector_url"},
             {Wire::kHttp,
              "the server speaks TLS on this port, the URL says http",
              prefix + "collector_url",
              prefix + "otel.protocol"},
             {Wire::kGrpc,
              "the connection is closed at once; the port may expect TLS",
              prefix + "collector_url",
              prefix + "otel.tls_enabled"},
             {Wire::kGrpc,
              "the port does not speak TLS",
              prefix + "collector_url",
              prefix + "otel.tls_enabled"},
             {Wire::kGrpc, "late", prefix + "query_timeout", prefix + "collector_url"},
             {Wire::kHttp, "refused", prefix + "collector_url", prefix + "collector_url"}
         }) {
        INFO(row.message);
        collector.wire = row.wire;
        const Error error =
            Error(ErrorKind::kUpstreamUnavailable, row.message).with_hint({row.setting, "advice"});
        CHECK(otlp::with_own_hint(error, collector).hint().setting == row.expected);
    }
}

}  // namespace
}  // namespace meshscope::test
