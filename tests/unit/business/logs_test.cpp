#include "tests/unit/business/logs_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::test;
using business::LogBounds;
using business::SourceState;
using State = business::SourceState::State;

TEST_CASE("a timeline merges all containers by time", "[logs]") {
    LogsFixture f;
    f.set(0, "cart-v1", stamped(1, "one") + stamped(4, "four"));
    f.set(0, "istio-proxy", stamped(5, access_line(2, "/two")) + stamped(5, "proxy says"));
    f.set(1, "cart-v1", stamped(3, "three"));
    const auto timeline = f.timeline();
    REQUIRE(timeline.has_value());
    REQUIRE(timeline->entries.size() == 5);
    CHECK(line_of(*timeline, 0).message == "one");
    REQUIRE(line_of(*timeline, 1).access);
    CHECK(line_of(*timeline, 1).access->path == "/two");
    CHECK(timeline->entries[1].time_ns == (kLogsBase + 2) * 1'000'000'000 + 500'000'000);
    CHECK(line_of(*timeline, 2).message == "three");
    CHECK(line_of(*timeline, 4).message == "proxy says");
    CHECK_FALSE(line_of(*timeline, 4).access);

    REQUIRE(timeline->sources.size() == 4);
    const std::size_t first = f.pods[0] < f.pods[1] ? 0 : 2;
    CHECK(timeline->sources[first].place.pod == f.pods[0]);
    CHECK(timeline->sources[first].place.container == "cart-v1");
    CHECK(timeline->sources[first].lines == 2);
    CHECK(timeline->sources[first + 1].place.kind == models::LogSource::kProxy);
    CHECK(timeline->sources[(first + 2) % 4].lines == 1);
    CHECK(timeline->sources[(first + 3) % 4].state == State::kEmpty);
    CHECK(timeline->meta.returned == 5);
    CHECK(timeline->meta.scanned == 5);
    CHECK(timeline->meta.stopped_by == clients::StoppedBy::kComplete);
    CHECK(timeline->meta.order == "time:asc");
    CHECK(timeline->meta.upstream.at("kubernetes").calls == 4);
}

TEST_CASE("the newest lines of a timeline are kept", "[logs]") {
    LogsFixture f;
    for (int i = 0; i < 10; ++i) {
        f.cluster.append_log("shop", f.pods[0], "cart-v1", stamped(2 * i, "a" + std::to_string(i)));
        f.cluster.append_log(
            "shop", f.pods[1], "cart-v1", stamped(2 * i + 1, "b" + std::to_string(i))
        );
    }
    TimelineQuery query;
    query.tail = 5;
    query.containers = {"cart-v1"};
    const auto timeline = f.timeline(query);
    REQUIRE(timeline.has_value());
    CHECK(messages(*timeline) == "b7,a8,b8,a9,b9,");
    CHECK(timeline->meta.stopped_by == clients::StoppedBy::kLimit);
    CHECK(timeline->meta.used.limit == 5);
    CHECK(timeline->sources[0].more);
    for (const auto& asked : f.cluster.log_queries()) {
        CHECK(asked.tail_lines == 6);
        CHECK_FALSE(asked.since);
        CHECK(asked.limit_bytes > 0);
    }

    query.tail = 20;
    const auto all = f.timeline(query);
    REQUIRE(all.has_value());
    CHECK(all->entries.size() == 20);
    CHECK_FALSE(all->sources[0].more);
    CHECK(all->meta.stopped_by == clients::StoppedBy::kComplete);

    query.since = SystemTime(std::chrono::seconds(kLogsBase + 18));
    const auto late = f.timeline(query);
    REQUIRE(late.has_value());
    CHECK(messages(*late) == "a9,b9,");
    CHECK(late->meta.asked.start == query.since);
}

TEST_CASE("one failing container leaves the rest and is named", "[logs]") {
    LogsFixture f;
    f.parts.clock = &f.clock;
    f.set(0, "cart-v1", stamped(1, "one"));
    f.cluster.fail_log(
        "shop",
        f.pods[0],
        "istio-proxy",
        Error(ErrorKind::kUpstreamUnavailable, "node n1 does not answer")
    );
    f.cluster.fail_log(
        "shop",
        f.pods[1],
        "cart-v1",
        Error(ErrorKind::kConflict, "the container is waiting to start").with_code("no_logs_yet")
    );
    f.cluster.fail_log(
        "shop", f.pods[1], "istio-proxy", Error(ErrorKind::kForbidden, "pods/log is forbidden")
    );
    const auto timeline = f.timeline();
    REQUIRE(timeline.has_value());
    CHECK(messages(*timeline) == "one,");
    std::vector<State> states;
    for (const SourceState& source : timeline->sources) {
        states.push_back(source.state);
        CHECK((source.state == State::kOk) == source.reason.empty());
    }
    const std::vector<State> first{State::kOk, State::kFailed};
    const std::vector<State> second{State::kWaiting, State::kForbidden};
    std::vector<State> expected = f.pods[0] < f.pods[1] ? first : second;
    const std::vector<State>& rest = f.pods[0] < f.pods[1] ? second : first;
    expected.insert(expected.end(), rest.begin(), rest.end());
    CHECK(states == expected);

    f.cluster.fail_with(Error(ErrorKind::kUpstreamUnavailable, "the cluster is away"));
    const auto away = f.timeline();
    REQUIRE_FALSE(away.has_value());
    CHECK(away.error().kind() == ErrorKind::kUpstreamUnavailable);
}

TEST_CASE("lines are filtered by text, expression and request", "[logs]") {
    LogsFixture f;
    f.set(
        0,
        "cart-v1",
        stamped(1, "GET /a id=r-1") + stamped(2, "GET /b id=r-12") +
            stamped(3, "PUT /a?token=secret")
    );
    struct Row {
        business::LogFilter::Wanted wanted;
        std::string lines;
    };
    const std::vector<Row> rows{
        {{"GET", "", "", ""}, "GET /a id=r-,GET /b id=r-,"},
        {{"get", "", "", ""}, ""},
        {{"", "^(GET|PUT) /a", "", ""}, "GET /a id=r-,PUT /a?token,"},
        {{"", "(?i)put", "", ""}, "PUT /a?token,"},
        {{"", "", "r-1", ""}, "GET /a id=r-,"},
        {{"GET", "/b", "", ""}, "GET /b id=r-,"},
        {{"token=secret", "", "", ""}, ""},  // hidden before anybody looks for it
        {{"token=xxx", "", "", ""}, "PUT /a?token,"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.wanted.contains, row.wanted.matches, row.wanted.request_id);
        TimelineQuery query;
        query.wanted = row.wanted;
        query.tail = 2;
        const auto timeline = f.timeline(query);
        REQUIRE(timeline.has_value());
        CHECK(messages(*timeline) == row.lines);
        CHECK(timeline->meta.scanned == 3);
    }
    TimelineQuery bad;
    bad.wanted.matches = "(";
    const auto refused = f.timeline(bad);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(refused.error().message().find("'matches'") != std::string::npos);
}

TEST_CASE("lines are filtered by the least severity; an access line is INFO", "[logs]") {
    LogsFixture f;
    f.set(
        0,
        "cart-v1",
        stamped(1, "level=debug one") + stamped(2, "[warning] two") + stamped(3, "three") +
            stamped(4, "ERROR four") + stamped(5, "panic: five")
    );
    f.set(0, "istio-proxy", stamped(9, access_line(6, "/r-6")));
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "level=debug ,[warning] tw,three,ERROR four,panic: five,[2026-03-04T,"},
        {"TRACE", "level=debug ,[warning] tw,three,ERROR four,panic: five,[2026-03-04T,"},
        {"INFO", "[warning] tw,three,ERROR four,panic: five,[2026-03-04T,"},
        {"WARN", "[warning] tw,ERROR four,panic: five,"},
        {"ERROR", "ERROR four,panic: five,"},
        {"FATAL", "panic: five,"},
    };
    for (const auto& [severity, lines] : rows) {
        CAPTURE(severity);
        TimelineQuery query;
        query.wanted.severity = severity;
        const auto timeline = f.timeline(query);
        REQUIRE(timeline.has_value());
        CHECK(messages(*timeline) == lines);
        CHECK(timeline->meta.scanned == 6);
    }
    TimelineQuery bad;
    bad.wanted.severity = "LOUD";
    const auto refused = f.timeline(bad);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(refused.error().message().find("'severity' must be one of TRACE") != std::string::npos);
}

