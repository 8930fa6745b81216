#include "tests/support/raw_client.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <sys/socket.h>
#include <thread>

namespace meshscope::test {
namespace {

TEST_CASE("a connection stays open for the next request", "[server]") {
    TestServer server;
    RawClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        const auto response = client.ask(get_request("/hello"));
        REQUIRE(response);
        CHECK(response->status == 200);
        CHECK(response->body == R"({"hello":"world"})");
        CHECK(response->header("content-type") == "application/json");
        CHECK_FALSE(response->has("connection"));
    }
}

TEST_CASE("the client may ask to close", "[server]") {
    TestServer server;
    RawClient client(server.port());
    const auto response = client.ask(get_request("/hello", "Connection: close\r\n"));
    REQUIRE(response);
    CHECK(response->header("connection") == "close");
    CHECK(client.closed_by_server());
}

TEST_CASE("an HTTP/1.0 connection closes unless keep-alive was asked for", "[server]") {
    TestServer server;
    RawClient plain(server.port());
    const auto first = plain.ask("GET /hello HTTP/1.0\r\n\r\n");
    REQUIRE(first);
    CHECK(first->header("connection") == "close");
    CHECK(plain.closed_by_server());

    RawClient kept(server.port());
    for (int i = 0; i < 2; ++i) {
        const auto again = kept.ask("GET /hello HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
        REQUIRE(again);
        CHECK(again->header("connection") == "keep-alive");
    }
}

TEST_CASE("pipelined requests are answered in order", "[server]") {
    TestServer server;
    RawClient client(server.port());
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        requests += get_request("/items/n" + std::to_string(i));
    }
    REQUIRE(client.send(requests));
    for (int i = 0; i < 50; ++i) {
        const auto response = client.receive();
        REQUIRE(response);
        CHECK(response->body == "n" + std::to_string(i));
    }
}

TEST_CASE("a flood of pipelined requests is answered whole", "[server]") {
    TestServer server;
    RawClient client(server.port());
    constexpr int kRequests = 5000;
    std::thread sender([&] {
        std::string requests;
        for (int i = 0; i < kRequests; ++i) {
            requests += get_request("/items/n" + std::to_string(i));
        }
        client.send(requests);
    });
    int in_order = 0;
    for (int i = 0; i < kRequests; ++i) {
        const auto response = client.receive();
        if (!response) {
            break;
        }
        in_order += response->body == "n" + std::to_string(i) ? 1 : 0;
    }
    sender.join();
    CHECK(in_order == kRequests);
}

TEST_CASE("pipelined requests behind a slow one are kept and answered in order", "[server]") {
    TestServer server;
    RawClient client(server.port());
    REQUIRE(client.send(get_request("/wait") + get_request("/items/second")));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    REQUIRE(client.send(get_request("/items/third")));
    server.release();
    CHECK(client.receive()->body == "released");
    CHECK(client.receive()->body == "second");
    CHECK(client.receive()->body == "third");
}

TEST_CASE("what is read ahead of a slow answer is bounded", "[server]") {
    TestServer server([](server::ServerOptions& options) { options.limits.max_pipelined = 4; });
    RawClient client(server.port());
    REQUIRE(client.send(get_request("/wait")));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    // More than every buffer on the way takes: the kernel stops the sender in the end.
    const timeval limit{0, 200'000};
    ::setsockopt(client.native(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const std::string request = get_request("/items/" + std::string(1000, 'x'));
    std::size_t sent = 0;
    while (sent < 100'000 && client.send(request)) {
        ++sent;
    }
    CHECK(sent < 100'000);
}

TEST_CASE("HEAD gives the head of GET", "[server]") {
    TestServer server;
    RawClient client(server.port());
    REQUIRE(client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto head = client.receive(true);
    REQUIRE(head);
    CHECK(head->status == 200);
    CHECK(head->header("content-length") == "17");
    // Nothing of a body may stand before the next answer.
    const auto next = client.ask(get_request("/hello"));
    REQUIRE(next);
    CHECK(next->status == 200);
}

TEST_CASE("HEAD of a streamed body sends none of it", "[server]") {
    TestServer server;
    RawClient client(server.port());
    REQUIRE(client.send("HEAD /stream/500000 HTTP/1.1\r\nHost: h\r\n\r\n"));
    REQUIRE(client.receive(true));
    CHECK(client.ask(get_request("/hello"))->status == 200);
}

TEST_CASE("a body with a length arrives whole, also in pieces", "[server]") {
    TestServer server;
    RawClient client(server.port());
    const std::string body = sample_text(300'000);
    REQUIRE(client.send(
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n"
    ));
    REQUIRE(client.send(std::string_view(body).substr(0, 1)));
    REQUIRE(client.send(std::string_view(body).substr(1)));
    const auto response = client.receive();
    REQUIRE(response);
    CHECK(response->body == body);
    CHECK(client.ask(get_request("/hello"))->status == 200);
}

TEST_CASE("a chunked body arrives whole, whatever its cuts", "[server]") {
    TestServer server;
    const std::string bytes =
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;name=value\r\nhello\r\n1\r\n,\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n" +
        get_request("/hello");
    for (std::size_t cut = 1; cut < bytes.size(); cut += 3) {
        RawClient client(server.port());
        REQUIRE(client.send(std::string_view(bytes).substr(0, cut)));
        REQUIRE(client.send(std::string_view(bytes).substr(cut)));
        const auto response = client.receive();
        REQUIRE(response);
        CHECK(response->body == "hello,0123456789");
        const auto next = client.receive();
        REQUIRE(next);
        CHECK(next->body == R"({"hello":"world"})");
    }
}

TEST_CASE("Expect: 100-continue is answered before the body", "[server]") {
    TestServer server;
    RawClient client(server.port());
    const auto interim = client.ask(
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    );
    REQUIRE(interim);
    CHECK(interim->status == 100);
    REQUIRE(client.send("hello"));
    CHECK(client.receive()->body == "hello");
}

TEST_CASE("Expect: 100-continue of a refused request gets the refusal at once", "[server]") {
    TestServer server;
    RawClient client(server.port());
    const auto response = client.ask(
        "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    );
    REQUIRE(response);
    CHECK(response->status == 404);
    CHECK(client.closed_by_server());
}

TEST_CASE("a long body streams chunked, to HTTP/1.0 up to the end of the connection", "[server]") {
    TestServer server;
    const std::string expected = sample_text(700'000);
    const auto chunked = fetch(server.port(), get_request("/stream/700000"));
    REQUIRE(chunked);
    CHECK(chunked->chunked);
    CHECK(chunked->body == expected);

    const auto closed =
        fetch(server.port(), "GET /stream/700000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    REQUIRE(closed);
    CHECK_FALSE(closed->chunked);
    CHECK(closed->header("connection") == "close");
    CHECK(closed->body == expected);
}

TEST_CASE("a short streamed body has a length", "[server]") {
    TestServer server;
    const auto response = fetch(server.port(), get_request("/stream/100"));
    REQUIRE(response);
    CHECK(response->header("content-length") == "100");
    CHECK(response->body == sample_text(100));
}

TEST_CASE("a handler that throws is a 500 and the server lives", "[server]") {
    TestServer server;
    RawClient client(server.port());
    const auto response = client.ask(get_request("/throw", "X-Request-Id: planted-1\r\n"));
    REQUIRE(response);
    CHECK(response->status == 500);
    CHECK(response->header("content-type") == "application/json");
    CHECK(response->body.find("\"requestId\":\"planted-1\"") != std::string::npos);
    CHECK(response->body.find("planted failure") == std::string::npos);
    CHECK(server.log().wait_for("planted failure").find("planted-1") != std::string::npos);
    CHECK(client.ask(get_request("/hello"))->status == 200);
}

TEST_CASE("a body that breaks off never looks whole", "[server]") {
    TestServer server;
    RawClient client(server.port());
    REQUIRE(client.send(get_request("/stream-throws")));
    CHECK_THROWS_WITH(client.receive(), Catch::Contains("broke off"));
    CHECK(server.log().holds("planted failure in a body"));

    // To HTTP/1.0 the end of the connection is the end of the body: it must not be an orderly one.
    RawClient old(server.port());
    REQUIRE(old.send("GET /stream-throws HTTP/1.0\r\n\r\n"));
    std::array<char, 4096> bytes{};
    ssize_t count = 1;
    while (count > 0) {
        count = ::recv(old.native(), bytes.data(), bytes.size(), 0);
    }
    CHECK(count == -1);
    CHECK(fetch(server.port(), get_request("/hello"))->status == 200);
}

}  // namespace
}  // namespace meshscope::test
