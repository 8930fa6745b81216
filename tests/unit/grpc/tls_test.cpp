#include "clients/grpc/tls_material.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/support/test_certificates.hpp"
#include "tests/unit/grpc/channel_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;

namespace {

struct TlsServer {
    TlsServer(const TestCertificate& certificate, const std::string& client_ca)
        : server(GrpcTestTls{certificate.certificate, certificate.key, client_ca}) {
        GrpcScript script;
        script.messages = {"hello"};
        server.on(kMethod, script);
    }
    GrpcTestServer server;
};

GrpcChannelOptions tls_options(std::uint16_t port) {
    GrpcChannelOptions options = options_for(port);
    options.use_tls = true;
    return options;
}

Result<std::string> call_once(const GrpcChannelOptions& options) {
    const ManualClock clock;
    GrpcChannel channel(options, make_runtime(), clock);
    return call_unary(channel, context_with(clock, std::chrono::seconds(30)));
}

void set_identity(TlsSettings& tls, const TestCertificate& certificate) {
    tls.client_certificate = Secret::literal(certificate.certificate);
    tls.client_key = Secret::literal(certificate.key);
}

}  // namespace

TEST_CASE("a server is trusted through ca_file, and only then") {
    const ScratchDir folder;
    const TestAuthority authority;
    TlsServer tls(authority.issue({"127.0.0.1"}), "");
    GrpcChannelOptions options = tls_options(tls.server.port());
    const auto untrusted = call_once(options);
    REQUIRE_FALSE(untrusted.has_value());
    CHECK(untrusted.error().message().find("not trusted") != std::string::npos);
    options.tls.ca_files = {
        folder.write("absent", ""), folder.write("ca.pem", authority.certificate())
    };
    CHECK(call_once(options).has_value());
}

TEST_CASE("a certificate for another name or out of its time is refused, unless told not to look") {
    const ScratchDir folder;
    const TestAuthority authority;
    const bool expired = GENERATE(false, true);
    TlsServer tls(
        expired ? authority.issue({"127.0.0.1"}, -1) : authority.issue({"elsewhere.example"}), ""
    );
    GrpcChannelOptions options = tls_options(tls.server.port());
    options.tls.ca_files = {folder.write("ca.pem", authority.certificate())};
    const auto refused = call_once(options);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(
        refused.error().message().find(expired ? "expired" : "another name") != std::string::npos
    );
    options.tls.insecure_skip_verify = true;
    CHECK(call_once(options).has_value());
}

TEST_CASE("a demanded client certificate is sent, checked or not checked the server") {
    const ScratchDir folder;
    const TestAuthority authority;
    TlsServer tls(authority.issue({"127.0.0.1"}), authority.certificate());
    GrpcChannelOptions options = tls_options(tls.server.port());
    options.tls.ca_files = {folder.write("ca.pem", authority.certificate())};
    options.tls.insecure_skip_verify = GENERATE(false, true);
    const auto missing = call_once(options);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().message().find("client certificate") != std::string::npos);
    CHECK(missing.error().hint().setting == "external_services.tracing.auth.cert_file");
    set_identity(options.tls, TestAuthority("Stranger").issue({}));
    CHECK_FALSE(call_once(options).has_value());
    set_identity(options.tls, authority.issue({}));
    CHECK(call_once(options).has_value());
}

TEST_CASE("a client key that is not the certificate's is said before any connection") {
    const TestAuthority authority;
    GrpcChannelOptions options = tls_options(1);
    set_identity(options.tls, {authority.issue({}).certificate, authority.issue({}).key});
    const auto got = call_once(options);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().kind() == ErrorKind::kUpstreamAuth);
    CHECK(got.error().upstream() == "jaeger");
}

TEST_CASE("TLS on one side only is a mismatch, not a missing backend") {
    GrpcTestServer plain;
    const auto got = call_once(tls_options(plain.port()));
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(got.error().message().find("does not speak TLS") != std::string::npos);
}