TEST_CASE("spans of the workload stand between its lines, and lines lead to them", "[logs]") {
    LogsFixture f;
    f.set(0, "cart-v1", stamped(3, "served trace_id=000000000000000000000000000000aa"));
    f.set(0, "istio-proxy", stamped(9, access_line(5, "/r-2")));
    f.add_span(0xaa, 2, "id-r-1");
    f.add_span(0xbb, 5, "id-r-2");
    f.add_span(0xcc, 8, "id-r-3");
    TimelineQuery query;
    CHECK(messages(*f.timeline(query)) == "served trace,[2026-03-04T,");
    CHECK(f.store.queries().empty());
    query.spans = true;
    query.since = SystemTime(std::chrono::seconds(kLogsBase));
    const auto timeline = f.timeline(query);
    REQUIRE(timeline.has_value());
    CHECK(messages(*timeline) == "span op2,served trace,span op5,[2026-03-04T,span op8,");
    REQUIRE(timeline->entries.size() == 5);
    REQUIRE(timeline->entries[1].link);
    CHECK(timeline->entries[1].link->trace == TraceId{0, 0xaa});
    CHECK(timeline->entries[1].link->by == business::SpanLink::By::kTraceId);
    REQUIRE(timeline->entries[3].link);
    CHECK(timeline->entries[3].link->trace == TraceId{0, 0xbb});
    CHECK(timeline->entries[3].link->by == business::SpanLink::By::kRequestId);
    CHECK(timeline->meta.scanned == 5);
    CHECK(timeline->meta.upstream.contains("jaeger"));
    CHECK(timeline->meta.upstream.contains("kubernetes"));
    // How much the search read would tell of hidden spans.
    f.token = "token-a";
    const auto limited = f.timeline(query);
    REQUIRE(limited.has_value());
    CHECK(limited->entries.size() == 5);
    CHECK_FALSE(limited->meta.upstream.contains("jaeger"));
    CHECK(limited->meta.upstream.contains("kubernetes"));
    f.token.clear();

    query.tail = 2;
    CHECK(messages(*f.timeline(query)) == "[2026-03-04T,span op8,");
    query.tail.reset();
    query.since.reset();  // from the first line on
    CHECK(messages(*f.timeline(query)) == "served trace,span op5,[2026-03-04T,span op8,");
    query.wanted.request_id = "id-r-2";
    CHECK(messages(*f.timeline(query)) == "[2026-03-04T,");

    // Tracing that fails leaves the lines.
    f.store.fail_with(Error(ErrorKind::kUpstreamUnavailable, "jaeger is away"));
    const auto without = f.timeline(query);
    REQUIRE(without.has_value());
    CHECK(messages(*without) == "[2026-03-04T,");
    REQUIRE(without->meta.warnings.size() == 1);
    CHECK(without->meta.warnings[0].code == "spans_unavailable");
}

