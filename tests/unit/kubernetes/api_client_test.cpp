#include "tests/support/scratch_dir.hpp"
#include "tests/unit/kubernetes/api_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

ScriptedServer::Script always(std::string answer) {
    return each([answer = std::move(answer)](const std::string&) { return answer; });
}

ApiRequest request_for(std::string target, bool as_server) {
    ApiRequest request;
    request.target = std::move(target);
    request.as_server = as_server;
    return request;
}

}  // namespace

TEST_CASE("who asks decides whose credentials go out, and nobody else's ever do") {
    ScriptedServer server(always(json_answer("{}")));
    ApiFixture fixture(server.url());
    fixture.get("/a", true);
    fixture.get("/b", false);
    auto anonymous = std::make_shared<CallerCredentials>();
    anonymous->server_account = true;
    fixture.context.caller.credentials = anonymous;
    fixture.get("/c", false);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(header_of(requests[0], "Authorization") == "Bearer servers-token");
    CHECK(header_of(requests[1], "Authorization") == "Bearer callers-token");
    CHECK(header_of(requests[2], "Authorization") == "Bearer servers-token");
}

TEST_CASE("a caller without credentials asks nothing, least of all with the server's") {
    ScriptedServer server(always(json_answer("{}")));
    ApiFixture fixture(server.url());
    fixture.context.caller.credentials =
        GENERATE(as<std::string>(), "null", "empty token") == "null" ? nullptr : credentials_of("");
    const auto response = fixture.get("/api/v1/pods", false);
    REQUIRE(response.has_error());
    CHECK(response.error().kind() == ErrorKind::kUnauthenticated);
    const auto sink = std::shared_ptr<BodySink>();
    const auto streamed =
        run(fixture.io,
            fixture.api().stream(fixture.context, request_for("/log", false), sink, 0ms));
    REQUIRE(streamed.has_error());
    CHECK(streamed.error().kind() == ErrorKind::kUnauthenticated);
    CHECK(server.connections() == 0);
}

