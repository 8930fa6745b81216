// Servers that are slow, odd or ill-meaning beyond one broken response.
#include "async/task_group.hpp"
#include "clients/http/http_client.hpp"
#include "clients/http/idle_sweep.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <thread>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

// A byte every few milliseconds until the client has enough.
void drip(Peer& peer) {
    while (!peer.wait_for_close(5ms) && peer.send("x")) {
    }
}

Awaitable<> until_cancelled(Awaitable<> work) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_await std::move(work);
}

std::string method_of(const std::string& request) { return request.substr(0, request.find(' ')); }

}  // namespace

TEST_CASE("headers that keep dripping do not outlive the header timeout") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nA: ");
        drip(peer);
    });
    ClientFixture fixture(server.url());
    fixture.options.limits.header_timeout = 200ms;
    const auto begun = std::chrono::steady_clock::now();
    const Error error = fixture.get().error();
    CHECK(error.message().find("no response header within 200 ms") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begun < kPatience / 2);
}

TEST_CASE("a body that keeps dripping ends with the deadline, what came is kept") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        drip(peer);
    });
    ClientFixture fixture(server.url());
    fixture.context.deadline = in(1500ms);
    const auto response = fixture.get();
    REQUIRE(response.has_value());
    CHECK(response->body.find_first_not_of('x') == std::string::npos);
    REQUIRE(response->incomplete);
    CHECK(response->incomplete->kind() == ErrorKind::kDeadline);
    CHECK(response->incomplete->detail().find("while the body came") != std::string::npos);
}

TEST_CASE("307 and 308 keep method and body, the others turn a POST into a GET") {
    struct Row {
        int status;
        const char* sent;
        const char* followed;
    };
    const Row row = GENERATE(values<Row>({
        {301, "POST", "GET"},
        {302, "POST", "GET"},
        {303, "POST", "GET"},
        {303, "PUT", "GET"},
        {307, "POST", "POST"},
        {308, "POST", "POST"},
        {301, "GET", "GET"},
        {308, "PUT", "PUT"},
    }));
    INFO(row.status << " after " << row.sent);
    ScriptedServer server([&row](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const bool first = request.find(" /first ") != std::string::npos;
            peer.send(
                first ? http_answer("", "Location: /second\r\n", row.status) : http_answer("there")
            );
        }
    });
    ClientFixture fixture(server.url());
    HttpRequest request;
    request.method = row.sent;
    request.target = "/first";
    request.body = request.method == "GET" ? "" : "body";
    CHECK(fixture.send(request)->body == "there");
    const std::string second = server.requests().at(1);
    CHECK(method_of(second) == row.followed);
    const bool kept = row.followed == request.method && !request.body.empty();
    CHECK(second.ends_with("\r\n\r\nbody") == kept);
}

TEST_CASE("bytes that come on an idle connection make it useless, not the next answer") {
    std::promise<void> speak;
    std::promise<void> spoken;
    ScriptedServer server([&](Peer& peer) {
        peer.read_request();
        peer.send(http_answer("mine"));
        if (peer.number() == 1) {
            speak.get_future().wait();
            peer.send(http_answer("somebody else's"));
            spoken.set_value();
            peer.wait_for_close();
        }
    });
    ClientFixture fixture(server.url());
    CHECK(fixture.get()->body == "mine");
    speak.set_value();
    spoken.get_future().wait();
    CHECK(fixture.get()->body == "mine");
    CHECK(server.connections() == 2);
}

TEST_CASE("a proxy's own answers are told from the upstream's") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send(http_answer("<title>Log in</title>", "Content-Type: text/html\r\n", 407));
    });
    ClientFixture fixture(server.url());
    const Error error = fixture.get().error();
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(error.message().find("a proxy on the way demands authentication") != std::string::npos);
    CHECK(error.hint().advice.find("HTTP_PROXY") != std::string::npos);
}

TEST_CASE("the Host header of an IPv6 address has brackets and no zone") {
    CHECK(parse_url("http://[::1]:16686/jaeger")->host_header() == "[::1]:16686");
    CHECK(parse_url("http://[fe80::1%eth0]")->host_header() == "[fe80::1]");
    CHECK(parse_url("https://[2001:db8::2]:443")->host_header() == "[2001:db8::2]");
}

TEST_CASE("limits of time do not follow the host's wall clock") {
    ScriptedServer server([](Peer& peer) {
        while (!peer.read_request().empty() && peer.send(http_answer("x"))) {
        }
    });
    ClientFixture fixture(server.url());
    for (const auto jump : {std::chrono::hours(-24 * 365), std::chrono::hours(24 * 365)}) {
        CHECK(fixture.get()->body == "x");
        fixture.clock.step(jump);
        CHECK(fixture.get()->body == "x");
    }
    CHECK(server.connections() == 1);  // an idle connection has not aged by a year
}

TEST_CASE("a stop that comes when the time is over ends the looks at idle connections") {
    SystemClock clock;
    boost::asio::io_context io;
    TaskGroup tasks(io.get_executor(), nullptr);
    tasks.spawn("sweep", [&clock] { return sweep_idle_connections({}, clock, 1ms); });
    io.poll();
    // Both are there at once, and the timer cannot be interrupted any more.
    std::this_thread::sleep_for(5ms);
    tasks.cancel();
    io.poll();
    CHECK(tasks.size() == 0);
}

TEST_CASE("idle connections are closed in time, also when no call comes by") {
    std::promise<bool> closed;
    ScriptedServer server([&closed](Peer& peer) {
        peer.read_request();
        peer.send(http_answer("x"));
        closed.set_value(peer.wait_for_close());
    });
    ClientFixture fixture(server.url());
    CHECK(fixture.get()->body == "x");
    boost::asio::cancellation_signal stop;
    bool ended = false;
    boost::asio::co_spawn(
        fixture.io.get_executor(),
        until_cancelled(sweep_idle_connections({fixture.io.get_executor()}, fixture.clock, 1ms)),
        boost::asio::bind_cancellation_slot(
            stop.slot(), [&ended](const std::exception_ptr&) { ended = true; }
        )
    );
    auto seen = closed.get_future();
    fixture.io.restart();
    fixture.io.run_for(50ms);
    CHECK(seen.wait_for(0s) == std::future_status::timeout);  // its time is not over
    fixture.clock.advance(61s);
    const auto begun = std::chrono::steady_clock::now();
    while (seen.wait_for(0s) != std::future_status::ready &&
           std::chrono::steady_clock::now() - begun < kPatience) {
        fixture.io.run_for(10ms);
    }
    CHECK(seen.get());
    stop.emit(boost::asio::cancellation_type::terminal);
    fixture.io.run_for(kPatience);
    CHECK(ended);
}
