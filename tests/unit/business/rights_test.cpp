#include "business/rights.hpp"

#include "tests/support/fake_cluster.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::business {

namespace {

using clients::AccessAnswer;
using clients::AccessQuestion;
using std::chrono::seconds;
using test::FakeCluster;
using Names = std::vector<std::string>;

RequestContext as(const std::string& token) {
    auto credentials = std::make_shared<CallerCredentials>();
    credentials->token = token;
    credentials->key = "key of " + token;
    RequestContext context;
    context.caller.credentials = std::move(credentials);
    return context;
}

// Another one whose reviews take a turn of the event loop, and may fail.
class SlowCluster final : public clients::Cluster {
 public:
    explicit SlowCluster(FakeCluster& inner) : inner_(inner) {}

    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    std::function<std::optional<Error>(const AccessQuestion&)> fault;

    [[nodiscard]] models::ClusterSnapshotPtr snapshot() const override { return inner_.snapshot(); }
    [[nodiscard]] clients::ClusterState state() const override { return inner_.state(); }
    Awaitable<Result<models::Pod>> pod(RequestContext context, std::string ns, std::string name)
        override {
        return inner_.pod(std::move(context), std::move(ns), std::move(name));
    }
    Awaitable<Result<clients::LogEnd>> read_log(
        RequestContext context, clients::LogQuery query, std::shared_ptr<clients::LogSink> sink
    ) override {
        return inner_.read_log(std::move(context), std::move(query), std::move(sink));
    }
    Awaitable<Result<clients::TokenOwner>> review_token(RequestContext context, std::string token)
        override {
        return inner_.review_token(std::move(context), std::move(token));
    }
    Awaitable<Result<AccessAnswer>> may_i(RequestContext context, AccessQuestion question)
        override {
        most = std::max(most.load(), ++running);
        co_await boost::asio::post(co_await boost::asio::this_coro::executor, use_awaitable);
        --running;
        if (fault) {
            if (auto error = fault(question)) {
                co_return *error;
            }
        }
        auto call = inner_.may_i(std::move(context), std::move(question));
        co_return co_await std::move(call);
    }
    Awaitable<Result<clients::AccessRules>> my_rules(RequestContext context, std::string ns)
        override {
        return inner_.my_rules(std::move(context), std::move(ns));
    }

 private:
    FakeCluster& inner_;
};

struct World {
    explicit World(RightsOptions options = {}) : book(cluster, clock, options) {
        for (const char* name : {"bookinfo", "istio-system", "shop", "travel"}) {
            cluster.add_namespace(name);
        }
        cluster.add_user("admin", {"admin", {}, true, false, true});
        cluster.add_user("lister", {"lister", {}, true});
        cluster.add_user("reader", {"reader", {}, false, true});
        cluster.add_user("a", {"a", {"shop", "bookinfo"}});
        cluster.add_user("none", {"none", {}});
    }

    test::ManualClock clock;
    FakeCluster cluster;
    RightsBook book;
    boost::asio::io_context io;

    Result<Rights> of(const std::string& token) { return test::run(io, book.of(as(token))); }
    [[nodiscard]] int calls() const {
        const auto all = cluster.calls();
        const auto found = all.find("may_i");
        CHECK(all.size() <= 1);  // reviews are all that is asked
        return found == all.end() ? 0 : found->second;
    }
};

const Names kAll{"bookinfo", "istio-system", "shop", "travel"};

}  // namespace

TEST_CASE("rights: what a caller sees, and what it costs", "[rights]") {
    struct Row {
        const char* token;
        bool require_get;
        bool cluster_wide;
        Names names;
        int calls;
    };
    const std::vector<Row> rows{
        {"admin", false, true, kAll, 3},
        {"lister", false, false, kAll, 3},  // names alone open nothing without a namespace
        {"reader", false, false, kAll, 3},
        {"a", false, false, {"bookinfo", "shop"}, 7},
        {"none", false, false, {}, 7},
        {"lister", true, false, {}, 7},
        {"reader", true, false, kAll, 3},
        {"admin", true, false, {}, 7},  // may list, but not get
    };
    for (const Row& row : rows) {
        CAPTURE(row.token, row.require_get);
        RightsOptions options;
        options.require_namespace_get = row.require_get;
        World world(options);
        const Result<Rights> rights = world.of(row.token);
        REQUIRE(rights.has_value());
        CHECK(rights->cluster_wide == row.cluster_wide);
        CHECK(rights->visible->names == row.names);
        CHECK(world.calls() == row.calls);
    }
}

TEST_CASE("rights: each namespace is asked for by its own name, in itself", "[rights]") {
    World world;
    REQUIRE(world.of("a").has_value());
    Names asked;
    for (const AccessQuestion& question : world.cluster.questions()) {
        CHECK(question.group.empty());
        CHECK(question.subresource.empty());
        CHECK(question.ns == question.name);
        asked.push_back(question.verb + " " + question.resource + " " + question.name);
    }
    std::ranges::sort(asked);
    CHECK(
        asked ==
        Names{
            "get namespaces ",
            "get namespaces bookinfo",
            "get namespaces istio-system",
            "get namespaces shop",
            "get namespaces travel",
            "get pods ",
            "list namespaces "
        }
    );
}

