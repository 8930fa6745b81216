#include "business/login.hpp"
#include "business/rights.hpp"
#include "core/text.hpp"
#include "handlers/session_cookie.hpp"
#include "server/sealed_cookies.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/unit/handlers/fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using business::Strategy;
using nlohmann::json;
using server::Method;
using server::Request;
using test::Reply;

std::string jwt(const std::string& claims) {
    return base64_encode("{}") + "." + base64_encode(claims) + ".c2ln";
}

// Alice sees bookinfo, admin all. A browser that keeps cookies.
struct Door : test::HandlersFixture {
    explicit Door(Strategy strategy = Strategy::kToken, bool require_auth = false)
        : rights(cluster, clock, {}) {
        cluster.add_namespace("bookinfo");
        cluster.add_namespace("travel");
        cluster.add_user(alice, {"alice", {"bookinfo"}});
        cluster.add_user("admin-token", {"admin", {}, true, true, true});
        cluster.add_user("blind-token", {"blind", {}});
        business::LoginOptions options;
        options.strategy = strategy;
        options.failures_a_minute = 5;
        auto made = std::make_shared<LoginParts>();
        made->login =
            std::make_shared<const business::Login>(&cluster, &rights, clock, std::move(options));
        server::CookieOptions names;
        names.name = "kiali-token-Kubernetes";
        names.count_name = "kiali-token-chunks-Kubernetes";
        names.path = "/console";
        made->cookies = std::make_shared<const server::SealedCookies>(std::move(names), [this] {
            return keys;
        });
        made->require_auth = require_auth;
        made->audit = [this](const AuditEvent& event) { events.push_back(event); };
        made->trouble = [this](const Error& error, std::string_view request_id) {
            CHECK(request_id == "test-request");
            troubles.push_back(error);
        };
        login = std::move(made);
        config.auth_strategy = business::to_string(strategy);
    }

    const std::string alice = jwt(R"({"sub":"system:serviceaccount:team-a:alice"})");
    test::FakeCluster cluster;
    business::RightsBook rights;
    std::vector<std::string> keys{"0123456789abcdef"};
    std::map<std::string, std::string> cookies;
    std::vector<AuditEvent> events;
    std::vector<Error> troubles;

    Request browser() const {
        Request request;
        request.peer = "10.0.0.1";
        std::string line;
        for (const auto& [name, value] : cookies) {
            line.append(line.empty() ? "" : "; ").append(name).append("=").append(value);
        }
        if (!line.empty()) {
            request.headers.add("Cookie", line);
        }
        return request;
    }
    Reply visit(Method method, const std::string& target, Request request) {
        Reply reply = send(method, target, std::move(request));
        for (const auto& [name, line] : reply.fields.items()) {
            if (name == "Set-Cookie") {
                const std::size_t equals = line.find('=');
                const bool ends = line.find("Max-Age=0") != std::string::npos;
                cookies[line.substr(0, equals)] =
                    line.substr(equals + 1, line.find(';') - equals - 1);
                if (ends) {
                    cookies.erase(line.substr(0, equals));
                }
            }
        }
        return reply;
    }
    Reply visit(const std::string& target) { return visit(Method::kGet, target, browser()); }
    Reply post_token(const std::string& token) {
        Request request = browser();
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.body = "token=" + percent_encode(token);
        return visit(Method::kPost, "/api/authenticate", std::move(request));
    }
    Reply with_bearer(
        const std::string& token, const std::string& target, Method method = Method::kGet
    ) {
        Request request = browser();
        request.headers.add("Authorization", "bearer " + token);
        return visit(method, target, std::move(request));
    }
    [[nodiscard]] std::size_t calls() const {
        std::size_t all = 0;
        for (const auto& [name, count] : cluster.calls()) {
            all += static_cast<std::size_t>(count);
        }
        return all;
    }
};

const std::string kTraces = "/api/namespaces/bookinfo/apps/productpage/traces";
const std::string kForbidden = "/api/namespaces/travel/apps/hotels/traces";

}  // namespace

