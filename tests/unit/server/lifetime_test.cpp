#include "tests/support/raw_client.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

TEST_CASE("a client that leaves cancels its handler within 100 ms", "[cancel]") {
    TestServer server;
    for (const bool with_reset : {false, true}) {
        INFO("reset " << with_reset);
        // The best of five: a busy machine may delay one of them, a wait of ours would delay all.
        auto best = SteadyClock::duration::max();
        for (int attempt = 0; attempt < 5; ++attempt) {
            const int before = server.cancelled();
            RawClient client(server.port());
            REQUIRE(client.send(get_request("/wait")));
            REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
            const auto left = SteadyClock::now();
            with_reset ? client.reset() : client.close();
            REQUIRE(TestServer::eventually([&] { return server.cancelled() == before + 1; }));
            best = std::min(best, SteadyClock::now() - left);
        }
        CHECK(best < 100ms);
        CHECK_FALSE(server.log().wait_for("status=499").empty());
    }
    CHECK(server.handled() == 0);
}

TEST_CASE("a client that leaves is seen behind the requests it had pipelined", "[cancel]") {
    TestServer server([](server::ServerOptions& options) {
        options.limits.max_pipelined = 2;
        options.limits.idle_timeout = 100ms;  // a quick sweep
    });
    RawClient client(server.port());
    std::string requests = get_request("/wait");
    for (int i = 0; i < 100; ++i) {
        requests += get_request("/items/" + std::string(1000, 'x'));
    }
    REQUIRE(client.send(requests));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    client.close();
    CHECK(TestServer::eventually([&] { return server.cancelled() == 1; }));
    CHECK(server.handled() == 0);
}

TEST_CASE("a half-closed client gets what needs no waiting, and nothing else", "[cancel]") {
    TestServer server;
    RawClient quick(server.port());
    REQUIRE(quick.send(get_request("/items/a") + get_request("/items/b")));
    quick.close_sending();
    CHECK(quick.receive()->body == "a");
    CHECK(quick.receive()->body == "b");
    CHECK(quick.closed_by_server());

    RawClient slow(server.port());
    REQUIRE(slow.send(get_request("/items/c") + get_request("/wait")));
    slow.close_sending();
    CHECK(slow.receive()->body == "c");
    CHECK(slow.read_all().empty());
    CHECK(TestServer::eventually([&] { return server.cancelled() == 1; }));
}

TEST_CASE("stop answers what runs and closes what idles", "[drain]") {
    TestServer server;
    RawClient idle(server.port());
    REQUIRE(idle.ask(get_request("/hello"))->status == 200);
    RawClient busy(server.port());
    REQUIRE(busy.send(get_request("/wait")));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));

    std::thread stopping([&] { server.server().stop(10s); });
    CHECK(idle.closed_by_server());
    CHECK(server.waiting() == 1);
    server.release();
    const auto response = busy.receive();
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->header("connection") == "close");
    busy.close();
    stopping.join();
    CHECK_THROWS_WITH(RawClient(server.port()), Catch::Contains("cannot connect"));
    server.server().stop(0ms);  // again: nothing happens
}

TEST_CASE("after the grace what still runs is cancelled", "[drain]") {
    TestServer server;
    RawClient busy(server.port());
    REQUIRE(busy.send(get_request("/wait")));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    server.server().stop(50ms);
    CHECK(server.cancelled() == 1);
    CHECK(server.handled() == 0);
}

TEST_CASE("a client that sends no request does not hold up the stop", "[drain]") {
    TestServer server;
    RawClient silent(server.port());
    RawClient half(server.port());
    REQUIRE(half.send("GET /hello HTTP/1.1\r\n"));
    const auto before = SteadyClock::now();
    server.server().stop(200ms);
    CHECK(SteadyClock::now() - before < 5s);
}

TEST_CASE("no request is lost when the server drains under load", "[drain]") {
    TestServer server;
    std::atomic<int> answered{0};
    std::atomic<int> broken{0};
    std::atomic<bool> drained{false};
    std::vector<std::thread> load;
    for (int i = 0; i < 4; ++i) {
        load.emplace_back([&] {
            try {
                while (!drained) {
                    RawClient client(server.port());
                    for (int n = 0; n < 20; ++n) {
                        const auto response = client.ask(get_request("/items/x"));
                        if (!response) {
                            break;  // closed before the first byte: a client sends it elsewhere
                        }
                        ++answered;
                        if (response->header("connection") == "close") {
                            break;
                        }
                    }
                }
            } catch (const std::runtime_error& error) {
                broken += std::string(error.what()).find("broke off") != std::string::npos ? 1 : 0;
            }
        });
    }
    REQUIRE(TestServer::eventually([&] { return answered > 200; }));
    server.server().drain(10s);
    drained = true;
    for (std::thread& thread : load) {
        thread.join();
    }
    // Whatever a handler has done, its client has heard of.
    CHECK(server.handled() == answered);
    CHECK(broken == 0);
}

TEST_CASE("a busy port is a clear error", "[start]") {
    TestServer first;
    try {
        const TestServer second([&](server::ServerOptions& options) { options.port = first.port(); }
        );
        FAIL("two servers on one port");
    } catch (const std::runtime_error& error) {
        CHECK_THAT(
            error.what(),
            Catch::Contains("cannot listen on 127.0.0.1:" + std::to_string(first.port()))
        );
        CHECK_THAT(error.what(), Catch::Contains("in use"));
    }
    CHECK_THROWS_WITH(
        TestServer([](server::ServerOptions& options) { options.address = "no.such.host.invalid"; }
        ),
        Catch::Contains("no.such.host.invalid")
    );
}

TEST_CASE("a thread that cannot be made stops the start, and nothing hangs or stays", "[start]") {
    const int fails_at = GENERATE(1, 2, 3);
    server::ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    options.threads = 3;
    int made = 0;
    server::ServerParts parts;
    parts.router = std::make_shared<server::Router>();
    parts.make_thread = [&](std::function<void()> work) {
        if (++made == fails_at) {
            throw std::system_error(EAGAIN, std::generic_category());
        }
        return std::thread(std::move(work));
    };
    std::uint16_t port = 0;
    {
        server::Server server(std::move(options), std::move(parts));
        const auto started = server.start();
        REQUIRE(started.has_error());
        CHECK_THAT(
            started.error().message(),
            Catch::Contains("cannot start thread " + std::to_string(fails_at) + " of 3")
        );
        port = server.port();
        server.stop(std::chrono::milliseconds(0));
        CHECK_THROWS(RawClient(port));
    }
    CHECK(made == fails_at);
}

TEST_CASE("all interfaces are served, and each thread serves", "[start]") {
    TestServer server([](server::ServerOptions& options) {
        options.address = "";
        options.threads = 3;
    });
    CHECK(server.server().executors().size() == 3);
    for (int i = 0; i < 20; ++i) {
        CHECK(
            fetch(server.port(), get_request("/context"))->body.find("\"peer\":\"127.0.0.1\"") !=
            std::string::npos
        );
    }
}

}  // namespace
}  // namespace meshscope::test
