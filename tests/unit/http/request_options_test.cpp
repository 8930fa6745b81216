#include "tests/support/scratch_dir.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <string>
#include <utility>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

ScriptedServer::Script always(std::string answer) {
    return [answer = std::move(answer)](Peer& peer) {
        while (!peer.read_request().empty() && peer.send(answer)) {
        }
    };
}

std::string header_of(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
        return "none";
    }
    const std::size_t from = at + name.size() + 4;
    return request.substr(from, request.find("\r\n", from) - from);
}

ScriptedTls tls_for(const TestAuthority& authority, const std::string& name) {
    ScriptedTls tls;
    tls.certificate = authority.issue({name});
    return tls;
}

}  // namespace

TEST_CASE("a request's own authorization stands in place of the client's credentials") {
    ScriptedServer server(always(http_answer("x")));
    std::string url = server.url();
    url.insert(url.find("//") + 2, "user:pw@");
    ClientFixture fixture(url);
    fixture.options.credentials.type = AuthType::kBearer;
    fixture.options.credentials.token = Secret::literal("server-token");
    HttpRequest request;
    request.target = "/";
    fixture.send(request);
    request.authorization = "Bearer callers-token";
    fixture.send(request);
    request.authorization = "";
    fixture.send(request);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(header_of(requests[0], "Authorization") == "Bearer server-token");
    CHECK(header_of(requests[1], "Authorization") == "Bearer callers-token");
    CHECK(header_of(requests[2], "Authorization") == "none");
}

TEST_CASE("a 401 to a request's own authorization is handed back, with nothing tried again") {
    ScriptedServer server(always(http_answer("no", "", 401)));
    ScratchDir dir;
    ClientFixture fixture(server.url());
    fixture.options.credentials.type = AuthType::kBearer;
    fixture.options.credentials.token =
        Secret::file(dir.write("token", "server-token"), fixture.clock);
    HttpRequest request;
    request.target = "/";
    request.authorization = "Bearer callers-token";
    CHECK(fixture.send(request)->status == 401);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("an authorization that would break the header is refused before anything is sent") {
    ScriptedServer server(always(http_answer("x")));
    ClientFixture fixture(server.url());
    HttpRequest request;
    request.target = "/";
    request.authorization = "Bearer a\r\nImpersonate-User: admin";
    const auto response = fixture.send(request);
    REQUIRE(response.has_error());
    CHECK(response.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(response.error().message().find("admin") == std::string::npos);
    CHECK(server.connections() == 0);
}

TEST_CASE("a POST without effect is repeated when a pooled connection is dead") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send(http_answer("x"));
        if (peer.number() == 1) {
            peer.read_request();  // heard, never answered
        }
    });
    ClientFixture fixture(server.url());
    HttpRequest request;
    request.method = "POST";
    request.target = "/review";
    request.body = "{}";
    request.repeatable = GENERATE(true, false);
    CHECK(fixture.send(request).has_value());
    CHECK(fixture.send(request).has_value() == request.repeatable);
    CHECK(server.connections() == (request.repeatable ? 2 : 1));
}

TEST_CASE("a client's own proxy is used whatever the environment says") {
    ScriptedServer proxy(always(http_answer("via")));
    ClientFixture fixture("http://kubernetes.invalid:8001/prefix");
    fixture.options.use_proxy_environment = true;
    fixture.options.proxy = *parse_url("http://127.0.0.1:" + std::to_string(proxy.port()));
    CHECK(fixture.get("/api")->body == "via");
    CHECK(proxy.requests().at(0).starts_with("GET http://kubernetes.invalid:8001/prefix/api "));
}

TEST_CASE("authorities can be given as text") {
    const TestAuthority first("First CA");
    const TestAuthority second("Second CA");
    ScriptedServer server(always(http_answer("inside")), tls_for(second, "127.0.0.1"));
    ClientFixture fixture(server.url());
    fixture.options.tls.ca_pem = first.certificate() + "\r\n# another\r\n" + second.certificate();
    CHECK(fixture.get()->body == "inside");
    ClientFixture stranger(server.url());
    stranger.options.tls.ca_pem = first.certificate();
    CHECK(stranger.get().has_error());
}

TEST_CASE("the system's roots can be left out") {
    const TestAuthority authority;
    ScratchDir dir;
    ::setenv("SSL_CERT_FILE", dir.write("system.pem", authority.certificate()).c_str(), 1);
    ScriptedServer server(always(http_answer("inside")), tls_for(authority, "127.0.0.1"));
    ClientFixture with(server.url());
    CHECK(with.get().has_value());
    ClientFixture without(server.url());
    without.options.tls.system_roots = false;
    const auto refused = without.get();
    ::unsetenv("SSL_CERT_FILE");
    REQUIRE(refused.has_error());
    CHECK(refused.error().message().find("authority that is not trusted") != std::string::npos);
}

TEST_CASE("another server name is checked in place of the URL's host") {
    const TestAuthority authority;
    ScriptedServer server(always(http_answer("inside")), tls_for(authority, "kubernetes.default"));
    ClientFixture fixture(server.url());
    fixture.options.tls.ca_pem = authority.certificate();
    SECTION("the right one") {
        fixture.options.tls.server_name = "kubernetes.default";
        CHECK(fixture.get()->body == "inside");
        CHECK(header_of(server.requests().at(0), "Host") == server.url().substr(8));
    }
    SECTION("a wrong one") {
        fixture.options.tls.server_name = "kubernetes.other";
        const Error error = fixture.get().error();
        CHECK(error.message().find("is not for 'kubernetes.other'") != std::string::npos);
    }
    SECTION("none") { CHECK(fixture.get().has_error()); }
}
