#include "business/log_follow.hpp"

#include "business/logs.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using business::LogFollow;
using business::Logs;
using business::TimelineQuery;
using test::FakeCluster;
using State = business::SourceState::State;

namespace {

using namespace std::chrono_literals;

std::string stamped(int second, const std::string& text) {
    return "2026-03-04T05:06:" + std::to_string(second) + ".5Z " + text + "\n";
}

test::WorkloadRow pods(std::size_t count) {
    test::WorkloadRow row;
    row.pods = count;
    row.sidecar = false;
    return row;
}

struct Shop {
    test::ManualClock clock;
    FakeCluster cluster{&clock};
    business::CallerAccess access;
    business::Masker masker;
    Logs::Parts parts;
    std::vector<std::string> names;

    explicit Shop(std::size_t count = 2) {
        names = cluster.add_workload("shop", "cart", pods(count));
        parts.cluster = &cluster;
        parts.access = &access;
        parts.masker = &masker;
        parts.clock = &clock;
        business::FollowBounds& bounds = parts.bounds.follow;
        bounds.gather = 3ms;
        bounds.patience = 20ms;
        bounds.look_around = 2ms;
        bounds.first_pause = 2ms;
        bounds.longest_pause = 5ms;
        bounds.proven = 50ms;
    }
    void set(std::size_t pod, const std::string& text) {
        cluster.set_log("shop", names[pod], "cart", text);
    }
    void append(std::size_t pod, const std::string& text) {
        cluster.append_log("shop", names[pod], "cart", text);
    }
    // The workload as it would be with other pods; logs stay readable.
    void show(std::size_t count) {
        FakeCluster other;
        other.add_workload("shop", "cart", pods(count));
        cluster.set_snapshot(other.snapshot());
    }
};

// The shop with these pods only, each an hour newer than the one before.
models::ClusterSnapshotPtr with_pods(
    const models::ClusterSnapshot& before, const std::vector<std::string>& names
) {
    auto snapshot = std::make_shared<models::ClusterSnapshot>(before);
    auto view = std::make_shared<models::NamespaceView>(*before.find("shop"));
    auto workload = std::make_shared<models::Workload>(*view->find_workload("cart"));
    workload->pods.clear();
    for (const std::string& name : names) {
        auto pod = std::make_shared<models::Pod>(*view->find_pod(name));
        pod->meta.created += std::chrono::hours(workload->pods.size());
        workload->pods.push_back(std::move(pod));
    }
    view->workloads = {std::move(workload)};
    snapshot->namespaces = {std::move(view)};
    return snapshot;
}

// Someone who follows, and all that this one has got.
class Reader {
 public:
    explicit Reader(Logs& logs) : logs_(logs) {}

    Awaitable<bool> begin(TimelineQuery query, std::string point) {
        query.ns = "shop";
        query.workload = "cart";
        RequestContext context;
        context.caller = business::anonymous_caller();
        auto followed = co_await logs_.follow(context, query, std::move(point));
        if (!followed) {
            error = followed.error();
            co_return false;
        }
        if (followed->before) {
            for (const auto& entry : followed->before->entries) {
                messages += std::string(std::get<models::LogLine>(entry.what).message) + ",";
            }
        }
        on = std::move(followed->on);
        co_return true;
    }
    // Reads until `done` or until it takes far too long.
    Awaitable<bool> until(std::function<bool()> done) {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (!done() && std::chrono::steady_clock::now() < limit) {
            co_await once();
        }
        co_return done();
    }
    Awaitable<bool> until_last(std::string message) {
        std::function<bool()> there = [this, message] { return messages.ends_with(message + ","); };
        co_return co_await until(std::move(there));
    }
    Awaitable<> once() {
        const LogFollow::Batch batch = co_await on->next(std::chrono::steady_clock::now() + 5ms);
        for (const models::LogLine& line : batch.lines) {
            messages += std::string(line.message) + ",";
            from.insert(on->place(line.source).pod);
        }
        for (const auto& source : batch.changed) {
            states[source.place.pod] = source;
        }
        dropped += batch.dropped;
        lines += batch.lines.size();
        most = std::max(most, batch.lines.size());
        resume = batch.resume;
        over = over || batch.over;
    }

    std::unique_ptr<LogFollow> on;
    std::optional<Error> error;
    std::string messages, resume;
    std::set<std::string> from;
    std::map<std::string, business::SourceState> states;
    std::uint64_t dropped = 0;
    std::size_t lines = 0, most = 0;
    bool over = false;

