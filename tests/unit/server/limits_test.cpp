#include "tests/support/manual_clock.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <thread>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;

void small(server::ServerOptions& options) {
    options.limits.max_target_bytes = 200;
    options.limits.max_header_bytes = 1000;
    options.limits.max_header_fields = 10;
    options.limits.max_body_bytes = 1000;
}

// A connection that has not sent anything yet is idle: not so quick.
void quick(server::ServerOptions& options) {
    options.limits.header_timeout = 100ms;
    options.limits.body_timeout = 100ms;
    options.limits.idle_timeout = 500ms;
}

std::string many_fields(int count) {
    std::string fields;
    for (int i = 0; i < count; ++i) {
        fields += "A" + std::to_string(i) + ": b\r\n";
    }
    return fields;
}

std::string post_of(std::size_t size) {
    return "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
           "\r\n\r\n" + std::string(size, 'x');
}

std::string chunked_post_of(std::size_t pieces) {
    std::string bytes = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t i = 0; i < pieces; ++i) {
        bytes += "64\r\n" + std::string(100, 'x') + "\r\n";
    }
    return bytes + "0\r\n\r\n";
}

struct Row {
    std::string name;
    std::string bytes;
    unsigned status;
};

TEST_CASE("each size limit has its status, and is no byte too strict", "[limits]") {
    TestServer server(small);
    const std::string target = "/items/";
    const std::vector<Row> rows{
        {"longest target", get_request(target + std::string(193, 'x')), 200},
        {"longer target", get_request(target + std::string(194, 'x')), 414},
        {"endless target", "GET /" + std::string(5000, 'x'), 414},
        {"most fields", get_request("/hello", many_fields(9)), 200},
        {"more fields", get_request("/hello", many_fields(10)), 431},
        {"largest fields", get_request("/hello", "A: " + std::string(978, 'x') + "\r\n"), 200},
        {"larger fields", get_request("/hello", "A: " + std::string(980, 'x') + "\r\n"), 431},
        {"endless field", "GET /hello HTTP/1.1\r\nA: " + std::string(5000, 'x'), 431},
        {"largest body", post_of(1000), 200},
        {"larger body", post_of(1001), 413},
        {"largest chunked body", chunked_post_of(10), 200},
        {"larger chunked body", chunked_post_of(11), 413},
        {"announced body", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n", 413
        },
        {"announced chunk",
         "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
         "ffffffff\r\n",
         413},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        RawClient client(server.port());
        const auto response = client.ask(row.bytes);
        REQUIRE(response);
        CHECK(response->status == row.status);
        if (row.status != 200) {
            CHECK(response->header("connection") == "close");
            CHECK(response->body.find("\"error\":") != std::string::npos);
            CHECK(client.closed_by_server());
        }
    }
}

TEST_CASE("a head that takes too long is a 408", "[limits]") {
    TestServer server(quick);
    RawClient client(server.port());
    REQUIRE(client.send("GET /hello HTTP/1.1\r\nHost:"));
    const auto response = client.receive();
    REQUIRE(response);
    CHECK(response->status == 408);
    CHECK(client.closed_by_server());
}

