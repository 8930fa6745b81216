#include "clients/http/oauth2.hpp"

#include "core/text.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <mutex>

namespace meshscope::clients {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using test::http_answer;
using test::Peer;
using test::ScriptedServer;

constexpr const char* kSecret = "s3cret/+value";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string token_answer(const std::string& token, const std::string& more = "") {
    return http_answer(R"({"access_token":")" + token + R"(","token_type":"Bearer")" + more + "}");
}

ScriptedServer::Script each(std::function<std::string(const std::string&)> answer) {
    return [answer = std::move(answer)](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            peer.send(answer(request));
        }
    };
}

std::string basic(const std::string& id, const std::string& secret) {
    return "authorization: Basic " + base64_encode(id + ":" + secret);
}

OAuth2Options options_of(const ScriptedServer& endpoint) {
    OAuth2Options options;
    options.token_url = endpoint.url("/realms/mesh/token?p=1");
    options.client_id = "mesh scope";
    options.client_secret = Secret::literal(kSecret);
    options.setting_prefix = "external_services.tracing";
    return options;
}

// A client whose calls go to a backend with tokens of an endpoint.
struct Fixture {
    Fixture(const ScriptedServer& backend, OAuth2Options options) : calls(backend.url()) {
        auto made = make_oauth2(std::move(options), {}, calls.clock, false);
        REQUIRE(made.has_value());
        calls.options.authorizer = *made;
    }
    test::ClientFixture calls;
};

HttpResponse response(unsigned status, std::string body) {
    HttpResponse out;
    out.status = status;
    out.body = std::move(body);
    return out;
}

OAuth2Options plain_options() {
    OAuth2Options options;
    options.token_url = "https://me:pw@idp/token?x=1";
    options.client_id = "me";
    options.setting_prefix = "external_services.tracing";
    return options;
}

const SteadyTime kNow{std::chrono::hours(1)};

}  // namespace

