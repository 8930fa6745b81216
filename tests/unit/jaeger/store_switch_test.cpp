#include "clients/http/retry_after.hpp"
#include "clients/jaeger/jaeger_store.hpp"
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

struct Fixture {
    explicit Fixture(std::set<std::string> spoken)
        : jaeger(std::make_shared<FakeJaeger>(std::move(spoken))) {
        options.candidates = test::all_protocols(jaeger);
        options.query_timeout = test::kPatience;
    }
    JaegerStore& store() {
        if (!made) {
            made.emplace(options, governor, clock);
        }
        return *made;
    }
    std::string find() {
        const auto batch = test::run(io, store().find_traces({}, {}));
        return batch ? "" : batch.error().message() + " | " + batch.error().detail();
    }
    StoreState probe() { return test::run(io, store().probe({})); }

    SystemClock clock;
    Governor governor{"jaeger", {}};
    boost::asio::io_context io;
    std::shared_ptr<FakeJaeger> jaeger;
    JaegerStoreOptions options;
    std::optional<JaegerStore> made;
};

}  // namespace

TEST_CASE("no call fails while Jaeger is switched under load on several threads") {
    Fixture fixture({kHttpV1});
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kLoops = 8;
    std::atomic<bool> stop{false};
    std::atomic<int> answered{0};
    std::atomic<int> failed{0};
    auto caller = [](Fixture& own,
                     std::atomic<bool>& end,
                     std::atomic<int>& good,
                     std::atomic<int>& bad,
                     std::size_t number) -> Awaitable<bool> {
        for (std::uint64_t i = 0; !end; ++i) {
            // Another trace each time, so that nothing is joined.
            const TraceId id{number + 1, i + 1};
            const auto batch = co_await own.store().get_trace({}, id, std::nullopt);
            ++(batch ? good : bad);
        }
        co_return true;
    };
    fixture.store();
    std::vector<std::unique_ptr<test::IoThread>> threads;
    std::vector<std::future<bool>> done;
    for (std::size_t i = 0; i < kThreads; ++i) {
        threads.push_back(std::make_unique<test::IoThread>());
        for (std::size_t loop = 0; loop < kLoops; ++loop) {
            done.push_back(
                threads[i]->start(caller(fixture, stop, answered, failed, i * kLoops + loop))
            );
        }
    }
    // The first choice is made before the first switch: one in its midst would find nothing.
    while (answered == 0) {
        std::this_thread::yield();
    }
    const char* const steps[] = {kHttpV3, kGrpcV2, kHttpV1, kGrpcV3, kHttpV3};
    for (const char* step : steps) {
        const int before = fixture.jaeger->calls(step);
        fixture.jaeger->speak({step});
        while (fixture.jaeger->calls(step) < before + 200) {
            std::this_thread::yield();
        }
    }
    stop = true;
    for (auto& one : done) {
        one.get();
    }
    CHECK(failed == 0);
    CHECK(answered > 1000);
    CHECK(fixture.store().state().protocol == kHttpV3);
}

TEST_CASE("the prober follows a switch without any call, and finds a better protocol") {
    Fixture fixture({kHttpV1});
    CHECK(fixture.probe().protocol == kHttpV1);
    fixture.jaeger->speak({kHttpV3});
    StoreState state = fixture.probe();
    CHECK(state.protocol == kHttpV3);
    CHECK(state.version == "v2.20.0");
    CHECK(state.reachability == StoreState::Reachability::kReachable);
    // An outage, and Jaeger is back with all it has: the look after it goes to the best.
    fixture.jaeger->fail(kHttpV3, Error(ErrorKind::kUpstreamUnavailable, "refused"));
    CHECK(fixture.probe().reachability == StoreState::Reachability::kUnreachable);
    fixture.jaeger->fail(kHttpV3, std::nullopt);
    fixture.jaeger->speak({kGrpcV3, kHttpV3});
    CHECK(fixture.probe().protocol == kGrpcV3);
}

TEST_CASE("a better protocol is looked for at once where the chosen one is, elsewhere now and then"
) {
    Fixture fixture({kHttpV1});
    CHECK(fixture.probe().protocol == kHttpV1);
    fixture.jaeger->speak({kHttpV3, kHttpV1});
    CHECK(fixture.probe().protocol == kHttpV3);
    fixture.jaeger->speak({kGrpcV2, kHttpV3});
    int looks = 0;
    while (fixture.probe().protocol == kHttpV3 && looks < 100) {
        ++looks;
    }
    CHECK(looks < 25);
    CHECK(looks > 10);
    fixture.jaeger->speak({kGrpcV3, kGrpcV2});
    CHECK(fixture.probe().protocol == kGrpcV3);
}

