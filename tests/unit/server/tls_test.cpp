#include "server/read_again.hpp"
#include "server/tls_context.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/test_certificates.hpp"
#include "tests/unit/server/test_server.hpp"
#include "tests/unit/server/tls_client.hpp"

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

void write_file(const fs::path& path, const std::string& text) {
    // Written beside and renamed, as every careful writer does; the half-written case is its own
    // test.
    const fs::path beside = path.string() + ".new";
    std::ofstream(beside, std::ios::binary) << text;
    fs::rename(beside, path);
}

// A directory with a certificate and its key, gone after the test.
class CertificateFiles {
 public:
    CertificateFiles()
        : folder_(
              fs::temp_directory_path() /
              ("meshscope_tls_" + std::to_string(::getpid()) + "_" + std::to_string(++count_))
          ) {
        fs::create_directories(folder_);
        replace(authority_.issue({"first.test"}));
    }
    ~CertificateFiles() { fs::remove_all(folder_); }
    CertificateFiles(const CertificateFiles&) = delete;
    CertificateFiles& operator=(const CertificateFiles&) = delete;

    [[nodiscard]] TestCertificate issue(const std::string& name) const {
        return authority_.issue({name});
    }
    void replace(const TestCertificate& pair) const {
        write_file(certificate(), pair.certificate);
        write_file(key(), pair.key);
    }
    [[nodiscard]] fs::path certificate() const { return folder_ / "tls.crt"; }
    [[nodiscard]] fs::path key() const { return folder_ / "tls.key"; }
    [[nodiscard]] server::TlsFiles files() const {
        server::TlsFiles files;
        files.certificate_file = certificate().string();
        files.private_key_file = key().string();
        return files;
    }
    [[nodiscard]] TestServer::Change use() const {
        return [this](server::ServerOptions& options) {
            options.tls = std::make_unique<server::TlsFiles>(files());
        };
    }
    [[nodiscard]] TlsClientOptions client() const {
        TlsClientOptions options;
        options.authority = authority_.certificate();
        return options;
    }

 private:
    static inline int count_ = 0;
    TestAuthority authority_;
    fs::path folder_;
};

TEST_CASE("requests over TLS: keep-alive, long bodies, security headers", "[tls]") {
    const CertificateFiles files;
    TestServer server(files.use());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClientOptions options = files.client();
        options.min_version = options.max_version = version;
        TlsClient client(server.port(), options);
        CHECK(client.version() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
        client.send(get_request("/context"));
        const std::string first = client.read_until("}");
        CHECK(first.find("\"tls\":true") != std::string::npos);
        CHECK(first.find("Strict-Transport-Security: max-age=31536000") != std::string::npos);
        client.send(get_request("/text/2000000", "Connection: close\r\n"));
        bool clean = false;
        const std::string all = client.read_all(clean);
        CHECK(clean);  // a cut-off would look different
        CHECK(all.ends_with(sample_text(2'000'000)));
    }
}

TEST_CASE("pipelined requests behind a slow one, over TLS", "[tls]") {
    const CertificateFiles files;
    TestServer server(files.use());
    TlsClient client(server.port(), files.client());
    client.send(get_request("/wait"));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    client.send(get_request("/items/second"));
    server.release();
    const std::string text = client.read_until("second");
    CHECK(text.find("released") < text.find("second"));
}

TEST_CASE("a client that leaves cancels its handler, over TLS", "[tls]") {
    const CertificateFiles files;
    TestServer server(files.use());
    TlsClient client(server.port(), files.client());
    client.send(get_request("/wait"));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    client.close();
    CHECK(TestServer::eventually([&] { return server.cancelled() == 1; }));
}

TEST_CASE("the version bounds hold", "[tls]") {
    const CertificateFiles files;
    TestServer modern([&](server::ServerOptions& options) {
        files.use()(options);
        options.tls->min_version = TLS1_3_VERSION;
    });
    TlsClientOptions old = files.client();
    old.max_version = TLS1_2_VERSION;
    CHECK_THROWS_WITH(TlsClient(modern.port(), old), Catch::Contains("handshake"));

    TestServer dated([&](server::ServerOptions& options) {
        files.use()(options);
        options.tls->max_version = TLS1_2_VERSION;
    });
    CHECK(TlsClient(dated.port(), files.client()).version() == "TLSv1.2");
}

TEST_CASE("ALPN speaks http/1.1 and nothing else", "[tls]") {
    const CertificateFiles files;
    TestServer server(files.use());
    TlsClientOptions options = files.client();
    options.alpn = "\x02h2\x08http/1.1";
    CHECK(TlsClient(server.port(), options).protocol() == "http/1.1");
    options.alpn = "\x02h2";
    CHECK_THROWS_WITH(TlsClient(server.port(), options), Catch::Contains("handshake"));
    CHECK(TlsClient(server.port(), files.client()).protocol().empty());
}

TEST_CASE("cipher suites and groups by their IANA and Go names", "[tls]") {
    const CertificateFiles files;
    TestServer server([&](server::ServerOptions& options) {
        files.use()(options);
        options.tls->cipher_suites = {
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"
        };
        options.tls->groups = {"CurveP256"};
    });
    const TlsClient client(server.port(), files.client());
    CHECK(client.version() == "TLSv1.2");  // no suite of TLS 1.3 is on the list
    CHECK(client.cipher().find("AES256-GCM-SHA384") != std::string::npos);
}

