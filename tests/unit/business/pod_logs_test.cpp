#include "tests/unit/business/logs_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::test;

TEST_CASE("the log of a pod keeps the newest lines of its window", "[logs]") {
    LogsFixture f;
    std::string text;
    for (int i = 0; i < 5; ++i) {
        text += stamped(10 * i, "l" + std::to_string(i));
    }
    f.set(0, "cart-v1", text);
    struct Row {
        std::uint64_t max_lines;
        std::optional<int> since;
        std::optional<int> duration;
        std::string lines;
        bool truncated;
    };
    const std::vector<Row> rows{
        {0, {}, {}, "l0,l1,l2,l3,l4,", false},
        {3, {}, {}, "l2,l3,l4,", true},
        {5, {}, {}, "l0,l1,l2,l3,l4,", false},
        {0, 10, {}, "l1,l2,l3,l4,", false},
        {0, 0, 20, "l0,l1,l2,", false},  // the end is a part of it
        {0, 0, 19, "l0,l1,", false},
        {2, 0, 20, "l1,l2,", true},
        {0, {}, 10, "l0,l1,", false},  // from the first line
    };
    for (const std::size_t piece : {7UL, 64UL << 10U}) {
        f.cluster.set_log_piece(piece);
        for (const Row& row : rows) {
            CAPTURE(piece, row.max_lines, row.since.value_or(-1), row.duration.value_or(-1));
            PodLogQuery query;
            query.container = "cart-v1";
            query.max_lines = row.max_lines;
            if (row.since) {
                query.since = SystemTime(std::chrono::seconds(kLogsBase + *row.since));
            }
            if (row.duration) {
                query.duration = std::chrono::seconds(*row.duration);
            }
            const auto log = f.pod(query);
            REQUIRE(log.has_value());
            CHECK(messages(*log) == row.lines);
            CHECK(log->truncated == row.truncated);
            CHECK(log->meta.returned == log->lines.size());
        }
    }
}

TEST_CASE("the log of a pod is read as its kind and with the caller's rights", "[logs]") {
    LogsFixture f;
    f.set(0, "istio-proxy", stamped(2, access_line(1, "/two")));
    PodLogQuery query;
    query.container = "istio-proxy";
    query.kind = models::LogSource::kProxy;
    auto log = f.pod(query);
    REQUIRE(log.has_value());
    REQUIRE(log->lines.size() == 1);
    CHECK(log->lines[0].access);
    query.kind = models::LogSource::kApp;
    log = f.pod(query);
    REQUIRE(log.has_value());
    CHECK_FALSE(log->lines[0].access);

    query.container = "nothing";
    CHECK(f.pod(query).error().kind() == ErrorKind::kInvalidArgument);
    query.container.clear();
    query.pod = "nothing";
    CHECK(f.pod(query).error().kind() == ErrorKind::kNotFound);
    f.token = "token-b";
    query.ns = "bank";
    CHECK(f.pod(query).error().kind() == ErrorKind::kForbidden);
    query.ns = "shop";
    CHECK(f.pod(query).error().kind() == ErrorKind::kUnauthenticated);
}

TEST_CASE("the log of an earlier container is read within the same bounds", "[logs]") {
    LogsFixture f;
    f.set(0, "cart-v1", stamped(9, "now"));
    f.cluster.set_previous_log(
        "shop", f.pods[0], "cart-v1", stamped(1, "a") + stamped(2, "b") + stamped(3, "c")
    );
    PodLogQuery query;
    query.container = "cart-v1";
    query.previous = true;
    query.max_lines = 2;
    const auto log = f.pod(query);
    REQUIRE(log.has_value());
    CHECK(messages(*log) == "b,c,");
    CHECK(log->truncated);
    query.previous = false;
    CHECK(messages(*f.pod(query)) == "now,");
    query.previous = true;
    query.container = "istio-proxy";
    CHECK(f.pod(query).error().code() == "no_previous");
    f.token = "token-b";  // of nobody
    CHECK(f.pod(query).error().kind() == ErrorKind::kUnauthenticated);
}

TEST_CASE("the log of a waypoint is that of all its pods, filtered by service", "[logs]") {
    LogsFixture f;
    test::WorkloadRow waypoint;
    waypoint.pods = 2;
    waypoint.waypoint = true;
    const auto pods = f.cluster.add_workload("infra", "wp", waypoint);
    test::WorkloadRow row;
    row.ambient = true;
    row.labels = {{"istio.io/use-waypoint", "wp"}, {"istio.io/use-waypoint-namespace", "infra"}};
    f.cluster.add_workload("shop", "pay-v1", row);
    f.cluster.set_log("infra", pods[0], "istio-proxy", stamped(9, access_line(1, "/one")));
    f.cluster.set_log(
        "infra", pods[1], "istio-proxy", stamped(9, access_line(2, "/two")) + stamped(9, "other")
    );
    PodLogQuery query;
    query.kind = models::LogSource::kWaypoint;
    query.workload = "pay-v1";
    query.service = "cart:80";
    auto log = f.pod(query);
    REQUIRE(log.has_value());
    REQUIRE(log->lines.size() == 2);
    CHECK(log->lines[0].access->path == "/one");
    CHECK(log->lines[1].access->path == "/two");
    CHECK_FALSE(log->truncated);
    query.service.clear();
    CHECK(f.pod(query)->lines.size() == 3);
    query.max_lines = 1;
    log = f.pod(query);
    CHECK(messages(*log) == "other,");
    CHECK(log->truncated);

    query.workload = "cart-v1";
    CHECK(f.pod(query).error().kind() == ErrorKind::kNotFound);
    query.workload = "pay-v1";
    f.token = "token-a";  // may see the workload, not its waypoint
    const auto hidden = f.pod(query);
    REQUIRE(hidden.has_error());
    CHECK(hidden.error().kind() == ErrorKind::kNotFound);
    CHECK(hidden.error().message().find("infra") == std::string::npos);
}
