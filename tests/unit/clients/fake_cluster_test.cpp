#include "tests/support/fake_cluster.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>

namespace meshscope::test {

namespace {

using clients::LogEnd;

RequestContext as(const std::string& token) {
    auto credentials = std::make_shared<CallerCredentials>();
    credentials->token = token;
    credentials->key = std::string(64, '1');
    RequestContext context;
    context.caller.credentials = std::move(credentials);
    return context;
}

struct Collect final : clients::LogSink {
    std::string text;
    int pieces = 0;
    int wanted = 1'000;
    std::function<void()> after;
    Awaitable<bool> take(std::string bytes) override {
        text += bytes;
        ++pieces;
        if (after) {
            after();
        }
        co_return pieces < wanted;
    }
};

struct Fixture {
    ManualClock clock;
    FakeCluster cluster{&clock};
    std::shared_ptr<Collect> sink = std::make_shared<Collect>();
    std::vector<std::string> pods;

    Fixture() {
        WorkloadRow row;
        row.app = "reviews";
        row.version = "v1";
        row.pods = 2;
        pods = cluster.add_workload("bookinfo", "reviews-v1", row);
        cluster.add_namespace("travel");
        cluster.add_user("token-a", {"team-a", {"bookinfo"}});
        cluster.add_user("token-b", {"team-b", {"travel"}});
    }