 private:
    Logs& logs_;
};

using Story = std::function<Awaitable<int>(Reader&)>;

// Follows, does what `story` says, and ends.
void follow(Shop& shop, Story story, TimelineQuery query = {}, std::string resume = {}) {
    Logs logs(shop.parts);
    Reader reader(logs);
    const auto told = [&]() -> Awaitable<int> {
        const bool begun = co_await reader.begin(query, resume);
        int result = 0;
        if (begun) {
            result = co_await story(reader);
            co_await reader.on->end();
        }
        co_return result;
    };
    test::run_coroutine<int>(told);
    if (reader.error) {
        FAIL(reader.error->message());
    }
}

}  // namespace

TEST_CASE("what is written is told after what was there, each line once", "[logs][follow]") {
    Shop shop;
    shop.set(0, stamped(10, "a") + stamped(12, "c"));
    shop.set(1, stamped(11, "b"));
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        CHECK(reader.messages == "a,b,c,");
        co_await reader.once();
        CHECK(reader.states.size() == 2);
        CHECK(reader.states[shop.names[0]].state == State::kOk);
        CHECK(reader.states[shop.names[0]].lines == 2);
        shop.append(1, stamped(13, "d"));
        CHECK(co_await reader.until_last("d"));
        shop.append(0, stamped(14, "e"));
        CHECK(co_await reader.until_last("e"));
        CHECK(reader.messages == "a,b,c,d,e,");
        CHECK(reader.from.size() == 2);
        co_return 0;
    });
    for (const clients::LogQuery& query : shop.cluster.log_queries()) {
        CHECK(query.follow == (query.since && !query.tail_lines));
    }
}

TEST_CASE("lines of the same moment are told once each", "[logs][follow]") {
    Shop shop(1);
    shop.set(0, stamped(10, "a") + stamped(11, "b") + stamped(11, "c"));
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        shop.append(0, stamped(11, "d") + stamped(11, "e"));
        CHECK(co_await reader.until_last("e"));
        CHECK(reader.messages == "a,b,c,d,e,");
        co_return 0;
    });
}

TEST_CASE("a log that ends is read on where it ended", "[logs][follow]") {
    Shop shop(1);
    shop.set(0, stamped(10, "a"));
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        shop.cluster.end_log("shop", shop.names[0], "cart");
        const auto ended = [&] { return reader.states[shop.names[0]].state == State::kEnded; };
        CHECK(co_await reader.until(ended));
        shop.set(0, stamped(10, "a") + stamped(11, "b"));
        CHECK(co_await reader.until_last("b"));
        CHECK(reader.states[shop.names[0]].state == State::kOk);
        shop.clock.advance(shop.parts.bounds.follow.renewal + 1s);  // the stream is made anew
        shop.append(0, stamped(12, "c"));
        CHECK(co_await reader.until_last("c"));
        CHECK(reader.messages == "a,b,c,");
        co_return 0;
    });
}

TEST_CASE("a container that fails is named, leaves the rest and may come back", "[logs][follow]") {
    Shop shop;
    shop.set(0, stamped(10, "a"));
    shop.cluster.fail_log(
        "shop", shop.names[1], "cart", Error(ErrorKind::kUpstreamUnavailable, "node gone")
    );
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        co_await reader.once();
        CHECK(reader.states[shop.names[1]].state == State::kFailed);
        CHECK(reader.states[shop.names[1]].reason == "node gone");
        shop.append(0, stamped(11, "b"));
        CHECK(co_await reader.until_last("b"));
        shop.set(1, stamped(12, "c"));
        CHECK(co_await reader.until_last("c"));
        CHECK(reader.states[shop.names[1]].state == State::kOk);
        CHECK(reader.messages == "a,b,c,");
        co_return 0;
    });
}

TEST_CASE("a stream that stays open is no failed one, even if nothing comes", "[logs][follow]") {
    Shop shop;
    shop.set(0, stamped(10, "a"));
    shop.cluster.fail_log(
        "shop", shop.names[1], "cart", Error(ErrorKind::kUpstreamUnavailable, "node gone")
    );
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        co_await reader.once();
        shop.set(1, "");
        const std::function<bool()> done1 = [&] {
            return reader.states[shop.names[1]].state == State::kOk;
        };
        CHECK(co_await reader.until(done1));
        co_return 0;
    });
}

