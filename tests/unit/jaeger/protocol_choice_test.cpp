#include "clients/jaeger/protocol_choice.hpp"

#include "async/task_group.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/unit/jaeger/fake_protocol.hpp"

#include <catch2/catch.hpp>

#include <atomic>

namespace meshscope::clients::jaeger {

namespace {

using test::FakeJaeger;
using test::kGrpcV2;
using test::kGrpcV3;
using test::kHttpV1;
using test::kHttpV3;
using Names = std::set<std::string>;

struct Fixture {
    explicit Fixture(Names spoken, std::chrono::milliseconds time = test::kPatience)
        : jaeger(std::make_shared<FakeJaeger>(std::move(spoken))),
          candidates(test::all_protocols(jaeger)),
          choice(candidates, clock, time) {}

    std::string get() {
        const auto got = test::run(io, choice.get({}));
        return got ? std::string(got->protocol->name()) : "! " + got.error().message();
    }
    std::string verify() {
        const auto got = test::run(io, choice.verify({}));
        return got ? std::string((*got)->name()) : "! " + got.error().message();
    }
    [[nodiscard]] ProtocolChoice::Chosen chosen() { return *test::run(io, choice.get({})); }
    std::string instead_of(const ProtocolChoice::Chosen& failed) {
        const auto other = test::run(io, choice.instead_of(failed, {})).protocol;
        return other ? std::string(other->name()) : "";
    }
    std::string instead_of(const std::string& name) {
        const ProtocolChoice::Chosen failed = chosen();
        REQUIRE(failed.protocol->name() == name);
        return instead_of(failed);
    }
    bool look_for_better() { return test::run(io, choice.look_for_better({})); }
    [[nodiscard]] std::string current() const {
        const auto chosen = choice.current();
        return chosen ? std::string(chosen->name()) : "";
    }
    [[nodiscard]] std::shared_ptr<Protocol> named(const std::string& name) const {
        for (const auto& candidate : candidates) {
            if (candidate->name() == name) {
                return candidate;
            }
        }
        return nullptr;
    }

