#include "clients/kubernetes/pod_log.hpp"

#include "tests/unit/kubernetes/api_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

LogQuery query_for(std::string pod) {
    LogQuery query;
    query.ns = "team-a";
    query.pod = std::move(pod);
    return query;
}

class Lines final : public LogSink {
 public:
    std::string all;
    std::size_t enough = SIZE_MAX;

    Awaitable<bool> take(std::string bytes) override {
        all += bytes;
        co_return all.size() < enough;
    }
};

struct LogFixture : ApiFixture {
    using ApiFixture::ApiFixture;

    Result<LogEnd> read(LogQuery query) {
        return run(io, read_pod_log(api(), context, std::move(query), lines));
    }
    std::shared_ptr<Lines> lines = std::make_shared<Lines>();
};

ApiFault fault(unsigned http, std::string message) {
    ApiFault made;
    made.http = http;
    made.is_status = true;
    made.message = std::move(message);
    return made;
}

}  // namespace

TEST_CASE("a log is asked for with stamps and a bound, never with two starting times") {
    LogQuery query = query_for("p-1");
    CHECK(
        log_target(query) ==
        "/api/v1/namespaces/team-a/pods/p-1/log?timestamps=true&limitBytes=16777216"
    );
    query.container = "istio-proxy";
    query.since = from_micros(1'763'683'200'123'456);
    query.tail_lines = 0;
    query.previous = true;
    query.limit_bytes = 0;
    CHECK(
        log_target(query) ==
        "/api/v1/namespaces/team-a/pods/p-1/log?timestamps=true&container=istio-proxy"
        "&sinceTime=2025-11-21T00%3A00%3A00.123456Z&tailLines=0&limitBytes=1&previous=true"
    );
    query.follow = true;
    CHECK(log_target(query).find("limitBytes") == std::string::npos);
    CHECK(log_target(query).find("&follow=true") != std::string::npos);
    CHECK(log_target(query).find("sinceSeconds") == std::string::npos);
    CHECK(log_target(query_for("a/../b?c")).find("/pods/a%2F..%2Fb%3Fc/log") != std::string::npos);
}

TEST_CASE("what a refusal means") {
    struct Row {
        unsigned http;
        const char* message;
        ErrorKind kind;
        const char* code;
    };
    const Row rows[] = {
        {400,
         "container \\\"c\\\" in pod \\\"p\\\" is waiting to start: ContainerCreating",
         ErrorKind::kConflict,
         "no_logs_yet"},
        {400,
         "container \\\"c\\\" in pod \\\"p\\\" is waiting to start: trying and failing to pull "
         "image",
         ErrorKind::kConflict,
         "no_logs_yet"},
        {400,
         "previous terminated container \\\"c\\\" in pod \\\"p\\\" not found",
         ErrorKind::kConflict,
         "no_previous"},
        {400,
         "a container name must be specified for pod p, choose one of: [app istio-proxy]",
         ErrorKind::kInvalidArgument,
         "invalid_parameter"},
        {400, "container c is not valid for pod p", ErrorKind::kInvalidArgument, "invalid_parameter"
        },
        {404, "pods \\\"p\\\" not found", ErrorKind::kNotFound, "not_found"},
        {403, "User cannot get resource pods/log", ErrorKind::kForbidden, "forbidden"},
        {500,
         "Get \\\"https://10.0.0.5:10250/containerLogs/\\\": dial tcp 10.0.0.5:10250: i/o timeout",
         ErrorKind::kUpstreamUnavailable,
         "upstream_unreachable"},
    };
    for (const Row& row : rows) {
        INFO(row.message);
        const Error error = log_error(fault(row.http, row.message), query_for("p"));
        CHECK(error.kind() == row.kind);
        CHECK(error.code() == row.code);
        CHECK((error.message() + error.detail()).find(row.message) != std::string::npos);
    }
    LogQuery as_server = query_for("p");
    as_server.as_server = true;
    CHECK(log_error(fault(403, "no"), as_server).kind() == ErrorKind::kUpstreamAuth);
}

TEST_CASE("a refused log is an error and nothing of it reaches the sink") {
    ScriptedServer server(each([](const std::string&) {
        return json_answer(
            status_body(400, "BadRequest", "container x is not valid for pod p"), 400
        );
    }));
    LogFixture fixture(server.url());
    const auto end = fixture.read(query_for("p"));
    REQUIRE(end.has_error());
    CHECK(end.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(fixture.lines->all.empty());
    CHECK(header_of(server.requests().at(0), "Authorization") == "Bearer callers-token");
}

TEST_CASE("how a log ends") {
    const std::string log = "2026-01-01T00:00:00Z one\n2026-01-01T00:00:01Z two\n";
    std::string answer = http_answer(log, "Content-Type: text/plain\r\n");
    bool stay = false;
    LogQuery query = query_for("p");
    LogEnd::Why why = LogEnd::Why::kEnd;
    std::string received = log;
    std::chrono::milliseconds patience = kPatience;
    std::size_t enough = SIZE_MAX;
    SECTION("whole") {}
    SECTION("without lines") {
        answer = http_answer("");
        received = "";
    }
    SECTION("not scheduled yet") {
        answer = "HTTP/1.1 204 No Content\r\n\r\n";
        received = "";
    }
    SECTION("at the bound") {
        query.limit_bytes = log.size();
        why = LogEnd::Why::kBytes;
    }
    SECTION("a followed one has no bound") {
        query.limit_bytes = log.size();
        query.follow = true;
    }
    SECTION("nobody wants more") {
        answer = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + log;
        stay = true;
        enough = 3;
        why = LogEnd::Why::kUnwanted;
    }
    SECTION("cut") {
        answer = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + log;
        why = LogEnd::Why::kBroken;
    }
    SECTION("deadline") {
        answer = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + log;
        stay = true;
        patience = 1s;
        why = LogEnd::Why::kTime;
    }
    ScriptedServer server([&](Peer& peer) {
        peer.read_request();
        peer.send(answer);
        if (stay) {
            peer.wait_for_close();
        }
    });
    LogFixture fixture(server.url());
    fixture.lines->enough = enough;
    fixture.context.deadline = Deadline::after(std::chrono::steady_clock::now(), patience);
    const auto end = fixture.read(query);
    REQUIRE(end.has_value());
    CHECK(end->why == why);
    CHECK(end->bytes == received.size());
    CHECK(end->reason.has_value() == (why == LogEnd::Why::kBroken || why == LogEnd::Why::kTime));
    CHECK(fixture.lines->all == received);
}

TEST_CASE("a log that is read as the server goes out as the server") {
    ScriptedServer server(each([](const std::string&) {
        return http_answer("2026-01-01T00:00:00Z x");
    }));
    LogFixture fixture(server.url());
    LogQuery query = query_for("ztunnel-1");
    query.as_server = true;
    CHECK(fixture.read(query).has_value());
    CHECK(header_of(server.requests().at(0), "Authorization") == "Bearer servers-token");
}

TEST_CASE("what does not begin with a time is no log") {
    const char* const bodies[] = {
        "[]",
        "null",
        "2025",
        "<!doctype html><html><body>sign in</body></html>",
        "unable to retrieve container logs for containerd://4f1c\nand more",
    };
    for (const char* const body : bodies) {
        INFO(body);
        ScriptedServer server(each([body](const std::string&) { return http_answer(body); }));
        LogFixture fixture(server.url());
        const auto end = fixture.read(query_for("p-1"));
        REQUIRE(end.has_error());
        CHECK(end.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(end.error().message() == "what came for pod team-a/p-1 is not its log");
        CHECK(std::string(body).starts_with(end.error().detail()));
        CHECK(end.error().detail().find('\n') == std::string::npos);
        CHECK(fixture.lines->all.empty());
    }
}

TEST_CASE("a log that is cut in its first stamp is cut, not another thing") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n202");
    });
    LogFixture fixture(server.url());
    const auto end = fixture.read(query_for("p-1"));
    REQUIRE(end.has_value());
    CHECK(end->why == LogEnd::Why::kBroken);
}
