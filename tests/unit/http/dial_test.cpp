#include "clients/http/dial.hpp"

#include "clients/http/lookup_threads.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <array>
#include <future>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

tcp::endpoint loopback(std::uint16_t port, const char* address = "127.0.0.1") {
    return {boost::asio::ip::make_address(address), port};
}

// Answers at once with what `endpoints` says at that moment.
Lookup answering(std::function<std::vector<tcp::endpoint>()> endpoints) {
    return [endpoints = std::move(endpoints)](
               Executor, const std::string&, std::uint16_t, std::function<void(Resolved)> done
           ) -> std::function<void()> {
        Resolved resolved;
        resolved.endpoints = endpoints();
        done(std::move(resolved));
        return nullptr;
    };
}

DialPlan plan_for(Lookup lookup) {
    DialPlan plan;
    plan.target = *parse_url("http://jaeger:16686");
    plan.lookup = std::move(lookup);
    plan.progress = std::make_shared<Progress>();
    return plan;
}

std::string fault_of(const Dialled& dialled) {
    const auto* fault = std::get_if<Fault>(&dialled);
    return fault == nullptr ? "" : fault->cause + " (" + fault->where + ")";
}

std::uint16_t closed_port() {
    return ScriptedServer([](Peer&) {}).port();
}

void stay(Peer& peer) { peer.wait_for_close(); }

// A port whose queue of connections is full: the kernel answers no more of them.
class BlackHole {
 public:
    BlackHole() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof(address);
        ::bind(listener_, generic, size);
        ::getsockname(listener_, generic, &size);
        port_ = ntohs(address.sin_port);
        ::listen(listener_, 0);
        for (int& waiting : waiting_) {
            waiting = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            ::connect(waiting, generic, size);
        }
    }
    ~BlackHole() {
        for (const int waiting : waiting_) {
            ::close(waiting);
        }
        ::close(listener_);
    }
    BlackHole(const BlackHole&) = delete;
    BlackHole& operator=(const BlackHole&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
    int listener_;
    std::uint16_t port_ = 0;
    std::array<int, 4> waiting_{};
};

}  // namespace

TEST_CASE("the next address is tried when one is dead, in the order of the look-up") {
    ScriptedServer server(stay);
    const std::uint16_t dead = closed_port();
    boost::asio::io_context io;
    const auto some =
        run(io, dial(plan_for(answering([&] {
                return std::vector{
                    loopback(dead), loopback(dead, "127.0.0.2"), loopback(server.port())
                };
            }))));
    CHECK(fault_of(some).empty());
    const auto none = run(io, dial(plan_for(answering([&] {
                              return std::vector{loopback(dead), loopback(dead, "127.0.0.2")};
                          }))));
    const std::string port = std::to_string(dead);
    CHECK(
        fault_of(none) == "connection refused (127.0.0.1:" + port +
                              ": connection refused; 127.0.0.2:" + port + ": connection refused)"
    );
}

TEST_CASE("the kernel is told to notice a peer that is gone without a word") {
    ScriptedServer server(stay);
    boost::asio::io_context io;
    const Dialled dialled =
        run(io, dial(plan_for(answering([&] { return std::vector{loopback(server.port())}; }))));
    REQUIRE(fault_of(dialled).empty());
    const auto option = [](int descriptor, int level, int name) {
        int value = 0;
        socklen_t size = sizeof(value);
        return ::getsockopt(descriptor, level, name, &value, &size) == 0 ? value : -1;
    };
    int found = 0;
    for (int descriptor = 3; descriptor < 1024; ++descriptor) {
        sockaddr_in peer{};
        socklen_t size = sizeof(peer);
        const int failed = ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size);
        if (failed != 0 || peer.sin_family != AF_INET || ntohs(peer.sin_port) != server.port()) {
            continue;
        }
        ++found;
        CHECK(option(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1);
        CHECK(option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE) == 30);
        CHECK(option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL) == 10);
        CHECK(option(descriptor, IPPROTO_TCP, TCP_KEEPCNT) == 3);
        CHECK(option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT) == 60'000);
    }
    CHECK(found == 1);
}

TEST_CASE("each new connection asks for the name's addresses again") {
    ScriptedServer first(stay);
    ScriptedServer second(stay);
    std::uint16_t port = first.port();
    int asked = 0;
    const DialPlan plan = plan_for(answering([&] {
        ++asked;
        return std::vector{loopback(port)};
    }));
    boost::asio::io_context io;
    CHECK(fault_of(run(io, dial(plan))).empty());
    port = second.port();  // the name leads elsewhere now
    CHECK(fault_of(run(io, dial(plan))).empty());
    CHECK(asked == 2);
}