TEST_CASE("a container that is silent for long is no failed one", "[logs][follow]") {
    Shop shop(1);
    shop.cluster.stall_log("shop", shop.names[0], "cart");
    const std::string nothing = business::ResumePoint().text();
    follow(
        shop,
        [&](Reader& reader) -> Awaitable<int> {
            std::set<State> seen;
            const auto streams = [&] { return shop.cluster.log_queries().size(); };
            for (std::size_t renewed = 1; renewed < 4; ++renewed) {
                const std::function<bool()> open = [&] {
                    for (const auto& [pod, source] : reader.states) {
                        seen.insert(source.state);
                    }
                    return streams() == renewed;
                };
                CHECK(co_await reader.until(open));
                shop.clock.advance(shop.parts.bounds.follow.renewal + 1s);
            }
            CHECK_FALSE(seen.contains(State::kFailed));
            co_return 0;
        },
        {},
        nothing
    );
}

TEST_CASE("of more containers than are followed those of the newest pods are", "[logs][follow]") {
    Shop shop(4);
    shop.parts.bounds.follow.sources = 2;
    std::vector<std::string> names = shop.names;
    std::sort(names.begin(), names.end());
    for (std::size_t i = 0; i < 4; ++i) {
        shop.set(i, stamped(10, "a"));
    }
    const models::ClusterSnapshotPtr before = shop.cluster.snapshot();
    shop.cluster.set_snapshot(with_pods(*before, names));
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        co_await reader.once();
        CHECK(reader.states.size() == 2);
        CHECK(reader.states.contains(names[2]));
        CHECK(reader.states.contains(names[3]));
        // Two that are newer change nothing for those that are followed and still there.
        shop.cluster.set_snapshot(with_pods(*before, {names[3], names[2], names[1], names[0]}));
        shop.clock.advance(shop.parts.bounds.follow.renewal + 1s);
        const std::function<bool()> renewed = [&] {
            return shop.cluster.log_queries().size() >= 4 + 2 + 2;
        };
        CHECK(co_await reader.until(renewed));
        CHECK(reader.on->followed().size() == 2);
        CHECK(reader.states.size() == 2);
        CHECK(reader.states[names[2]].state == State::kOk);
        // One of them goes: there is room for the newest.
        shop.cluster.set_snapshot(with_pods(*before, {names[3], names[1], names[0]}));
        shop.cluster.end_log("shop", names[2], "cart");
        const std::function<bool()> joined = [&] { return reader.states.contains(names[0]); };
        CHECK(co_await reader.until(joined));
        CHECK(reader.states[names[2]].reason == "the pod is gone");
        CHECK_FALSE(reader.states.contains(names[1]));
        co_return 0;
    });
}

TEST_CASE("pods that come are joined, pods that go are left", "[logs][follow]") {
    Shop shop(3);
    for (std::size_t i = 0; i < 3; ++i) {
        shop.set(i, stamped(10, "first" + std::to_string(i)));
    }
    shop.show(1);
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        co_await reader.once();
        CHECK(reader.states.size() == 1);
        shop.show(3);
        const std::function<bool()> all = [&] {
            return reader.lines == 2;
        };  // of the two that came
        CHECK(co_await reader.until(all));
        CHECK(reader.states.size() == 3);
        shop.show(2);
        const models::ClusterSnapshotPtr left = shop.cluster.snapshot();
        std::set<std::string> gone(shop.names.begin(), shop.names.end());
        for (const auto& pod : left->find_workload("shop", "cart")->pods) {
            gone.erase(pod->meta.name);
        }
        REQUIRE(gone.size() == 1);
        shop.cluster.end_log("shop", *gone.begin(), "cart");
        const std::function<bool()> done2 = [&] {
            return reader.states[*gone.begin()].reason == "the pod is gone";
        };
        CHECK(co_await reader.until(done2));
        CHECK(reader.on->followed().size() == 2);
        CHECK_FALSE(reader.over);
        co_return 0;
    });
}

TEST_CASE("a follow is over when the workload is gone and its logs have ended", "[logs][follow]") {
    Shop shop(1);
    shop.set(0, stamped(10, "a"));
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        co_await reader.once();
        shop.cluster.set_snapshot(FakeCluster().snapshot());
        shop.append(0, stamped(11, "last"));
        CHECK(co_await reader.until_last("last"));
        CHECK_FALSE(reader.over);
        shop.cluster.end_log("shop", shop.names[0], "cart");
        const std::function<bool()> done3 = [&] { return reader.over; };
        CHECK(co_await reader.until(done3));
        co_return 0;
    });
}