TEST_CASE("a token is due when a tenth of its life is left, within bounds") {
    struct Row {
        seconds life;
        seconds due_at;  // after it was fetched
    };
    const Row row = GENERATE(values<Row>({
        {seconds(1'000), seconds(900)},
        {minutes(60), minutes(55)},
        {minutes(600), minutes(595)},
        {seconds(60), seconds(50)},
        {seconds(30), seconds(20)},
        {seconds(8), seconds(4)},
    }));
    const OAuth2Token token{"t", kNow, kNow + row.life};
    CHECK_FALSE(is_due(token, kNow));
    CHECK_FALSE(is_due(token, kNow + row.due_at));
    CHECK(is_due(token, kNow + row.due_at + std::chrono::milliseconds(1)));
    CHECK_FALSE(is_expired(token, kNow + row.life - std::chrono::milliseconds(1)));
    CHECK(is_expired(token, kNow + row.life));
    const OAuth2Token endless{"t", kNow, std::nullopt};
    CHECK_FALSE(is_due(endless, kNow + std::chrono::hours(1'000)));
    CHECK_FALSE(is_expired(endless, kNow + std::chrono::hours(1'000)));
}

TEST_CASE("where a token URL leads") {
    struct Row {
        const char* url;
        const char* origin;
        const char* target;
    };
    const Row row = GENERATE(values<Row>({
        {"https://idp/token", "https://idp", "/token"},
        {" https://idp:8443/a/b/ ", "https://idp:8443", "/a/b/"},
        {"https://idp", "https://idp", "/"},
        {"https://idp?x=1", "https://idp", "/?x=1"},
        {"http://[::1]:81/t?x=1#f", "http://[::1]:81", "/t?x=1"},
    }));
    const auto place = parse_token_url(row.url);
    REQUIRE(place.has_value());
    CHECK(place->target == row.target);
    CHECK(place->origin.to_string() == row.origin);
    CHECK(parse_token_url("idp/token").has_error());
}

TEST_CASE("lives are read as numbers and as text; a token that cannot be sent is none") {
    struct Row {
        const char* body;
        std::optional<int> life;  // 0: no expiry; nullopt: no token
    };
    const Row row = GENERATE(values<Row>({
        {R"({"access_token":"t","expires_in":60})", 60},
        {R"({"access_token":"t","expires_in":"60"})", 60},
        {R"({"access_token":"t","expires_in":60.9})", 60},
        {R"({"access_token":"t"})", 0},
        {R"({"access_token":"t","expires_in":0})", 0},
        {R"({"access_token":"t","expires_in":-1})", 0},
        {R"({"access_token":"t","expires_in":"soon"})", 0},
        {R"({"access_token":"t","expires_in":1e300})", 365 * 24 * 3600},
        {R"({"access_token":"t","token_type":"BEARER"})", 0},
        {R"({"access_token":"t","token_type":"mac"})", std::nullopt},
        {R"({"access_token":"a b"})", std::nullopt},
        {R"({"access_token":""})", std::nullopt},
        {R"({"access_token":7})", std::nullopt},
        {R"(["access_token"])", std::nullopt},
        {"<html>log in</html>", std::nullopt},
        {"", std::nullopt},
    }));
    CAPTURE(row.body);
    const auto token = read_token(response(200, row.body), plain_options(), kSecret, kNow);
    REQUIRE(token.has_value() == row.life.has_value());
    if (!token) {
        CHECK(token.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(has(token.error().message(), "https://idp/token"));
        return;
    }
    CHECK(token->expires.has_value() == (*row.life > 0));
    if (token->expires) {
        CHECK(*token->expires == kNow + seconds(*row.life));
    }
}

TEST_CASE("a refusal names its word and the key to change, never a secret") {
    struct Row {
        unsigned status;
        const char* body;
        ErrorKind kind;
        const char* setting;
    };
    const Row row = GENERATE(values<Row>({
        {400, R"({"error":"invalid_client"})", ErrorKind::kUpstreamAuth, "client_secret"},
        {401, "", ErrorKind::kUpstreamAuth, "client_secret"},
        {400, R"({"error":"invalid_scope"})", ErrorKind::kUpstreamAuth, "scopes"},
        {400, R"({"error":"invalid_target"})", ErrorKind::kUpstreamAuth, "audience"},
        {400, R"({"error":"unauthorized_client"})", ErrorKind::kUpstreamAuth, "client_id"},
        {404, "<html>", ErrorKind::kUpstreamProtocol, "token_url"},
        {429, "", ErrorKind::kUpstreamUnavailable, "token_url"},
        {503, "<html>", ErrorKind::kUpstreamUnavailable, "token_url"},
    }));
    const auto token = read_token(response(row.status, row.body), plain_options(), kSecret, kNow);
    REQUIRE(token.has_error());
    CHECK(token.error().kind() == row.kind);
    CHECK(
        token.error().hint().setting ==
        std::string("external_services.tracing.auth.oauth2.") + row.setting
    );
    CHECK(has(token.error().message(), std::to_string(row.status)));
    CHECK_FALSE(has(token.error().message(), "pw"));

    const std::string echo = std::string(R"({"error":"s3cret","error_description":"bad )") +
                             kSecret + " or s3cret%2F%2Bvalue or " +
                             base64_encode("me:s3cret%2F%2Bvalue") + "\"}";
    const Error echoed = read_token(response(400, echo), plain_options(), kSecret, kNow).error();
    CHECK(echoed.detail() == "bad *** or *** or ***");
    CHECK_FALSE(has(echoed.message(), "s3cret"));
}

TEST_CASE("one token is fetched and sent with every call") {
    ScriptedServer endpoint(each([](const std::string&) {
        return token_answer("t1", R"(,"expires_in":3600)");
    }));
    ScriptedServer backend(each([](const std::string& request) {
        return http_answer("", "", has(request, "Authorization: Bearer t1") ? 200 : 401);
    }));
    OAuth2Options options = options_of(endpoint);
    options.scopes = {"read", "traces all"};
    options.audience = "https://jaeger";
    Fixture fixture(backend, options);
    CHECK(fixture.calls.get()->status == 200);
    CHECK(fixture.calls.get()->status == 200);
    REQUIRE(endpoint.requests().size() == 1);
    const std::string request = endpoint.requests().front();
    CHECK(has(request, "POST /realms/mesh/token?p=1 HTTP/1.1"));
    CHECK(has(request, basic("mesh%20scope", "s3cret%2F%2Bvalue")));
    CHECK(
        has(request,
            "grant_type=client_credentials&scope=read%20traces%20all&audience=https%3A%2F%2Fjaeger")
    );
    CHECK_FALSE(has(request, "req-1"));
    CHECK(fixture.calls.cost().calls == 2);
}

TEST_CASE("the client's credentials travel as auth_style says, left out as is understood") {
    struct Row {
        const char* style;
        bool takes_header;
        bool works;
        std::size_t requests;
    };
    const Row row = GENERATE(values<Row>({
        {"header", true, true, 1},
        {"header", false, false, 1},
        {"params", false, true, 1},
        {"params", true, false, 1},
        {"", true, true, 1},
        {"", false, true, 2},
    }));
    ScriptedServer endpoint(each([row](const std::string& request) {
        const bool header = has(request, "authorization: Basic");
        const bool params = has(request, "client_id=mesh%20scope&client_secret=s3cret%2F%2Bvalue");
        return header == row.takes_header && params != header
                   ? token_answer("t")
                   : http_answer(R"({"error":"invalid_client"})", "", 400);
    }));
    ScriptedServer backend(each([](const std::string&) { return http_answer("ok"); }));
    OAuth2Options options = options_of(endpoint);
    options.auth_style = row.style;
    Fixture fixture(backend, options);
    const auto got = fixture.calls.get();
    CHECK(got.has_value() == row.works);
    CHECK(endpoint.requests().size() == row.requests);
    if (!got) {
        CHECK(got.error().kind() == ErrorKind::kUpstreamAuth);
        CHECK(got.error().upstream() == "jaeger");
        CHECK(backend.connections() == 0);
    }
}

TEST_CASE("a token is renewed when it is due, and the old one serves while that fails") {
    std::atomic<int> mode{0};
    std::atomic<int> fetched{0};
    ScriptedServer endpoint(each([&](const std::string&) {
        const int number = ++fetched;
        return mode == 1 ? http_answer("", "", 503)
                         : token_answer("t" + std::to_string(number), R"(,"expires_in":100)");
    }));
    ScriptedServer backend(each([](const std::string& request) {
        const std::size_t at = request.find("Bearer ");
        return http_answer(at == std::string::npos ? "" : request.substr(at, 9));
    }));
    Fixture fixture(backend, options_of(endpoint));
    CHECK(fixture.calls.get()->body == "Bearer t1");
    fixture.calls.clock.advance(seconds(89));
    CHECK(fixture.calls.get()->body == "Bearer t1");
    CHECK(fetched == 1);
    fixture.calls.clock.advance(seconds(2));
    mode = 1;
    CHECK(fixture.calls.get()->body == "Bearer t1");
    CHECK(fetched == 2);
    CHECK(fixture.calls.get()->body == "Bearer t1");  // not asked again at once
    CHECK(fetched == 2);
    fixture.calls.clock.advance(seconds(9));  // expired
    const auto failed = fixture.calls.get();
    REQUIRE(failed.has_error());
    CHECK(failed.error().kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(has(failed.error().message(), "token endpoint"));
    mode = 0;
    CHECK(fixture.calls.get().has_error());  // nor now
    CHECK(fetched == 3);
    fixture.calls.clock.advance(seconds(3));
    CHECK(fixture.calls.get()->body == "Bearer t4");
}

TEST_CASE("a refused token is exchanged once, and no more") {
    std::atomic<int> fetched{0};
    ScriptedServer endpoint(each([&](const std::string&) {
        return token_answer("t" + std::to_string(++fetched));
    }));
    SECTION("the new one is taken") {
        ScriptedServer backend(each([](const std::string& request) {
            return http_answer("", "", has(request, "Bearer t2") ? 200 : 401);
        }));
        Fixture fixture(backend, options_of(endpoint));
        CHECK(fixture.calls.get()->status == 200);
        CHECK(backend.requests().size() == 2);
        CHECK(fixture.calls.get()->status == 200);
        CHECK(fetched == 2);
    }
    SECTION("no token is taken") {
        ScriptedServer backend(each([](const std::string&) { return http_answer("", "", 401); }));
        Fixture fixture(backend, options_of(endpoint));
        CHECK(fixture.calls.get()->status == 401);
        CHECK(backend.requests().size() == 2);
        CHECK(fetched == 2);
        CHECK(fixture.calls.get()->status == 401);
        CHECK(backend.requests().size() == 3);
        CHECK(fetched == 2);  // the next new one can wait
        fixture.calls.clock.advance(seconds(3));
        CHECK(fixture.calls.get()->status == 401);
        CHECK(fetched == 3);
    }
}

TEST_CASE("a token that cannot be renewed after a 401 is no matter of wrong credentials") {
    std::atomic<int> fetched{0};
    ScriptedServer endpoint(each([&](const std::string&) {
        return ++fetched == 1 ? token_answer("t1") : http_answer("", "", 503);
    }));
    ScriptedServer backend(each([](const std::string&) { return http_answer("", "", 401); }));
    Fixture fixture(backend, options_of(endpoint));
    const auto got = fixture.calls.get();
    REQUIRE(got.has_error());
    CHECK(got.error().kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(has(got.error().message(), "token endpoint"));
    CHECK(got.error().upstream() == "jaeger");
    CHECK(backend.requests().size() == 1);
}

TEST_CASE("a silent token endpoint does not hold up calls while the token is good") {
    std::atomic<bool> silent{false};
    ScriptedServer endpoint([&](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            if (silent) {
                peer.wait_for_close();
                return;
            }
            peer.send(token_answer("t1", R"(,"expires_in":100)"));
        }
    });
    ScriptedServer backend(each([](const std::string&) { return http_answer("ok"); }));
    Fixture fixture(backend, options_of(endpoint));
    CHECK(fixture.calls.get().has_value());
    fixture.calls.clock.advance(seconds(91));
    silent = true;
    fixture.calls.context.deadline = test::in(seconds(8));
    const auto got = fixture.calls.get();
    REQUIRE(got.has_value());
    CHECK(got->body == "ok");
    CHECK(fixture.calls.get().has_value());
    CHECK(endpoint.requests().size() == 2);
}

TEST_CASE("a refused client is not tried again at once, unless its secret changes") {
    test::ScratchDir dir;
    dir.write("secret", "old");
    ScriptedServer endpoint(each([](const std::string& request) {
        return has(request, basic("mesh%20scope", "new"))
                   ? token_answer("t")
                   : http_answer(R"({"error":"invalid_client"})", "", 400);
    }));
    ScriptedServer backend(each([](const std::string&) { return http_answer("ok"); }));
    OAuth2Options options = options_of(endpoint);
    test::ManualClock clock;
    options.client_secret = Secret::file(dir.path("secret"), clock);
    Fixture fixture(backend, options);
    const auto first = fixture.calls.get();
    REQUIRE(first.has_error());
    CHECK(endpoint.requests().size() == 2);  // as header, then as parameters
    const auto second = fixture.calls.get();
    REQUIRE(second.has_error());
    CHECK(second.error().message() == first.error().message());
    CHECK(second.error().upstream() == "jaeger");
    CHECK(endpoint.requests().size() == 2);
    SECTION("after a while") {
        fixture.calls.clock.advance(seconds(3));
        CHECK(fixture.calls.get().has_error());
        CHECK(endpoint.requests().size() == 4);
    }
    SECTION("the secret changes") {
        dir.write("secret", "new");
        clock.advance(seconds(2));
        CHECK(fixture.calls.get()->body == "ok");
    }
}

TEST_CASE("a rotated client secret is read anew after a 401 of the token endpoint") {
    test::ScratchDir dir;
    dir.write("secret", "old");
    ScriptedServer endpoint(each([&](const std::string& request) {
        if (has(request, basic("mesh%20scope", "old"))) {
            dir.write("secret", "new");
        }
        return has(request, basic("mesh%20scope", "new"))
                   ? token_answer("t")
                   : http_answer(R"({"error":"invalid_client"})", "", 401);
    }));
    ScriptedServer backend(each([](const std::string&) { return http_answer("ok"); }));
    OAuth2Options options = options_of(endpoint);
    test::ManualClock clock;
    options.client_secret = Secret::file(dir.path("secret"), clock);
    options.auth_style = "header";
    Fixture fixture(backend, options);
    CHECK(fixture.calls.get()->body == "ok");
    CHECK(endpoint.requests().size() == 2);
}

TEST_CASE("calls of several threads at once share one token") {
    ScriptedServer endpoint(each([](const std::string&) { return token_answer("t"); }));
    ScriptedServer backend(each([](const std::string&) { return http_answer("ok"); }));
    Fixture fixture(backend, options_of(endpoint));
    HttpClient& client = fixture.calls.client();
    std::vector<std::unique_ptr<test::IoThread>> threads;
    std::vector<std::future<bool>> done;
    auto call = [](HttpClient& own) -> Awaitable<bool> {
        RequestContext context;
        context.deadline = test::in(test::kPatience);
        HttpRequest request;
        request.target = "/";
        const auto got = co_await own.send(std::move(context), std::move(request));
        co_return got && got->body == "ok";
    };
    for (std::size_t i = 0; i < 3; ++i) {
        threads.push_back(std::make_unique<test::IoThread>());
        for (int calls = 0; calls < 5; ++calls) {
            done.push_back(threads[i]->start(call(client)));
        }
    }
    for (auto& one : done) {
        CHECK(one.get());
    }
    CHECK(endpoint.requests().size() < 15);
}

TEST_CASE("an endpoint that cannot be reached or is silent is said, within the deadline") {
    ScriptedServer backend(each([](const std::string&) { return http_answer("ok"); }));
    OAuth2Options options = plain_options();
    options.token_url = "http://127.0.0.1:1/token";
    Fixture refused(backend, options);
    const auto error = refused.calls.get().error();
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(has(error.message(), "cannot reach the token endpoint"));
    CHECK(error.upstream() == "jaeger");
    CHECK(error.hint().setting == "external_services.tracing.auth.oauth2.token_url");

    ScriptedServer silent([](Peer& peer) {
        peer.read_request();
        peer.wait_for_close();
    });
    Fixture late(backend, options_of(silent));
    late.calls.context.deadline = test::in(std::chrono::milliseconds(100));
    const auto deadline = late.calls.get().error();
    CHECK(deadline.kind() == ErrorKind::kDeadline);
    CHECK(backend.connections() == 0);
    late.calls.io.restart();
    late.calls.io.run_for(std::chrono::seconds(10));  // what nobody waits for any more ends
}

TEST_CASE("a token URL that is none is refused at once") {
    OAuth2Options options = plain_options();
    options.token_url = "idp";
    test::ManualClock clock;
    const auto made = make_oauth2(options, {}, clock, false);
    REQUIRE(made.has_error());
    CHECK(made.error().hint().setting == "external_services.tracing.auth.oauth2.token_url");
}

}  // namespace meshscope::clients
