#include "clients/prometheus/diagnosis.hpp"

#include "clients/http/retry_after.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace meshscope::clients::prometheus {

namespace {

Asked asked() {
    Asked question;
    question.base = *parse_url("http://user:pa55@prom.example:9090/prom");
    question.path = "/api/v1/query";
    question.setting_prefix = "external_services.prometheus";
    return question;
}

HttpResponse response(
    unsigned status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}
) {
    HttpResponse made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return made;
}

std::string error_json(const std::string& type, const std::string& text) {
    return R"({"status":"error","errorType":")" + type + R"(","error":")" + text + R"("})";
}

struct Row {
    HttpResponse response;
    ErrorKind kind;
    std::string said;  // in the message or the detail
    std::string setting;
    std::string code = {};
};

const std::string kPrefix = "external_services.prometheus.";

}  // namespace

TEST_CASE("answers that are no answers: cause, kind and the setting to change") {
    const std::vector<Row> rows = {
        {response(401, "no org id"),
         ErrorKind::kUpstreamAuth,
         "the tenant is missing",
         kPrefix + "custom_headers"},
        {response(401, "", {{"www-authenticate", "Basic realm=x"}}),
         ErrorKind::kUpstreamAuth,
         "asked for: basic",
         kPrefix + "auth"},
        {response(401, "", {{"www-authenticate", "Bearer"}}),
         ErrorKind::kUpstreamAuth,
         "asked for: bearer",
         kPrefix + "auth"},
        {response(403, "must provide a namespace parameter"),
         ErrorKind::kUpstreamAuth,
         "no right to this",
         kPrefix + "auth"},
        {response(403, error_json("forbidden", "no")),
         ErrorKind::kUpstreamAuth,
         "no right to this",
         kPrefix + "auth"},
        {response(200, "<html><title>Sign in</title>", {{"content-type", "text/html"}}),
         ErrorKind::kUpstreamAuth,
         "log-in page ('Sign in')",
         kPrefix + "auth"},
        {response(200, "<!DOCTYPE html><title>Prometheus Time Series</title>"),
         ErrorKind::kUpstreamProtocol,
         "a web page",
         kPrefix + "url",
         "upstream_path_prefix"},
        {response(302, "", {{"location", "/graph"}}),
         ErrorKind::kUpstreamProtocol,
         "redirect to '/graph'",
         kPrefix + "url"},
        {response(404, "404 page not found\n"),
         ErrorKind::kUpstreamProtocol,
         "404 page not found",
         kPrefix + "url",
         "upstream_path_prefix"},
        {response(400, "Client sent an HTTP request to an HTTPS server."),
         ErrorKind::kUpstreamProtocol,
         "it wants TLS",
         kPrefix + "url"},
        {response(405, "no"),
         ErrorKind::kUpstreamProtocol,
         "neither by POST nor by GET",
         kPrefix + "url"},
        {response(414, ""), ErrorKind::kUpstreamProtocol, "too long", kPrefix + "url"},
        {response(431, ""), ErrorKind::kUpstreamProtocol, "too long", kPrefix + "url"},
        {response(429, "too many outstanding requests"),
         ErrorKind::kUpstreamUnavailable,
         "too many queries",
         kPrefix + "url",
         std::string(kBusyCode)},
        {response(502, "<html><title>Bad Gateway</title>"),
         ErrorKind::kUpstreamUnavailable,
         "Bad Gateway",
         kPrefix + "url",
         std::string(kBusyCode)},
        {response(504, ""),
         ErrorKind::kUpstreamUnavailable,
         "a proxy in front",
         kPrefix + "url",
         std::string(kBusyCode)},
        {response(503, "Service Unavailable\n"),
         ErrorKind::kUpstreamUnavailable,
         "is starting",
         "",
         std::string(kStartingCode)},
        {response(503, "x", {{"x-prometheus-stopping", "true"}}),
         ErrorKind::kUpstreamUnavailable,
         "is stopping",
         "",
         std::string(kStartingCode)},
        {response(418, "teapot"), ErrorKind::kUpstreamProtocol, "teapot", kPrefix + "url"},
        {response(500, "{}"), ErrorKind::kUpstreamProtocol, "answers 500", kPrefix + "url"},
        {response(500, R"({"status":"success","data":{"resultType":"vector","result":[]}})"),
         ErrorKind::kUpstreamProtocol,
         "answers 500",
         kPrefix + "url"},
    };
    for (const Row& row : rows) {
        INFO(row.response.status << " " << row.response.body);
        const auto error = diagnose(row.response, asked());
        REQUIRE(error.has_value());
        CHECK(error->kind() == row.kind);
        CHECK((error->message() + " " + error->detail()).find(row.said) != std::string::npos);
        CHECK(error->hint().setting == row.setting);
        CHECK_FALSE(error->hint().advice.empty());
        CHECK(error->upstream() == "prometheus");
        CHECK(error->message().find("pa55") == std::string::npos);
        if (!row.code.empty()) {
            CHECK(error->code() == row.code);
        }
    }
}