    SystemClock clock;
    boost::asio::io_context io;
    std::shared_ptr<FakeJaeger> jaeger;
    std::vector<std::shared_ptr<Protocol>> candidates;
    ProtocolChoice choice;
};

Error unreachable() { return Error(ErrorKind::kUpstreamUnavailable, "connection refused"); }
Error too_old(const std::string& text) {
    return Error(ErrorKind::kUpstreamProtocol, text).with_code("server_too_old");
}

}  // namespace

TEST_CASE("the first candidate that works is chosen") {
    struct Row {
        Names spoken;
        const char* chosen;
    };
    const Row row = GENERATE(values<Row>({
        {{kGrpcV3, kGrpcV2, kHttpV3, kHttpV1}, kGrpcV3},
        {{kGrpcV2, kHttpV3, kHttpV1}, kGrpcV2},
        {{kHttpV3, kHttpV1}, kHttpV3},
        {{kHttpV1}, kHttpV1},
        {{}, "! http v1 is not spoken"},
    }));
    Fixture fixture(row.spoken);
    CHECK(fixture.get() == row.chosen);
}

TEST_CASE("after an endpoint was unreachable its other protocols are not tried") {
    Fixture fixture({kGrpcV2, kHttpV3});
    fixture.jaeger->fail(kGrpcV3, unreachable());
    CHECK(fixture.get() == kHttpV3);
    CHECK(fixture.jaeger->probes(kGrpcV2) == 0);
}

TEST_CASE("a silent endpoint costs its share of the time and no more") {
    Fixture fixture({kGrpcV2, kHttpV3}, std::chrono::milliseconds(400));
    fixture.jaeger->be_silent(kGrpcV3);
    CHECK(fixture.get() == kHttpV3);
    CHECK(fixture.jaeger->probes(kGrpcV2) == 0);
}

TEST_CASE("an answer that nothing was found is no sign of a protocol, a refused query is") {
    Fixture fixture({kGrpcV2});
    fixture.jaeger->fail(kGrpcV3, Error(ErrorKind::kNotFound, "not here"));
    CHECK(fixture.get() == kGrpcV2);
    Fixture other({kGrpcV2});
    other.jaeger->fail(kGrpcV3, Error(ErrorKind::kInvalidArgument, "no such tenant"));
    CHECK(other.get() == kGrpcV3);
}

TEST_CASE("a server that is too old for a protocol is the last resort") {
    Fixture fixture({kHttpV1});
    fixture.jaeger->fail(kGrpcV3, unreachable());
    fixture.jaeger->fail(kHttpV3, too_old("2.18"));
    CHECK(fixture.get() == kHttpV1);
    CHECK_FALSE(fixture.choice.is_last_resort());

    Fixture other({});
    other.jaeger->fail(kGrpcV3, unreachable());
    other.jaeger->fail(kHttpV3, too_old("2.18"));
    CHECK(other.get() == kHttpV3);
    CHECK(other.choice.is_last_resort());
    // It is left as soon as something better is there, and not before.
    CHECK_FALSE(other.look_for_better());
    CHECK(other.verify() == kHttpV3);
    other.jaeger->speak({kHttpV1});
    CHECK(other.look_for_better());
    CHECK(other.current() == kHttpV1);
    CHECK_FALSE(other.choice.is_last_resort());
}

TEST_CASE("the chosen one is used without a question until it fails") {
    Fixture fixture({kGrpcV2, kHttpV1});
    CHECK(fixture.get() == kGrpcV2);
    CHECK(fixture.get() == kGrpcV2);
    CHECK(fixture.jaeger->probes(kGrpcV2) == 1);
    CHECK(fixture.verify() == kGrpcV2);
    CHECK(fixture.jaeger->probes(kGrpcV2) == 2);
    CHECK(fixture.jaeger->probes(kGrpcV3) == 1);
}

TEST_CASE("an upgrade and a downgrade are followed, again and again") {
    Fixture fixture({kHttpV1});
    CHECK(fixture.get() == kHttpV1);
    for (int i = 0; i < 3; ++i) {
        fixture.jaeger->speak({kHttpV3});
        CHECK(fixture.instead_of(kHttpV1) == kHttpV3);
        fixture.jaeger->speak({kHttpV1});
        CHECK(fixture.instead_of(kHttpV3) == kHttpV1);
    }
}

TEST_CASE("a protocol that is complained of and works is kept and trusted for a while") {
    Fixture fixture({kGrpcV2, kHttpV1});
    CHECK(fixture.get() == kGrpcV2);
    CHECK(fixture.instead_of(kGrpcV2).empty());
    CHECK(fixture.instead_of(kGrpcV2).empty());
    CHECK(fixture.jaeger->probes(kGrpcV2) == 2);
    CHECK(fixture.current() == kGrpcV2);
}

TEST_CASE("a complaint from before the last choice neither earns trust nor hides a real change") {
    Fixture fixture({kHttpV1});
    const ProtocolChoice::Chosen early = fixture.chosen();
    fixture.jaeger->speak({kHttpV3});
    CHECK(fixture.instead_of(early) == kHttpV3);
    fixture.jaeger->speak({kHttpV1});
    CHECK(fixture.instead_of(kHttpV3) == kHttpV1);
    const int probes = fixture.jaeger->probes(kHttpV1);
    // A slow call of the first choice: the protocol it knows is the chosen one once more.
    CHECK(fixture.instead_of(early) == kHttpV1);
    CHECK(fixture.jaeger->probes(kHttpV1) == probes);
    fixture.jaeger->speak({kHttpV3});
    CHECK(fixture.instead_of(kHttpV1) == kHttpV3);
}

TEST_CASE("when nothing works the chosen one stays, and its error counts most among equals") {
    Fixture fixture({kGrpcV2});
    CHECK(fixture.get() == kGrpcV2);
    fixture.jaeger->speak({});
    for (const char* name : {kGrpcV3, kGrpcV2, kHttpV3, kHttpV1}) {
        fixture.jaeger->fail(
            name, Error(ErrorKind::kUpstreamUnavailable, std::string("no ") + name)
        );
    }
    CHECK(fixture.verify() == "! no grpc api_v2");
    CHECK(fixture.current() == kGrpcV2);
    CHECK(fixture.instead_of(kGrpcV2).empty());
}

TEST_CASE("a look for a better one asks only those before the chosen one") {
    Fixture fixture({kGrpcV2, kHttpV3});
    CHECK(fixture.get() == kGrpcV2);
    CHECK_FALSE(fixture.look_for_better());
    fixture.jaeger->speak({kGrpcV3, kGrpcV2});
    CHECK(fixture.look_for_better());
    CHECK(fixture.current() == kGrpcV3);
    const int probes = fixture.jaeger->probes(kGrpcV3);
    CHECK_FALSE(fixture.look_for_better());
    CHECK(fixture.jaeger->probes(kGrpcV3) == probes);
    CHECK(fixture.jaeger->probes(kHttpV3) == 0);
}

TEST_CASE("those older at the same endpoint, and those elsewhere") {
    Fixture fixture({});
    const auto v3 = fixture.named(kGrpcV3);
    CHECK(fixture.choice.older_than(fixture.named(kGrpcV2)).empty());
    CHECK(fixture.choice.older_than(v3) == std::vector{fixture.named(kGrpcV2)});
    CHECK(
        fixture.choice.elsewhere(v3) == std::vector{fixture.named(kHttpV3), fixture.named(kHttpV1)}
    );
}

TEST_CASE("many callers on several threads wait for one choice") {
    Fixture fixture({kGrpcV2});
    std::atomic<int> right{0};
    constexpr int kThreads = 4;
    constexpr int kCallers = 25;
    {
        std::vector<std::unique_ptr<test::IoThread>> threads;
        std::vector<std::future<bool>> done;
        for (int i = 0; i < kThreads; ++i) {
            threads.push_back(std::make_unique<test::IoThread>());
        }
        for (int i = 0; i < kThreads * kCallers; ++i) {
            auto call = [](Fixture& own, std::atomic<int>& count) -> Awaitable<bool> {
                const auto got = co_await own.choice.get({});
                count += got && got->protocol->name() == kGrpcV2 ? 1 : 0;
                co_return true;
            };
            done.push_back(
                threads[static_cast<std::size_t>(i % kThreads)]->start(call(fixture, right))
            );
        }
        for (auto& one : done) {
            one.get();
        }
    }
    CHECK(right == kThreads * kCallers);
    CHECK(fixture.jaeger->probes(kGrpcV3) == 1);
    // Who came when it had just been made had it looked at again.
    CHECK(fixture.jaeger->probes(kGrpcV2) < kThreads * kCallers / 4);
}

}  // namespace meshscope::clients::jaeger
