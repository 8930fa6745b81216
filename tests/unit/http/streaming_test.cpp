#include "async/with_deadline.hpp"
#include "clients/http/http_client.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <catch2/catch.hpp>
#include <zlib.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMebi = 1024UL * 1024;

std::string text_of_size(std::size_t size) {
    std::string text;
    text.reserve(size + 20);
    while (text.size() < size) {
        text += std::to_string(text.size()) + ' ';
    }
    text.resize(size);
    return text;
}

std::string gzip(const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()), '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string chunked(const std::string& body) {
    std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += 70'000) {
        const std::string chunk = body.substr(at, 70'000);
        char size[32];
        std::snprintf(size, sizeof(size), "%zx\r\n", chunk.size());
        out += size + chunk + "\r\n";
    }
    return out + "0\r\n\r\n";
}

std::string with_length(const std::string& body, const std::string& head = "200 OK") {
    return "HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

ScriptedServer::Script always(std::string answer) {
    return [answer = std::move(answer)](Peer& peer) {
        while (!peer.read_request().empty() && peer.send(answer)) {
        }
    };
}

// Keeps the pieces; wants at most `want` of them, each after a while.
class Collector final : public BodySink {
 public:
    std::vector<std::string> pieces;
    std::size_t want = SIZE_MAX;
    bool busy = false;

    Awaitable<bool> take(std::string bytes) override {
        CHECK_FALSE(busy);
        CHECK(bytes.capacity() >= bytes.size() + 64);
        busy = true;
        SteadyTimer timer(co_await boost::asio::this_coro::executor, 1ms);
        co_await timer.async_wait(use_awaitable);
        busy = false;
        pieces.push_back(std::move(bytes));
        co_return pieces.size() < want;
    }
    [[nodiscard]] std::string all() const {
        std::string text;
        for (const std::string& piece : pieces) {
            text += piece;
        }
        return text;
    }
};

struct Streaming : ClientFixture {
    using ClientFixture::ClientFixture;

    Result<HttpResponse> stream(std::size_t above) {
        HttpRequest request;
        request.target = "/";
        request.accept_gzip = true;
        return run(io, client().send_streaming(context, std::move(request), sink, above));
    }
    std::shared_ptr<Collector> sink = std::make_shared<Collector>();
};

}  // namespace

TEST_CASE("a long body is handed out in pieces, however it is framed") {
    const std::string body = text_of_size(3 * kMebi + 12'345);
    const std::string packed = gzip(body);
    struct Row {
        const char* name;
        std::string answer;
    };
    const Row rows[] = {
        {"with its length", with_length(body)},
        {"in chunks", chunked(body)},
        {"to the end of the connection", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body},
        {"compressed",
         "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
             std::to_string(packed.size()) + "\r\n\r\n" + packed},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        ScriptedServer server([answer = row.answer](Peer& peer) {
            peer.read_request();
            peer.send(answer);
        });
        Streaming fixture(server.url());
        const auto response = fixture.stream(100'000);
        REQUIRE(response.has_value());
        CHECK(response->streamed);
        CHECK(response->body.empty());
        CHECK_FALSE(response->incomplete);
        CHECK(fixture.sink->all() == body);
        CHECK(fixture.sink->pieces.size() >= 3);
    }
}

TEST_CASE("a short body, and any that is no success, stays in the response") {
    const std::string body = text_of_size(200'000);
    struct Row {
        const char* name;
        std::string answer;
        std::size_t above;
    };
    const Row rows[] = {
        {"as long as the threshold", with_length(body), body.size()},
        {"in chunks", chunked(body), body.size()},
        {"not found", with_length(body, "404 Not Found"), 10},
        {"of no success and without a length",
         "HTTP/1.1 500 Oh\r\nConnection: close\r\n\r\n" + body,
         10},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        ScriptedServer server([answer = row.answer](Peer& peer) {
            peer.read_request();
            peer.send(answer);
        });
        Streaming fixture(server.url());
        const auto response = fixture.stream(row.above);
        REQUIRE(response.has_value());
        CHECK_FALSE(response->streamed);
        CHECK(response->body == body);
        CHECK(fixture.sink->pieces.empty());
    }
}

TEST_CASE("a streamed connection is used again; a body that came with the header is streamed too") {
    ScriptedServer server(always(with_length(text_of_size(5'000))));
    Streaming fixture(server.url());
    CHECK(fixture.stream(10)->streamed);
    CHECK(fixture.stream(10)->streamed);
    CHECK(fixture.sink->all() == text_of_size(5'000) + text_of_size(5'000));
    CHECK(server.connections() == 1);
}

TEST_CASE("a streamed body ends at the limit, at a cut, and when no more is wanted") {
    const std::string body = text_of_size(4 * kMebi);
    ScriptedServer server([&](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + body);
    });
    Streaming fixture(server.url());
    ErrorKind reason = ErrorKind::kUpstreamUnavailable;
    std::size_t least = body.size();
    SECTION("limit") {
        least = 2 * kMebi + 77;
        fixture.options.limits.max_body_bytes = least;
        reason = ErrorKind::kTooLarge;
    }
    SECTION("cut") {}
    SECTION("not wanted") {
        fixture.sink->want = 2;
        least = 2 * kMebi;
        reason = ErrorKind::kTooLarge;
    }
    const auto response = fixture.stream(10);
    REQUIRE(response.has_value());
    CHECK(response->streamed);
    REQUIRE(response->incomplete);
    CHECK(response->incomplete->kind() == reason);
    const std::string all = fixture.sink->all();
    CHECK(all.size() >= least);
    CHECK(all.size() < least + kMebi);
    CHECK(body.starts_with(all));
}
