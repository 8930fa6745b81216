#include "business/login.hpp"

#include "business/access.hpp"
#include "tests/unit/business/login_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace meshscope::business {

using namespace test;
using std::chrono::hours;
using std::chrono::seconds;
using Names = std::vector<std::string>;

namespace {

Session session_of(LoginWorld& world, const std::string& token) {
    const Result<SignedIn> made = world.sign_in(form(token));
    REQUIRE(made.has_value());
    return made->session;
}

ErrorKind refused(const Result<Caller>& result) {
    REQUIRE(result.has_error());
    CHECK(result.error().message().find("token-") == std::string::npos);
    return result.error().kind();
}

ErrorKind refused(const Result<SignedIn>& result) {
    REQUIRE(result.has_error());
    return result.error().kind();
}

}  // namespace

TEST_CASE("login: a token of the form begins a session with its owner's rights", "[login]") {
    LoginWorld world;
    const Result<SignedIn> made = world.sign_in(form(" alice-token\n"));
    REQUIRE(made.has_value());
    CHECK(made->caller.name == "token");
    CHECK_FALSE(made->caller.cluster_wide);
    CHECK(made->caller.visible->names == Names{"shop"});
    CHECK(made->caller.credentials->token == "alice-token");
    CHECK(made->caller.credentials->key.size() == 64);
    CHECK_FALSE(made->caller.credentials->server_account);
    CHECK(made->session.strategy == "token");
    CHECK(made->session.cluster == "Kubernetes");
    CHECK(made->session.token == "alice-token");
    CHECK(made->session.subject.empty());
    CHECK(made->session.session_id.size() == 36);
    CHECK(made->session.expires == world.clock.now() + hours(24));
    CHECK(session_of(world, "alice-token").session_id != made->session.session_id);
}

TEST_CASE("login: what no session is begun with", "[login]") {
    struct Row {
        std::string token;
        ErrorKind kind;
        bool asks;
    };
    LoginOptions options;
    options.largest_token = 1000;
    const std::vector<Row> rows{
        {"", ErrorKind::kInvalidArgument, false},
        {" \n ", ErrorKind::kInvalidArgument, false},
        {std::string(1001, 'x'), ErrorKind::kInvalidArgument, false},
        {"stranger", ErrorKind::kUnauthenticated, true},
        {"two words", ErrorKind::kUnauthenticated, false},
        {"a\r\nX-Other: b", ErrorKind::kUnauthenticated, false},
        {"caf\xC3\xA9", ErrorKind::kUnauthenticated, false},
        {jwt(R"({"exp":1763683199})"), ErrorKind::kUnauthenticated, false},
        {"blind-token", ErrorKind::kUnauthenticated, true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.token);
        LoginWorld world(options);
        CHECK(refused(world.sign_in(form(row.token))) == row.kind);
        CHECK((world.calls() > 0) == row.asks);
    }
    LoginWorld world;
    CHECK(refused(world.sign_in(bearer("alice-token"))) == ErrorKind::kInvalidArgument);
    const auto stranger = world.sign_in(form("stranger"));
    REQUIRE(stranger.has_error());
    CHECK(stranger.error().message() == "token is not valid or is expired");
}

TEST_CASE("login: a session never outlives its token", "[login]") {
    LoginWorld world;
    const std::string token =
        jwt(R"({"sub":"system:serviceaccount:team-a:viewer","exp":1763686800})");
    world.cluster.add_user(token, {"x", {"shop"}});
    Session session = session_of(world, token);
    CHECK(session.expires == world.clock.now() + hours(1));
    CHECK(world.caller_of(with(session))->name == "team-a:viewer");
    world.clock.advance(std::chrono::minutes(50));
    const auto extended = world.extend(with(session));
    REQUIRE(extended.has_value());
    CHECK(extended->session.expires == session.expires);
    session.expires += hours(5);
    world.clock.advance(std::chrono::minutes(10));
    const int before = world.calls();
    CHECK(refused(world.caller_of(with(session))) == ErrorKind::kUnauthenticated);
    CHECK(world.calls() == before);
}