TEST_CASE("auth: log in, look around, log out", "[auth]") {
    Door f;
    CHECK(
        f.visit("/api/auth/info").json() == json::parse(R"({"sessionInfo":{},"strategy":"token"})")
    );
    CHECK(f.visit(kTraces).status == 401);
    const Reply in = f.post_token(f.alice);
    REQUIRE(in.status == 200);
    CHECK(
        in.json() ==
        json::parse(R"({"expiresOn":"2025-11-22T00:00:00Z","username":"team-a:alice"})")
    );
    CHECK(in.fields.get("Cache-Control").value_or("") == "no-store");
    const std::string cookie(in.fields.get("Set-Cookie").value_or(""));
    CHECK(cookie.ends_with(
        "; Path=/console; Expires=Sat, 22 Nov 2025 00:00:00 GMT; HttpOnly; SameSite=Strict"
    ));
    CHECK(in.body.find("c2ln") == std::string::npos);

    const std::size_t before = f.calls();
    CHECK(
        f.visit("/api/auth/info").json() ==
        json::parse(R"({"sessionInfo":{"clusterInfo":{"Kubernetes":{"name":"Kubernetes"}},
            "expiresOn":"Sat, 22 Nov 2025 00:00:00 +0000","username":"team-a:alice"},"strategy":"token"})"
        )
    );
    CHECK(f.calls() == before);
    CHECK(f.visit(kTraces).status == 200);
    CHECK(f.visit(kForbidden).status == 403);
    CHECK(f.visit("/api/config").status == 200);

    const Reply out = f.visit("/api/logout");
    CHECK(out.status == 204);
    CHECK(out.body.empty());
    CHECK(f.cookies.empty());
    CHECK(f.visit(kTraces).status == 401);
}

TEST_CASE("auth: what is no login", "[auth]") {
    struct Row {
        std::string token;
        unsigned status;
        std::string error;
    };
    const std::vector<Row> rows{
        {"", 400, "the form field token is missing or empty"},
        {"stranger", 401, "token is not valid or is expired"},
        {jwt(R"({"exp":1})"), 401, "token is not valid or is expired"},
        {"blind-token", 401, "this token sees no namespace"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.error);
        Door f;
        REQUIRE(f.post_token("admin-token").status == 200);
        REQUIRE_FALSE(f.cookies.empty());
        const Reply reply = f.post_token(row.token);
        CHECK(reply.status == row.status);
        CHECK(reply.json()["error"] == row.error);
        CHECK(reply.json()["requestId"] == "test-request");
        CHECK(f.cookies.empty());
        CHECK(f.events.back().what == AuditEvent::What::kRefusal);
        CHECK(f.events.back().reason == row.error);
    }
    Door f;
    Request in_url = f.browser();
    in_url.headers.add("Content-Type", "application/x-www-form-urlencoded");
    CHECK(f.visit(Method::kPost, "/api/authenticate?token=admin-token", in_url).status == 400);
    Request as_json = f.browser();
    as_json.headers.add("Content-Type", "application/json");
    as_json.body = R"({"token":"admin-token"})";
    CHECK(f.visit(Method::kPost, "/api/authenticate", as_json).status == 415);
    Request elsewhere = f.browser();
    elsewhere.headers.add("Content-Type", "application/x-www-form-urlencoded");
    elsewhere.headers.add("Sec-Fetch-Site", "cross-site");
    elsewhere.body = "token=admin-token";
    CHECK(f.visit(Method::kPost, "/api/authenticate", elsewhere).status == 403);
    CHECK(f.cookies.empty());
    CHECK(f.calls() == 0);
}