TEST_CASE("pods that were replaced a moment ago are no error of their workload", "[logs]") {
    LogsFixture f;
    for (const std::string& pod : f.pods) {
        for (const char* container : {"cart-v1", "istio-proxy"}) {
            f.cluster.fail_log("shop", pod, container, Error(ErrorKind::kNotFound, "no such pod"));
        }
    }
    const auto timeline = f.timeline();
    REQUIRE(timeline.has_value());
    CHECK(timeline->entries.empty());
    REQUIRE(timeline->sources.size() == 4);
    CHECK(timeline->sources[0].state == State::kFailed);
    CHECK(timeline->sources[0].reason == "no such pod");
}

TEST_CASE("what a timeline refuses is refused before anything is read", "[logs]") {
    LogsFixture f;
    const auto kind = [&](TimelineQuery query) {
        const auto timeline = f.timeline(std::move(query));
        REQUIRE_FALSE(timeline.has_value());
        return timeline.error();
    };
    TimelineQuery other;
    other.workload = "nothing";
    CHECK(kind(other).kind() == ErrorKind::kNotFound);
    TimelineQuery container;
    container.containers = {"nothing"};
    CHECK(kind(container).kind() == ErrorKind::kInvalidArgument);

    f.token = "token-a";
    TimelineQuery hidden;
    hidden.ns = "bank";
    CHECK(kind(hidden).kind() == ErrorKind::kForbidden);
    CHECK(f.timeline().has_value());  // its own
    f.token.clear();
    CHECK(f.cluster.calls()["read_log"] == 4);

    clients::ClusterState syncing;
    f.cluster.set_state(syncing);
    CHECK(kind({}).code() == "cluster_syncing");
    f.parts.disabled = true;
    CHECK(kind({}).code() == "feature_disabled");
    f.parts.disabled = false;
    f.parts.cluster = nullptr;
    f.parts.unavailable =
        Error(ErrorKind::kUnavailable, "none").with_code("cluster_not_configured");
    CHECK(kind({}).code() == "cluster_not_configured");
    CHECK(f.cluster.calls()["read_log"] == 4);
}

