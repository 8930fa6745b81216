#include "app/login.hpp"

#include "app/audit_log.hpp"
#include "business/login.hpp"
#include "server/sealed_cookies.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace meshscope::app {

namespace {

struct World {
    test::ManualClock clock;
    test::FakeCluster cluster;
    std::vector<std::string> lines;
    telemetry::Logger logger{options()};

    telemetry::LogOptions options() {
        telemetry::LogOptions made;
        made.clock = &clock;
        made.sink = [this](std::string_view line) { lines.emplace_back(line); };
        return made;
    }
    Result<LoginSet> make(const std::string& text, bool with_cluster = true) {
        const auto loaded = config::load_text(text, {});
        REQUIRE(loaded.has_value());
        return make_login(*loaded, with_cluster ? &cluster : nullptr, clock, logger);
    }
};

std::string strategy(const std::string& name, const std::string& more = {}) {
    return "auth: {strategy: " + name + "}\nlogin_token: {signing_key: sixteen-byte-key" + more +
           "}\n";
}

}  // namespace

TEST_CASE("login: which configurations let nobody in, and which key says so", "[login]") {
    World world;
    struct Row {
        std::string text;
        bool cluster;
        std::string setting;  // "" starts
    };
    const std::vector<Row> rows{
        {strategy("anonymous"), false, ""},
        {strategy("anonymous"), true, ""},
        {strategy("token"), true, ""},
        {strategy("header"), true, ""},
        {strategy("token"), false, "auth.strategy"},
        {strategy("header"), false, "auth.strategy"},
        {strategy("openid"), true, "auth.strategy"},
        {strategy("openshift"), true, "auth.strategy"},
        {"auth: {strategy: token}\nlogin_token: {signing_key: /nonexistent/key}\n",
         true,
         "login_token.signing_key"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text, row.cluster);
        const Result<LoginSet> made = world.make(row.text, row.cluster);
        CHECK(made.has_value() == row.setting.empty());
        if (made.has_error()) {
            CHECK(made.error().hint().setting == row.setting);
            CHECK(made.error().message().find(row.setting) != std::string::npos);
            CHECK(made.error().message().find("sixteen-byte-key") == std::string::npos);
        } else {
            const bool anonymous = row.text.find("anonymous") != std::string::npos;
            CHECK((made->parts == nullptr) == anonymous);
            CHECK((made->rights == nullptr) == anonymous);
        }
    }
}

TEST_CASE("login: what the configuration says is what happens", "[login]") {
    World world;
    world.cluster.add_namespace("shop");
    world.cluster.add_user("t", {"alice", {"shop"}});
    const auto made = world.make(
        strategy("token", ", expiration_seconds: 600") +
        "kubernetes_config: {cluster_name: 'east, 1', cache_token_namespace_duration: 30}\n"
        "server: {web_root: /mesh, require_auth: true}\n"
    );
    REQUIRE(made.has_value());
    CHECK(made->parts->require_auth);
    business::Presented presented;
    presented.form_token = "t";
    boost::asio::io_context io;
    const auto in = test::run(io, made->parts->login->sign_in({}, presented));
    REQUIRE(in.has_value());
    CHECK(in->session.cluster == "east, 1");
    CHECK(in->session.expires == world.clock.now() + std::chrono::minutes(10));
    world.clock.advance(std::chrono::seconds(29));
    CHECK(made->rights->known(*in->caller.credentials));
    world.clock.advance(std::chrono::seconds(1));
    CHECK_FALSE(made->rights->known(*in->caller.credentials));

    server::Response response;
    REQUIRE(made->parts->cookies->seal({}, "x", in->session.expires, false, response).has_value());
    const std::string cookie(response.headers.get("Set-Cookie").value_or(""));
    CHECK(cookie.starts_with("kiali-token-east%2C%201="));
    CHECK(cookie.find("; Path=/mesh; ") != std::string::npos);
}

