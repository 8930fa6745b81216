#include "async/governor.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

// Answers every request on every connection alike.
ScriptedServer::Script always(std::string answer) {
    return [answer = std::move(answer)](Peer& peer) {
        while (!peer.read_request().empty() && peer.send(answer)) {
        }
    };
}

bool has_line(const std::string& request, const std::string& line) {
    return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a response comes with status, headers and body, and is billed") {
    ScriptedServer server(always(http_answer("[1,2]", "Content-Type: text/x\r\nX-A: b\r\n")));
    ClientFixture fixture(server.url("/jaeger/"));
    const auto response = fixture.get("/api/services?x=1");
    REQUIRE(response.has_value());
    CHECK(response->status == 200);
    CHECK(response->body == "[1,2]");
    CHECK(response->body.capacity() >= 5 + 64);
    CHECK(response->header("content-type") == "text/x");
    CHECK(response->header("x-a") == "b");
    CHECK_FALSE(response->incomplete);
    const std::string request = server.requests().at(0);
    CHECK(request.starts_with("GET /jaeger/api/services?x=1 HTTP/1.1\r\n"));
    CHECK(has_line(request, "Host: 127.0.0.1:" + std::to_string(server.port())));
    CHECK(has_line(request, "X-Request-Id: req-1"));
    CHECK(fixture.cost().calls == 1);
    CHECK(fixture.cost().bytes == 5);
    CHECK(fixture.cost().time > 0us);
}

TEST_CASE("a connection is used again, also for another status and a POST") {
    ScriptedServer server(always(http_answer("no", "", 404)));
    ClientFixture fixture(server.url());
    CHECK(fixture.get()->status == 404);
    HttpRequest post;
    post.method = "POST";
    post.target = "/q";
    post.body = "body";
    CHECK(fixture.send(post)->status == 404);
    CHECK(server.connections() == 1);
    CHECK(has_line(server.requests().at(1), "Content-Length: 4"));
    CHECK(server.requests().at(1).ends_with("\r\n\r\nbody"));
}

TEST_CASE("an idle connection is given up after max_idle") {
    ScriptedServer server(always(http_answer("x")));
    ClientFixture fixture(server.url());
    fixture.get();
    fixture.clock.advance(61s);
    CHECK(fixture.get().has_value());
    CHECK(server.connections() == 2);
}

TEST_CASE("connections that cannot be trusted are not used again") {
    const std::string answer = GENERATE(
        http_answer("x", "Connection: close\r\n"),
        http_answer("x") + "surplus",
        std::string("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx")
    );
    ScriptedServer server(always(answer));
    ClientFixture fixture(server.url());
    CHECK(fixture.get()->body == "x");
    CHECK(fixture.get()->body == "x");
    CHECK(server.connections() == 2);
}

TEST_CASE("a body without a length ends with the connection") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    });
    ClientFixture fixture(server.url());
    const auto response = fixture.get();
    CHECK(response->body == "all of it");
    CHECK_FALSE(response->incomplete);
}

TEST_CASE("a pooled connection that turns out dead costs one retry, for idempotent methods") {
    const bool with_reset = GENERATE(false, true);
    ScriptedServer server([with_reset](Peer& peer) {
        peer.read_request();
        peer.send(http_answer("x"));
        if (peer.number() == 1) {
            peer.read_request();  // heard, never answered
            if (with_reset) {
                peer.reset();
            }
            return;
        }
        while (!peer.read_request().empty() && peer.send(http_answer("again"))) {
        }
    });
    ClientFixture fixture(server.url());
    fixture.get();
    SECTION("GET is sent again") {
        CHECK(fixture.get()->body == "x");
        CHECK(server.connections() == 2);
        CHECK(fixture.cost().calls == 3);
    }
    SECTION("POST is not") {
        HttpRequest post;
        post.method = "POST";
        post.target = "/q";
        const auto response = fixture.send(post);
        REQUIRE(response.has_error());
        CHECK(response.error().kind() == ErrorKind::kUpstreamUnavailable);
        CHECK(server.connections() == 1);
    }
}

TEST_CASE("a dead server behind a dead connection is an error, not an endless retry") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        if (peer.number() == 1) {
            peer.send(http_answer("x"));
            peer.read_request();
        }
    });
    ClientFixture fixture(server.url());
    fixture.get();
    CHECK(fixture.get().has_error());
    CHECK(server.connections() == 2);
}