TEST_CASE("rights: remembered for ten seconds, for that caller", "[rights]") {
    World world;
    REQUIRE(world.of("a").has_value());
    const int first = world.calls();
    world.clock.advance(seconds(10) - std::chrono::microseconds(1));
    REQUIRE(world.of("a").has_value());
    CHECK(world.calls() == first);
    CHECK(world.book.known(*as("a").caller.credentials));
    CHECK_FALSE(world.book.known(*as("none").caller.credentials));
    CHECK(world.of("none")->visible->names.empty());
    CHECK(world.calls() == 2 * first);

    world.cluster.add_namespace("new");
    world.cluster.add_user("a", {"a", {"new"}});
    CHECK(world.of("a")->visible->names == Names{"bookinfo", "shop"});
    world.clock.advance(std::chrono::microseconds(1));
    CHECK_FALSE(world.book.known(*as("a").caller.credentials));
    CHECK(world.of("a")->visible->names == Names{"new"});

    const int before = world.calls();
    world.book.forget(*as("a").caller.credentials);
    CHECK_FALSE(world.book.known(*as("a").caller.credentials));
    REQUIRE(world.of("a").has_value());
    CHECK(world.calls() > before);
}

TEST_CASE("rights: an error is an error, never less rights, and is not remembered", "[rights]") {
    World world;
    const std::vector<ErrorKind> kinds{
        ErrorKind::kUpstreamUnavailable, ErrorKind::kForbidden, ErrorKind::kRateLimited
    };
    for (const ErrorKind kind : kinds) {
        world.cluster.fail_with(Error(kind, "no"));
        const Result<Rights> failed = world.of("a");
        REQUIRE(failed.has_error());
        CHECK(failed.error().kind() == kind);
    }
    world.cluster.fail_with(std::nullopt);
    CHECK(world.of("a").has_value());
    CHECK(world.of("stranger").error().kind() == ErrorKind::kUnauthenticated);
    const auto nobody = test::run(world.io, world.book.of({}));
    REQUIRE(nobody.has_error());
    CHECK(nobody.error().kind() == ErrorKind::kUnauthenticated);
}

TEST_CASE("rights: one review that fails fails all", "[rights]") {
    World world;
    SlowCluster slow(world.cluster);
    RightsBook book(slow, world.clock, {});
    slow.fault = [](const AccessQuestion& question) -> std::optional<Error> {
        if (question.name == "shop") {
            return Error(ErrorKind::kUpstreamUnavailable, "reset");
        }
        return std::nullopt;
    };
    const auto failed = test::run(world.io, book.of(as("a")));
    REQUIRE(failed.has_error());
    CHECK(failed.error().kind() == ErrorKind::kUpstreamUnavailable);
    slow.fault = nullptr;
    const auto rights = test::run(world.io, book.of(as("a")));
    REQUIRE(rights.has_value());
    CHECK(rights->visible->names == Names{"bookinfo", "shop"});
}

TEST_CASE("rights: nobody is judged before the namespaces are known", "[rights]") {
    World world;
    clients::ClusterState state = world.cluster.state();
    state.synced = false;
    world.cluster.set_state(state);
    const Result<Rights> early = world.of("admin");
    REQUIRE(early.has_error());
    CHECK(early.error().code() == "cluster_syncing");
    CHECK(world.calls() == 0);
    state.synced = true;
    world.cluster.set_state(state);
    CHECK(world.of("admin").has_value());
}

TEST_CASE("rights: where namespaces may not be read nobody is told to see none", "[rights]") {
    World world;
    clients::KindState kind;
    kind.resource = "namespaces";
    kind.state = clients::KindState::State::kForbidden;
    clients::ClusterState state = world.cluster.state();
    state.kinds = {kind};
    world.cluster.set_state(state);
    CHECK(world.of("a").has_value());  // those that were seen before
    for (const std::string& name : kAll) {
        world.cluster.remove_namespace(name);
    }
    for (const char* token : {"none", "lister"}) {
        const Result<Rights> refused = world.of(token);
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind() == ErrorKind::kUpstreamAuth);
    }
    const Result<Rights> all = world.of("admin");
    REQUIRE(all.has_value());
    CHECK(all->cluster_wide);
}

TEST_CASE("rights: a few reviews at once, and equal questions are one", "[rights]") {
    World world;
    for (int i = 0; i < 40; ++i) {
        world.cluster.add_namespace("ns-" + std::to_string(i));
    }
    SlowCluster slow(world.cluster);
    RightsBook book(slow, world.clock, {});
    std::vector<Result<Rights>> results;
    const auto one = [&]() -> Awaitable<> { results.push_back(co_await book.of(as("a"))); };
    for (int i = 0; i < 5; ++i) {
        boost::asio::co_spawn(world.io, one, [](std::exception_ptr thrown) {
            if (thrown) {
                std::rethrow_exception(thrown);
            }
        });
    }
    world.io.restart();
    world.io.run();
    REQUIRE(results.size() == 5);
    for (const Result<Rights>& result : results) {
        REQUIRE(result.has_value());
        CHECK(result->visible->names == Names{"bookinfo", "shop"});
    }
    CHECK(world.calls() == 3 + 44);
    CHECK(slow.most == 8);
}

TEST_CASE("rights: from several threads", "[rights]") {
    World world;
    SlowCluster slow(world.cluster);
    RightsOptions options;
    options.most_callers = 2;  // forgotten and found again all the time
    RightsBook book(slow, world.clock, options);
    test::IoThread one;
    test::IoThread two;
    const auto many = [&]() -> Awaitable<int> {
        int right = 0;
        for (int i = 0; i < 30; ++i) {
            const char* token = i % 3 == 0 ? "a" : i % 3 == 1 ? "admin" : "none";
            const Result<Rights> rights = co_await book.of(as(token));
            right += rights && rights->cluster_wide == (i % 3 == 1) ? 1 : 0;
        }
        co_return right;
    };
    auto first = one.start(many());
    auto second = two.start(many());
    CHECK(first.get() == 30);
    CHECK(second.get() == 30);
}

}  // namespace meshscope::business