TEST_CASE("login: the log tells why Kubernetes cannot be asked, once a second", "[login]") {
    World world;
    const auto made = world.make(strategy("token") + "server: {audit_log: false}\n");
    REQUIRE(made.has_value());
    const Error error = Error(ErrorKind::kUpstreamUnavailable, "cannot reach kubernetes: refused")
                            .with_detail("POST https://10.96.0.1:443/x")
                            .with_hint({"", "look there"});
    made->parts->trouble(error, "r-1");
    made->parts->trouble(error, "r-2");
    world.clock.advance(std::chrono::seconds(1));
    made->parts->trouble(error, "r-3");
    REQUIRE(world.lines.size() == 2);
    for (const char* part :
         {"WRN Kubernetes cannot be asked who calls",
          "reason=\"cannot reach kubernetes: refused\"",
          "detail=\"POST https://10.96.0.1:443/x\"",
          "advice=\"look there\"",
          "request_id=r-1"}) {
        CHECK(world.lines[0].find(part) != std::string::npos);
    }
    CHECK(world.lines[1].find("request_id=r-3") != std::string::npos);
}

TEST_CASE("login: an audit line for each, in one form; none without audit_log", "[login]") {
    World world;
    const auto made = world.make(strategy("token"));
    REQUIRE(made.has_value());
    using handlers::AuditEvent;
    AuditEvent event;
    using What = AuditEvent::What;
    event.peer = "10.0.0.1";
    event.request_id = "r-1";
    struct Row {
        What what;
        std::string user;
        std::string reason;
        std::string line;
    };
    const std::string from = " strategy=token peer=10.0.0.1 ";
    const std::vector<Row> rows{
        {What::kLogin, "b:a", "", "INF audit event=login user=b:a" + from + "request_id=r-1"},
        {What::kRefusal,
         "",
         "no good",
         "WRN audit event=login_refused" + from + "reason=\"no good\" request_id=r-1"},
        {What::kExtension,
         "a",
         "",
         "INF audit event=session_extended user=a" + from + "request_id=r-1"},
        {What::kLogout, "a", "", "INF audit event=logout user=a" + from + "request_id=r-1"},
    };
    for (const Row& row : rows) {
        event.what = row.what;
        event.user = row.user;
        event.reason = row.reason;
        made->parts->audit(event);
        CHECK(world.lines.back().ends_with(row.line));
    }
    Denial denial{"a", "10.0.0.1", "GET", "/api/namespaces/b\nERR/info", 403, "no", "r-2"};
    REQUIRE(made->audit);
    made->audit->write(denial);
    CHECK(world.lines.back().ends_with(
        "WRN audit event=denied user=a" + from +
        "method=GET path=\"/api/namespaces/b\\nERR/info\" status=403 reason=no request_id=r-2"
    ));
    CHECK(world.lines.size() == rows.size() + 1);
    const auto quiet = world.make(strategy("token") + "server: {audit_log: false}\n");
    CHECK_FALSE(quiet->parts->audit);
    CHECK_FALSE(quiet->audit);
}

TEST_CASE("login: who is refused again and again fills no disk with it", "[login]") {
    World world;
    AuditLog log(world.logger, world.clock, "token");
    for (int i = 0; i < 1000; ++i) {
        log.write(Denial());
    }
    CHECK(world.lines.size() == AuditLog::kMost);
    // Who gets in is always told.
    handlers::AuditEvent event;
    event.what = handlers::AuditEvent::What::kLogin;
    log.write(event);
    CHECK(world.lines.size() == AuditLog::kMost + 1);
    world.clock.advance(std::chrono::seconds(1));
    event.what = handlers::AuditEvent::What::kRefusal;
    log.write(event);
    CHECK(world.lines.back().ends_with("left_out=980"));
    log.write(event);
    CHECK_FALSE(world.lines.back().find("left_out") != std::string::npos);
}

}  // namespace meshscope::app