    Result<LogEnd> read(clients::LogQuery query, const RequestContext& context) {
        query.ns = "bookinfo";
        query.pod = pods[0];
        return run_coroutine<Result<LogEnd>>([&] { return cluster.read_log(context, query, sink); }
        );
    }
    bool may(const std::string& token, clients::AccessQuestion question) {
        const auto answer = run_coroutine<Result<clients::AccessAnswer>>([&] {
            return cluster.may_i(as(token), question);
        });
        REQUIRE(answer.has_value());
        return answer->allowed;
    }
};

}  // namespace

TEST_CASE("the fake cluster's objects are in its snapshot", "[fake_cluster]") {
    Fixture f;
    auto snapshot = f.cluster.snapshot();
    const models::Workload* workload = snapshot->find_workload("bookinfo", "reviews-v1");
    REQUIRE(workload != nullptr);
    REQUIRE(f.pods.size() == 2);
    CHECK(f.pods[0].starts_with("reviews-v1-"));
    const models::Pod* pod = snapshot->pod_named("bookinfo", f.pods[0]);
    REQUIRE(pod != nullptr);
    CHECK(snapshot->workload_of(*pod) == workload);
    CHECK(snapshot->pod_at(pod->ips[0], f.clock.now()) == pod);
    CHECK(snapshot->workloads_of_app("reviews").size() == 1);
    f.cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
    f.cluster.end_pod("bookinfo", f.pods[0], f.clock.now());
    snapshot = f.cluster.snapshot();
    const models::NamespaceView* view = snapshot->find("bookinfo");
    CHECK(view->pods.size() == 1);
    CHECK(view->workloads[0]->pods.size() == 1);
    CHECK(view->services_of(*view->workloads[0]).size() == 1);
    pod = snapshot->pod_named("bookinfo", f.pods[0]);
    REQUIRE(pod != nullptr);
    CHECK(snapshot->workload_of(*pod) == view->workloads[0].get());
    f.cluster.remove_namespace("bookinfo");
    CHECK(f.cluster.snapshot()->find("bookinfo") == nullptr);
}

TEST_CASE("the fake cluster answers callers by their rights", "[fake_cluster]") {
    Fixture f;
    CHECK(f.may("token-a", {"get", "", "namespaces", "", "bookinfo", "bookinfo"}));
    CHECK(f.may("token-a", {"get", "", "pods", "log", "bookinfo", ""}));
    CHECK_FALSE(f.may("token-a", {"get", "", "namespaces", "", "travel", "travel"}));
    CHECK_FALSE(f.may("token-a", {"get", "", "namespaces", "", "", ""}));
    CHECK_FALSE(f.may("token-a", {"list", "", "namespaces", "", "", ""}));
    CHECK_FALSE(f.may("token-a", {"delete", "", "pods", "", "bookinfo", ""}));
    CHECK(f.cluster.calls()["may_i"] == 6);
    CHECK(f.cluster.questions()[0].name == "bookinfo");

    const auto pod = [&](const RequestContext& context) {
        return run_coroutine<Result<models::Pod>>([&] {
            return f.cluster.pod(context, "bookinfo", f.pods[0]);
        });
    };
    CHECK(pod(as("token-a"))->meta.name == f.pods[0]);
    CHECK(pod(as("token-b")).error().kind() == ErrorKind::kForbidden);
    CHECK(pod(as("nobody's")).error().kind() == ErrorKind::kUnauthenticated);
    CHECK(pod({}).error().kind() == ErrorKind::kUnauthenticated);
    f.cluster.fail_with(Error(ErrorKind::kUpstreamUnavailable, "down"));
    CHECK(pod(as("token-a")).error().kind() == ErrorKind::kUpstreamUnavailable);
}

TEST_CASE("the fake cluster's logs begin, end and fail as asked", "[fake_cluster]") {
    Fixture f;
    const std::string lines[] = {
        "2025-11-21T00:00:00.100000000Z one\n",
        "2025-11-21T00:00:01.200000000Z two\n",
        "2025-11-21T00:00:02.300000000Z three\n"
    };
    f.cluster.set_log("bookinfo", f.pods[0], "reviews", lines[0] + lines[1] + lines[2]);
    clients::LogQuery query;
    SECTION("whole, of the container that is not named") {
        f.cluster.set_log_piece(7);
        const auto end = f.read(query, as("token-a"));
        REQUIRE(end.has_value());
        CHECK(end->why == LogEnd::Why::kEnd);
        CHECK(f.sink->text == lines[0] + lines[1] + lines[2]);
        CHECK(f.sink->pieces > 10);
        CHECK(end->bytes == f.sink->text.size());
    }
    SECTION("the tail, of which the first bytes stay") {
        query.tail_lines = 2;
        query.limit_bytes = lines[1].size() + 3;
        CHECK(f.read(query, as("token-a"))->why == LogEnd::Why::kBytes);
        CHECK(f.sink->text == lines[1] + lines[2].substr(0, 3));
    }
    SECTION("since") {
        query.since = from_micros(1'763'683'201'200'000);
        CHECK(f.read(query, as("token-a")).has_value());
        CHECK(f.sink->text == lines[1] + lines[2]);
    }
    SECTION("a sink that has enough") {
        f.cluster.set_log_piece(7);
        f.sink->wanted = 1;
        CHECK(f.read(query, as("token-a"))->why == LogEnd::Why::kUnwanted);
        CHECK(f.sink->text == lines[0].substr(0, 7));
    }
    SECTION("a follower") {
        query.follow = true;
        f.sink->after = [&] {
            if (f.sink->pieces == 1) {
                f.cluster.append_log("bookinfo", f.pods[0], "reviews", "more\n");
                f.cluster.end_log("bookinfo", f.pods[0], "reviews");
            }
        };
        CHECK(f.read(query, as("token-a"))->why == LogEnd::Why::kEnd);
        CHECK(f.sink->text == lines[0] + lines[1] + lines[2] + "more\n");
    }
    SECTION("refusals") {
        CHECK(f.read(query, as("token-b")).error().kind() == ErrorKind::kForbidden);
        query.container = "absent";
        const auto absent = f.read(query, as("token-a"));
        REQUIRE_FALSE(absent.has_value());
        CHECK(absent.error().kind() == ErrorKind::kInvalidArgument);
        CHECK(absent.error().detail() == "containers: reviews, istio-proxy");
        query.container = "reviews";
        query.previous = true;
        CHECK(f.read(query, as("token-a")).error().code() == "no_previous");
        query.previous = false;
        f.cluster.fail_log("bookinfo", f.pods[0], "reviews", Error(ErrorKind::kConflict, "waits"));
        CHECK(f.read(query, as("token-a")).error().kind() == ErrorKind::kConflict);
    }
    SECTION("a stalled log ends by the deadline") {
        f.cluster.stall_log("bookinfo", f.pods[0], "reviews");
        RequestContext context = as("token-a");
        context.deadline = Deadline(f.clock.steady_now());
        CHECK(f.read(query, context).error().kind() == ErrorKind::kDeadline);
    }
}

}  // namespace meshscope::test
