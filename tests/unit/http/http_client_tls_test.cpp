#include "tests/support/scratch_dir.hpp"
#include "tests/unit/http/client_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

void answer_all(Peer& peer) {
    while (!peer.read_request().empty() && peer.send(http_answer("secret answer"))) {
    }
}

ScriptedTls tls_with(TestCertificate certificate) {
    ScriptedTls tls;
    tls.certificate = std::move(certificate);
    return tls;
}

bool mentions(const Error& error, std::string_view part) {
    return error.message().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server whose authority and address are right is trusted, its connection is kept") {
    const TestAuthority authority;
    ScratchDir dir;
    ScriptedServer server(answer_all, tls_with(authority.issue({"127.0.0.1"})));
    ClientFixture fixture(server.url());
    fixture.options.tls.ca_files = {dir.write("ca.pem", authority.certificate())};
    CHECK(fixture.get()->body == "secret answer");
    CHECK(fixture.get()->body == "secret answer");
    CHECK(server.connections() == 1);
    CHECK(fixture.client().tls_warnings().empty());
}

TEST_CASE("names are matched for a host name") {
    const TestAuthority authority;
    ScratchDir dir;
    ScriptedServer server(answer_all, tls_with(authority.issue({"localhost"})));
    ClientFixture fixture("https://localhost:" + std::to_string(server.port()));
    fixture.options.tls.ca_files = {dir.write("ca.pem", authority.certificate())};
    CHECK(fixture.get()->body == "secret answer");
}

TEST_CASE("each failed check has its own words, no request is sent, skipping is explicit") {
    const TestAuthority authority;
    const TestAuthority stranger("Stranger CA");
    struct Row {
        std::string name;
        TestCertificate certificate;
        std::string cause;
        std::string setting;
    };
    const std::vector<Row> rows{
        {"expired", authority.issue({"127.0.0.1"}, -2), "has expired on ", ""},
        {"wrong name",
         authority.issue({"jaeger.example.org", "10.0.0.1"}),
         "is not for '127.0.0.1' but for jaeger.example.org, 10.0.0.1",
         "external_services.tracing.in_cluster_url"},
        {"no name",
         authority.issue({}),
         "but for no name at all",
         "external_services.tracing.in_cluster_url"},
        {"unknown authority",
         stranger.issue({"127.0.0.1"}),
         "authority that is not trusted (CN=Stranger CA)",
         "external_services.tracing.auth.ca_file"},
    };
    ScratchDir dir;
    const std::string ca = dir.write("ca.pem", authority.certificate());
    for (const Row& row : rows) {
        INFO(row.name);
        ScriptedServer server(answer_all, tls_with(row.certificate));
        ClientFixture fixture(server.url());
        fixture.options.tls.ca_files = {ca};
        const auto response = fixture.get();
        REQUIRE(response.has_error());
        const Error error = response.error();
        INFO(error.message());
        CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
        CHECK(mentions(error, row.cause));
        CHECK(error.hint().setting == row.setting);
        CHECK(server.requests().empty());

        ClientFixture careless(server.url());
        careless.options.tls.insecure_skip_verify = true;
        CHECK(careless.get()->body == "secret answer");
    }
}

TEST_CASE("a self-signed certificate is called that") {
    const TestAuthority self;
    ScratchDir dir;
    // The authority's own certificate and key, used by a server.
    ScriptedServer server(answer_all, tls_with(self.self_signed({"127.0.0.1"})));
    ClientFixture fixture(server.url());
    const Error error = fixture.get().error();
    INFO(error.message());
    CHECK(mentions(error, "is self-signed and not trusted"));
}

