#include "clients/http/url.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace meshscope;
using namespace meshscope::clients;

TEST_CASE("URLs that can be used") {
    struct Row {
        std::string text;
        std::string printed;
        std::string host;
        unsigned port;
        std::string userinfo;
    };
    const std::vector<Row> rows{
        {"http://tracing.istio-system:16685/jaeger",
         "http://tracing.istio-system:16685/jaeger",
         "tracing.istio-system",
         16685,
         ""},
        {"HTTPS://Jaeger.Example.org/", "https://jaeger.example.org", "jaeger.example.org", 443, ""
        },
        {"https://h:443/a/b//", "https://h/a/b", "h", 443, ""},
        {"http://h:80", "http://h", "h", 80, ""},
        {"http://h:", "http://h", "h", 80, ""},
        {"https://h:80", "https://h:80", "h", 80, ""},
        {"http://[::1]:443/x", "http://[::1]:443/x", "::1", 443, ""},
        {"http://[fe80::1%eth0]", "http://[fe80::1]", "fe80::1%eth0", 80, ""},
        {"http://user:p@ss@h/x", "http://h/x", "h", 80, "user:p@ss"},
        {"http://10.0.0.1", "http://10.0.0.1", "10.0.0.1", 80, ""},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto url = parse_url(row.text);
        REQUIRE(url.has_value());
        CHECK(url->to_string() == row.printed);
        CHECK(url->host == row.host);
        CHECK(url->port_or_default() == row.port);
        CHECK(url->userinfo == row.userinfo);
    }
}

TEST_CASE("URLs that cannot be used say what is wrong") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "http://"},
        {"jaeger:16686", "http://"},
        {"ftp://h", "scheme 'ftp'"},
        {"http://", "no host"},
        {"http:///x", "no host"},
        {"http://u@", "no host"},
        {"http://h:0", "port '0'"},
        {"http://h:65536", "port '65536'"},
        {"http://h:8o", "port '8o'"},
        {"http://h:1:2", "port '1:2'"},
        {"http://h x", "spaces"},
        {"http://h\r\nX: y", "spaces"},
        {"http://h\xc3\xa4", "ASCII"},
        {"http://h?q=1", "query"},
        {"http://h/x#y", "query"},
        {"http://[::1", "bracket"},
        {"http://[::1]x", "']'"},
        {"http://[h]", "not a host name"},
        {"http://h*", "not a host name"},
    };
    for (const auto& [text, part] : rows) {
        INFO(text);
        const auto url = parse_url(text);
        REQUIRE(url.has_error());
        CHECK(url.error().kind() == ErrorKind::kInvalidArgument);
        INFO(url.error().message());
        CHECK(url.error().message().find(part) != std::string::npos);
    }
    CHECK(
        parse_url("http://user:s3cret@h:x").error().message().find("s3cret") == std::string::npos
    );
}
