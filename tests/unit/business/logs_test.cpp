#include "business/logs.hpp"

#include "business/traces.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using business::LogBounds;
using business::Logs;
using business::LogTimeline;
using business::PodLog;
using business::PodLogQuery;
using business::SourceState;
using business::TimelineQuery;
using test::FakeCluster;
using State = business::SourceState::State;

namespace {

constexpr std::int64_t kBase = 1'772'600'767;  // 2026-03-04T05:06:07Z

// "2026-03-04T05:06:07Z text", `second` after kBase (below a minute).
std::string stamped(int second, const std::string& text) {
    const std::string digits = std::to_string(second + 7);
    return "2026-03-04T05:06:" + std::string(digits.size() < 2 ? "0" : "") + digits + "Z " + text +
           "\n";
}

std::string access_line(int second, const std::string& path) {
    const std::string stamp = stamped(second, "").substr(0, 19);
    return "[" + stamp + ".500Z] \"GET " + path +
           " HTTP/1.1\" 200 - via_upstream - \"-\" 0 99 14 13 \"-\" \"curl\" \"id-" +
           path.substr(1) +
           "\" \"cart:80\" \"10.1.0.9:80\" inbound|80|| 127.0.0.6:1 10.1.0.9:80 10.1.0.4:2 - "
           "default";
}

struct Fixture {
    test::ManualClock clock{SystemTime(std::chrono::seconds(kBase + 60))};
    FakeCluster cluster{&clock};
    business::CallerAccess access;
    business::Masker masker;
    std::vector<std::string> pods;
    test::FakeTraceStore store;
    business::Traces traces{traces_parts()};
    Logs::Parts parts;
    std::string token;  // "": anonymous

    Fixture() {
        test::WorkloadRow row;
        row.pods = 2;
        pods = cluster.add_workload("shop", "cart-v1", row);
        cluster.add_user("token-a", {"a", {"shop"}});
        parts.cluster = &cluster;
        parts.traces = &traces;
        parts.access = &access;
        parts.masker = &masker;
        parts.clock = &clock;
    }

    business::Traces::Parts traces_parts() {
        business::Traces::Parts out;
        out.store = &store;
        out.access = &access;
        out.clock = &clock;
        out.masker = &masker;
        out.cluster = &cluster;
        return out;
    }

    // A trace of one span of the first pod's proxy, which began `second` after kBase.
    void add_span(std::uint64_t trace, int second, const std::string& request) {
        test::SpanRow row;
        row.service = "cart-v1.shop";
        row.operation = "op" + std::to_string(second);
        row.start_us = (kBase + second) * 1'000'000;
        row.duration_us = 500'000;
        row.tags = {
            {"node_id", "sidecar~10.0.0.1~" + pods[0] + ".shop~shop.svc.cluster.local"},
            {"guid:x-request-id", request}
        };
        store.add(test::make_trace({0, trace}, {row}));
    }

    void set(std::size_t pod, const std::string& container, const std::string& text) {
        cluster.set_log("shop", pods[pod], container, text);
    }

    [[nodiscard]] RequestContext context() const {
        RequestContext out;
        if (token.empty()) {
            out.caller = business::anonymous_caller();
            return out;
        }
        auto credentials = std::make_shared<CallerCredentials>();
        credentials->token = token;
        credentials->key = std::string(64, '1');
        auto visible = std::make_shared<VisibleNamespaces>();
        visible->names = {"shop"};
        out.caller.credentials = std::move(credentials);
        out.caller.visible = std::move(visible);
        return out;
    }

    Result<LogTimeline> timeline(TimelineQuery query = {}) {
        query.ns = query.ns.empty() ? "shop" : query.ns;
        query.workload = query.workload.empty() ? "cart-v1" : query.workload;
        const Logs logs(parts);
        return test::run_coroutine<Result<LogTimeline>>([&] {
            return logs.timeline(context(), query);
        });
    }

