#include "clients/jaeger/jaeger_store.hpp"

#include "async/task_group.hpp"
#include "async/with_deadline.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>

#include <deque>
#include <mutex>

namespace meshscope::clients::jaeger {

namespace {

using Reachability = StoreState::Reachability;

// A protocol whose answers are written down.
class ScriptedProtocol final : public Protocol {
 public:
    explicit ScriptedProtocol(std::string name) : name_(std::move(name)) {}

    [[nodiscard]] std::string_view name() const override { return name_; }
    Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) override {
        ++finds;
        deadlines.push_back(context.deadline);
        last_query = query;
        co_await pause();
        if (!refusals.empty()) {
            const Error refusal = refusals.front();
            refusals.pop_front();
            co_return refusal;
        }
        co_return found;
    }
    Awaitable<Result<TraceBatch>> get_trace(
        RequestContext /*context*/, TraceId /*id*/, std::optional<TimeRange> /*near*/
    ) override {
        ++gets;
        co_await pause();
        co_return found;
    }
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override {
        ++service_calls;
        deadlines.push_back(context.deadline);
        co_await pause();
        co_return names;
    }
    Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext /*context*/, std::string /*service*/, std::string /*kind*/
    ) override {
        co_return std::vector<Operation>{
            {"b", "server"}, {"a", ""}, {"b", "client"}, {"b", "server"}
        };
    }
    Awaitable<std::string> version(RequestContext /*context*/) override {
        ++versions;
        co_return "v2.19.0";
    }

    // Lets equal calls meet in flight.
    static Awaitable<> pause() {
        SteadyTimer timer(co_await boost::asio::this_coro::executor);
        timer.expires_after(std::chrono::milliseconds(1));
        co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
    }

    std::deque<Error> refusals;  // of the next searches
    Result<TraceBatch> found = TraceBatch{};
    Result<std::vector<std::string>> names = std::vector<std::string>{"b", "a", "b"};
    int finds = 0;
    int gets = 0;
    int service_calls = 0;
    int versions = 0;
    TraceQuery last_query;
    std::vector<Deadline> deadlines;

 private:
    std::string name_;
};

struct Fixture {
    explicit Fixture(std::size_t count) {
        const char* names[] = {"grpc api_v2", "http v1"};
        for (std::size_t i = 0; i < count; ++i) {
            protocols.push_back(std::make_shared<ScriptedProtocol>(names[i]));
            options.candidates.push_back(protocols.back());
        }
        options.on_change = [this](const StoreState& state) { changes.push_back(state); };
    }

    JaegerStore& store() {
        if (!store_) {
            store_.emplace(options, governor, clock);
        }
        return *store_;
    }
    Result<TraceBatch> find(TraceQuery query = {}) {
        return test::run_coroutine<Result<TraceBatch>>([this, query] {
            return store().find_traces({}, query);
        });
    }
    StoreState probe() {
        return test::run_coroutine<StoreState>([this] { return store().probe({}); });
    }

    SystemClock clock;
    Governor governor{"jaeger", {}};
    std::vector<std::shared_ptr<ScriptedProtocol>> protocols;
    std::vector<StoreState> changes;
    JaegerStoreOptions options;

 private:
    std::optional<JaegerStore> store_;
};

Error error_of(ErrorKind kind, std::string text) { return Error(kind, std::move(text)); }

TraceBatch batch_of(std::vector<std::pair<std::uint64_t, std::int64_t>> traces) {
    TraceBatch batch;
    for (const auto& [id, start] : traces) {
        test::SpanRow row;
        row.start_us = start;
        batch.traces.push_back(test::make_trace(TraceId{0, id}, {row}));
    }
    return batch;
}

}  // namespace

TEST_CASE("each call is told with its outcome") {
    Fixture fixture(1);
    std::vector<std::string> outcomes;
    fixture.options.on_call = [&](std::string_view outcome, std::chrono::nanoseconds took) {
        CHECK(took.count() >= 0);
        outcomes.emplace_back(outcome);
    };
    TraceQuery query;
    query.limit = 1;
    fixture.protocols[0]->found = batch_of({{1, 10}});
    CHECK(fixture.find(query).has_value());
    fixture.protocols[0]->found->stopped_by = StoppedBy::kTime;
    CHECK(fixture.find(query).has_value());
    fixture.protocols[0]->found = error_of(ErrorKind::kDeadline, "late");
    CHECK_FALSE(fixture.find(query).has_value());
    fixture.probe();
    CHECK(outcomes == std::vector<std::string>{"ok", "partial", "upstream_timeout", "ok"});
}

