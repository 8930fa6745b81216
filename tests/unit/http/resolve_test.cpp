#include "clients/http/resolve.hpp"

#include "async/with_deadline.hpp"
#include "tests/support/io_threads.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace std::chrono_literals;

TEST_CASE("a look-up that hangs is left at the deadline, its late answer is dropped") {
    boost::asio::io_context io;
    std::function<void(Resolved)> late;
    bool hurried = false;
    Lookup hanging =
        [&](Executor, const std::string&, std::uint16_t, std::function<void(Resolved)> done) {
            late = std::move(done);
            return [&hurried] { hurried = true; };
        };
    const Deadline soon = Deadline::after(std::chrono::steady_clock::now(), 10ms);
    const auto outcome = test::run(io, bounded<Resolved>(soon, resolve(hanging, "jaeger", 80)));
    CHECK(outcome.deadline_passed);
    CHECK(outcome.value.error == boost::asio::error::operation_aborted);
    CHECK(hurried);
    REQUIRE(late);
    late(Resolved{});
    io.restart();
    io.run();
}

TEST_CASE("an answer of the look-up is handed over, also one that comes at once") {
    boost::asio::io_context io;
    Lookup quick =
        [](Executor, const std::string& host, std::uint16_t port, std::function<void(Resolved)> done
        ) -> std::function<void()> {
        CHECK(host == "jaeger");
        Resolved resolved;
        resolved.endpoints.emplace_back(boost::asio::ip::make_address("10.1.2.3"), port);
        done(std::move(resolved));
        return nullptr;
    };
    const Resolved resolved = test::run(io, resolve(quick, "jaeger", 81));
    REQUIRE(resolved.endpoints.size() == 1);
    CHECK(resolved.endpoints[0].port() == 81);
}

TEST_CASE("addresses need no look-up") {
    boost::asio::io_context io;
    Lookup never = [](Executor,
                      const std::string&,
                      std::uint16_t,
                      std::function<void(Resolved)>) -> std::function<void()> {
        FAIL("looked up");
        return nullptr;
    };
    CHECK(test::run(io, resolve(never, "127.0.0.1", 1)).endpoints.size() == 1);
    CHECK(test::run(io, resolve(never, "::1", 1)).endpoints.size() == 1);
}

TEST_CASE("the system resolves localhost and does not know an invalid name") {
    boost::asio::io_context io;
    CHECK_FALSE(test::run(io, resolve(system_lookup(), "localhost", 80)).endpoints.empty());
    CHECK(test::run(io, resolve(system_lookup(), "no-such-host.invalid", 80)).error);
}
