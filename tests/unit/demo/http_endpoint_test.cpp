#include "demo/net/http_endpoint.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

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
              &faults,
              stopper
          ) {
        REQUIRE(endpoint.listen("127.0.0.1", 0).has_value());
    }
    ~Running() { stopper.stop(); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    Faults faults;
    Stopper stopper;
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
    Stopper stopper;
    HttpEndpoint second([](const HttpRequest&) { return HttpReply{}; }, nullptr, stopper);
    const auto bound = second.listen("127.0.0.1", running.endpoint.port());
    REQUIRE_FALSE(bound.has_value());
    CHECK_THAT(
        bound.error().message(),
        Catch::Contains("127.0.0.1:" + std::to_string(running.endpoint.port()))
    );
}