TEST_CASE("a single protocol is used without a question") {
    Fixture fixture(1);
    fixture.protocols[0]->found = batch_of({{1, 10}, {2, 30}, {3, 20}});
    TraceQuery query;
    query.limit = 10;
    const auto batch = fixture.find(query);
    REQUIRE(batch.has_value());
    CHECK(fixture.protocols[0]->service_calls == 0);
    REQUIRE(batch->traces.size() == 3);
    CHECK(batch->traces[0]->id.low == 2);
    CHECK(batch->traces[2]->id.low == 1);
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    CHECK(fixture.store().state().reachability == Reachability::kReachable);
    CHECK(fixture.store().state().last_success);
}

TEST_CASE("a search of limit 0 never goes out, and the query timeout is the deadline") {
    Fixture fixture(1);
    fixture.options.query_timeout = std::chrono::milliseconds(700);
    TraceQuery query;
    query.limit = 0;
    const SteadyTime before = fixture.clock.steady_now();
    REQUIRE(fixture.find(query).has_value());
    CHECK(fixture.protocols[0]->last_query.limit == 1);
    const auto left = fixture.protocols[0]->deadlines.at(0).remaining(before);
    CHECK(left > std::chrono::milliseconds(600));
    CHECK(left < std::chrono::seconds(20));
}

TEST_CASE("what a store refuses is asked in another form, and its depth is remembered") {
    Fixture fixture(1);
    ScriptedProtocol& protocol = *fixture.protocols[0];
    const auto refusal = [](const char* text) {
        return Error(ErrorKind::kUpstreamProtocol, "failed to answer").with_detail(text);
    };
    TraceQuery query;
    query.limit = 200;
    query.tags = {{"k", "v"}};
    query.min_duration = std::chrono::milliseconds(1);
    protocol.refusals = {
        refusal("cannot query for duration and tags simultaneously"),
        refusal("search depth must be less than max traces"),
        refusal("search depth must be less than max traces"),
    };
    const auto batch = fixture.find(query);
    REQUIRE(batch.has_value());
    CHECK(protocol.finds == 4);
    CHECK(protocol.last_query.limit == 100);
    CHECK(protocol.last_query.min_duration.count() == 0);
    CHECK(batch->warnings.size() == 2);

    query.tags.clear();
    REQUIRE(fixture.find(query).has_value());
    CHECK(protocol.finds == 5);
    CHECK(protocol.last_query.limit == 100);
    CHECK(protocol.last_query.min_duration == std::chrono::milliseconds(1));

    protocol.refusals = {refusal("this storage backend requires a service name")};
    const auto refused = fixture.find(query);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code() == "service_required");
    CHECK(refused.error().hint().advice == "Name a service in the search.");
}

TEST_CASE("equal calls in flight are one call, different ones are not") {
    Fixture fixture(1);
    const auto both = [&](TraceQuery a, TraceQuery b) {
        return test::run_coroutine<int>([&fixture, a, b]() -> Awaitable<int> {
            const int before = fixture.protocols[0]->finds;
            auto executor = co_await boost::asio::this_coro::executor;
            TaskGroup group(executor, [](const std::string&, std::exception_ptr) {});
            for (const TraceQuery& query : {a, b}) {
                group.spawn("find", [&fixture, query]() -> Awaitable<> {
                    const TraceQuery kept = query;
                    auto batch = co_await fixture.store().find_traces({}, kept);
                    CHECK(batch.has_value());
                });
            }
            co_await group.join(Deadline::never());
            co_return fixture.protocols[0]->finds - before;
        });
    };
    TraceQuery query;
    query.service = "a";
    query.tags = {{"k", "v"}};
    query.window = {from_micros(1), from_micros(9)};
    CHECK(both(query, query) == 1);
    const auto differs = [&](auto change) {
        TraceQuery other = query;
        change(other);
        return both(query, other) == 2;
    };
    CHECK(differs([](TraceQuery& other) { other.service = "b"; }));
    CHECK(differs([](TraceQuery& other) { other.operation = "o"; }));
    CHECK(differs([](TraceQuery& other) { other.tags = {{"k", "w"}}; }));
    CHECK(differs([](TraceQuery& other) { other.tags = {{"kv", ""}}; }));
    CHECK(differs([](TraceQuery& other) { other.window.start = from_micros(2); }));
    CHECK(differs([](TraceQuery& other) { other.window.end = from_micros(8); }));
    CHECK(differs([](TraceQuery& other) { other.min_duration = std::chrono::microseconds(1); }));
    CHECK(differs([](TraceQuery& other) { other.max_duration = std::chrono::microseconds(1); }));
    CHECK(differs([](TraceQuery& other) { other.limit = 7; }));
}

