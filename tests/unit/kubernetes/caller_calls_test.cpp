#include "clients/kubernetes/caller_calls.hpp"

#include "tests/unit/kubernetes/api_fixture.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

using boost::asio::ip::tcp;

class Nothing final : public LogSink {
 public:
    Awaitable<bool> take(std::string /*bytes*/) override { co_return true; }
};

// An API server that takes connections and says nothing until it is gone.
struct MuteServer {
    boost::asio::io_context io;
    std::optional<tcp::acceptor> acceptor;

    MuteServer() {
        acceptor.emplace(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        acceptor->listen(1'024);
    }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor->local_endpoint().port());
    }
};

LogQuery query_for(bool follow) {
    LogQuery query;
    query.ns = "team-a";
    query.pod = "p-1";
    query.follow = follow;
    return query;
}

}  // namespace

TEST_CASE("logs that are followed leave room for those that are read") {
    constexpr int kMostLogs = 256;
    MuteServer server;
    ApiFixture fixture(server.url());
    Governor governor("kubernetes", {});
    const CallerCalls calls(fixture.api(), governor, 1s);
    int ended = 0;
    const auto follow = [&]() -> Awaitable<> {
        auto sink = std::make_shared<Nothing>();
        LogQuery query = query_for(true);
        const auto end = co_await calls.read_log(fixture.context, std::move(query), sink);
        CHECK(end.has_error());
        CHECK((end.has_error() && end.error().code() != "overloaded"));
        ++ended;
    };
    for (int i = 0; i < kMostLogs; ++i) {
        boost::asio::co_spawn(fixture.io, follow, boost::asio::detached);
    }
    fixture.io.poll();
    CHECK(ended == 0);

    auto sink = std::make_shared<Nothing>();
    const auto one_more = run(fixture.io, calls.read_log(fixture.context, query_for(true), sink));
    REQUIRE(one_more.has_error());
    CHECK(one_more.error().code() == "overloaded");

    RequestContext short_one = fixture.context;
    short_one.deadline = Deadline::after(std::chrono::steady_clock::now(), 50ms);
    const auto read = run(fixture.io, calls.read_log(short_one, query_for(false), sink));
    REQUIRE(read.has_error());
    CHECK(read.error().kind() == ErrorKind::kDeadline);

    server.acceptor.reset();  // all connections break off
    fixture.io.restart();
    while (ended < kMostLogs && fixture.io.run_one_for(kPatience) > 0) {
    }
    CHECK(ended == kMostLogs);
}