    Result<PodLog> pod(PodLogQuery query = {}) {
        query.ns = query.ns.empty() ? "shop" : query.ns;
        query.pod = query.pod.empty() ? pods[0] : query.pod;
        const Logs logs(parts);
        return test::run_coroutine<Result<PodLog>>([&] { return logs.of_pod(context(), query); });
    }
};

std::string messages(const LogTimeline& timeline) {
    std::string text;
    for (const auto& entry : timeline.entries) {
        if (const auto* line = std::get_if<models::LogLine>(&entry.what)) {
            text += std::string(line->message.substr(0, 12)) + ",";
        } else {
            const auto& place = std::get<business::SpanEntry>(entry.what);
            const auto& trace = *timeline.traces[place.trace].trace;
            text += "span " + std::string(trace.spans[place.span].operation) + ",";
        }
    }
    return text;
}

const models::LogLine& line_of(const LogTimeline& timeline, std::size_t entry) {
    return std::get<models::LogLine>(timeline.entries[entry].what);
}

std::string messages(const PodLog& log) {
    std::string text;
    for (const auto& line : log.lines) {
        text += std::string(line.message.substr(0, 12)) + ",";
    }
    return text;
}

}  // namespace

TEST_CASE("a timeline merges all containers by time", "[logs]") {
    Fixture f;
    f.set(0, "cart-v1", stamped(1, "one") + stamped(4, "four"));
    f.set(0, "istio-proxy", stamped(5, access_line(2, "/two")) + stamped(5, "proxy says"));
    f.set(1, "cart-v1", stamped(3, "three"));
    const auto timeline = f.timeline();
    REQUIRE(timeline.has_value());
    REQUIRE(timeline->entries.size() == 5);
    CHECK(line_of(*timeline, 0).message == "one");
    REQUIRE(line_of(*timeline, 1).access);
    CHECK(line_of(*timeline, 1).access->path == "/two");
    CHECK(timeline->entries[1].time_ns == (kBase + 2) * 1'000'000'000 + 500'000'000);
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
    Fixture f;
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

    query.since = SystemTime(std::chrono::seconds(kBase + 18));
    const auto late = f.timeline(query);
    REQUIRE(late.has_value());
    CHECK(messages(*late) == "a9,b9,");
    CHECK(late->meta.asked.start == query.since);
}

TEST_CASE("one failing container leaves the rest and is named", "[logs]") {
    Fixture f;
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
    Fixture f;
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
        {{"GET", "", ""}, "GET /a id=r-,GET /b id=r-,"},
        {{"get", "", ""}, ""},
        {{"", "^(GET|PUT) /a", ""}, "GET /a id=r-,PUT /a?token,"},
        {{"", "(?i)put", ""}, "PUT /a?token,"},
        {{"", "", "r-1"}, "GET /a id=r-,"},
        {{"GET", "/b", ""}, "GET /b id=r-,"},
        {{"token=secret", "", ""}, ""},  // hidden before anybody looks for it
        {{"token=xxx", "", ""}, "PUT /a?token,"},
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

TEST_CASE("spans of the workload stand between its lines, and lines lead to them", "[logs]") {
    Fixture f;
    f.set(0, "cart-v1", stamped(3, "served trace_id=000000000000000000000000000000aa"));
    f.set(0, "istio-proxy", stamped(9, access_line(5, "/r-2")));
    f.add_span(0xaa, 2, "id-r-1");
    f.add_span(0xbb, 5, "id-r-2");
    f.add_span(0xcc, 8, "id-r-3");
    TimelineQuery query;
    CHECK(messages(*f.timeline(query)) == "served trace,[2026-03-04T,");
    CHECK(f.store.queries().empty());
    query.spans = true;
    query.since = SystemTime(std::chrono::seconds(kBase));
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
    Fixture f;
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
    Fixture f;
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
    Fixture f;
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
    Fixture f;
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

TEST_CASE("the log of a pod keeps the newest lines of its window", "[logs]") {
    Fixture f;
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
                query.since = SystemTime(std::chrono::seconds(kBase + *row.since));
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
    Fixture f;
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
    Fixture f;
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

TEST_CASE("the lines of a workload before its restarts, with the spans of that time", "[logs]") {
    Fixture f;
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

TEST_CASE("the log of a waypoint is that of all its pods, filtered by service", "[logs]") {
    Fixture f;
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