TEST_CASE("of several protocols the first that works is chosen and kept") {
    Fixture fixture(2);
    fixture.protocols[0]->names = error_of(ErrorKind::kUpstreamUnavailable, "refused");
    REQUIRE(fixture.find().has_value());
    REQUIRE(fixture.find().has_value());
    CHECK(fixture.protocols[0]->service_calls == 1);
    CHECK(fixture.protocols[0]->finds == 0);
    CHECK(fixture.protocols[1]->service_calls == 1);
    CHECK(fixture.protocols[1]->finds == 2);
    CHECK(fixture.store().state().protocol == "http v1");
}

TEST_CASE("a protocol that turns out wrong is left for one that works") {
    Fixture fixture(2);
    REQUIRE(fixture.find().has_value());
    CHECK(fixture.protocols[0]->finds == 1);
    const Error gone = error_of(ErrorKind::kUpstreamProtocol, "unimplemented");
    fixture.protocols[0]->found = gone;
    fixture.protocols[0]->names = gone;
    REQUIRE(fixture.find().has_value());
    CHECK(fixture.protocols[1]->finds == 1);
    REQUIRE(fixture.find().has_value());
    CHECK(fixture.protocols[0]->finds == 2);
    CHECK(fixture.store().state().protocol == "http v1");
}

TEST_CASE("a query that fails on a working protocol keeps it and gives its error") {
    Fixture fixture(2);
    fixture.protocols[0]->found = error_of(ErrorKind::kUpstreamProtocol, "all shards failed");
    for (int i = 0; i < 3; ++i) {
        const auto batch = fixture.find();
        REQUIRE(batch.has_error());
        CHECK(batch.error().message() == "all shards failed");
    }
    CHECK(fixture.protocols[1]->finds == 0);
    // Chosen once, and looked at again once in 5 s.
    CHECK(fixture.protocols[0]->service_calls == 2);
}

TEST_CASE("when no protocol works the most telling error is given, with the others in its detail") {
    struct Row {
        ErrorKind first;
        ErrorKind second;
        const char* told;
    };
    const Row row = GENERATE(values<Row>({
        {ErrorKind::kUpstreamUnavailable, ErrorKind::kUpstreamProtocol, "second"},
        {ErrorKind::kUpstreamProtocol, ErrorKind::kUpstreamUnavailable, "first"},
        {ErrorKind::kUpstreamAuth, ErrorKind::kUpstreamProtocol, "first"},
        {ErrorKind::kDeadline, ErrorKind::kUpstreamUnavailable, "first"},
        {ErrorKind::kUpstreamProtocol, ErrorKind::kUpstreamProtocol, "second"},
    }));
    Fixture fixture(2);
    fixture.protocols[0]->names = error_of(row.first, "first");
    fixture.protocols[1]->names = error_of(row.second, "second");
    const auto batch = fixture.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().message() == row.told);
    const bool first = batch.error().message() == "first";
    CHECK(batch.error().detail() == (first ? "http v1: second" : "grpc api_v2: first"));
}

