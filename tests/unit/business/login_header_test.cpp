#include "business/login.hpp"
#include "tests/unit/business/login_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace meshscope::business {

using namespace test;
using std::chrono::seconds;
using Names = std::vector<std::string>;

namespace {

LoginOptions header_options() {
    LoginOptions options;
    options.strategy = Strategy::kHeader;
    return options;
}

ErrorKind refused(const Result<Caller>& result) {
    REQUIRE(result.has_error());
    return result.error().kind();
}

Presented as(std::string user, Names groups = {}) {
    Presented presented = bearer("admin-token");
    presented.impersonate_user = std::move(user);
    presented.impersonate_groups = std::move(groups);
    return presented;
}

}  // namespace

TEST_CASE("header: the bearer token of every request is reviewed, once a minute", "[login]") {
    LoginWorld world(header_options());
    const auto alice = world.caller_of(bearer("alice-token"));
    REQUIRE(alice.has_value());
    CHECK(alice->name == "alice");
    CHECK(alice->visible->names == Names{"shop"});
    CHECK(alice->credentials->token == "alice-token");
    CHECK(world.caller_of(bearer("admin-token"))->name == "ops:admin");
    CHECK(world.calls("review_token") == 2);
    world.clock.advance(seconds(59));
    CHECK(world.caller_of(bearer("alice-token")).has_value());
    CHECK(world.calls("review_token") == 2);
    world.clock.advance(seconds(1));
    CHECK(world.caller_of(bearer("alice-token")).has_value());
    CHECK(world.calls("review_token") == 3);
}

TEST_CASE("header: a token that Kubernetes does not know is 401, remembered for 10 s", "[login]") {
    LoginWorld world(header_options());
    CHECK(refused(world.caller_of({})) == ErrorKind::kUnauthenticated);
    CHECK(refused(world.caller_of(form("alice-token"))) == ErrorKind::kUnauthenticated);
    CHECK(world.calls() == 0);
    for (int i = 0; i < 5; ++i) {
        CHECK(refused(world.caller_of(bearer("stranger"))) == ErrorKind::kUnauthenticated);
    }
    CHECK(world.calls("review_token") == 1);
    CHECK(world.calls("may_i") == 0);
    world.cluster.add_user("stranger", {"new", {"shop"}});
    world.clock.advance(seconds(10));
    CHECK(world.caller_of(bearer("stranger"))->name == "new");
}

TEST_CASE("header: a review that fails is no refusal", "[login]") {
    LoginWorld world(header_options());
    for (const ErrorKind kind : {ErrorKind::kUpstreamAuth, ErrorKind::kUpstreamUnavailable}) {
        world.cluster.fail_with(Error(kind, "no"));
        CHECK(refused(world.caller_of(bearer("alice-token"))) == kind);
    }
    world.cluster.fail_with(std::nullopt);
    CHECK(world.caller_of(bearer("alice-token")).has_value());
}

TEST_CASE("header: rights are those of whom the proxy names", "[login]") {
    LoginWorld world(header_options());
    const auto alice = world.caller_of(as("alice", {"dev"}));
    REQUIRE(alice.has_value());
    CHECK(alice->name == "alice");
    CHECK_FALSE(alice->cluster_wide);
    CHECK(alice->visible->names == Names{"shop"});
    CHECK(alice->credentials->impersonate_user == "alice");
    CHECK(alice->credentials->impersonate_groups == Names{"dev"});
    const auto admin = world.caller_of(bearer("admin-token"));
    CHECK(admin->cluster_wide);
    CHECK(admin->credentials->key != alice->credentials->key);
    CHECK(world.calls("review_token") == 1);

    const int before = world.calls();
    const std::vector<Presented> privileged{
        as("system:masters"),
        as("system:admin"),
        as("alice", {"system:masters"}),
        as("alice", {"dev", "system:authenticated"}),
        as("al\r\nice"),
        as("", {"dev"}),
    };
    for (const Presented& presented : privileged) {
        CHECK(refused(world.caller_of(presented)) == ErrorKind::kUnauthenticated);
        CHECK_FALSE(world.login.known_caller(presented));
    }
    CHECK(world.calls() == before);
}