TEST_CASE("auth: a session that cannot be used is a 401 that ends it", "[auth]") {
    struct Row {
        const char* what;
        std::function<void(Door&)> spoil;
    };
    const std::vector<Row> rows{
        {"expired", [](Door& f) { f.clock.advance(std::chrono::hours(24)); }},
        {"another key", [](Door& f) { f.keys = {"fedcba9876543210"}; }},
        {"changed", [](Door& f) { f.cookies["kiali-token-Kubernetes"][20] ^= 1; }},
        {"not a session",
         [](Door& f) {
             server::Response response;
             REQUIRE(f.login->cookies
                         ->seal({}, R"({"strategy":"token"})", from_micros(0), false, response)
                         .has_value());
             const std::string line(response.headers.get("Set-Cookie").value_or(""));
             f.cookies["kiali-token-Kubernetes"] =
                 line.substr(line.find('=') + 1, line.find(';') - line.find('=') - 1);
         }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        for (const bool info : {false, true}) {
            Door f;
            REQUIRE(f.post_token(f.alice).status == 200);
            row.spoil(f);
            if (info) {
                CHECK(f.visit("/api/auth/info").json()["sessionInfo"].empty());
            } else {
                const Reply reply = f.visit("/api/config");
                CHECK(reply.status == 401);
                CHECK(reply.json()["code"] == "unauthenticated");
            }
            CHECK(f.cookies.empty());
        }
    }
    Door rotated;
    REQUIRE(rotated.post_token(rotated.alice).status == 200);
    rotated.keys = {"a new key of 32 bytes, a new one", "0123456789abcdef"};
    CHECK(rotated.visit("/api/config").status == 200);
}

TEST_CASE("auth: a session outlives an outage of Kubernetes", "[auth]") {
    Door f;
    REQUIRE(f.post_token(f.alice).status == 200);
    f.clock.advance(std::chrono::seconds(10));
    f.cluster.fail_with(Error(ErrorKind::kUpstreamUnavailable, "kubernetes refused the connection")
    );
    CHECK(f.visit(kTraces).status == 503);
    CHECK(f.visit("/api/authenticate").status == 503);
    CHECK(f.post_token(f.alice).status == 503);
    CHECK(f.visit("/api/auth/info").json()["sessionInfo"]["username"] == "team-a:alice");
    f.cluster.fail_with(std::nullopt);
    CHECK(f.visit(kTraces).status == 200);
}

TEST_CASE(
    "auth: strangers do not read what is wrong between this server and Kubernetes", "[auth]"
) {
    struct Row {
        Error error;
        unsigned status;
    };
    const std::vector<Row> rows{
        {Error(ErrorKind::kUpstreamUnavailable, "cannot reach kubernetes: secret-cause")
             .with_code("connection_refused"),
         503},
        {Error(ErrorKind::kUpstreamAuth, "not allowed: system:serviceaccount:ns:secret-cause"), 502
        },
        {Error(ErrorKind::kRateLimited, "Kubernetes is too busy: secret-cause"), 429},
        {Error(ErrorKind::kInvalidArgument, "Kubernetes refuses: secret-cause"), 400},
        {Error(ErrorKind::kInternal, "secret-cause"), 500},
    };
    for (const Row& row : rows) {
        CAPTURE(row.status);
        Door f;
        const Error error = row.error.with_upstream("kubernetes")
                                .with_detail("POST https://10.96.0.1:443/secret-place")
                                .with_hint({"secret.setting", "see secret-advice"});
        f.cluster.fail_with(error);
        for (const bool login : {false, true}) {
            const Reply reply = login ? f.post_token("guess") : f.with_bearer("guess", kTraces);
            CHECK(reply.status == row.status);
            CHECK(reply.body.find("secret") == std::string::npos);
            CHECK(reply.body.find("10.96") == std::string::npos);
            CHECK(reply.json()["code"] == std::string(error.code()));
            CHECK(reply.json()["upstream"] == "kubernetes");
            REQUIRE(f.troubles.size() == (login ? 2 : 1));
            CHECK(f.troubles.back().message() == error.message());
            CHECK(f.troubles.back().detail() == error.detail());
        }
        CHECK(f.events.back().reason == error.message());
    }
    Door f;
    CHECK(f.with_bearer("stranger", kTraces).status == 401);
    CHECK(f.post_token("").status == 400);
    CHECK(f.troubles.empty());
}

TEST_CASE("auth: pages of other sites neither extend nor end a session", "[auth]") {
    Door f;
    REQUIRE(f.post_token(f.alice).status == 200);
    for (const char* target : {"/api/logout", "/api/authenticate"}) {
        for (const char* site : {"same-site", "cross-site", "same-origin"}) {
            CAPTURE(target, site);
            const bool ours = std::string_view(site) == "same-origin";
            Request request = f.browser();
            request.headers.add("Sec-Fetch-Site", site);
            const std::size_t events = f.events.size();
            const auto before = f.cookies;
            const Reply reply = f.visit(Method::kGet, target, request);
            CHECK(
                reply.status == (!ours                                       ? 403
                                 : std::string_view(target) == "/api/logout" ? 204
                                                                             : 200)
            );
            CHECK((f.events.size() > events) == ours);
            if (!ours) {
                CHECK(reply.json()["code"] == "cross_site");
                CHECK(f.cookies == before);
            }
        }
        REQUIRE(f.post_token(f.alice).status == 200);
    }
}

TEST_CASE("auth: a session is extended", "[auth]") {
    Door f;
    CHECK(f.visit("/api/authenticate").status == 401);
    REQUIRE(f.post_token(f.alice).status == 200);
    const auto old = f.cookies;
    f.clock.advance(std::chrono::hours(1));
    const Reply extended = f.visit("/api/authenticate");
    CHECK(extended.status == 200);
    CHECK(extended.json()["expiresOn"] == "2025-11-22T01:00:00Z");
    CHECK(f.cookies != old);
    CHECK(f.events.back().what == AuditEvent::What::kExtension);
    f.cluster.remove_user(f.alice);
    f.clock.advance(std::chrono::hours(1));
    CHECK(f.visit("/api/authenticate").status == 401);
    CHECK(f.cookies.empty());
}

TEST_CASE("auth: too many bad tokens from one address", "[auth]") {
    Door f;
    for (int i = 0; i < 5; ++i) {
        CHECK(f.post_token("guess" + std::to_string(i)).status == 401);
    }
    const std::size_t before = f.calls();
    const Reply limited = f.post_token("admin-token");
    CHECK(limited.status == 429);
    CHECK(limited.fields.get("Retry-After").value_or("") == "60");
    CHECK(f.with_bearer("guess", "/api/config").status == 429);
    CHECK(f.calls() == before);
}

TEST_CASE("auth: behind a trusted proxy each client has attempts of its own", "[auth]") {
    Door f;
    auto parts = std::make_shared<LoginParts>(*f.login);
    parts->trusted_proxies = {*AddressRange::parse("10.0.0.0/8")};
    f.login = std::move(parts);
    const auto status_of = [&](const std::string& client, const std::string& token) {
        Request with;
        with.peer = "10.0.0.1";
        with.headers.add("X-Forwarded-For", "192.0.2.99, " + client);
        with.headers.add("Content-Type", "application/x-www-form-urlencoded");
        with.body = "token=" + token;
        return f.send(Method::kPost, "/api/authenticate", with).status;
    };
    for (int i = 0; i < 5; ++i) {
        CHECK(status_of("198.51.100.1", "guess" + std::to_string(i)) == 401);
        CHECK(f.events.back().peer == "198.51.100.1");
    }
    CHECK(status_of("198.51.100.1", "admin-token") == 429);
    CHECK(status_of("198.51.100.2", "guess") == 401);
    CHECK(status_of("198.51.100.2", "admin-token") == 200);
}

TEST_CASE("auth: scripts bring their token with each request", "[auth]") {
    Door f;
    CHECK(f.with_bearer("admin-token", kForbidden).status == 200);
    CHECK(f.with_bearer(f.alice, kForbidden).status == 403);
    CHECK(f.with_bearer("stranger", kTraces).status == 401);
    Request basic = f.browser();
    basic.headers.add("Authorization", "Basic YTpi");
    CHECK(f.visit(Method::kGet, kTraces, basic).status == 401);
}

TEST_CASE("auth: what is open to all and what is not", "[auth]") {
    for (const bool require_auth : {false, true}) {
        Door f(Strategy::kToken, require_auth);
        CHECK(f.visit("/api").status == (require_auth ? 401 : 200));
        CHECK(f.visit("/healthz").status == 200);
        CHECK(f.visit("/readyz").status == 200);
        CHECK(f.visit("/api/openapi.json").status == 200);
        CHECK(f.visit("/api/status").status == 401);
        CHECK(f.calls() == 0);
        REQUIRE(f.post_token(f.alice).status == 200);
        CHECK(f.visit("/api").json()["status"].contains("Kiali version"));
    }
    Door f;
    CHECK_FALSE(f.visit("/api").json()["status"].contains("Kiali version"));
}

TEST_CASE("auth: strategy header", "[auth]") {
    Door f(Strategy::kHeader);
    CHECK(f.visit(kTraces).status == 401);
    CHECK(f.post_token(f.alice).status == 401);
    CHECK(f.with_bearer(f.alice, kTraces).status == 200);
    const Reply in = f.with_bearer("admin-token", "/api/authenticate", Method::kPost);
    CHECK(in.status == 200);
    CHECK(in.json()["username"] == "admin");
    CHECK(f.with_bearer("admin-token", kForbidden).status == 200);
    CHECK(f.visit("/api/auth/info").json()["sessionInfo"]["username"] == "admin");

    Request alice = f.browser();
    alice.headers.add("Authorization", "Bearer admin-token");
    alice.headers.add("Impersonate-User", "alice");
    alice.headers.add("Impersonate-Group", "dev");
    alice.headers.add("Impersonate-Group", "ops");
    alice.headers.add("Impersonate-Extra-Scopes%2Fx", "view");
    const auto presented = presented_of(
        [&] {
            Parts parts;
            parts.login = f.login;
            return parts;
        }(),
        alice
    );
    CHECK(presented.impersonate_user == "alice");
    CHECK(presented.impersonate_groups == std::vector<std::string>{"dev", "ops"});
    CHECK(presented.impersonate_extra.at(0).first == "scopes/x");
    CHECK(f.visit(Method::kGet, kTraces, alice).status == 401);  // the session is admin's
    CHECK(f.cookies.empty());
    alice.headers.remove("Cookie");
    CHECK(f.visit(Method::kGet, kTraces, alice).status == 200);
    for (const char* user : {"alice", "admin", ""}) {
        Request several = alice;
        several.headers.add("impersonate-user", user);
        CHECK(f.visit(Method::kGet, kTraces, several).status == 401);
        several.headers.add("Impersonate-User", "alice");
        CHECK(f.visit(Method::kGet, kTraces, several).status == 401);
    }
    CHECK(f.visit(Method::kGet, kForbidden, alice).status == 403);
    alice.headers.add("Impersonate-Group", "system:masters");
    CHECK(f.visit(Method::kGet, kTraces, alice).status == 401);
    // With strategy token nobody is impersonated.
    Door token;
    alice.headers.set("Authorization", "Bearer admin-token");
    CHECK(token.visit(Method::kGet, kForbidden, alice).status == 200);
}

TEST_CASE("auth: Secure follows the address that browsers see", "[auth]") {
    struct Row {
        bool tls;
        const char* configured;
        const char* forwarded;
        bool secure;
    };
    for (const Row& row : std::vector<Row>{
             {false, "", "", false},
             {true, "", "", true},
             {false, "https", "", true},
             {false, "", "https", true},
             {false, "", "https, http", true},
             {false, "", "HTTPS,https", true},
             {false, "", "http,https", false},
             {false, "http", "https,https", false},
             {true, "http", "", true},
         }) {
        Door f;
        f.address.scheme = row.configured;
        Request request = f.browser();
        request.tls = row.tls;
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.body = "token=admin-token";
        if (*row.forwarded != '\0') {
            request.headers.add("X-Forwarded-Proto", row.forwarded);
        }
        const Reply reply = f.visit(Method::kPost, "/api/authenticate", request);
        REQUIRE(reply.status == 200);
        const bool secure =
            reply.fields.get("Set-Cookie")->find("; Secure") != std::string_view::npos;
        CHECK(secure == row.secure);
    }
}

TEST_CASE("auth: a large token goes into several cookies", "[auth]") {
    Door f;
    const std::string large = "x" + std::string(9'000, 'y');
    f.cluster.add_user(large, {"large", {"bookinfo"}});
    REQUIRE(f.post_token(large).status == 200);
    CHECK(f.cookies.size() == 5);
    CHECK(f.visit(kTraces).status == 200);
    REQUIRE(f.post_token(f.alice).status == 200);
    CHECK(f.cookies.size() == 1);
    CHECK(f.visit(kTraces).status == 200);
}

TEST_CASE("auth: every line of the log names who, where and which request, no token", "[auth]") {
    Door f;
    REQUIRE(f.post_token(f.alice).status == 200);
    CHECK(f.post_token("stranger").status == 401);
    REQUIRE(f.post_token(f.alice).status == 200);
    CHECK(f.visit("/api/logout").status == 204);
    CHECK(f.visit("/api/logout").status == 204);  // nobody left
    using What = AuditEvent::What;
    const std::vector<What> whats{What::kLogin, What::kRefusal, What::kLogin, What::kLogout};
    REQUIRE(f.events.size() == whats.size());
    for (std::size_t i = 0; i < whats.size(); ++i) {
        const AuditEvent& event = f.events[i];
        CHECK(event.what == whats[i]);
        CHECK(event.peer == "10.0.0.1");
        CHECK(event.request_id == "test-request");
        CHECK(event.user == (event.what == What::kRefusal ? "" : "team-a:alice"));
        CHECK((event.user + event.reason).find("c2ln") == std::string::npos);
    }
}

TEST_CASE("auth: without a login", "[auth]") {
    test::HandlersFixture f;
    CHECK(
        f.get("/api/auth/info").json() ==
        json::parse(R"({"sessionInfo":{},"strategy":"anonymous"})")
    );
    CHECK(f.send(Method::kPost, "/api/authenticate").status == 200);
    CHECK(f.send(Method::kPost, "/api/authenticate").body.empty());
    CHECK(f.get("/api/authenticate").status == 200);
    CHECK(f.get("/api/logout").status == 204);
    Request elsewhere;
    elsewhere.headers.add("Origin", "https://evil.org");
    CHECK(f.send(Method::kPost, "/api/authenticate", elsewhere).status == 403);
}

TEST_CASE("a session's text: Kiali's layout, there and back", "[auth]") {
    business::Session session;
    session.strategy = "token";
    session.cluster = "Kubernetes";
    session.session_id = "8e6f6a2c-0d8f-4b52-9d4e-0a3f5b1c7d10";
    session.expires = from_micros(1'787'303'700'123'456);
    session.token = "t\"";
    CHECK(
        session_text(session) ==
        R"({"cluster":"Kubernetes","expiresOn":"2026-08-21T09:15:00.123456Z","payload":{"token":"t\""},)"
        R"("sessionId":"8e6f6a2c-0d8f-4b52-9d4e-0a3f5b1c7d10","strategy":"token"})"
    );
    session.subject = "alice";
    const auto read = parse_session(session_text(session));
    REQUIRE(read);
    CHECK(read->strategy == session.strategy);
    CHECK(read->cluster == session.cluster);
    CHECK(read->session_id == session.session_id);
    CHECK(read->expires == session.expires);
    CHECK(read->token == session.token);
    CHECK(read->subject == session.subject);
    const auto theirs = parse_session(
        R"({"sessionId":"x","strategy":"token","cluster":"c","expiresOn":"2026-08-21T11:15:00.123456789+02:00","payload":{"token":"t","more":[1]}})"
    );
    REQUIRE(theirs);
    CHECK(theirs->expires == from_micros(1'787'303'700'123'456));
    for (const char* text :
         {"",
          "{}",
          "[]",
          R"({"payload":{}})",
          R"({"expiresOn":"2026-08-21T09:15:00Z"})",
          R"({"expiresOn":"soon","payload":{"token":"t"}})",
          R"({"expiresOn":"2026-08-21T09:15:00Z","payload":"t"})"}) {
        CHECK_FALSE(parse_session(text));
    }
}

TEST_CASE("auth: no answer tells what finding out the caller's rights took", "[auth]") {
    Door door;
    test::FakeCluster& mesh = door.HandlersFixture::cluster;
    mesh.add_user(door.alice, {"alice", {"bookinfo"}});
    const std::string pod = mesh.add_workload("bookinfo", "web").front();
    const Reply reply = door.with_bearer(door.alice, "/api/namespaces/bookinfo/pods/" + pod);
    CHECK(reply.status == 200);
    CHECK(door.calls() > 3);
    REQUIRE(reply.meta()["upstream"].size() == 1);
    CHECK(reply.meta()["upstream"][0]["calls"] == 1);
}

}  // namespace meshscope::handlers