TEST_CASE("a connection lost by a call makes the prober look for a better protocol") {
    Fixture fixture({kGrpcV2});
    CHECK(fixture.probe().protocol == kGrpcV2);
    CHECK(fixture.probe().protocol == kGrpcV2);
    fixture.jaeger->fail(kGrpcV2, Error(ErrorKind::kUpstreamUnavailable, "lost"));
    CHECK_FALSE(fixture.find().empty());
    fixture.jaeger->fail(kGrpcV2, std::nullopt);
    fixture.jaeger->speak({kGrpcV3, kGrpcV2});
    CHECK(fixture.probe().protocol == kGrpcV3);
}

TEST_CASE("a change of the protocol by a call makes the prober look everywhere") {
    Fixture fixture({kGrpcV2});
    CHECK(fixture.probe().protocol == kGrpcV2);
    CHECK(fixture.probe().protocol == kGrpcV2);
    fixture.jaeger->speak({kHttpV1});
    CHECK(fixture.find().empty());
    CHECK(fixture.store().state().protocol == kHttpV1);
    fixture.jaeger->speak({kGrpcV3, kHttpV1});
    CHECK(fixture.probe().protocol == kGrpcV3);
}

TEST_CASE("a version that the chosen protocol cannot tell is asked for elsewhere") {
    Fixture fixture({kGrpcV3});
    CHECK(fixture.probe().version == "v2.20.0");
}

TEST_CASE("a trace too large for one message is fetched over the older protocol beside it") {
    Fixture fixture({kGrpcV3, kGrpcV2});
    CHECK(fixture.find().empty());
    const Error large = Error(ErrorKind::kUpstreamProtocol, "too large").with_code("receive_limit");
    fixture.jaeger->fail(kGrpcV3, large);
    CHECK(fixture.find().empty());
    CHECK(fixture.jaeger->calls(kGrpcV2) == 1);
    CHECK(fixture.jaeger->probes(kGrpcV3) == 1);
    // Where that one is not spoken the reason stays the first one.
    fixture.jaeger->speak({kGrpcV3});
    CHECK(fixture.find() == "too large | ");
}

TEST_CASE("an older protocol that fails for another reason than the size gives that reason") {
    const ErrorKind kind = GENERATE(values<ErrorKind>(
        {ErrorKind::kDeadline, ErrorKind::kCancelled, ErrorKind::kUpstreamUnavailable}
    ));
    Fixture fixture({kGrpcV3, kGrpcV2});
    CHECK(fixture.find().empty());
    fixture.jaeger->fail(
        kGrpcV3, Error(ErrorKind::kUpstreamProtocol, "too large").with_code("receive_limit")
    );
    fixture.jaeger->fail(kGrpcV2, Error(kind, "not now"));
    CHECK(fixture.find() == "not now | ");
}

TEST_CASE("a busy server is asked once more, and not twice") {
    Fixture fixture({kGrpcV3});
    CHECK(fixture.find().empty());
    fixture.jaeger->fail(
        kGrpcV3, Error(ErrorKind::kUpstreamUnavailable, "busy").with_code(std::string(kBusyCode))
    );
    CHECK_FALSE(fixture.find().empty());
    CHECK(fixture.jaeger->calls(kGrpcV3) == 3);
}

TEST_CASE("calls to an upstream that is down are refused at once, and the prober ends that") {
    Fixture fixture({kGrpcV3});
    fixture.options.breaker.first_pause = std::chrono::hours(1);
    fixture.options.breaker.longest_pause = std::chrono::hours(1);
    int changes = 0;
    fixture.options.on_change = [&](const StoreState&) { ++changes; };
    CHECK(fixture.find().empty());
    for (const char* name : {kGrpcV3, kHttpV3}) {
        fixture.jaeger->fail(name, Error(ErrorKind::kUpstreamUnavailable, "refused"));
    }
    changes = 0;
    for (int i = 0; i < 5; ++i) {
        CHECK(fixture.find() == "refused | ");
    }
    const int calls = fixture.jaeger->calls(kGrpcV3);
    for (int i = 0; i < 5; ++i) {
        CHECK(fixture.find().find("5 calls in a row failed") != std::string::npos);
    }
    CHECK(fixture.jaeger->calls(kGrpcV3) == calls);
    CHECK(changes == 1);
    CHECK(fixture.store().state().reachability == StoreState::Reachability::kUnreachable);
    fixture.jaeger->fail(kGrpcV3, std::nullopt);
    CHECK(fixture.probe().reachability == StoreState::Reachability::kReachable);
    CHECK(fixture.find().empty());
}

}  // namespace meshscope::clients::jaeger
