#include "clients/http/proxy.hpp"

#include "tests/support/scratch_dir.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;

namespace {

// Sets a variable for one test.
class Variable {
 public:
    Variable(const char* name, const std::string& value) : name_(name) {
        ::setenv(name, value.c_str(), 1);
    }
    ~Variable() { ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

 private:
    const char* name_;
};

}  // namespace

TEST_CASE("NO_PROXY") {
    struct Row {
        std::string url;
        std::string no_proxy;
        bool proxied;
    };
    const std::vector<Row> rows{
        {"http://jaeger.example.org", "", true},
        {"http://jaeger.example.org", "*", false},
        {"http://jaeger.example.org", "other.org, example.org", false},
        {"http://jaeger.example.org", ".example.org", false},
        {"http://jaeger.example.org", "*.example.org", false},
        {"http://example.org", ".example.org", false},
        {"http://notexample.org", "example.org", true},
        {"http://JAEGER.example.org", "jaeger.EXAMPLE.org", false},
        {"http://jaeger.example.org:8080", "example.org:8080", false},
        {"http://jaeger.example.org:8080", "example.org:80", true},
        {"http://10.1.2.3", "10.1.2.3", false},
        {"http://10.1.2.3", "10.0.0.0/8", false},
        {"http://11.1.2.3", "10.0.0.0/8", true},
        {"http://[fd00::1]", "fd00::/8", false},
        {"http://[fd00::1]", "fd00::1", false},
        {"http://[fd00::1]:90", "[fd00::1]:90", false},
        {"http://[fd00::1]", "10.0.0.0/8", true},
        {"http://10.1.2.3", "nonsense/99", true},
        {"http://localhost:1", "", false},
        {"http://127.0.0.1:1", "", false},
        {"http://[::1]:1", "", false},
    };
    for (const Row& row : rows) {
        INFO(row.url << " with " << row.no_proxy);
        const auto proxy = proxy_for(*parse_url(row.url), {"http://p:3128", "", row.no_proxy});
        REQUIRE(proxy.has_value());
        CHECK(proxy->has_value() == row.proxied);
    }
}

TEST_CASE("the scheme of the target chooses the variable") {
    const ProxySettings settings{"plain:1", "http://user:pw@secure:2/", ""};
    CHECK((*proxy_for(*parse_url("http://h"), settings))->to_string() == "http://plain:1");
    CHECK((*proxy_for(*parse_url("https://h"), settings))->to_string() == "http://secure:2");
    CHECK_FALSE((*proxy_for(*parse_url("https://h"), {"plain:1", "", ""})).has_value());
}

TEST_CASE("a proxy we cannot speak to is an error that names the variable") {
    for (const std::string text : {"https://p:1", "socks5://p:1", "http://"}) {
        const auto proxy = proxy_for(*parse_url("http://h"), {text, "", ""});
        REQUIRE(proxy.has_error());
        CHECK(proxy.error().message().find("HTTP_PROXY") != std::string::npos);
    }
}

TEST_CASE("plain calls go to the proxy in absolute form, with its own credentials") {
    ScriptedServer proxy([](Peer& peer) {
        while (!peer.read_request().empty() && peer.send(http_answer("via"))) {
        }
    });
    const Variable variable(
        "HTTP_PROXY", "http://user:pw@127.0.0.1:" + std::to_string(proxy.port())
    );
    ClientFixture fixture("http://jaeger.invalid:16686/jaeger");
    fixture.options.use_proxy_environment = true;
    CHECK(fixture.get("/api")->body == "via");
    CHECK(fixture.get("/api")->body == "via");
    CHECK(proxy.connections() == 1);
    const std::string request = proxy.requests().at(0);
    CHECK(request.starts_with("GET http://jaeger.invalid:16686/jaeger/api HTTP/1.1\r\n"));
    CHECK(request.find("\r\nHost: jaeger.invalid:16686\r\n") != std::string::npos);
    CHECK(request.find("\r\nProxy-Authorization: Basic dXNlcjpwdw==\r\n") != std::string::npos);
}

TEST_CASE("https goes through a tunnel; the proxy sees no request") {
    const TestAuthority authority;
    ScratchDir dir;
    std::string seen;
    ScriptedServer proxy(
        [&seen](Peer& peer) {
            seen = peer.read_request();
            peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
            if (peer.start_tls()) {
                peer.read_request();
                peer.send(http_answer("inside"));
            }
        },
        {.certificate = authority.issue({"jaeger.invalid"}),
         .client_authority = {},
         .max_version = 0,
         .alpn = {}},
        false
    );
    const Variable variable("HTTPS_PROXY", "127.0.0.1:" + std::to_string(proxy.port()));
    ClientFixture fixture("https://jaeger.invalid");
    fixture.options.use_proxy_environment = true;
    fixture.options.tls.ca_files = {dir.write("ca.pem", authority.certificate())};
    fixture.options.credentials.type = AuthType::kBearer;
    fixture.options.credentials.token = Secret::literal("t0ken");
    CHECK(fixture.get()->body == "inside");
    CHECK(seen == "CONNECT jaeger.invalid:443 HTTP/1.1\r\nHost: jaeger.invalid:443\r\n\r\n");
}

TEST_CASE("a proxy that refuses is named with its status") {
    ScriptedServer proxy([](Peer& peer) {
        peer.read_request();
        peer.send(http_answer("<html>", "", 407));
    });
    const Variable http("HTTP_PROXY", "127.0.0.1:" + std::to_string(proxy.port()));
    const Variable https("HTTPS_PROXY", "127.0.0.1:" + std::to_string(proxy.port()));
    for (const std::string url : {"http://jaeger.invalid", "https://jaeger.invalid"}) {
        ClientFixture fixture(url);
        fixture.options.use_proxy_environment = true;
        const Error error = fixture.get().error();
        CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
        CHECK(error.message().find("proxy") != std::string::npos);
    }
}
