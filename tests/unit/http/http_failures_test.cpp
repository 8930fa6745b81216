#include "tests/unit/http/client_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;

TEST_CASE("a refused connection names the address and the setting") {
    std::uint16_t port = 0;
    {
        const ScriptedServer gone([](Peer&) {});
        port = gone.port();
    }
    ClientFixture fixture("http://user:s3cret@127.0.0.1:" + std::to_string(port));
    const Error error = fixture.get("/api?token=s3cret").error();
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(error.message() == "cannot reach jaeger: connection refused");
    CHECK(
        error.detail() == "GET http://127.0.0.1:" + std::to_string(port) +
                              "/api: connection refused (127.0.0.1:" + std::to_string(port) +
                              ": connection refused)"
    );
    CHECK(error.hint().setting == "external_services.tracing.in_cluster_url");
    CHECK(error.upstream() == "jaeger");
    CHECK(fixture.cost().calls == 0);
}

TEST_CASE("a name that does not exist is said to be that") {
    ClientFixture fixture("http://no-such-host.invalid:16686");
    const Error error = fixture.get().error();
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(
        error.message().find("cannot resolve the host name 'no-such-host.invalid'") !=
        std::string::npos
    );
}

TEST_CASE("what a server can answer instead of a response") {
    struct Row {
        std::string name;
        ScriptedServer::Script script;
        ErrorKind kind;
        std::string cause;
        std::string setting;
    };
    const std::string url = "external_services.tracing.in_cluster_url";
    const auto says = [](std::string bytes) {
        return [bytes = std::move(bytes)](Peer& peer) {
            peer.read_request();
            peer.send(bytes);
        };
    };
    const std::vector<Row> rows{
        {"closes at once",
         [](Peer&) {},
         ErrorKind::kUpstreamUnavailable,
         "closed the connection",
         url},
        {"closes after the request",
         says(""),
         ErrorKind::kUpstreamUnavailable,
         "closed the connection",
         url},
        {"resets",
         [](Peer& peer) {
             peer.read_request();
             peer.reset();
         },
         ErrorKind::kUpstreamUnavailable,
         "closed the connection",
         url},
        {"closes in the header",
         says("HTTP/1.1 200 OK\r\nA: "),
         ErrorKind::kUpstreamUnavailable,
         "closed the connection",
         ""},
        {"gRPC",
         [](Peer& peer) {
             peer.send(std::string("\0\0\x12\4\0\0\0\0\0", 9));
             peer.wait_for_close();
         },
         ErrorKind::kUpstreamProtocol,
         "this is a gRPC port",
         "external_services.tracing.use_grpc"},
        {"gRPC that closes",
         [](Peer& peer) { peer.send(std::string("\0\0\0\4\0\0\0\0\0", 9)); },
         ErrorKind::kUpstreamProtocol,
         "this is a gRPC port",
         "external_services.tracing.use_grpc"},
        {"SSH", says("SSH-2.0-x\r\n"), ErrorKind::kUpstreamProtocol, "the answer is not HTTP", url},
        {"broken framing",
         says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy"),
         ErrorKind::kUpstreamProtocol,
         "contradicts itself",
         ""},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        ScriptedServer server(row.script);
        ClientFixture fixture(server.url());
        const auto response = fixture.get();
        REQUIRE(response.has_error());
        INFO(response.error().message());
        CHECK(response.error().kind() == row.kind);
        CHECK(response.error().message().find(row.cause) != std::string::npos);
        CHECK(response.error().hint().setting == row.setting);
        CHECK(server.connections() == 1);
    }
}

TEST_CASE("a response that comes byte by byte is the same response") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send_bytewise(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
        );
        peer.wait_for_close();
    });
    ClientFixture fixture(server.url());
    CHECK(fixture.get()->body == "body");
}

TEST_CASE("slow headers end at the header timeout or the deadline, with the stage in the detail") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nA: ");
        peer.wait_for_close();
    });
    ClientFixture fixture(server.url());
    SECTION("header timeout") {
        fixture.options.limits.header_timeout = 50ms;
        const Error error = fixture.get().error();
        CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
        CHECK(error.message().find("no response header within 50 ms") != std::string::npos);
    }
    SECTION("deadline") {
        fixture.context.deadline = in(500ms);
        const Error error = fixture.get().error();
        CHECK(error.kind() == ErrorKind::kDeadline);
        CHECK(error.message() == "jaeger did not answer in time");
        CHECK(error.detail().find("while waiting for the response") != std::string::npos);
    }
}

TEST_CASE("an answer given before the whole request was sent is still read") {
    ScriptedServer server([](Peer& peer) {
        peer.send(http_answer("too much", "Connection: close\r\n", 413));
        peer.wait_for_close(2s);
    });
    ClientFixture fixture(server.url());
    HttpRequest post;
    post.method = "POST";
    post.target = "/";
    post.body.assign(100'000, 'x');
    const auto response = fixture.send(post);
    REQUIRE(response.has_value());
    CHECK(response->status == 413);
}