TEST_CASE("a reader who comes back goes on behind the last line", "[logs][follow]") {
    Shop shop;
    shop.set(0, stamped(10, "a") + stamped(11, "b"));
    shop.set(1, "");
    std::string resume;
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        shop.append(0, stamped(11, "c"));
        CHECK(co_await reader.until_last("c"));
        resume = reader.resume;
        co_return 0;
    });
    shop.append(0, stamped(11, "d"));
    shop.append(1, stamped(10, "late"));  // of a log of which nothing had come
    follow(
        shop,
        [&](Reader& reader) -> Awaitable<int> {
            const std::function<bool()> done4 = [&] { return reader.lines == 2; };
            CHECK(co_await reader.until(done4));
            CHECK(reader.messages == "late,d,");
            co_return 0;
        },
        {},
        resume
    );
    follow(
        shop,
        [&](Reader& reader) -> Awaitable<int> {
            CHECK(
                reader.messages == "a,late,b,c,d,"
            );  // what no server of this kind said is nothing
            co_return 0;
        },
        {},
        "42"
    );
}

TEST_CASE("only lines that are wanted are told", "[logs][follow]") {
    Shop shop(1);
    const std::vector<std::string> keys{"password"};
    shop.masker = business::Masker(keys);
    shop.set(0, stamped(10, "want a") + stamped(11, "not"));
    TimelineQuery query;
    query.wanted.contains = "want";
    follow(
        shop,
        [&](Reader& reader) -> Awaitable<int> {
            shop.append(0, stamped(12, "not") + stamped(13, "want password=hidden-word b"));
            const std::function<bool()> done5 = [&] { return reader.lines == 1; };
            CHECK(co_await reader.until(done5));
            CHECK(reader.messages.find("hidden-word") == std::string::npos);
            CHECK(reader.messages.starts_with("want a,want "));
            co_return 0;
        },
        query
    );
}

TEST_CASE("a reader who is slow loses the oldest lines and is told how many", "[logs][follow]") {
    Shop shop(1);
    shop.parts.bounds.follow.queue = {256UL << 10U, 1'000};
    shop.parts.bounds.follow.patience = 0ms;  // what comes at once is dropped at once
    shop.set(0, "");
    follow(shop, [&](Reader& reader) -> Awaitable<int> {
        co_await reader.once();
        std::string text;
        for (int i = 0; i < 20'000; ++i) {
            text += stamped(10 + i / 1'000, "line " + std::to_string(i) + std::string(80, '.'));
        }
        shop.append(0, text + stamped(40, "last"));
        CHECK(co_await reader.until_last("last"));
        CHECK(reader.dropped > 0);
        CHECK(reader.dropped + reader.lines == 20'001);
        CHECK(reader.most <= 2'000);
        co_return 0;
    });
}

TEST_CASE("streams end at once when their reader leaves", "[logs][follow]") {
    Shop shop;
    shop.parts.bounds.follow.patience = 1h;
    shop.parts.bounds.follow.queue = {1'000, 10};
    std::string text;
    for (int i = 0; i < 5'000; ++i) {
        text += stamped(10, "line");
    }
    shop.set(0, "");
    shop.cluster.stall_log("shop", shop.names[1], "cart");
    TimelineQuery query;
    query.containers = {"cart"};
    const std::string nothing = business::ResumePoint().text();
    follow(
        shop,
        [&](Reader& reader) -> Awaitable<int> {
            co_await reader.once();
            shop.append(0, text);  // one stream waits for room, one for its first byte
            co_await reader.once();
            co_return 0;
        },
        query,
        nothing
    );
}

TEST_CASE("who may not see a namespace follows nothing there", "[logs][follow]") {
    Shop shop;
    Logs logs(shop.parts);
    TimelineQuery query;
    query.ns = "shop";
    query.workload = "cart";
    const auto refused = test::run_coroutine<ErrorKind>([&]() -> Awaitable<ErrorKind> {
        RequestContext context;
        auto followed = co_await logs.follow(context, query, "");
        co_return followed ? ErrorKind::kInternal : followed.error().kind();
    });
    CHECK(refused == ErrorKind::kForbidden);
    query.workload = "missing";
    const auto missing = test::run_coroutine<ErrorKind>([&]() -> Awaitable<ErrorKind> {
        RequestContext context;
        context.caller = business::anonymous_caller();
        auto followed = co_await logs.follow(context, query, business::ResumePoint().text());
        co_return followed ? ErrorKind::kInternal : followed.error().kind();
    });
    CHECK(missing == ErrorKind::kNotFound);
}