TEST_CASE("settings that cannot be used stop the start with their name", "[tls]") {
    const CertificateFiles files;
    const auto started = [&](const std::function<void(server::TlsFiles&)>& change) -> std::string {
        try {
            const TestServer server([&](server::ServerOptions& options) {
                files.use()(options);
                change(*options.tls);
            });
            return "started";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    };
    CHECK_THAT(
        started([](server::TlsFiles& tls) { tls.certificate_file = "/no/such.crt"; }),
        Catch::Contains("/no/such.crt")
    );
    CHECK_THAT(
        started([](server::TlsFiles& tls) { tls.private_key_file = "/no/such.key"; }),
        Catch::Contains("/no/such.key")
    );
    CHECK_THAT(
        started([](server::TlsFiles& tls) { tls.cipher_suites = {"TLS_NONSENSE"}; }),
        Catch::Contains("TLS_NONSENSE")
    );
    CHECK_THAT(
        started([](server::TlsFiles& tls) { tls.groups = {"P-999"}; }), Catch::Contains("P-999")
    );
    CHECK_THAT(
        started([](server::TlsFiles& tls) {
            tls.min_version = TLS1_3_VERSION;
            tls.max_version = TLS1_2_VERSION;
        }),
        Catch::Contains("below the minimum")
    );
    write_file(files.key(), files.issue("other.test").key);
    CHECK_THAT(started([](server::TlsFiles&) {}), Catch::Contains("mismatch"));
}

TEST_CASE("asked to read it again, the next handshake has the pair that is there", "[tls]") {
    const CertificateFiles files;
    ManualClock clock;
    TestServer server(files.use(), &clock);
    const auto served = [&] { return TlsClient(server.port(), files.client()).certificate_name(); };
    CHECK(served() == "first.test");
    files.replace(files.issue("second.test"));
    CHECK(served() == "first.test");  // within the second
    server::read_certificates_again();
    CHECK(served() == "second.test");
    CHECK(server.log().holds("TLS certificate reloaded"));
}

TEST_CASE("a changed certificate is taken, a half-written pair is not", "[tls]") {
    const CertificateFiles files;
    ManualClock clock;
    TestServer server(files.use(), &clock);
    const auto served = [&] { return TlsClient(server.port(), files.client()).certificate_name(); };
    CHECK(served() == "first.test");

    const TestCertificate second = files.issue("second.test");
    write_file(files.certificate(), second.certificate);  // the key is still the old one
    CHECK(served() == "first.test");                      // not even looked at within the second
    CHECK_FALSE(server.log().holds("not usable"));
    clock.advance(2s);
    CHECK(served() == "first.test");
    CHECK(server.log().holds("the changed TLS certificate is not usable, the old one stays"));
    clock.advance(2s);
    CHECK(served() == "first.test");

    write_file(files.key(), second.key);
    clock.advance(2s);
    CHECK(served() == "second.test");
    CHECK(server.log().holds("TLS certificate reloaded"));

    // A truncated file, and no file at all.
    write_file(files.certificate(), second.certificate.substr(0, 100));
    clock.advance(2s);
    CHECK(served() == "second.test");
    fs::remove(files.key());
    clock.advance(2s);
    CHECK(served() == "second.test");
    files.replace(files.issue("third.test"));
    clock.advance(2s);
    CHECK(served() == "third.test");
    // Each refused state is reported once.
    const auto lines = server.log().all();
    CHECK(std::ranges::count_if(lines, [](const std::string& line) {
              return line.find("not usable") != std::string::npos;
          }) == 3);
}

TEST_CASE("plain HTTP on the TLS port gets a plain no", "[tls]") {
    const CertificateFiles files;
    TestServer server(files.use());
    RawClient client(server.port());
    const auto response = client.ask(get_request("/hello"));
    REQUIRE(response);
    CHECK(response->status == 400);
    CHECK(response->body.find("HTTPS") != std::string::npos);
    CHECK(client.closed_by_server());
    CHECK(server.handled() == 0);

    RawClient rubbish(server.port());
    REQUIRE(rubbish.send("\x01\x02\x03"));
    CHECK(rubbish.read_all().empty());
}

TEST_CASE("a handshake that does not come is given up", "[tls]") {
    const CertificateFiles files;
    TestServer server([&](server::ServerOptions& options) {
        files.use()(options);
        options.limits.header_timeout = 100ms;
    });
    RawClient silent(server.port());
    CHECK(silent.read_all().empty());
    RawClient slow(server.port());
    REQUIRE(slow.send("\x16\x03\x01\x02"));
    CHECK(slow.read_all().empty());
}

TEST_CASE("TLS connections drain, too", "[tls]") {
    const CertificateFiles files;
    TestServer server(files.use());
    TlsClient idle(server.port(), files.client());
    idle.send(get_request("/hello"));
    idle.read_until("}");
    TlsClient busy(server.port(), files.client());
    busy.send(get_request("/wait"));
    REQUIRE(TestServer::eventually([&] { return server.waiting() == 1; }));
    std::thread stopping([&] { server.server().stop(10s); });
    bool clean = false;
    idle.read_all(clean);
    server.release();
    const std::string answer = busy.read_until("released");
    CHECK(answer.find("Connection: close") != std::string::npos);
    busy.close();
    stopping.join();
}

}  // namespace
}  // namespace meshscope::test