TEST_CASE("what the store says is wrong, by its word or its number") {
    struct Fault {
        unsigned status;
        std::string type;
        std::string text;
        ErrorKind kind;
        std::string code;
    };
    const std::string busy(kBusyCode);
    const std::vector<Fault> rows = {
        {400, "bad_data", "parse error", ErrorKind::kInvalidArgument, "invalid_parameter"},
        {400,
         "bad_data",
         "exceeded maximum resolution of 11,000 points per timeseries",
         ErrorKind::kInvalidArgument,
         "metrics_query_too_large"},
        {422,
         "execution",
         "many-to-many matching not allowed",
         ErrorKind::kInvalidArgument,
         "invalid_parameter"},
        {422,
         "execution",
         "query processing would load too many samples into memory",
         ErrorKind::kInvalidArgument,
         "metrics_query_too_large"},
        {422,
         "422",
         "too many points for the given step",
         ErrorKind::kInvalidArgument,
         "metrics_query_too_large"},
        {422, "422", "cannot parse", ErrorKind::kInvalidArgument, "invalid_parameter"},
        {400, "400", "cannot parse", ErrorKind::kInvalidArgument, "invalid_parameter"},
        {413,
         "too_large_entry",
         "query too large",
         ErrorKind::kInvalidArgument,
         "metrics_query_too_large"},
        {503,
         "timeout",
         "query timed out in expression evaluation",
         ErrorKind::kDeadline,
         "upstream_query_timeout"},
        {500, "unavailable", "TSDB not ready", ErrorKind::kUpstreamUnavailable, busy},
        {429,
         "too_many_requests",
         "too many outstanding requests",
         ErrorKind::kUpstreamUnavailable,
         busy},
        {429, "429", "limit", ErrorKind::kUpstreamUnavailable, busy},
        {499,
         "canceled",
         "context canceled",
         ErrorKind::kUpstreamUnavailable,
         "upstream_unreachable"},
        {500, "internal", "storage is broken", ErrorKind::kUpstreamProtocol, "upstream_protocol"},
        {404, "not_found", "no such api", ErrorKind::kUpstreamProtocol, "upstream_protocol"},
        {406, "not_acceptable", "x", ErrorKind::kUpstreamProtocol, "upstream_protocol"},
        {200, "something new", "x", ErrorKind::kUpstreamProtocol, "upstream_protocol"},
    };
    for (const Fault& row : rows) {
        INFO(row.status << " " << row.type << " " << row.text);
        const auto error = diagnose(response(row.status, error_json(row.type, row.text)), asked());
        if (row.status == 200) {
            CHECK_FALSE(error.has_value());  // the decoder reads it
            continue;
        }
        REQUIRE(error.has_value());
        CHECK(error->kind() == row.kind);
        CHECK(error->code() == row.code);
        CHECK(error->detail() == row.text);
    }
}

TEST_CASE("JSON is read whatever its content type says") {
    const std::string body = R"({"status":"success","data":null})";
    for (const std::string type :
         {"application/json", "text/plain", "", "application/octet-stream"}) {
        CHECK_FALSE(diagnose(response(200, body, {{"content-type", type}}), asked()).has_value());
    }
}

TEST_CASE("a refused POST") {
    CHECK(is_refused_post(response(405, "")));
    CHECK(is_refused_post(response(501, "")));
    CHECK(is_refused_post(response(403, "only GET")));
    CHECK_FALSE(is_refused_post(response(403, "", {{"www-authenticate", "Bearer"}})));
    CHECK_FALSE(is_refused_post(response(401, "")));
    CHECK_FALSE(is_refused_post(response(404, "")));
    CHECK_FALSE(is_refused_post(response(200, "")));
}

}  // namespace meshscope::clients::prometheus