TEST_CASE("a demanded client certificate is said, used, and refused when it is a stranger's") {
    const TestAuthority authority;
    const TestAuthority stranger("Stranger CA");
    ScratchDir dir;
    ScriptedTls tls = tls_with(authority.issue({"127.0.0.1"}));
    tls.client_authority = authority.certificate();
    tls.max_version = GENERATE(0, 0x0303);
    ScriptedServer server(answer_all, tls);
    const std::string ca = dir.write("ca.pem", authority.certificate());
    const auto call_with = [&](const TestCertificate* own) {
        ClientFixture fixture(server.url());
        fixture.options.tls.ca_files = {ca};
        if (own != nullptr) {
            fixture.options.tls.client_certificate = Secret::literal(own->certificate);
            fixture.options.tls.client_key = Secret::literal(own->key);
        }
        return fixture.get();
    };
    const Error without = call_with(nullptr).error();
    INFO(without.message());
    CHECK(without.kind() == ErrorKind::kUpstreamAuth);
    CHECK(mentions(without, "demands a client certificate"));
    CHECK(without.hint().setting == "external_services.tracing.auth.cert_file");

    const TestCertificate good = authority.issue({});
    CHECK(call_with(&good)->body == "secret answer");

    const TestCertificate bad = stranger.issue({});
    const Error refused = call_with(&bad).error();
    INFO(refused.message());
    CHECK(refused.kind() == ErrorKind::kUpstreamAuth);
    CHECK(mentions(refused, "refuses our client certificate"));

    const TestCertificate mixed{good.certificate, bad.key};
    CHECK(mentions(call_with(&mixed).error(), "not a PEM certificate and its own key"));
}

TEST_CASE("rotated client certificates are used; a half-finished rotation keeps the pair before") {
    const TestAuthority old_authority("Old CA");
    const TestAuthority new_authority("New CA");
    ScratchDir dir;
    ScriptedTls tls = tls_with(old_authority.issue({"127.0.0.1"}));
    tls.client_authority = old_authority.certificate();
    ScriptedServer old_server(answer_all, tls);
    tls.client_authority = new_authority.certificate();
    ScriptedServer new_server(answer_all, tls);

    const TestCertificate first = old_authority.issue({});
    const TestCertificate second = new_authority.issue({});
    dir.write("tls.crt", first.certificate);
    dir.write("tls.key", first.key);
    ManualClock clock;
    TlsSettings settings;
    settings.ca_files = {dir.write("ca.pem", old_authority.certificate())};
    settings.client_certificate = Secret::file(dir.path("tls.crt"), clock);
    settings.client_key = Secret::file(dir.path("tls.key"), clock);
    ClientFixture to_old(old_server.url());
    ClientFixture to_new(new_server.url());
    to_old.options.tls = settings;
    to_new.options.tls = settings;
    CHECK(to_old.get().has_value());
    CHECK(to_new.get().has_error());

    dir.write("tls.crt", second.certificate);
    clock.advance(1s);
    to_old.options.limits.max_idle_connections = 0;
    CHECK(to_old.get().has_value());
    CHECK(old_server.connections() == 1);  // same identity, same connection

    dir.write("tls.key", second.key);
    clock.advance(1s);
    CHECK(to_new.get()->body == "secret answer");
    CHECK(to_old.get().has_error());  // a new identity needs a new connection
}

TEST_CASE("CA files appear, rotate, and are kept while half-written") {
    const TestAuthority first("First CA");
    const TestAuthority second("Second CA");
    ScratchDir dir;
    ScriptedServer first_server(answer_all, tls_with(first.issue({"127.0.0.1"})));
    ScriptedServer second_server(answer_all, tls_with(second.issue({"127.0.0.1"})));
    ClientFixture to_first(first_server.url());
    ClientFixture to_second(second_server.url());
    const auto both = [&](auto act) {
        act(to_first);
        act(to_second);
    };
    both([&](ClientFixture& fixture) {
        fixture.options.tls.ca_files = {dir.path("ca.pem")};
        fixture.options.limits.max_idle_connections = 0;
        CHECK(fixture.get().has_error());
    });
    const auto tick = [&] { both([](ClientFixture& fixture) { fixture.clock.advance(1s); }); };
    REQUIRE(to_first.client().tls_warnings().size() == 1);
    CHECK(to_first.client().tls_warnings()[0].find(dir.path("ca.pem")) != std::string::npos);

    dir.write("ca.pem", first.certificate());
    tick();
    CHECK(to_first.get().has_value());
    CHECK(to_second.get().has_error());
    CHECK(to_first.client().tls_warnings().empty());

    dir.write("ca.pem", second.certificate().substr(0, 200));
    tick();
    CHECK(to_first.get().has_value());
    REQUIRE(to_first.client().tls_warnings().size() == 1);
    CHECK(to_first.client().tls_warnings()[0].find("the one before stays") != std::string::npos);

    dir.write("ca.pem", second.certificate());
    tick();
    CHECK(to_first.get().has_error());
    CHECK(to_second.get().has_value());

    dir.write("ca.pem", first.certificate() + second.certificate());
    tick();
    CHECK(to_first.get().has_value());
    CHECK(to_second.get().has_value());
}

