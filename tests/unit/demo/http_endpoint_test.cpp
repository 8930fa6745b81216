#include "demo/net/http_endpoint.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <thread>

using namespace meshscope::demo;
using boost::asio::ip::tcp;

namespace {

struct Running {
    Running()
        : endpoint(
              [](const HttpRequest& request) {
                  HttpReply reply;
                  reply.body = request.method + " " + request.path;
                  for (const auto& [key, value] : request.query) {
                      reply.body += " " + key + "=" + value;
                  }
                  return reply;
              },
              &faults
          ) {
        REQUIRE(endpoint.listen("127.0.0.1", 0).has_value());
    }

    Faults faults;
    HttpEndpoint endpoint;
};

struct Client {
    explicit Client(std::uint16_t port) : socket(context) {
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    }
    void send(const std::string& text) { boost::asio::write(socket, boost::asio::buffer(text)); }
    std::string read_until(const std::string& end) {
        const std::size_t size =
            boost::asio::read_until(socket, boost::asio::dynamic_buffer(received), end);
        std::string out = received.substr(0, size);
        received.erase(0, size);
        return out;
    }
    std::string read_to_end() {
        boost::system::error_code error;
        boost::asio::read(socket, boost::asio::dynamic_buffer(received), error);
        return received;
    }

    boost::asio::io_context context;
    tcp::socket socket;
    std::string received;
};

}  // namespace

TEST_CASE("one connection carries many requests") {
    Running running;
    Client client(running.endpoint.port());
    client.send("GET /a?x=1%202&y HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_THAT(client.read_until("GET /a x=1 2 y="), Catch::StartsWith("HTTP/1.1 200 OK\r\n"));
    client.send("POST /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
    CHECK_THAT(client.read_to_end(), Catch::EndsWith("POST /b"));
}

TEST_CASE("a large header is taken: tokens are") {
    Running running;
    Client client(running.endpoint.port());
    client.send("GET /a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ");
    client.send(std::string(50'000, 'x') + "\r\nConnection: close\r\n\r\n");
    CHECK_THAT(client.read_to_end(), Catch::StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("an HTTP/2 client is answered in HTTP/1") {
    Running running;
    Client client(running.endpoint.port());
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    CHECK_THAT(client.read_to_end(), Catch::StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_CASE("a stalled body stops in the middle and holds up nobody else") {
    Running running;
    running.faults.stall_after_bytes = 5;
    Client stalled(running.endpoint.port());
    stalled.send("GET /stalled HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_THAT(stalled.read_until("\r\n\r\nGET /"), Catch::Contains("Content-Length: 12"));
    running.faults.stall_after_bytes = -1;
    Client other(running.endpoint.port());
    other.send("GET /other HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK_THAT(other.read_to_end(), Catch::EndsWith("GET /other"));
    CHECK(stalled.received.empty());
}

TEST_CASE("a cut body ends with the connection") {
    Running running;
    running.faults.cut_after_bytes = 3;
    Client client(running.endpoint.port());
    client.send("GET /cut HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string all = client.read_to_end();
    CHECK_THAT(all, Catch::Contains("Content-Length: 8"));
    CHECK_THAT(all, Catch::EndsWith("\r\n\r\nGET"));
}

TEST_CASE("a taken port is an error that names it") {
    Running running;
    HttpEndpoint second([](const HttpRequest&) { return HttpReply{}; }, nullptr);
    const auto bound = second.listen("127.0.0.1", running.endpoint.port());
    REQUIRE_FALSE(bound.has_value());
    CHECK_THAT(
        bound.error().message(),
        Catch::Contains("127.0.0.1:" + std::to_string(running.endpoint.port()))
    );
}

TEST_CASE("a body that comes in pieces is chunked, and the connection goes on after it") {
    HttpEndpoint endpoint(
        [](const HttpRequest& request) {
            HttpReply reply;
            reply.body = std::string(request.header("x-greeting"));
            reply.pieces = [left = 2](std::string& piece, Stopper&) mutable {
                piece = left == 1 ? "" : "piece" + std::to_string(left);
                return left-- > 0;
            };
            return reply;
        },
        nullptr
    );
    REQUIRE(endpoint.listen("127.0.0.1", 0).has_value());
    Client client(endpoint.port());
    for (int i = 0; i < 2; ++i) {
        client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Greeting: hello\r\n\r\n");
        const std::string head = client.read_until("\r\n\r\n");
        CHECK_THAT(head, Catch::Contains("Transfer-Encoding: chunked"));
        CHECK_THAT(head, !Catch::Contains("Content-Length"));
        CHECK(
            client.read_until("0\r\n\r\n") ==
            "5\r\nhello\r\n6\r\npiece2\r\n6\r\npiece0\r\n0\r\n\r\n"
        );
    }
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK_THAT(client.read_to_end(), Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("a body without end ends with its reader, or with the endpoint") {
    std::atomic<int> ended = 0;
    const auto endless = [&ended](const HttpRequest&) {
        const std::shared_ptr<void> sign(nullptr, [&ended](void*) { ++ended; });
        HttpReply reply;
        reply.body = "begin";
        reply.pieces = [sign](std::string&, Stopper& leaving) {
            return !leaving.wait_for(std::chrono::milliseconds(1));
        };
        return reply;
    };
    HttpEndpoint endpoint(endless, nullptr);
    REQUIRE(endpoint.listen("127.0.0.1", 0).has_value());
    const std::uint16_t port = endpoint.port();
    {
        Client leaves(port);
        leaves.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        leaves.read_until("begin");
    }
    while (ended < 1) {
        std::this_thread::yield();
    }
    Client stays(port);
    stays.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    stays.read_until("begin");
    endpoint.close();
    CHECK(ended == 2);
    CHECK_THROWS(Client(port));

    REQUIRE(endpoint.listen("127.0.0.1", port).has_value());
    CHECK(endpoint.port() == port);
    Client again(port);
    again.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_THAT(again.read_until("begin"), Catch::StartsWith("HTTP/1.1 200 OK"));
}