TEST_CASE("long logs stay within their bytes, newest first", "[logs]") {
    LogsFixture f;
    f.parts.bounds.source_bytes = 4'000;
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text += stamped(i, std::string(180, 'x') + std::to_string(i));
    }
    f.set(0, "cart-v1", text);
    TimelineQuery query;
    query.tail = 40;
    const auto timeline = f.timeline(query);
    REQUIRE(timeline.has_value());
    REQUIRE(timeline->entries.size() == 10);  // 41 lines, 20, 10
    CHECK(line_of(*timeline, timeline->entries.size() - 1).message.ends_with("x49"));
    CHECK(timeline->meta.stopped_by == clients::StoppedBy::kBytes);
    std::size_t cut = 0;
    for (const SourceState& source : timeline->sources) {
        cut += source.state == State::kCut ? 1 : 0;
    }
    CHECK(cut == 1);

    // Without a number of lines the newest are kept as well.
    const auto pod = f.pod();
    REQUIRE(pod.has_value());
    CHECK(pod->truncated);
    CHECK(pod->lines.back().message.ends_with("x49"));
}

TEST_CASE("a workload with many containers is read for its newest pods", "[logs]") {
    LogsFixture f;
    f.parts.bounds.sources = 3;
    const auto timeline = f.timeline();
    REQUIRE(timeline.has_value());
    CHECK(timeline->sources.size() == 3);
    REQUIRE(timeline->meta.warnings.size() == 1);
    CHECK(timeline->meta.warnings[0].code == "sources_limit");

    test::WorkloadRow none;
    none.pods = 0;
    f.cluster.add_workload("shop", "idle", none);
    TimelineQuery idle;
    idle.workload = "idle";
    const auto empty = f.timeline(idle);
    REQUIRE(empty.has_value());
    CHECK(empty->entries.empty());
    CHECK(empty->sources.empty());
}

TEST_CASE("the lines of a workload before its restarts, with the spans of that time", "[logs]") {
    LogsFixture f;
    f.set(0, "cart-v1", stamped(30, "again"));
    f.set(1, "cart-v1", stamped(31, "never restarted"));
    f.add_span(1, 0, "r-1");
    f.add_span(2, 25, "r-2");
    TimelineQuery query;
    query.previous = true;
    query.spans = true;
    auto list = f.timeline(query);
    REQUIRE(list.has_value());
    CHECK(list->entries.empty());
    REQUIRE(list->sources.size() == 4);
    for (const SourceState& source : list->sources) {
        CHECK(source.state == State::kEmpty);
        CHECK(source.reason == "the container has not been restarted");
    }
    CHECK(list->meta.stopped_by == clients::StoppedBy::kComplete);

    f.cluster.set_previous_log(
        "shop", f.pods[0], "cart-v1", stamped(1, "id=r-1") + stamped(2, "crash")
    );
    list = f.timeline(query);
    REQUIRE(list.has_value());
    REQUIRE(list->entries.size() == 2);  // a span of before the first line is only led to
    CHECK(list->traces.size() == 1);
    CHECK(list->sources[0].lines == 2);
    CHECK(list->sources[0].state == State::kOk);
    CHECK(list->sources[2].state == State::kEmpty);
    for (const clients::LogQuery& asked : f.cluster.log_queries()) {
        CHECK(asked.previous);
    }
}
