#include "clients/jaeger/diagnosis.hpp"

#include <catch2/catch.hpp>

namespace meshscope::clients::jaeger {

namespace {

constexpr const char* kUiPage =
    R"(<!doctype html><html><head><base href="/jaeger/" data-inject-target="BASE_URL"/>
<title>Jaeger UI</title><script>const JAEGER_VERSION = {"gitCommit":"abc","gitVersion":"v2.19.0","buildDate":"x"};
</script></head><body><div id="jaeger-ui-root"></div></body></html>)";

constexpr const char* kRootUiPage =
    R"(<!doctype html><base href="/"><div id="jaeger-ui-root">JAEGER_VERSION = {"gitVersion":""}</div>)";

HttpResponse response(unsigned status, std::string type, std::string body) {
    HttpResponse made;
    made.status = status;
    made.headers = {{"content-type", std::move(type)}};
    made.body = std::move(body);
    return made;
}

Asked asked(const std::string& base_path) {
    Asked made;
    made.base.host = "tracing";
    made.base.port = 16686;
    made.base.path = base_path;
    made.base.userinfo = "user:secret";
    made.path = "/api/traces";
    made.setting_prefix = "external_services.tracing";
    return made;
}

}  // namespace

TEST_CASE("Jaeger's UI page tells base path and version") {
    CHECK(read_ui_page(kUiPage)->base_path == "/jaeger");
    CHECK(read_ui_page(kUiPage)->version == "v2.19.0");
    CHECK(read_ui_page(kRootUiPage)->base_path.empty());
    CHECK(read_ui_page(kRootUiPage)->version.empty());
    CHECK(
        read_ui_page(R"(<base href='http://x:1/a/b/'><title>Jaeger UI</title>)")->base_path ==
        "/a/b"
    );
    CHECK_FALSE(read_ui_page("<html><title>Welcome to nginx</title></html>"));
    CHECK_FALSE(read_ui_page("{}"));
    CHECK(page_title("<title> A\nB </title>") == "A B");
}

