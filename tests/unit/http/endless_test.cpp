#include "async/with_deadline.hpp"
#include "clients/http/http_client.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& data) {
    constexpr const char* kDigits = "0123456789abcdef";
    return std::string(1, kDigits[data.size() % 16]) + "\r\n" + data + "\r\n";
}

// Tells the server's script what has arrived, so that it sends one thing after the other.
class Arrivals final : public BodySink {
 public:
    void begins() override {
        const std::scoped_lock lock(mutex_);
        ++begun_;
        changed_.notify_all();
    }
    Awaitable<bool> take(std::string bytes) override {
        const std::scoped_lock lock(mutex_);
        CHECK_FALSE(bytes.empty());
        CHECK(bytes.capacity() >= bytes.size() + 64);
        all_ += bytes;
        largest_ = std::max(largest_, bytes.capacity());
        changed_.notify_all();
        co_return true;
    }
    bool wait_for(const std::string& all) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kPatience, [&] { return all_ == all; });
    }
    bool wait_for_begin() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kPatience, [&] { return begun_ > 0; });
    }
    [[nodiscard]] int begun() const {
        const std::scoped_lock lock(mutex_);
        return begun_;
    }
    [[nodiscard]] std::string all() const {
        const std::scoped_lock lock(mutex_);
        return all_;
    }
    [[nodiscard]] std::size_t largest() const {
        const std::scoped_lock lock(mutex_);
        return largest_;
    }

 private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string all_;
    std::size_t largest_ = 0;
    int begun_ = 0;
};

struct Endless : ClientFixture {
    explicit Endless(const std::string& url, std::shared_ptr<Arrivals> arrivals)
        : ClientFixture(url), sink(std::move(arrivals)) {
        request.target = "/watch";
        request.endless = true;
        request.accept_gzip = true;
    }
    Result<HttpResponse> stream() {
        return run(io, client().send_streaming(context, request, sink, 1'000'000));
    }
    HttpRequest request;
    std::shared_ptr<Arrivals> sink;
};

}  // namespace

TEST_CASE("an endless body is handed out as it comes, however short and however long in all") {
    const auto sink = std::make_shared<Arrivals>();
    std::atomic<bool> in_time{true};
    ScriptedServer server([&](Peer& peer) {
        peer.read_request();
        peer.send(kChunkedHead);
        in_time = sink->wait_for_begin();
        std::string sent;
        for (const char* event : {"one", "2", "three and"}) {
            peer.send(chunk(event));
            sent += event;
            in_time = in_time && sink->wait_for(sent);
        }
        peer.send("0\r\n\r\n");
        peer.wait_for_close();
    });
    Endless fixture(server.url(), sink);
    fixture.options.limits.max_body_bytes = 4;
    const auto response = fixture.stream();
    REQUIRE(response.has_value());
    CHECK(in_time);
    CHECK(response->streamed);
    CHECK_FALSE(response->incomplete);
    CHECK(sink->all() == "one2three and");
    CHECK(sink->begun() == 1);
    CHECK(sink->largest() < 100'000);  // no megabyte is set aside for a few bytes
    CHECK(server.requests().at(0).find("Accept-Encoding") == std::string::npos);
}

TEST_CASE("who waits for an endless body as long as it takes waits so for its header") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.wait_for_close();
    });
    Endless fixture(server.url(), std::make_shared<Arrivals>());
    fixture.options.limits.header_timeout = 20ms;
    SECTION("as long as it takes") {
        fixture.context.deadline = in(300ms);
        const auto response = fixture.stream();
        REQUIRE(response.has_error());
        CHECK(response.error().kind() == ErrorKind::kDeadline);
    }
    SECTION("not longer than it may be silent") {
        fixture.request.idle_timeout = 10s;
        const auto response = fixture.stream();
        REQUIRE(response.has_error());
        CHECK(response.error().message().find("no response header") != std::string::npos);
    }
}

TEST_CASE("an answer that is no success is no endless one") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send(http_answer("not allowed", "", 403));
    });
    Endless fixture(server.url(), std::make_shared<Arrivals>());
    fixture.options.limits.max_body_bytes = 3;
    const auto response = fixture.stream();
    REQUIRE(response.has_value());
    CHECK_FALSE(response->streamed);
    CHECK(response->body == "not");
    CHECK(response->incomplete->kind() == ErrorKind::kTooLarge);
    CHECK(fixture.sink->begun() == 0);
    CHECK(fixture.sink->all().empty());
}

TEST_CASE("an endless answer without a body and one with a length") {
    ScriptedServer server([](Peer& peer) {
        const bool empty = peer.read_request().find("/empty") != std::string::npos;
        peer.send(http_answer(empty ? "" : "all of it"));
    });
    Endless fixture(server.url(), std::make_shared<Arrivals>());
    fixture.request.target = "/empty";
    const auto empty = fixture.stream();
    REQUIRE(empty.has_value());
    CHECK_FALSE(empty->incomplete);
    CHECK(fixture.sink->begun() == 1);
    fixture.request.target = "/some";
    CHECK(fixture.stream()->streamed);
    CHECK(fixture.sink->all() == "all of it");
}

TEST_CASE("silence ends a body and is told from the call's deadline") {
    const auto sink = std::make_shared<Arrivals>();
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send(std::string(kChunkedHead) + chunk("first"));
        peer.wait_for_close();
    });
    Endless fixture(server.url(), sink);
    fixture.request.idle_timeout = 30ms;
    SECTION("silence") {
        const auto response = fixture.stream();
        REQUIRE(response.has_value());
        REQUIRE(response->incomplete);
        CHECK(response->incomplete->kind() == ErrorKind::kDeadline);
        CHECK(response->incomplete->code() == kStalledCode);
        CHECK(response->incomplete->message() == "jaeger: nothing has come for 30 ms");
    }
    SECTION("deadline") {
        fixture.request.idle_timeout = kPatience;
        fixture.context.deadline = in(1s);
        const auto response = fixture.stream();
        REQUIRE(response.has_value());
        REQUIRE(response->incomplete);
        CHECK(response->incomplete->kind() == ErrorKind::kDeadline);
        CHECK(response->incomplete->code() != kStalledCode);
    }
    SECTION("a body that stays in the response") {
        const auto response = fixture.send([&] {
            HttpRequest request;
            request.target = "/";
            request.idle_timeout = 30ms;
            return request;
        }());
        REQUIRE(response.has_value());
        CHECK(response->body == "first");
        CHECK(response->incomplete->code() == kStalledCode);
        return;
    }
    CHECK(sink->all() == "first");
}

TEST_CASE("a body that keeps coming is not silent, however long it takes") {
    const auto sink = std::make_shared<Arrivals>();
    ScriptedServer server([&](Peer& peer) {
        peer.read_request();
        peer.send(kChunkedHead);
        std::string sent;
        for (int i = 0; i < 20; ++i) {
            peer.send(chunk("x"));
            sent += 'x';
            sink->wait_for(sent);
        }
        peer.send("0\r\n\r\n");
    });
    Endless fixture(server.url(), sink);
    fixture.request.idle_timeout = kPatience / 2;
    const auto response = fixture.stream();
    CHECK_FALSE(response->incomplete);
    CHECK(sink->all() == std::string(20, 'x'));
}
