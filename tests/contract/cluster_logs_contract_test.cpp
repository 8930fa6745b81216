// The logs of a Cluster, whatever is behind it.
#include "tests/contract/cluster_suite.hpp"

#include <algorithm>
#include <sstream>

namespace meshscope::contract {

using clients::LogEnd;
using clients::LogQuery;

namespace {

LogQuery query_of(ClusterBackend& backend) {
    LogQuery query;
    query.ns = "bookinfo";
    query.pod = details_pod(backend);
    query.container = "details";
    return query;
}

std::string whole_log(ClusterBackend& backend, const LogQuery& query) {
    const auto sink = std::make_shared<TextSink>();
    const auto end = read(backend, asked_with("demo-a-token"), query, sink);
    REQUIRE(end.has_value());
    CHECK(end->why == LogEnd::Why::kEnd);
    CHECK(end->bytes == sink->text.size());
    CHECK_FALSE(end->reason);
    return sink->text;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

}  // namespace

TEST_CASE("contract: a log is lines with time stamps, and bounds choose the newest of them") {
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    LogQuery query = query_of(*backend);
    const std::string text = whole_log(*backend, query);
    const auto lines = lines_of(text);
    REQUIRE(lines.size() >= 5);
    CHECK(text.back() == '\n');
    for (const std::string& line : lines) {
        // 2025-11-21T00:00:00.000000000Z and a blank
        REQUIRE(line.size() > 21);
        CHECK(line[10] == 'T');
        CHECK(line.find("Z ") < 31);
    }
    CHECK(std::is_sorted(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
        return a.substr(0, 20) < b.substr(0, 20);
    }));
    query.tail_lines = 2;
    CHECK(
        lines_of(whole_log(*backend, query)) ==
        std::vector<std::string>(lines.end() - 2, lines.end())
    );
    query.tail_lines = 0;
    CHECK(whole_log(*backend, query).empty());
    query.tail_lines.reset();
    query.since = backend->now() + std::chrono::seconds(1);
    CHECK(whole_log(*backend, query).empty());
}

TEST_CASE("contract: a log is cut where the bytes or the sink's wishes end") {
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    LogQuery query = query_of(*backend);
    const std::string text = whole_log(*backend, query);
    query.limit_bytes = 50;
    auto sink = std::make_shared<TextSink>();
    const auto cut = read(*backend, asked_with("demo-a-token"), query, sink);
    REQUIRE(cut.has_value());
    CHECK(cut->why == LogEnd::Why::kBytes);
    CHECK(cut->bytes == 50);
    CHECK(sink->text == text.substr(0, 50));
    query.limit_bytes = 1UL << 20U;
    sink = std::make_shared<TextSink>(1);
    const auto unwanted = read(*backend, asked_with("demo-a-token"), query, sink);
    REQUIRE(unwanted.has_value());
    CHECK(unwanted->why == LogEnd::Why::kUnwanted);
}

TEST_CASE("contract: a log that is followed goes on with what is written later") {
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    LogQuery query = query_of(*backend);
    query.follow = true;
    query.tail_lines = 1;
    const auto sink = std::make_shared<TextSink>(400);
    sink->on_take = [&] { backend->write_lines(); };
    const auto end = read(*backend, asked_with("demo-a-token"), query, sink);
    REQUIRE(end.has_value());
    CHECK(end->why == LogEnd::Why::kUnwanted);
    const auto lines = lines_of(sink->text);
    REQUIRE(lines.size() > 1);
    CHECK(std::adjacent_find(lines.begin(), lines.end()) == lines.end());
    // Nothing more comes: the deadline ends it, which is no error of a log that has begun.
    RequestContext context = asked_with("demo-a-token");
    context.deadline = Deadline::after(std::chrono::steady_clock::now(), std::chrono::seconds(1));
    const auto quiet = read(*backend, context, query, std::make_shared<TextSink>());
    REQUIRE(quiet.has_value());
    CHECK(quiet->why == LogEnd::Why::kTime);
}

TEST_CASE("contract: logs that there are not, and logs of others") {
    struct Row {
        const char* what;
        std::function<void(LogQuery&)> change;
        const char* token;
        std::optional<ErrorKind> error;
        const char* code;
    };
    const std::vector<Row> rows{
        {"no such pod",
         [](LogQuery& q) { q.pod = "nope"; },
         "demo-a-token",
         ErrorKind::kNotFound,
         ""},
        {"no such container",
         [](LogQuery& q) { q.container = "nope"; },
         "demo-a-token",
         ErrorKind::kInvalidArgument,
         ""},
        {"never restarted",
         [](LogQuery& q) { q.previous = true; },
         "demo-a-token",
         ErrorKind::kConflict,
         "no_previous"},
        {"of others", [](LogQuery&) {}, "demo-b-token", ErrorKind::kForbidden, ""},
        {"of others, which are not there",
         [](LogQuery& q) { q.pod = "nope"; },
         "demo-b-token",
         ErrorKind::kForbidden,
         ""},
        {"of nobody", [](LogQuery&) {}, "stranger", ErrorKind::kUnauthenticated, ""},
        {"with the server's account",
         [](LogQuery& q) { q.as_server = true; },
         "demo-b-token",
         std::nullopt,
         ""},
    };
    const ClusterImplementation& implementation = any_cluster();
    const auto backend = implementation.make();
    for (const Row& row : rows) {
        INFO(implementation.name << ": " << row.what);
        LogQuery query = query_of(*backend);
        row.change(query);
        const auto sink = std::make_shared<TextSink>();
        const auto end = read(*backend, asked_with(row.token), query, sink);
        REQUIRE(end.has_value() == !row.error);
        CHECK(sink->text.empty() == end.has_error());
        if (row.error) {
            CHECK(end.error().kind() == *row.error);
            CHECK((*row.code == '\0' || end.error().code() == row.code));
        }
    }
}

}  // namespace meshscope::contract