TEST_CASE("login: a session that was ended stays so, also as a copy", "[login]") {
    LoginWorld world;
    const Session session = session_of(world, "alice-token");
    const Session other = session_of(world, "alice-token");
    const auto extended = world.extend(with(session));
    REQUIRE(extended.has_value());
    world.login.sign_out(with(session));
    for (const Session& copy : {session, extended->session}) {
        CHECK_FALSE(world.login.peek(with(copy)));
        CHECK_FALSE(world.login.known_caller(with(copy)));
        CHECK(refused(world.caller_of(with(copy))) == ErrorKind::kUnauthenticated);
        CHECK(refused(world.extend(with(copy))) == ErrorKind::kUnauthenticated);
    }
    CHECK(world.caller_of(with(other)).has_value());
    CHECK(world.caller_of(bearer("alice-token")).has_value());
    Presented again = form("alice-token");
    again.session = session;
    CHECK(world.sign_in(again).has_value());
    Session nameless = other;
    nameless.session_id.clear();
    world.login.sign_out(with(nameless));
    CHECK(world.caller_of(with(nameless)).has_value());
    // However often the copy was extended elsewhere.
    world.clock.advance(hours(24));
    Session renewed = session;
    renewed.expires = world.clock.now() + hours(1);
    CHECK(refused(world.caller_of(with(renewed))) == ErrorKind::kUnauthenticated);
}

TEST_CASE("login: who a request is of", "[login]") {
    LoginWorld world;
    const Session alice = session_of(world, "alice-token");
    const auto changed = [&](const std::function<void(Session&)>& change) {
        Session session = alice;
        change(session);
        return with(session);
    };
    CHECK(world.caller_of(with(alice))->visible->names == Names{"shop"});
    CHECK(world.caller_of(bearer("admin-token"))->cluster_wide);

    const int before = world.calls();
    const std::vector<Presented> unusable{
        {},
        changed([&](Session& session) { session.expires = world.clock.now(); }),
        changed([](Session& session) { session.strategy = "header"; }),
        changed([](Session& session) { session.strategy = "openid"; }),
        changed([](Session& session) { session.cluster = "west"; }),
        changed([](Session& session) { session.token.clear(); }),
        [] {
            Presented broken;
            broken.broken_session = true;
            return broken;
        }(),
    };
    for (Presented presented : unusable) {
        CHECK(refused(world.caller_of(presented)) == ErrorKind::kUnauthenticated);
        CHECK_FALSE(world.login.peek(presented));
        presented.bearer = "admin-token";  // a script that keeps an old cookie
        CHECK(world.caller_of(presented)->cluster_wide);
    }
    CHECK(world.calls() == before);
    Presented both = with(alice);
    both.bearer = "admin-token";
    CHECK_FALSE(world.caller_of(both)->cluster_wide);

    Presented dressed = with(alice);  // only strategy header knows impersonation
    dressed.impersonate_user = "admin";
    CHECK(world.caller_of(dressed)->credentials->impersonate_user.empty());
    CHECK(refused(world.caller_of(bearer("stranger"))) == ErrorKind::kUnauthenticated);
}

TEST_CASE("login: a token that is taken back ends its session within ten seconds", "[login]") {
    LoginWorld world;
    const Session session = session_of(world, "alice-token");
    world.cluster.remove_user("alice-token");
    CHECK(world.caller_of(with(session)).has_value());
    world.clock.advance(seconds(10));
    CHECK(refused(world.caller_of(with(session))) == ErrorKind::kUnauthenticated);
}

TEST_CASE("login: an outage of Kubernetes logs nobody out", "[login]") {
    LoginWorld world;
    const Session session = session_of(world, "alice-token");
    world.clock.advance(seconds(10));
    for (const ErrorKind kind :
         {ErrorKind::kUpstreamUnavailable, ErrorKind::kDeadline, ErrorKind::kUpstreamAuth}) {
        world.cluster.fail_with(Error(kind, "no"));
        CHECK(refused(world.caller_of(with(session))) == kind);
        CHECK(refused(world.sign_in(form("alice-token"))) == kind);
        CHECK(refused(world.extend(with(session))) == kind);
    }
    world.cluster.fail_with(std::nullopt);
    CHECK(world.caller_of(with(session)).has_value());
}

TEST_CASE("login: bad tokens of one address are limited, known good ones are not", "[login]") {
    LoginOptions options;
    options.failures_a_minute = 3;
    LoginWorld world(options);
    const Session session = session_of(world, "alice-token");
    for (int i = 0; i < 3; ++i) {
        CHECK(
            refused(world.sign_in(form("guess-" + std::to_string(i)))) ==
            ErrorKind::kUnauthenticated
        );
    }
    const int before = world.calls();
    CHECK(refused(world.sign_in(form("guess-4"))) == ErrorKind::kRateLimited);
    CHECK(refused(world.caller_of(bearer("guess-5"))) == ErrorKind::kRateLimited);
    CHECK(refused(world.sign_in(form("admin-token"))) == ErrorKind::kRateLimited);
    CHECK(world.calls() == before);
    CHECK(world.login.retry_after(form("")) == seconds(60));

    world.clock.advance(seconds(15));  // rights have to be found out again
    CHECK(world.caller_of(with(session)).has_value());
    CHECK(world.caller_of(bearer("alice-token")).has_value());
    CHECK(world.sign_in(form("alice-token")).has_value());
    CHECK(world.sign_in(form("admin-token", "10.0.0.2")).has_value());
    world.clock.advance(seconds(45));
    CHECK(refused(world.sign_in(form("guess-6"))) == ErrorKind::kUnauthenticated);
    // A session whose token was taken back is no guess.
    world.cluster.remove_user("alice-token");
    world.clock.advance(seconds(10));
    for (int i = 0; i < 5; ++i) {
        CHECK(refused(world.caller_of(with(session))) == ErrorKind::kUnauthenticated);
    }
    CHECK(refused(world.sign_in(form("guess-7"))) == ErrorKind::kUnauthenticated);
}