TEST_CASE("an address that swallows packets costs connect_timeout, the next one is tried") {
    const BlackHole hole;
    ScriptedServer server(stay);
    boost::asio::io_context io;
    DialPlan plan = plan_for(answering([&] { return std::vector{loopback(hole.port())}; }));
    plan.limits.connect_timeout = 100ms;
    CHECK(fault_of(run(io, dial(plan))).starts_with("no connection within 100 ms"));
    plan.limits.connect_timeout = 1s;  // for a slow machine to reach the second one
    plan.lookup =
        answering([&] { return std::vector{loopback(hole.port()), loopback(server.port())}; });
    CHECK(fault_of(run(io, dial(plan))).empty());
}

TEST_CASE("without a file descriptor a call fails with the cause, and later ones succeed") {
    ScriptedServer server(stay);
    boost::asio::io_context io;
    const DialPlan plan = plan_for(answering([&] { return std::vector{loopback(server.port())}; }));
    // Held: the server's end would close some time later, and its number be free below the limit.
    const Dialled held = run(io, dial(plan));
    CHECK(fault_of(held).empty());
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(lowest_free);
    ::setrlimit(RLIMIT_NOFILE, &none);
    const std::string fault = fault_of(run(io, dial(plan)));
    ::setrlimit(RLIMIT_NOFILE, &before);
    INFO(fault);
    CHECK(fault.find("Too many open files") != std::string::npos);
    CHECK(fault_of(run(io, dial(plan))).empty());
}

TEST_CASE("a look-up that hangs holds up neither the end of its io_context nor another look-up") {
    std::promise<void> hold;
    const std::shared_future<void> released = hold.get_future().share();
    // Shared with the thread that looks up: it may still be leaving set_value() when we go.
    const auto begun = std::make_shared<std::promise<void>>();
    const auto ended = std::make_shared<std::promise<void>>();
    const Lookup lookup =
        threaded_lookup([released, begun, ended](const std::string& host, std::uint16_t port) {
            Resolved resolved;
            resolved.endpoints = {loopback(port)};
            if (host == "hangs") {
                begun->set_value();
                released.wait();
                ended->set_value();
            }
            return resolved;
        });
    {
        boost::asio::io_context io;
        boost::asio::co_spawn(
            io.get_executor(), resolve(lookup, "hangs", 80), boost::asio::detached
        );
        const Resolved other = run(io, resolve(lookup, "quick", 81));
        REQUIRE(other.endpoints.size() == 1);
        CHECK(other.endpoints[0].port() == 81);
        // One that has not begun would be left out when its io_context ends.
        REQUIRE(begun->get_future().wait_for(kPatience) == std::future_status::ready);
    }  // the io_context ends; its look-up still hangs
    hold.set_value();
    // Its late answer finds nobody.
    CHECK(ended->get_future().wait_for(kPatience) == std::future_status::ready);
}

TEST_CASE("once a look-up is answered its thread has let go of the io_context, which may end") {
    const Lookup lookup = threaded_lookup([](const std::string&, std::uint16_t port) {
        Resolved resolved;
        resolved.endpoints = {loopback(port)};
        return resolved;
    });
    int still_held = 0;
    for (int i = 0; i < 2'000; ++i) {
        boost::asio::io_context io;
        int answers = 0;
        lookup(io.get_executor(), "jaeger", 80, [&answers](const Resolved&) { ++answers; });
        while (answers == 0) {
            REQUIRE(io.run_one_for(kPatience) == 1);
        }
        still_held += io.stopped() ? 0 : 1;  // it stops by itself when no work is left
    }
    CHECK(still_held == 0);
}

TEST_CASE("a look-up answers once, not when it was hurried, and may be hurried at any time") {
    struct Row {
        const char* name;
        bool hurried;
        bool run;
        int answers;
    };
    const Row row = GENERATE(values<Row>({
        {"answered", false, true, 1},
        {"hurried, perhaps with the answer under way", true, true, 0},
        {"hurried, and the io_context ends", true, false, 0},
        {"the io_context ends", false, false, 0},
    }));
    CAPTURE(row.name);
    constexpr int kRounds = 300;
    const Lookup lookup =
        threaded_lookup([](const std::string&, std::uint16_t) { return Resolved{}; });
    int answers = 0;
    for (int i = 0; i < kRounds; ++i) {
        std::function<void()> hurry;
        {
            boost::asio::io_context io;
            const auto executor = io.get_executor();
            hurry = lookup(executor, "jaeger", 80, [&answers](const Resolved&) { ++answers; });
            if (row.hurried) {
                hurry();
            }
            if (row.run) {
                io.run();
            }
        }
        hurry();  // the io_context is gone
    }
    CHECK(answers == kRounds * row.answers);
}
