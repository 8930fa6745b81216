// Servers that use HTTP/2's own ways to refuse, to slow down and to leave.
#include "tests/support/http2_peer.hpp"
#include "tests/unit/grpc/channel_fixture.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;

namespace {

constexpr std::chrono::seconds kGenerous{30};

// Serves every call on the connection.
void serve(Http2Peer& http) {
    for (std::uint32_t stream = http.next_call(); stream != 0; stream = http.next_call()) {
        http.answer(stream, "hello");
    }
}

struct TestCaller {
    explicit TestCaller(const ScriptedServer& server, GrpcChannelOptions options = {}) {
        options.host = "127.0.0.1";
        options.port = server.port();
        channel.emplace(std::move(options), make_runtime(), clock);
    }
    Result<std::string> call(
        std::chrono::milliseconds time = kGenerous, std::string request = "request"
    ) {
        return call_unary(*channel, context_with(clock, time), std::move(request));
    }

    ManualClock clock;
    std::optional<GrpcChannel> channel;
};

}  // namespace

TEST_CASE("a call that GOAWAY leaves out is made again on a new connection") {
    ScriptedServer server([](Peer& peer) {
        Http2Peer http(peer);
        http.open();
        if (peer.number() == 1) {
            http.next_call();
            http.go_away(0, Http2Peer::kNoError);
            peer.wait_for_close();
            return;
        }
        serve(http);
    });
    TestCaller caller(server);
    const auto got = caller.call();
    INFO((got ? "" : got.error().message() + ": " + got.error().detail()));
    REQUIRE(got.has_value());
    CHECK(*got == "hello");
    CHECK(server.connections() == 2);
}

TEST_CASE("a call that GOAWAY still allows is finished on its connection, the next is on a new one"
) {
    ScriptedServer server([](Peer& peer) {
        Http2Peer http(peer);
        http.open();
        const std::uint32_t stream = http.next_call();
        http.go_away(stream, Http2Peer::kNoError);
        http.answer(stream, "hello");
        peer.wait_for_close();
    });
    TestCaller caller(server);
    CHECK(caller.call().has_value());
    CHECK(caller.call().has_value());
    CHECK(server.connections() == 2);
}

TEST_CASE("a stream that the server refuses unread is asked again") {
    std::atomic<int> calls{0};
    ScriptedServer server([&calls](Peer& peer) {
        Http2Peer http(peer);
        http.open();
        for (std::uint32_t stream = http.next_call(); stream != 0; stream = http.next_call()) {
            if (++calls == 1) {
                http.reset(stream, Http2Peer::kRefusedStream);
            } else {
                http.answer(stream, "hello");
            }
        }
    });
    TestCaller caller(server);
    const auto got = caller.call();
    INFO((got ? "" : got.error().message() + ": " + got.error().detail()));
    CHECK(got.has_value());
    CHECK(calls == 2);
}

TEST_CASE("too_many_pings is an error or a second try, and later calls succeed") {
    ScriptedServer server([](Peer& peer) {
        Http2Peer http(peer);
        http.open();
        if (peer.number() == 1) {
            const std::uint32_t stream = http.next_call();
            http.go_away(stream, Http2Peer::kEnhanceYourCalm, "too_many_pings");
            return;
        }
        serve(http);
    });
    TestCaller caller(server);
    const auto first = caller.call();
    if (!first) {
        CHECK(first.error().kind() == ErrorKind::kUpstreamUnavailable);
    }
    CHECK(caller.call().has_value());
    CHECK(server.connections() >= 2);
}

TEST_CASE("a quiet stream is not pinged more often than servers allow, whatever is asked for") {
    std::promise<int> counted;
    ScriptedServer server([&counted](Peer& peer) {
        Http2Peer http(peer);
        http.open();
        while (http.next_call() != 0) {
        }
        if (peer.number() == 1) {
            counted.set_value(http.pings());
        }
    });
    {
        GrpcChannelOptions options;
        options.keepalive = std::chrono::milliseconds(10);
        TestCaller caller(server, options);
        const auto got = caller.call(std::chrono::milliseconds(600));
        REQUIRE(got.has_error());
        CHECK(got.error().kind() == ErrorKind::kDeadline);
    }
    std::future<int> pings = counted.get_future();
    REQUIRE(pings.wait_for(kGenerous) == std::future_status::ready);
    CHECK(pings.get() == 0);
    CHECK(server.connections() == 1);
}

TEST_CASE("a window that never opens costs the deadline, not for ever") {
    ScriptedServer server([](Peer& peer) {
        Http2Peer http(peer);
        http.open(Http2Peer::initial_window(0));
        while (http.next_call() != 0) {
        }
    });
    TestCaller caller(server);
    const auto got = caller.call(std::chrono::milliseconds(500), std::string(100'000, 'x'));
    REQUIRE(got.has_error());
    CHECK(got.error().kind() == ErrorKind::kDeadline);
}