TEST_CASE("an old TLS version is refused") {
    const TestAuthority authority;
    ScriptedTls tls = tls_with(authority.issue({"127.0.0.1"}));
    tls.max_version = 0x0302;
    ScriptedServer server(answer_all, tls);
    ClientFixture fixture(server.url());
    const Error error = fixture.get().error();
    INFO(error.message());
    CHECK(mentions(error, "no common TLS version"));
}

TEST_CASE("a server that only speaks HTTP/2 is taken for a gRPC port") {
    const TestAuthority authority;
    ScriptedTls tls = tls_with(authority.issue({"127.0.0.1"}));
    tls.alpn = {"h2"};
    ScriptedServer server(answer_all, tls);
    ClientFixture fixture(server.url());
    const Error error = fixture.get().error();
    CHECK(mentions(error, "this is a gRPC port"));
    CHECK(error.hint().setting == "external_services.tracing.use_grpc");
}

TEST_CASE("a stalled handshake ends after connect_timeout") {
    ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
    ClientFixture fixture("https://127.0.0.1:" + std::to_string(server.port()));
    fixture.options.limits.connect_timeout = 100ms;
    const Error error = fixture.get().error();
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(mentions(error, "the TLS handshake took longer than 100 ms"));
}

TEST_CASE("TLS to a plain port and plain to a TLS port are recognised") {
    SECTION("https to HTTP") {
        const std::string answer = GENERATE(
            std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\0\0\x12\4\0\0\0\0\0", 9)
        );
        ScriptedServer server([&](Peer& peer) {
            peer.send(answer);
            peer.wait_for_close();
        });
        ClientFixture fixture("https://127.0.0.1:" + std::to_string(server.port()));
        const Error error = fixture.get().error();
        CHECK(error.kind() == ErrorKind::kUpstreamProtocol);
        CHECK(mentions(error, "does not speak TLS on this port"));
    }
    SECTION("http to TLS") {
        ScriptedServer server([](Peer& peer) {
            peer.read_request();
            peer.send(std::string_view("\x15\x03\x01\x00\x02\x02\x46", 7));
        });
        ClientFixture fixture(server.url());
        const Error error = fixture.get().error();
        INFO(error.detail());
        CHECK(error.kind() == ErrorKind::kUpstreamProtocol);
        CHECK(mentions(error, "speaks TLS on this port"));
    }
    SECTION("http to a TLS server that says so in plain text") {
        ScriptedServer server([](Peer& peer) {
            peer.read_request();
            peer.send(
                "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
            );
        });
        ClientFixture fixture(server.url());
        const Error error = fixture.get().error();
        CHECK(mentions(error, "speaks TLS on this port"));
        CHECK(error.hint().advice.find("https://") != std::string::npos);
    }
}

TEST_CASE("a TLS connection that is cut is not taken for the end of a body") {
    const TestAuthority authority;
    ScriptedServer server(
        [](Peer& peer) {
            peer.read_request();
            peer.send("HTTP/1.1 200 OK\r\n\r\nhalf");
        },
        tls_with(authority.issue({"127.0.0.1"}))
    );
    ClientFixture fixture(server.url());
    fixture.options.tls.insecure_skip_verify = true;
    const auto response = fixture.get();
    REQUIRE(response.has_value());
    CHECK(response->body == "half");
    CHECK(response->incomplete);
}