TEST_CASE("a body that takes too long is a 408", "[limits]") {
    TestServer server(quick);
    RawClient client(server.port());
    REQUIRE(client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe"));
    const auto response = client.receive();
    REQUIRE(response);
    CHECK(response->status == 408);
    CHECK(server.handled() == 0);
}

TEST_CASE("a lone line end behind a body begins no request", "[limits]") {
    const bool followed = GENERATE(true, false);
    TestServer server([&](server::ServerOptions& options) {
        options.limits.header_timeout = 100ms;
        options.limits.idle_timeout = followed ? 10'000ms : 200ms;
    });
    RawClient client(server.port());
    REQUIRE(client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi\r\n"));
    const auto first = client.receive();
    REQUIRE(first);
    CHECK(first->body == "hi");
    if (followed) {
        CHECK(client.ask(get_request("/hello"))->status == 200);
    } else {
        CHECK(client.read_all().empty());  // closed as an idle one, not answered with 408
    }
}

TEST_CASE("an idle connection is closed without an answer", "[limits]") {
    TestServer server(quick);
    RawClient fresh(server.port());
    CHECK(fresh.read_all().empty());
    RawClient used(server.port());
    const auto answer = used.ask(get_request("/hello"));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(used.read_all().empty());
}

TEST_CASE("a client that takes nothing of its answer is let go", "[limits]") {
    TestServer server([](server::ServerOptions& options) { options.limits.write_timeout = 100ms; });
    RawClient client(server.port());
    REQUIRE(client.send(get_request("/text/50000000")));
    CHECK(server.log().wait_for("status=499").find("/text/{size}") != std::string::npos);
}

// A body of small pieces that the kernel takes at once, each most of the time limit after the one
// before.
server::Handler slow_pieces(ManualClock& clock, std::chrono::milliseconds each, int count) {
    return [&clock,
            each,
            count](RequestContext, const server::Request&) -> Awaitable<server::Response> {
        co_return server::Response::stream([&clock, each, left = count](std::string& out) mutable {
            clock.advance(each);
            std::this_thread::sleep_for(10ms);  // the time limits are looked at meanwhile
            out.append(2000, 'x');
            return --left > 0;
        });
    };
}

TEST_CASE("a long body that goes out in whole pieces is progress", "[limits]") {
    ManualClock clock;
    auto router = std::make_shared<server::Router>();
    router->add(server::Method::kGet, "/pieces", slow_pieces(clock, 60ms, 30));
    server::ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    options.limits.write_timeout = 100ms;
    server::ServerParts parts;
    parts.router = std::move(router);
    parts.clock = &clock;
    server::Server server(std::move(options), std::move(parts));
    REQUIRE(server.start().has_value());
    const auto response = fetch(server.port(), get_request("/pieces"));
    REQUIRE(response);
    CHECK(response->body.size() == 60'000);
}

TEST_CASE("a handler that overstays its deadline is cancelled and answered with 504", "[limits]") {
    TestServer server([](server::ServerOptions& options) { options.limits.request_timeout = 50ms; }
    );
    RawClient client(server.port());
    const auto response = client.ask(get_request("/wait"));
    REQUIRE(response);
    CHECK(response->status == 504);
    CHECK(server.cancelled() == 1);
    CHECK(client.closed_by_server());
}

TEST_CASE("connections beyond the limit get a 503 and are closed", "[limits]") {
    TestServer server([](server::ServerOptions& options) { options.limits.max_connections = 2; });
    RawClient first(server.port());
    RawClient second(server.port());
    REQUIRE(first.ask(get_request("/hello"))->status == 200);
    REQUIRE(second.ask(get_request("/hello"))->status == 200);
    {
        RawClient third(server.port());
        const auto response = third.receive();
        REQUIRE(response);
        CHECK(response->status == 503);
        const std::string id = response->header("x-request-id");
        CHECK(id.size() == 32);
        CHECK(
            response->body ==
            R"({"error":"there are too many connections","code":"overloaded","requestId":")" + id +
                R"("})"
        );
        CHECK(third.closed_by_server());
    }
    CHECK(first.ask(get_request("/hello"))->status == 200);
    CHECK(
        server.metrics().expose().find(
            "meshscope_refused_connections_total{reason=\"max_connections\"} 1"
        ) != std::string::npos
    );
    second.close();
    // A place is free as soon as the server has seen the close.
    CHECK(TestServer::eventually([&] {
        RawClient next(server.port());
        const auto response = next.ask(get_request("/hello"));
        return response && response->status == 200;
    }));
}

// Takes descriptors away from this process until it ends.
class NoMoreFiles {
 public:
    explicit NoMoreFiles(rlim_t limit) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit now = before_;
        now.rlim_cur = limit;
        ::setrlimit(RLIMIT_NOFILE, &now);
    }
    ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoMoreFiles(const NoMoreFiles&) = delete;
    NoMoreFiles& operator=(const NoMoreFiles&) = delete;

 private:
    rlimit before_{};
};

TEST_CASE("without file descriptors the listener waits and then goes on", "[limits]") {
    TestServer server;
    RawClient client(server.port());  // its descriptor is there already; the server's end is not
    RawClient waiting(server.port());
    REQUIRE(client.ask(get_request("/hello"))->status == 200);
    RawClient late(server.port());
    REQUIRE(late.ask(get_request("/hello"))->status == 200);
    std::vector<RawClient> clients;
    {
        const NoMoreFiles none(static_cast<rlim_t>(late.native()) + 4);
        try {
            for (int i = 0; i < 50; ++i) {
                clients.emplace_back(server.port());
            }
        } catch (const std::runtime_error&) {
            // This process has none left either: that is the point.
        }
        CHECK_FALSE(server.log().wait_for("raise the limit of open files").empty());
        CHECK(late.ask(get_request("/hello"))->status == 200);
    }
    for (RawClient& each : clients) {
        CHECK(each.ask(get_request("/hello"))->status == 200);
    }
    // One warning for all the failed tries.
    const auto lines = server.log().all();
    CHECK(std::ranges::count_if(lines, [](const std::string& line) {
              return line.find("cannot accept") != std::string::npos;
          }) <= 2);
}

}  // namespace
}  // namespace meshscope::test
