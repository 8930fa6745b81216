#include "handlers/error_response.hpp"

#include "handlers/safe_text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace meshscope;

namespace {

nlohmann::json body_of(const server::Response& response) {
    return nlohmann::json::parse(std::get<std::string>(response.body));
}

}  // namespace

TEST_CASE("the table from kinds of errors to statuses and codes", "[errors]") {
    struct Row {
        ErrorKind kind;
        unsigned status;
        const char* code;
    };
    const Row rows[] = {
        {ErrorKind::kInvalidArgument, 400, "invalid_parameter"},
        {ErrorKind::kUnauthenticated, 401, "unauthenticated"},
        {ErrorKind::kForbidden, 403, "forbidden"},
        {ErrorKind::kNotFound, 404, "not_found"},
        {ErrorKind::kMethodNotAllowed, 405, "method_not_allowed"},
        {ErrorKind::kRequestTimeout, 408, "request_timeout"},
        {ErrorKind::kConflict, 409, "conflict"},
        {ErrorKind::kTooLarge, 413, "too_large"},
        {ErrorKind::kUriTooLong, 414, "uri_too_long"},
        {ErrorKind::kUnsupportedMedia, 415, "unsupported_media_type"},
        {ErrorKind::kRateLimited, 429, "rate_limited"},
        {ErrorKind::kHeadersTooLarge, 431, "headers_too_large"},
        {ErrorKind::kCancelled, 499, "cancelled"},
        {ErrorKind::kInternal, 500, "internal"},
        {ErrorKind::kNotImplemented, 501, "not_implemented"},
        {ErrorKind::kUpstreamAuth, 502, "upstream_auth"},
        {ErrorKind::kUpstreamProtocol, 502, "upstream_protocol"},
        {ErrorKind::kUpstreamUnavailable, 503, "upstream_unreachable"},
        {ErrorKind::kUnavailable, 503, "unavailable"},
        {ErrorKind::kDeadline, 504, "upstream_timeout"},
    };
    // One row for each kind: the last kind is the last of the enum.
    REQUIRE(std::size(rows) == static_cast<std::size_t>(ErrorKind::kDeadline) + 1);
    for (const Row& row : rows) {
        INFO(row.code);
        CHECK(handlers::status_of(row.kind) == row.status);
        const auto response = handlers::error_response(Error(row.kind, "why"), "id-1");
        CHECK(response.status == row.status);
        CHECK(response.content_type == "application/json");
        CHECK(
            body_of(response) ==
            nlohmann::json{{"error", "why"}, {"code", row.code}, {"requestId", "id-1"}}
        );
    }
}

TEST_CASE("an error shows all its safe parts and never the one for logs", "[errors]") {
    const Error error = Error(ErrorKind::kUpstreamProtocol, "an HTML page")
                            .with_code("path_prefix_missing")
                            .with_detail("GET /api/services")
                            .with_upstream("jaeger")
                            .with_hint({"external_services.tracing.internal_url", "add /jaeger"})
                            .with_log_detail("secret-marker");
    const auto response = handlers::error_response(error, "id-2");
    CHECK(std::get<std::string>(response.body).find("secret-marker") == std::string::npos);
    CHECK(
        body_of(response) ==
        nlohmann::json::parse(R"({"error":"an HTML page","detail":"GET /api/services",
        "code":"path_prefix_missing","requestId":"id-2","upstream":"jaeger",
        "hint":{"setting":"external_services.tracing.internal_url","advice":"add /jaeger"}})")
    );
}

TEST_CASE("secrets in a backend's words are masked", "[errors]") {
    const Error error =
        Error(ErrorKind::kUpstreamProtocol, "Get \"http://es:MARK@es:9200/x\": refused")
            .with_detail("GET /api/services?access_token=MARK&limit=1")
            .with_hint({"", "not http://es:MARK@es:9200"});
    const auto response = handlers::error_response(error, "id-3");
    CHECK(std::get<std::string>(response.body).find("MARK") == std::string::npos);
    CHECK(body_of(response)["detail"] == "GET /api/services?access_token=xxx&limit=1");
    CHECK(body_of(response)["error"] == "Get \"http://xxx@es:9200/x\": refused");
}

TEST_CASE("configured names are masked in error texts", "[errors]") {
    const Error error =
        Error(ErrorKind::kUpstreamProtocol, "no answer to /x?x-team-key=MARK: Bearer MARK")
            .with_detail("x-team-key=MARK; rest");
    handlers::use_for_safe_text(
        std::make_shared<const business::Masker>(std::vector<std::string>{"x-team-key"})
    );
    const auto response = handlers::error_response(error, "id-4");
    handlers::use_for_safe_text(std::make_shared<const business::Masker>());
    CHECK(std::get<std::string>(response.body).find("MARK") == std::string::npos);
    CHECK(body_of(response)["detail"] == "x-team-key=xxx; rest");
}

TEST_CASE("a hint without a setting is advice only", "[errors]") {
    const Error error = Error(ErrorKind::kUnavailable, "busy").with_hint({"", "try again"});
    CHECK(
        body_of(handlers::error_response(error, ""))["hint"] ==
        nlohmann::json{{"advice", "try again"}}
    );
}