TEST_CASE("each odd answer has its cause and the setting to change") {
    struct Row {
        const char* what;
        HttpResponse answer;
        const char* base_path;
        ErrorKind kind;
        const char* message;  // a part
        const char* setting;
        const char* advice;  // a part
    };
    const std::string html = "text/html; charset=utf-8";
    const std::string plain = "text/plain; charset=utf-8";
    const ErrorKind protocol = ErrorKind::kUpstreamProtocol;
    const std::vector<Row> rows{
        {"UI page, prefix missing",
         response(200, html, kUiPage),
         "",
         protocol,
         "path prefix is wrong (Jaeger's base path is '/jaeger', the URL has '/')",
         "in_cluster_url",
         "to 'http://tracing:16686/jaeger'"},
        {"UI page, prefix too much",
         response(200, html, kRootUiPage),
         "/jaeger",
         protocol,
         "path prefix is wrong",
         "in_cluster_url",
         "to 'http://tracing:16686'"},
        {"UI page without a content type",
         response(200, "", kUiPage),
         "",
         protocol,
         "path prefix",
         "in_cluster_url",
         "/jaeger"},
        {"UI page at the right prefix",
         response(200, html, kUiPage),
         "/jaeger",
         protocol,
         "Jaeger v2.19.0",
         "use_grpc",
         "16685"},
        {"log-in page",
         response(200, html, "<title>Sign In</title><form action=/oauth2/start>"),
         "",
         ErrorKind::kUpstreamAuth,
         "log-in page ('Sign In')",
         "auth",
         "credentials"},
        {"some page",
         response(200, html, "<title>Welcome</title>"),
         "",
         protocol,
         "a web page ('Welcome')",
         "in_cluster_url",
         "16686"},
        {"unknown path",
         response(404, plain, "404 page not found\n"),
         "",
         protocol,
         "/api/traces is unknown (404)",
         "in_cluster_url",
         "base path"},
        {"401",
         response(401, plain, "no"),
         "",
         ErrorKind::kUpstreamAuth,
         "answers 401",
         "auth",
         "auth"},
        {"403 page",
         response(403, html, "<title>Forbidden</title>"),
         "",
         ErrorKind::kUpstreamAuth,
         "no right",
         "auth",
         "auth"},
        {"tenant",
         response(401, plain, "missing tenant header"),
         "",
         ErrorKind::kUpstreamAuth,
         "tenant is missing",
         "custom_headers",
         "x-tenant"},
        {"500 of Jaeger",
         response(
             500,
             plain,
             "{\"data\":null,\"errors\":[{\"code\":500,\"msg\":\"all shards failed\"}]}\n"
         ),
         "",
         protocol,
         "500 at http://tracing:16686/api/traces: all shards failed",
         "",
         "storage"},
        {"NaN",
         response(500, plain, R"({"errors":[{"code":500,"msg":"json: unsupported value: NaN"}]})"),
         "",
         protocol,
         "NaN",
         "use_grpc",
         "use_grpc"},
        {"502 of a proxy",
         response(502, html, "<title>Bad Gateway</title>"),
         "",
         ErrorKind::kUpstreamUnavailable,
         "answers 502",
         "in_cluster_url",
         "ready pods"},
        {"504 of a proxy",
         response(504, html, "<title>Gateway Timeout</title>"),
         "",
         ErrorKind::kUpstreamUnavailable,
         "answers 504",
         "in_cluster_url",
         "ready pods"},
        {"503 text",
         response(503, plain, "upstream connect error"),
         "",
         ErrorKind::kUpstreamUnavailable,
         "answers 503",
         "in_cluster_url",
         "ready pods"},
        {"500 text",
         response(500, plain, "oops"),
         "",
         protocol,
         "answers 500",
         "in_cluster_url",
         "query"},
        {"plain HTTP to TLS",
         response(400, plain, "Client sent an HTTP request to an HTTPS server.\n"),
         "",
         protocol,
         "wants TLS",
         "in_cluster_url",
         "https://"},
        {"gRPC",
         response(200, "application/grpc", ""),
         "",
         protocol,
         "gRPC port",
         "in_cluster_url",
         "16686"},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        const auto error = diagnose(row.answer, asked(row.base_path));
        REQUIRE(error);
        CHECK(error->kind() == row.kind);
        INFO(error->message());
        INFO(error->hint().advice);
        CHECK(error->message().find(row.message) != std::string::npos);
        const std::string setting =
            *row.setting == '\0' ? "" : std::string("external_services.tracing.") + row.setting;
        CHECK(error->hint().setting == setting);
        CHECK(error->hint().advice.find(row.advice) != std::string::npos);
        CHECK(error->upstream() == "jaeger");
        CHECK(error->message().find("secret") == std::string::npos);
        CHECK(error->hint().advice.find("secret") == std::string::npos);
    }
}

TEST_CASE("the scheme that a 401 asks for is named, and nothing else of its header") {
    struct Row {
        const char* challenge;
        const char* told;
        const char* advice;
    };
    const Row row = GENERATE(values<Row>({
        {"Basic realm=\"secret place\"", "(asked for: basic)", "auth.type to basic"},
        {"Bearer", "(asked for: bearer)", "auth.type to bearer"},
        {" Negotiate abc=", "(asked for: negotiate)", "a type and credential"},
        {"", "wrong", "a type and credential"},
        {"<script> x", "wrong", "a type and credential"},
    }));
    HttpResponse answer = response(401, "text/plain", "no");
    answer.headers.emplace_back("www-authenticate", row.challenge);
    const auto error = diagnose(answer, asked(""));
    REQUIRE(error);
    CHECK(error->message().ends_with(row.told));
    CHECK(error->message().find("secret") == std::string::npos);
    CHECK(error->hint().advice.find(row.advice) != std::string::npos);
}

TEST_CASE("Jaeger's own 404 and 400 are no trouble of the connection") {
    const auto missing = diagnose(
        response(
            404, "text/plain", R"({"data":null,"errors":[{"code":404,"msg":"trace not found"}]})"
        ),
        asked("")
    );
    CHECK(missing->kind() == ErrorKind::kNotFound);
    const auto refused = diagnose(
        response(
            400,
            "text/plain",
            R"({"errors":[{"code":400,"msg":"parameter 'service' is required"}]})"
        ),
        asked("")
    );
    CHECK(refused->kind() == ErrorKind::kInvalidArgument);
    CHECK(refused->message().find("'service' is required") != std::string::npos);
}