TEST_CASE("a caller's call shows no client certificate of the server, whose own call does") {
    const TestAuthority authority;
    ScriptedTls tls;
    tls.certificate = authority.issue({"127.0.0.1"});
    tls.client_authority = authority.certificate();
    tls.max_version = 0x0303;
    ScriptedServer server(always(json_answer("{}")), tls);
    const TestCertificate own = authority.issue({});
    ApiFixture fixture(server.url());
    fixture.connection.tls.ca_pem = authority.certificate();
    fixture.connection.tls.client_certificate = Secret::literal(own.certificate);
    fixture.connection.tls.client_key = Secret::literal(own.key);
    CHECK(fixture.get("/a", true).has_value());
    const auto callers = fixture.get("/a", false);
    REQUIRE(callers.has_error());
    CHECK(callers.error().message().find("demands a client certificate") != std::string::npos);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("impersonation: the caller's own with all groups, the kubeconfig's only for the server") {
    ScriptedServer server(always(json_answer("{}")));
    ApiFixture fixture(server.url());
    fixture.connection.impersonation = {
        {"Impersonate-User", "robot"}, {"Impersonate-Group", "g1"}, {"Impersonate-Group", "g2"}
    };
    auto who = std::make_shared<CallerCredentials>();
    who->token = "proxy-token";
    who->impersonate_user = "anna";
    who->impersonate_groups = {"team-a", "team-b"};
    who->impersonate_extra = {{"example.org/scope", "read"}, {"a b", "x"}};
    fixture.context.caller.credentials = who;
    fixture.get("/a", true);
    fixture.get("/b", false);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(
        requests[0].find(
            "Impersonate-User: robot\r\nImpersonate-Group: g1\r\nImpersonate-Group: g2\r\n"
        ) != std::string::npos
    );
    CHECK(header_of(requests[1], "Impersonate-User") == "anna");
    CHECK(
        requests[1].find("Impersonate-Group: team-a\r\nImpersonate-Group: team-b\r\n") !=
        std::string::npos
    );
    CHECK(header_of(requests[1], "Impersonate-Extra-example.org%2Fscope") == "read");
    CHECK(header_of(requests[1], "Impersonate-Extra-a%20b") == "x");
    CHECK(requests[1].find("robot") == std::string::npos);
}

TEST_CASE("text that would break out of a header is refused before anything is sent") {
    ScriptedServer server(always(json_answer("{}")));
    ApiFixture fixture(server.url());
    auto who = std::make_shared<CallerCredentials>(*credentials_of("t"));
    SECTION("token") { who->token = "t\r\nImpersonate-User: admin"; }
    SECTION("user") { who->impersonate_user = "a\r\nImpersonate-Group: system:masters"; }
    SECTION("group") {
        who->impersonate_user = "a";
        who->impersonate_groups = {"b\nX: y"};
    }
    fixture.context.caller.credentials = who;
    const auto response = fixture.get("/a", false);
    REQUIRE(response.has_error());
    CHECK(response.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(server.requests().empty());
}

TEST_CASE("the server's token is read again after a 401, once; a caller's 401 is handed back") {
    ScratchDir dir;
    ScriptedServer server(each([&](const std::string& request) {
        if (header_of(request, "Authorization") == "Bearer new") {
            return json_answer("{}");
        }
        dir.write("token", "new\n");
        return json_answer(status_body(401, "Unauthorized", "Unauthorized"), 401);
    }));
    ApiFixture fixture(server.url());
    fixture.connection.credentials.token = Secret::file(dir.write("token", "old\n"), fixture.clock);
    SECTION("server") {
        CHECK(fixture.get("/a", true)->status == 200);
        CHECK(server.requests().size() == 2);
    }
    SECTION("caller") {
        CHECK(fixture.get("/a", false)->status == 401);
        CHECK(server.requests().size() == 1);
    }
}

TEST_CASE("a token that stays refused is asked with once a call") {
    ScratchDir dir;
    ScriptedServer server(always(json_answer(status_body(401, "Unauthorized", "no"), 401)));
    ApiFixture fixture(server.url());
    fixture.connection.credentials.token = Secret::file(dir.write("token", "old"), fixture.clock);
    CHECK(fixture.get("/a")->status == 401);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("the path prefix of the server stays, a review is JSON and repeated like a GET") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send(json_answer("{}", 201));
        if (peer.number() == 1) {
            peer.read_request();  // heard, never answered
        }
    });
    ApiFixture fixture(server.url("/k8s/clusters/c-1"));
    ApiRequest request;
    request.method = "POST";
    request.target = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    request.body = R"({"spec":{}})";
    CHECK(fixture.call(request)->status == 201);
    CHECK(fixture.call(request)->status == 201);
    const std::string seen = server.requests().at(2);
    CHECK(
        target_of(seen) == "/k8s/clusters/c-1/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    );
    CHECK(header_of(seen, "Content-Type") == "application/json");
    CHECK(header_of(seen, "Accept") == "application/json");
    CHECK(seen.ends_with(R"({"spec":{}})"));
}

TEST_CASE("warnings are read leniently and said once") {
    int count = 0;
    ScriptedServer server(each([&](const std::string&) {
        return json_answer(
            "{}",
            200,
            "Warning: 299 - \"v1beta1 is \\\"old\\\"\" \"Wed, 21 Oct 2026 07:28:00 GMT\"\r\n"
            "Warning: 299 - no quotes at all\r\n"
            "Warning: 299 - \"another " +
                std::to_string(++count) + "\r\n"
        );
    }));
    ApiFixture fixture(server.url());
    fixture.get("/a");
    fixture.get("/a");
    CHECK(
        fixture.warnings ==
        std::vector<std::string>{
            "v1beta1 is \"old\"",
            "299 - no quotes at all",
            "another 1",
            "another 2",
        }
    );
}

TEST_CASE("an answer in another form than JSON is explained") {
    const std::string type = GENERATE(
        as<std::string>(),
        "application/vnd.kubernetes.protobuf",
        "application/cbor",
        "text/html; charset=utf-8"
    );
    ScriptedServer server(always(http_answer("k8s", "Content-Type: " + type + "\r\n")));
    ApiFixture fixture(server.url());
    const auto response = fixture.get("/api/v1/pods?limit=1");
    REQUIRE(response.has_error());
    const Error error = response.error();
    CHECK(error.kind() == ErrorKind::kUpstreamProtocol);
    CHECK(error.message().find(type) != std::string::npos);
    CHECK(error.detail() == "/api/v1/pods");
    CHECK(error.hint().setting == "meshscope.kubernetes.kubeconfig");
}

TEST_CASE("a server that is not reached is an error that names where it came from, not the token") {
    const std::uint16_t port = ScriptedServer([](Peer&) {}).port();
    ApiFixture fixture("http://127.0.0.1:" + std::to_string(port));
    const Error error = fixture.get("/version").error();
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(error.upstream() == "kubernetes");
    CHECK(error.hint().setting == "meshscope.kubernetes.kubeconfig");
    CHECK(error.hint().advice.find("(a test)") != std::string::npos);
    CHECK((error.message() + error.detail()).find("token") == std::string::npos);
}