TEST_CASE("a CA file that appears or is exchanged is used within a second, a broken one is not") {
    const ScratchDir folder;
    const TestAuthority old_authority("Old");
    const TestAuthority new_authority("New");
    TlsServer tls(new_authority.issue({"127.0.0.1"}), "");
    GrpcChannelOptions options = tls_options(tls.server.port());
    options.tls.ca_files = {folder.write("ca.pem", old_authority.certificate())};
    ManualClock clock;
    GrpcChannel channel(options, make_runtime(), clock);
    const auto works = [&] {
        return call_unary(channel, context_with(clock, std::chrono::seconds(30))).has_value();
    };
    CHECK_FALSE(works());
    folder.write("ca.pem", new_authority.certificate());
    clock.advance(std::chrono::seconds(2));
    CHECK(works());
    folder.write("ca.pem", new_authority.certificate().substr(0, 200));
    clock.advance(std::chrono::seconds(2));
    CHECK(works());
    folder.write("ca.pem", old_authority.certificate());
    clock.advance(std::chrono::seconds(2));
    CHECK_FALSE(works());
}

TEST_CASE(
    "a rotated client certificate makes a new connection; a half-written pair keeps the old one"
) {
    const ScratchDir folder;
    const TestAuthority authority;
    const TestCertificate first = authority.issue({"first"});
    const TestCertificate second = authority.issue({"second"});
    ManualClock clock;
    TlsSettings settings;
    settings.client_certificate = Secret::file(folder.write("tls.crt", first.certificate), clock);
    settings.client_key = Secret::file(folder.write("tls.key", first.key), clock);
    TlsMaterialReader reader(settings, clock);
    const auto before = reader.read();
    REQUIRE(before.has_value());
    folder.write("tls.crt", second.certificate);
    clock.advance(std::chrono::seconds(2));
    CHECK_FALSE(reader.read().has_value());
    folder.write("tls.key", second.key);
    clock.advance(std::chrono::seconds(2));
    const auto after = reader.read();
    REQUIRE(after.has_value());
    CHECK(after->generation != before->generation);
    CHECK(after->certificate.find(second.certificate.substr(0, 100)) != std::string::npos);
    CHECK(reader.read()->generation == after->generation);
}

TEST_CASE("CA files follow the rules of HTTP clients; what is left out is told once") {
    const ScratchDir folder;
    const std::string good = TestAuthority().certificate();
    ManualClock clock;
    std::vector<std::string> told;
    TlsSettings settings;
    settings.ca_files = {folder.write("ca.pem", good)};
    settings.on_warning = [&told](const std::string& warning) { told.push_back(warning); };
    TlsMaterialReader reader(settings, clock);
    const std::string line = good.substr(30, 40);
    CHECK(reader.read()->roots.find(line) != std::string::npos);
    CHECK(told.empty());
    // A certificate of no authority beside it, then a half-written file.
    folder.write("ca.pem", good + TestAuthority().issue({"leaf"}).certificate);
    for (int i = 0; i < 3; ++i) {
        clock.advance(std::chrono::seconds(2));
        CHECK(reader.read()->roots.find(line) != std::string::npos);
    }
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("is not the certificate of an authority") != std::string::npos);
    folder.write("ca.pem", good.substr(0, good.size() / 2));
    clock.advance(std::chrono::seconds(2));
    CHECK(reader.read()->roots.find(line) != std::string::npos);
    REQUIRE(told.size() == 2);
    CHECK(told[1].find("the one before stays in use") != std::string::npos);
}

TEST_CASE("certificate text is taken whole or not at all") {
    const std::string good = TestAuthority().certificate();
    CHECK(is_certificate_pem(good));
    CHECK(is_certificate_pem("# a comment\n" + good + good));
    CHECK_FALSE(is_certificate_pem(""));
    CHECK_FALSE(is_certificate_pem("hello"));
    CHECK_FALSE(is_certificate_pem(good + good.substr(0, good.size() / 2)));
}
