#include "tests/support/raw_client.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <sys/socket.h>
#include <thread>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;

// A client that has begun to follow: the handler has made its body.
RawClient follower(TestServer& server, const std::string& target = "/live/5") {
    const int before = server.handled();
    RawClient client(server.port());
    REQUIRE(client.send(get_request(target, "Accept-Encoding: gzip\r\n")));
    REQUIRE(TestServer::eventually([&] { return server.handled() == before + 1; }));
    return client;
}

TEST_CASE("a live body is sent piece by piece and ends the connection", "[live]") {
    TestServer server;
    RawClient client = follower(server);
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    CHECK(server.ended() == 0);
    server.release();
    const auto response = client.receive();
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->chunked);
    CHECK(response->header("content-type") == "text/event-stream");
    CHECK(response->header("cache-control") == "no-store");
    CHECK(response->header("x-accel-buffering") == "no");
    CHECK_FALSE(response->has("content-encoding"));
    CHECK_FALSE(response->has("content-length"));
    CHECK(response->header("connection") == "close");
    CHECK(response->body.substr(0, 5) == ".....");
    CHECK(response->body.substr(response->body.size() - 3) == "end");
    CHECK(client.closed_by_server());
    CHECK(server.ended() == 1);
    CHECK(server.log().wait_for("status=200").find("/live/{size}") != std::string::npos);
}

TEST_CASE("the first piece of a live body comes before the second is there", "[live]") {
    TestServer server;
    RawClient client = follower(server, "/live/40");
    std::string got(4096, '\0');
    std::size_t count = 0;
    while (std::string_view(got).substr(0, count).find("....") == std::string_view::npos) {
        const ssize_t more = ::recv(client.native(), got.data() + count, got.size() - count, 0);
        REQUIRE(more > 0);
        count += static_cast<std::size_t>(more);
    }
    CHECK(got.substr(0, 15) == "HTTP/1.1 200 OK");
    CHECK(server.ended() == 0);
}

TEST_CASE("HTTP/1.0 gets a live body up to the end of the connection, HEAD its head", "[live]") {
    TestServer server;
    RawClient old(server.port());
    REQUIRE(old.send("GET /live/5 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    server.release();
    const auto response = old.receive();
    REQUIRE(response);
    CHECK_FALSE(response->chunked);
    CHECK(response->body.substr(response->body.size() - 3) == "end");

    RawClient head(server.port());
    REQUIRE(head.send("HEAD /live/5 HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto only = head.receive(true);
    REQUIRE(only);
    CHECK(only->header("content-type") == "text/event-stream");
    CHECK(head.closed_by_server());
    CHECK(server.ended() == 1);
}

TEST_CASE("a client that leaves ends its live body", "[live][cancel]") {
    TestServer server;
    for (const bool with_reset : {false, true}) {
        INFO("reset " << with_reset);
        const int before = server.ended();
        RawClient client = follower(server);
        // One that leaves before has a body of which nothing ran, and nothing ends.
        REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
        with_reset ? client.reset() : client.close();
        CHECK(TestServer::eventually([&] { return server.ended() == before + 1; }));
    }
    CHECK_FALSE(server.log().wait_for("status=499").empty());
}

TEST_CASE("a client that takes nothing is left behind", "[live]") {
    TestServer server([](server::ServerOptions& options) { options.limits.write_timeout = 100ms; });
    RawClient client = follower(server, "/live/1000000");
    CHECK(TestServer::eventually([&] { return server.ended() == 1; }));
    CHECK_FALSE(server.log().wait_for("status=499").empty());
}

TEST_CASE("a live body outlives the time of a request", "[live]") {
    TestServer server([](server::ServerOptions& options) {
        options.limits.request_timeout = 20ms;
        options.limits.idle_timeout = 500ms;
        options.limits.write_timeout = 10s;
    });
    RawClient client = follower(server);
    std::this_thread::sleep_for(1200ms);  // beyond the second that a handler has for a late answer
    CHECK(server.ended() == 0);
    server.release();
    CHECK(client.receive()->status == 200);
}

TEST_CASE("live bodies are ended in order when the server stops", "[live][drain]") {
    TestServer server;
    RawClient client = follower(server);
    std::thread stopping([&] { server.server().stop(10s); });
    const auto response = client.receive();  // throws when it breaks off
    stopping.join();
    REQUIRE(response);
    CHECK(response->chunked);
    CHECK(server.ended() == 1);
}

TEST_CASE("so many live bodies are served at once and no more", "[live]") {
    TestServer server([](server::ServerOptions& options) { options.limits.max_live = 2; });
    RawClient first = follower(server);
    RawClient second = follower(server);
    // A body that is waited for has its place.
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 2; }));
    RawClient third(server.port());
    const auto refused = third.ask(get_request("/live/5"));
    REQUIRE(refused);
    CHECK(refused->status == 503);
    CHECK(refused->body.find("overloaded") != std::string::npos);
    CHECK(third.ask(get_request("/hello"))->status == 200);
    first.close();
    CHECK(TestServer::eventually([&] {
        RawClient next(server.port());
        next.send("HEAD /live/5 HTTP/1.1\r\nHost: h\r\n\r\n");
        return next.receive(true)->status == 200;
    }));
    CHECK(server.ended() >= 1);
}

TEST_CASE("a live body that throws is cut off", "[live]") {
    TestServer server;
    RawClient client(server.port());
    REQUIRE(client.send(get_request("/live-throws")));
    CHECK_THROWS(client.receive());
    CHECK(TestServer::eventually([&] { return server.ended() == 1; }));
    CHECK_FALSE(server.log().wait_for("planted failure in a live body").empty());
}

}  // namespace
}  // namespace meshscope::test
