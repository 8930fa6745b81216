#include "clients/http/request_head.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;

namespace {

HttpClientOptions options_for(std::string_view url) {
    HttpClientOptions options;
    options.base = *parse_url(url);
    return options;
}

RequestHead head_of(std::string target) {
    RequestHead head;
    head.method = "GET";
    head.target = std::move(target);
    return head;
}

}  // namespace

TEST_CASE("the request head carries host, credentials and the context") {
    const auto options = options_for("http://[::1]:16686");
    RequestContext context;
    context.request_id = "abc";
    context.trace.trace = {0, 0x1a};
    context.trace.span = {0x2b};
    context.trace.sampled = true;
    context.trace.state = "vendor=1";
    RequestHead head = head_of("/api?x=1");
    head.authorization = "Bearer t";
    const auto text = write_head(head, {}, options, context);
    CHECK(
        *text ==
        "GET /api?x=1 HTTP/1.1\r\nHost: [::1]:16686\r\nUser-Agent: meshscope\r\n"
        "Authorization: Bearer t\r\nX-Request-Id: abc\r\n"
        "traceparent: 00-0000000000000000000000000000001a-000000000000002b-01\r\n"
        "tracestate: vendor=1\r\n\r\n"
    );
}

TEST_CASE("without trace ids there is no traceparent") {
    RequestContext context;
    context.trace.state = "vendor=1";
    const auto text = write_head(head_of("/"), {}, options_for("http://h"), context);
    CHECK(text->find("trace") == std::string::npos);
}

TEST_CASE("custom headers win over ours, the request's over both, the framing is ours") {
    auto options = options_for("http://h");
    options.custom_headers = {
        {"x-scope", "a"}, {"user-agent", "me"}, {"Content-Length", "7"}, {"Connection", "close"}
    };
    HttpRequest request;
    request.headers = {{"X-Scope", "b"}};
    const auto text = write_head(head_of("/"), request, options, {});
    CHECK(*text == "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\nx-scope: b\r\n\r\n");
}

TEST_CASE("a name that stands twice in the request is sent twice, in place of the configured one") {
    auto options = options_for("http://h");
    options.custom_headers = {{"Impersonate-Group", "configured"}};
    HttpRequest request;
    request.headers = {{"Impersonate-Group", "a"}, {"Accept", "*"}, {"impersonate-group", "b"}};
    const auto text = write_head(head_of("/"), request, options, {});
    CHECK(text->ends_with("Impersonate-Group: a\r\nAccept: *\r\nimpersonate-group: b\r\n\r\n"));
    CHECK(text->find("configured") == std::string::npos);
}

TEST_CASE("through a proxy the target is absolute") {
    RequestHead head = head_of("/x");
    head.through_proxy = true;
    head.proxy_authorization = "Basic eA==";
    const auto text = write_head(head, {}, options_for("http://h:8080"), {});
    CHECK(text->starts_with("GET http://h:8080/x HTTP/1.1\r\nHost: h:8080\r\n"));
    CHECK(text->find("\r\nProxy-Authorization: Basic eA==\r\n") != std::string::npos);
}

TEST_CASE("what would break out of its line is refused or left out, values are not repeated") {
    auto options = options_for("http://h");
    CHECK(write_head(head_of("/a b"), {}, options, {}).has_error());
    CHECK(write_head(head_of("/\r\nX: y"), {}, options, {}).has_error());
    CHECK(write_head(head_of("x"), {}, options, {}).has_error());
    RequestContext context;
    context.request_id = "a\r\nX: y";
    CHECK(write_head(head_of("/"), {}, options, context)->find("X: y") == std::string::npos);
    options.custom_headers = {{"X-Token", "s3cret\r\nX: y"}};
    const auto error = write_head(head_of("/"), {}, options, {}).error();
    CHECK(error.kind() == ErrorKind::kInvalidArgument);
    CHECK(error.message().find("X-Token") != std::string::npos);
    CHECK(error.message().find("s3cret") == std::string::npos);
}