TEST_CASE("choosing shares the time between the candidates") {
    Fixture fixture(2);
    fixture.options.query_timeout = std::chrono::milliseconds(1'000);
    fixture.protocols[0]->names = error_of(ErrorKind::kDeadline, "no answer");
    const SteadyTime before = fixture.clock.steady_now();
    REQUIRE(fixture.find().has_value());
    const auto share = fixture.protocols[0]->deadlines.at(0).remaining(before);
    CHECK(share >= std::chrono::milliseconds(490));
    CHECK(share < std::chrono::milliseconds(950));
}

TEST_CASE("services and operations are ascending and unique") {
    Fixture fixture(1);
    const auto names = test::run_coroutine<Result<std::vector<std::string>>>([&] {
        return fixture.store().services({});
    });
    CHECK(*names == std::vector<std::string>{"a", "b"});
    const auto operations = test::run_coroutine<Result<std::vector<Operation>>>([&] {
        return fixture.store().operations({}, "s", "");
    });
    REQUIRE(operations->size() == 3);
    CHECK(operations->at(0).name == "a");
    CHECK(operations->at(1).span_kind == "client");
    CHECK(operations->at(2).span_kind == "server");
}

TEST_CASE("the probe keeps reachability, reason, protocol, version and times") {
    Fixture fixture(1);
    CHECK(fixture.store().state().reachability == Reachability::kUnknown);
    StoreState state = fixture.probe();
    CHECK(state.reachability == Reachability::kReachable);
    CHECK(state.protocol == "grpc api_v2");
    CHECK(state.version == "v2.19.0");
    CHECK_FALSE(state.reason);
    CHECK(state.last_probe);
    CHECK(state.last_success);
    CHECK(fixture.probe().version == "v2.19.0");
    CHECK(fixture.protocols[0]->versions == 1);

    const auto before = state.last_success;
    fixture.protocols[0]->names = error_of(ErrorKind::kUpstreamUnavailable, "refused");
    state = fixture.probe();
    CHECK(state.reachability == Reachability::kUnreachable);
    REQUIRE(state.reason);
    CHECK(state.reason->message() == "refused");
    CHECK(state.last_success >= before);
    const std::size_t changes = fixture.changes.size();
    fixture.probe();
    CHECK(fixture.changes.size() == changes);

    fixture.protocols[0]->names = std::vector<std::string>{};
    CHECK(fixture.probe().reachability == Reachability::kReachable);
    CHECK(fixture.protocols[0]->versions == 2);
    CHECK(fixture.changes.back().reachability == Reachability::kReachable);
}

TEST_CASE("the version is not asked for when that is switched off") {
    Fixture fixture(1);
    fixture.options.check_version = false;
    CHECK(fixture.probe().version.empty());
    CHECK(fixture.protocols[0]->versions == 0);
}

TEST_CASE("the prober probes until it is cancelled, and searches do not wait for it") {
    Fixture fixture(1);
    fixture.options.probe_interval = std::chrono::milliseconds(1);
    fixture.options.probe_interval_failing = std::chrono::milliseconds(1);
    const bool ended = test::run_coroutine<bool>([&fixture]() -> Awaitable<bool> {
        auto executor = co_await boost::asio::this_coro::executor;
        TaskGroup group(executor, [](const std::string&, std::exception_ptr) {});
        group.spawn("prober", [&fixture] { return fixture.store().run_prober(); });
        auto found = co_await fixture.store().find_traces({}, {});
        CHECK(found.has_value());
        while (fixture.protocols[0]->service_calls < 3) {
            co_await ScriptedProtocol::pause();
        }
        group.cancel();
        const Deadline soon =
            Deadline::after(std::chrono::steady_clock::now(), std::chrono::seconds(20));
        co_return co_await group.join(soon);
    });
    CHECK(ended);
    CHECK(fixture.store().state().reachability == Reachability::kReachable);
}

TEST_CASE("the prober does not sleep on when a call has lost the endpoint it chose") {
    Fixture fixture(2);
    fixture.options.probe_interval = std::chrono::hours(1);
    fixture.options.probe_interval_failing = std::chrono::milliseconds(5);
    fixture.options.breaker.first_pause = std::chrono::hours(1);
    fixture.options.breaker.longest_pause = std::chrono::hours(1);
    const auto outcome = test::run_coroutine<std::string>([&fixture]() -> Awaitable<std::string> {
        auto executor = co_await boost::asio::this_coro::executor;
        TaskGroup group(executor, [](const std::string&, std::exception_ptr) {});
        group.spawn("prober", [&fixture] { return fixture.store().run_prober(); });
        while (!fixture.store().state().last_probe) {
            co_await ScriptedProtocol::pause();
        }
        const Error gone = error_of(ErrorKind::kUpstreamUnavailable, "refused");
        fixture.protocols[0]->found = gone;
        fixture.protocols[0]->names = gone;
        const SteadyTime begun = fixture.clock.steady_now();
        auto found = co_await fixture.store().find_traces({}, {});
        CHECK(found.has_error());
        while (!found && fixture.clock.steady_now() - begun < std::chrono::seconds(20)) {
            co_await ScriptedProtocol::pause();
            found = co_await fixture.store().find_traces({}, {});
        }
        group.cancel();
        const Deadline soon =
            Deadline::after(std::chrono::steady_clock::now(), std::chrono::seconds(20));
        const bool ended = co_await group.join(soon);
        CHECK(ended);
        co_return found ? fixture.store().state().protocol : found.error().message();
    });
    CHECK(outcome == "http v1");
}

}  // namespace meshscope::clients::jaeger