TEST_CASE("login: an outage is no failure of the address", "[login]") {
    LoginOptions options;
    options.failures_a_minute = 2;
    LoginWorld world(options);
    world.cluster.fail_with(Error(ErrorKind::kUpstreamUnavailable, "no"));
    for (int i = 0; i < 5; ++i) {
        CHECK(refused(world.sign_in(form("alice-token"))) == ErrorKind::kUpstreamUnavailable);
    }
}

TEST_CASE("login: a session is extended, its token is checked again", "[login]") {
    LoginWorld world;
    const Session session = session_of(world, "alice-token");
    world.clock.advance(hours(3));
    const auto extended = world.extend(with(session));
    REQUIRE(extended.has_value());
    CHECK(extended->session.expires == world.clock.now() + hours(24));
    CHECK(extended->session.session_id == session.session_id);
    CHECK(extended->session.token == session.token);
    CHECK(refused(world.extend({})) == ErrorKind::kUnauthenticated);
    CHECK(refused(world.extend(bearer("alice-token"))) == ErrorKind::kUnauthenticated);
    Presented old = with(session);
    old.session->expires = world.clock.now();
    old.bearer = "alice-token";
    CHECK(refused(world.extend(old)) == ErrorKind::kUnauthenticated);
    world.clock.advance(seconds(10));
    world.cluster.remove_user("alice-token");
    CHECK(refused(world.extend(with(session))) == ErrorKind::kUnauthenticated);
}

TEST_CASE("login: what is known without a call", "[login]") {
    LoginWorld world;
    const std::string token = jwt(R"({"sub":"alice"})");
    world.cluster.add_user(token, {"alice", {"shop"}});
    const Session session = session_of(world, token);
    world.clock.advance(seconds(10));
    const int before = world.calls();
    const auto seen = world.login.peek(with(session));
    REQUIRE(seen);
    CHECK(seen->subject == "alice");
    CHECK(seen->expires == session.expires);
    CHECK(world.login.known_caller(with(session))->name == "alice");
    CHECK_FALSE(world.login.known_caller(with(session))->visible);
    CHECK_FALSE(world.login.known_caller(with(session))->cluster_wide);
    CHECK_FALSE(world.login.known_caller(bearer(token)));
    CHECK_FALSE(world.login.known_caller(bearer("stranger")));
    CHECK_FALSE(world.login.known_caller({}));
    CHECK_FALSE(world.login.peek(bearer(token)));
    CHECK(world.calls() == before);
    REQUIRE(world.caller_of(bearer(token)).has_value());
    CHECK(world.login.known_caller(bearer(token))->visible->names == Names{"shop"});
}

TEST_CASE("login: whoever leaves is forgotten", "[login]") {
    LoginWorld world;
    const Session session = session_of(world, "alice-token");
    const int before = world.calls();
    REQUIRE(world.caller_of(with(session)).has_value());
    CHECK(world.calls() == before);
    world.login.sign_out({});
    world.login.sign_out(with(session));
    CHECK_FALSE(world.login.known_caller(bearer("alice-token")));
    REQUIRE(world.caller_of(bearer("alice-token")).has_value());
    CHECK(world.calls() > before);
}

TEST_CASE("login: anonymous callers are asked nothing, without a cluster, too", "[login]") {
    const meshscope::test::ManualClock clock;
    LoginOptions options;
    options.strategy = Strategy::kAnonymous;
    const Login login(nullptr, nullptr, clock, options);
    boost::asio::io_context io;
    Session session;
    session.strategy = "token";
    session.token = "x";
    for (const Presented& presented : {Presented{}, bearer("x"), with(session), form("x")}) {
        const auto caller = meshscope::test::run(io, login.caller_of({}, presented));
        REQUIRE(caller.has_value());
        CHECK(caller->name == "anonymous");
        CHECK(caller->cluster_wide);
        CHECK(caller->credentials->server_account);
        CHECK(meshscope::test::run(io, login.sign_in({}, presented)).has_value());
        CHECK(login.known_caller(presented)->cluster_wide);
        CHECK_FALSE(login.peek(presented));
        login.sign_out(presented);
    }
}

}  // namespace meshscope::business