TEST_CASE("header: a session names, it does not replace the token", "[login]") {
    LoginWorld world(header_options());
    const Result<SignedIn> made = world.sign_in(bearer("alice-token"));
    REQUIRE(made.has_value());
    CHECK(made->session.strategy == "header");
    CHECK(made->session.subject == "alice");
    CHECK(made->session.token == "alice-token");
    Presented presented = with(made->session);
    CHECK(refused(world.caller_of(presented)) == ErrorKind::kUnauthenticated);
    CHECK(world.login.peek(presented)->subject == "alice");
    presented.bearer = "alice-token";
    CHECK(world.caller_of(presented).has_value());
    CHECK(world.login.known_caller(presented)->visible->names == Names{"shop"});
    presented.bearer = "admin-token";  // the proxy serves somebody else now
    CHECK(refused(world.caller_of(presented)) == ErrorKind::kUnauthenticated);
    presented.bearer = "alice-token";
    presented.session->expires = world.clock.now();
    CHECK(refused(world.caller_of(presented)) == ErrorKind::kUnauthenticated);
    // Logging in again does not look at the old one.
    CHECK(world.sign_in(presented).has_value());
    CHECK(world.extend(presented).has_value());
    world.login.sign_out(presented);
    CHECK_FALSE(world.login.known_caller(bearer("alice-token"))->visible);

    const auto blind = world.sign_in(bearer("blind-token"));
    REQUIRE(blind.has_error());
    CHECK(blind.error().kind() == ErrorKind::kUnauthenticated);
}

TEST_CASE("header: bad tokens of one address are limited", "[login]") {
    LoginOptions options = header_options();
    options.failures_a_minute = 2;
    LoginWorld world(options);
    REQUIRE(world.caller_of(bearer("alice-token")).has_value());
    CHECK(refused(world.caller_of(bearer("guess-1"))) == ErrorKind::kUnauthenticated);
    CHECK(refused(world.caller_of(bearer("guess-2"))) == ErrorKind::kUnauthenticated);
    const int before = world.calls();
    CHECK(refused(world.caller_of(bearer("guess-3"))) == ErrorKind::kRateLimited);
    CHECK(refused(world.caller_of(bearer("admin-token"))) == ErrorKind::kRateLimited);
    CHECK(world.calls() == before);
    CHECK(world.caller_of(bearer("alice-token")).has_value());
    CHECK(world.caller_of(bearer("admin-token", "10.0.0.9")).has_value());
}

TEST_CASE("header: honest callers behind one proxy do not use up its attempts", "[login]") {
    LoginOptions options = header_options();
    options.failures_a_minute = 2;
    LoginWorld world(options);
    // A page's requests, before anything is known of their token.
    std::vector<Presented> page(6, bearer("alice-token"));
    for (const Result<Caller>& caller : world.callers_of(page)) {
        CHECK(caller.has_value());
    }
    CHECK(world.calls("review_token") == 1);

    // Sessions show that their tokens were good, whatever strangers do and the server has
    // forgotten.
    const Result<SignedIn> made = world.sign_in(bearer("admin-token"));
    REQUIRE(made.has_value());
    world.clock.advance(std::chrono::minutes(11));
    CHECK(refused(world.caller_of(bearer("guess-1"))) == ErrorKind::kUnauthenticated);
    CHECK(refused(world.caller_of(bearer("guess-2"))) == ErrorKind::kUnauthenticated);
    Presented admin = with(made->session);
    admin.bearer = "alice-token";
    CHECK(refused(world.caller_of(admin)) == ErrorKind::kRateLimited);
    admin.bearer = "admin-token";
    CHECK(world.caller_of(admin).has_value());
}

TEST_CASE("header: a token that may not impersonate does not try for ever", "[login]") {
    LoginOptions options = header_options();
    options.failures_a_minute = 1;
    LoginWorld world(options);
    const auto tried = [&](const std::string& token, int user, ErrorKind answer) {
        Presented presented = bearer(token, "10.0.0." + std::to_string(user));
        presented.impersonate_user = "user-" + std::to_string(user);
        world.cluster.fail_with(std::nullopt);
        REQUIRE(world.caller_of(bearer(token)).has_value());  // the token itself is good
        world.cluster.fail_with(Error(answer, "no"));
        return refused(world.caller_of(presented));
    };
    for (int user = 0; user < 12; ++user) {  // an outage is nobody's fault
        CHECK(
            tried("alice-token", user, ErrorKind::kUpstreamUnavailable) ==
            ErrorKind::kUpstreamUnavailable
        );
    }
    for (int user = 0; user < 10; ++user) {
        CHECK(tried("alice-token", user, ErrorKind::kForbidden) == ErrorKind::kForbidden);
    }
    const int before = world.calls();
    CHECK(tried("alice-token", 11, ErrorKind::kForbidden) == ErrorKind::kRateLimited);
    CHECK(world.calls() == before);
    Presented presented = bearer("alice-token", "10.0.0.99");
    presented.impersonate_user = "user-11";
    CHECK(world.login.retry_after(presented) == seconds(60));
    CHECK(tried("admin-token", 11, ErrorKind::kForbidden) == ErrorKind::kForbidden);
    world.clock.advance(seconds(60));
    CHECK(tried("alice-token", 11, ErrorKind::kForbidden) == ErrorKind::kForbidden);
}

}  // namespace meshscope::business