TEST_CASE("redirects on the same origin are followed three times") {
    ScriptedServer server([](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const std::string path = request.substr(4, request.find(' ', 4) - 4);
            const bool last = path == "/r/3" || path == "/ok";
            const std::string next =
                path == "/start" ? "/ok" : "/r/" + std::to_string(path.back() - '0' + 1);
            peer.send(
                last && path == "/ok" ? http_answer("there")
                                      : http_answer("", "Location: " + next + "\r\n", 302)
            );
        }
    });
    ClientFixture fixture(server.url());
    CHECK(fixture.get("/start")->body == "there");
    const auto loop = fixture.get("/r/0");
    REQUIRE(loop.has_error());
    CHECK(loop.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(loop.error().message().find("redirected") != std::string::npos);
    CHECK(fixture.cost().calls == 2 + 4);
}

TEST_CASE("a redirect to another host is an error that names it without its query") {
    ScriptedServer server(
        always(http_answer("", "Location: https://login.example.org/auth?state=s3cret\r\n", 302))
    );
    ClientFixture fixture(server.url());
    fixture.options.credentials.type = AuthType::kBearer;
    fixture.options.credentials.token = Secret::literal("t0ken");
    const Error error = fixture.get("/api/services?q=s3cret").error();
    CHECK(error.kind() == ErrorKind::kUpstreamAuth);
    CHECK(
        error.message() ==
        "jaeger: redirected to login.example.org: an authentication proxy is in front"
    );
    CHECK(error.hint().setting == "external_services.tracing.auth");
    CHECK(error.upstream() == "jaeger");
    CHECK(error.detail().find("s3cret") == std::string::npos);
    CHECK(error.detail().find(server.url("/api/services")) != std::string::npos);
}

TEST_CASE("a 401 is tried again only with a credential that has changed") {
    ScratchDir dir;
    dir.write("token", "old");
    ScriptedServer server([&](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            if (has_line(request, "Authorization: Bearer old")) {
                dir.write("token", "new");
            }
            const bool good = has_line(request, "Authorization: Bearer new");
            peer.send(good ? http_answer("in") : http_answer("", "", 401));
        }
    });
    ClientFixture fixture(server.url());
    fixture.options.credentials.type = AuthType::kBearer;
    fixture.options.credentials.token = Secret::file(dir.path("token"), fixture.clock);
    CHECK(fixture.get()->body == "in");
    CHECK(server.requests().size() == 2);

    ScriptedServer strict(always(http_answer("", "", 401)));
    ClientFixture other(strict.url());
    other.options.credentials = fixture.options.credentials;
    CHECK(other.get()->status == 401);
    CHECK(strict.requests().size() == 1);
}

TEST_CASE("an unreadable credential is an error that names the file") {
    ScriptedServer server(always(http_answer("x")));
    ClientFixture fixture(server.url());
    fixture.options.credentials.type = AuthType::kBearer;
    fixture.options.credentials.token = Secret::file("/nonexistent/token", fixture.clock);
    const Error error = fixture.get().error();
    CHECK(error.kind() == ErrorKind::kUpstreamAuth);
    CHECK(error.message().find("/nonexistent/token") != std::string::npos);
    CHECK(server.connections() == 0);
}

TEST_CASE("gzip is asked for only when wanted, and decoded") {
    ScriptedServer server(always(http_answer("plain", "Content-Encoding: gzip\r\n")));
    ClientFixture fixture(server.url());
    HttpRequest request;
    request.target = "/";
    request.accept_gzip = true;
    CHECK(fixture.send(request)->body == "plain");  // declared, but it is not
    CHECK(has_line(server.requests().at(0), "Accept-Encoding: gzip"));
    const Error error = fixture.get().error();
    CHECK(error.kind() == ErrorKind::kUpstreamProtocol);
    CHECK(error.message().find("'gzip' was not asked for") != std::string::npos);
    CHECK(server.requests().at(1).find("Accept-Encoding") == std::string::npos);
}

TEST_CASE("a body beyond the limit is cut and said") {
    ScriptedServer server(always(http_answer(std::string(1000, 'x'))));
    ClientFixture fixture(server.url());
    fixture.options.limits.max_body_bytes = 10;
    const auto response = fixture.get();
    CHECK(response->body == "xxxxxxxxxx");
    REQUIRE(response->incomplete);
    CHECK(response->incomplete->kind() == ErrorKind::kTooLarge);
    fixture.get();
    CHECK(server.connections() == 2);
}