TEST_CASE("the advice names the key that the URL was written under") {
    Asked elsewhere = asked("");
    elsewhere.url_setting = "internal_url";
    for (const auto& answer :
         {response(200, "text/html", kUiPage), response(404, "", "x"), response(500, "", "x")}) {
        const auto error = diagnose(answer, elsewhere);
        REQUIRE(error);
        CHECK(error->hint().setting == "external_services.tracing.internal_url");
        CHECK(error->hint().advice.find("in_cluster_url") == std::string::npos);
    }
}

TEST_CASE("JSON is read whatever its content type") {
    CHECK_FALSE(diagnose(response(200, "text/plain", R"({"data":[]})"), asked("")));
    CHECK_FALSE(diagnose(response(200, "", R"({"data":[]})"), asked("")));
}

TEST_CASE("a look around turns an unknown path into a suggestion") {
    const HttpResponse unknown = response(404, "text/plain", "404 page not found\n");
    CHECK(is_unknown_path(unknown));
    Surroundings around{.looked = true, .page = read_ui_page(kUiPage)};
    const auto prefix = diagnose(unknown, asked(""), around);
    CHECK(prefix->code() == "upstream_path_prefix");
    CHECK(prefix->hint().advice.find("'http://tracing:16686/jaeger'") != std::string::npos);
    const auto removed = diagnose(unknown, asked("/jaeger"), around);
    CHECK(removed->code() == "upstream_api_removed");
    around.page.reset();
    CHECK(
        diagnose(unknown, asked(""), around)->message().find("no Jaeger UI was found") !=
        std::string::npos
    );
    CHECK_FALSE(
        is_unknown_path(response(404, "text/plain", R"({"errors":[{"code":404,"msg":"x"}]})"))
    );
    CHECK_FALSE(is_unknown_path(response(200, "text/plain", "")));
}

TEST_CASE("what is sure about an odd answer is its cause, and the right URL its hint's value") {
    const std::string html = "text/html";
    const auto cause = [](const HttpResponse& answer, const char* path = "") {
        return diagnose(answer, asked(path))->cause();
    };
    const auto prefix = diagnose(response(200, html, kUiPage), asked(""));
    CHECK(prefix->cause() == Cause::kPathPrefix);
    CHECK(prefix->hint().value == "http://tracing:16686/jaeger");
    CHECK(cause(response(200, html, kRootUiPage)) == Cause::kApiRemoved);
    CHECK(cause(response(404, "text/plain", "404 page not found")) == Cause::kPathPrefix);
    CHECK(cause(response(200, html, "<title>nginx</title>")) == Cause::kWebPage);
    CHECK(cause(response(401, "text/plain", "unknown tenant")) == Cause::kTenant);
    CHECK(cause(response(401, "text/plain", "no")) == Cause::kCredentials);
    CHECK(cause(response(403, "text/plain", "RBAC: access denied")) == Cause::kCredentials);
    HttpResponse expired = response(401, "text/plain", "");
    expired.headers.emplace_back(
        "www-authenticate", R"(Bearer error="invalid_token", error_description="token expired")"
    );
    CHECK(cause(expired) == Cause::kExpiredToken);
    CHECK(cause(response(503, "text/plain", "no healthy upstream")) == Cause::kOverloaded);
    CHECK(
        cause(response(400, "text/plain", "Client sent an HTTP request to an HTTPS server.")) ==
        Cause::kPlainOnTls
    );
    CHECK(cause(response(200, "application/grpc", "")) == Cause::kGrpcPort);
    CHECK(
        cause(response(500, "application/json", R"({"errors":[{"code":500,"msg":"storage"}]})")) ==
        Cause::kStorage
    );
}

TEST_CASE("long or odd texts of a server are cut and printable") {
    const std::string body =
        R"({"errors":[{"code":500,"msg":")" + std::string(5'000, 'x') + R"(\u0007"}]})";
    const auto error = diagnose(response(500, "", body), asked(""));
    CHECK(error->message().size() < 500);
    CHECK(error->message().ends_with("..."));
}

}  // namespace meshscope::clients::jaeger