TEST_CASE("what came before the deadline, a cut or a cancel is handed over as incomplete") {
    ScriptedServer server([](Peer& peer) {
        const std::string request = peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        if (request.find("/cut") == std::string::npos) {
            peer.wait_for_close();
        }
    });
    ClientFixture fixture(server.url());
    SECTION("connection lost") {
        const auto response = fixture.get("/cut");
        CHECK(response->body == "half");
        CHECK(response->incomplete->kind() == ErrorKind::kUpstreamUnavailable);
        CHECK(response->incomplete->detail().find("/cut") != std::string::npos);
    }
    SECTION("deadline") {
        fixture.context.deadline = in(1s);
        const auto response = fixture.get("/slow");
        REQUIRE(response.has_value());
        CHECK(response->body == "half");
        REQUIRE(response->incomplete);
        CHECK(response->incomplete->kind() == ErrorKind::kDeadline);
    }
    SECTION("cancel") {
        boost::asio::cancellation_signal signal;
        std::optional<Result<HttpResponse>> answer;
        HttpRequest request;
        request.target = "/slow";
        boost::asio::co_spawn(
            fixture.io.get_executor(),
            without_throwing_on_cancel(fixture.client().send(fixture.context, request)),
            boost::asio::bind_cancellation_slot(
                signal.slot(),
                [&](std::exception_ptr, Result<HttpResponse> result) { answer = std::move(result); }
            )
        );
        while (fixture.cost().calls == 0) {
            fixture.io.run_one();
        }
        fixture.io.run_for(100ms);  // the header and the half arrive
        signal.emit(boost::asio::cancellation_type::terminal);
        fixture.io.run_for(kPatience);
        REQUIRE(answer);
        const bool partial = answer->has_value();
        CHECK(
            (partial ? (*answer)->incomplete->kind() : answer->error().kind()) ==
            ErrorKind::kCancelled
        );
        fixture.io.restart();
        CHECK(fixture.io.run() == 0);  // nothing is left behind
    }
}

TEST_CASE("a call that is over before it begins does not reach the server") {
    ScriptedServer server(always(http_answer("x")));
    ClientFixture fixture(server.url());
    fixture.context.deadline = in(-1ms);
    CHECK(fixture.get().error().kind() == ErrorKind::kDeadline);
    CHECK(server.connections() == 0);
    CHECK(fixture.cost().calls == 0);
}

TEST_CASE("a cancelled governed call closes its connection and gives its slot back at once") {
    ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.wait_for_close();
    });
    ClientFixture fixture(server.url());
    HttpClient& client = fixture.client();
    Governor governor("jaeger", {.max_in_flight = 1, .max_waiting = 1});
    std::function<Awaitable<Result<HttpResponse>>(RequestContext)> work =
        [&client](RequestContext context) {
            HttpRequest request;
            request.target = "/slow";
            return client.send(std::move(context), std::move(request));
        };
    boost::asio::cancellation_signal signal;
    std::optional<ErrorKind> answer;
    boost::asio::co_spawn(
        fixture.io.get_executor(),
        without_throwing_on_cancel(
            governor.call<HttpResponse>(fixture.context, "slow", kPatience, std::move(work))
        ),
        boost::asio::bind_cancellation_slot(
            signal.slot(),
            [&](std::exception_ptr, Result<std::shared_ptr<const HttpResponse>> result) {
                answer = result.error().kind();
            }
        )
    );
    while (server.requests().empty()) {
        fixture.io.run_for(1ms);
        fixture.io.restart();
    }
    CHECK(governor.stats().in_flight == 1);
    const auto cancelled_at = std::chrono::steady_clock::now();
    signal.emit(boost::asio::cancellation_type::terminal);
    fixture.io.run_for(kPatience);
    CHECK(answer == ErrorKind::kCancelled);
    CHECK(governor.stats().in_flight == 0);
    CHECK(std::chrono::steady_clock::now() - cancelled_at < kPatience / 2);
    CHECK(fixture.cost().calls == 1);
}

TEST_CASE("many calls at once on several threads, each with its own connections") {
    ScriptedServer server(always(http_answer("x")));
    ClientFixture fixture(server.url());
    HttpClient& client = fixture.client();
    std::list<IoThread> threads(3);
    std::vector<std::future<Result<HttpResponse>>> answers;
    for (int round = 0; round < 20; ++round) {
        for (IoThread& thread : threads) {
            HttpRequest request;
            request.target = "/";
            RequestContext context;
            context.deadline = in(kPatience);
            answers.push_back(thread.start<Result<HttpResponse>>(client.send(context, request)));
        }
    }
    for (auto& answer : answers) {
        CHECK(answer.get()->body == "x");
    }
}

TEST_CASE("client and io_context may go in any order") {
    ScriptedServer server(always(http_answer("x")));
    ManualClock clock;
    HttpClientOptions options;
    options.base = *parse_url(server.url());
    options.use_proxy_environment = false;
    HttpRequest root;
    root.target = "/";
    auto io = std::make_unique<boost::asio::io_context>();
    auto client = std::make_unique<HttpClient>(options, clock);
    CHECK(run(*io, client->send({}, root)).has_value());
    const bool client_first = GENERATE(true, false);
    if (client_first) {
        client.reset();
        io.reset();
    } else {
        io.reset();
        io = std::make_unique<boost::asio::io_context>();
        CHECK(run(*io, client->send({}, root)).has_value());
    }
}
