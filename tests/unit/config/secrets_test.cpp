#include "config/secrets.hpp"

#include "tests/unit/config/loading.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

using namespace meshscope::config;
using meshscope::Result;
using meshscope::config::test::contains;
using meshscope::config::test::error_of;
using meshscope::config::test::joined;

namespace {

namespace fs = std::filesystem;

// A folder that stands for "/" and goes away with the test.
class Root {
 public:
    Root() {
        std::random_device random;
        path_ = fs::temp_directory_path() /
                ("meshscope-config-" + std::to_string(random()) + std::to_string(random()));
        fs::create_directories(path_);
    }
    ~Root() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;

    void write(const std::string& path, const std::string& content) const {
        const fs::path file = path_ / path;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << content;
    }
    [[nodiscard]] std::string text() const { return path_.string(); }

 private:
    fs::path path_;
};

struct Slot {
    const char* path;  // of the key
    const char* slot;
    bool keeps_key;
    std::string (*read)(const Config&);
};

const Slot kSlots[] = {
    {"external_services.tracing.auth.username",
     "tracing-username",
     false,
     [](const Config& c) { return c.external_services.tracing.auth.username; }},
    {"external_services.tracing.auth.password",
     "tracing-password",
     false,
     [](const Config& c) { return c.external_services.tracing.auth.password; }},
    {"external_services.tracing.auth.token",
     "tracing-token",
     false,
     [](const Config& c) { return c.external_services.tracing.auth.token; }},
    {"external_services.tracing.auth.cert_file",
     "tracing-cert",
     true,
     [](const Config& c) { return c.external_services.tracing.auth.cert_file; }},
    {"external_services.tracing.auth.key_file",
     "tracing-key",
     true,
     [](const Config& c) { return c.external_services.tracing.auth.key_file; }},
    {"external_services.tracing.auth.oauth2.client_secret",
     "tracing-oauth2-client-secret",
     false,
     [](const Config& c) { return c.external_services.tracing.auth.oauth2.client_secret; }},
    {"external_services.prometheus.auth.token",
     "prometheus-token",
     false,
     [](const Config& c) { return c.external_services.prometheus.auth.token; }},
    {"external_services.grafana.auth.password",
     "grafana-password",
     false,
     [](const Config& c) { return c.external_services.grafana.auth.password; }},
    {"external_services.perses.auth.username",
     "perses-username",
     false,
     [](const Config& c) { return c.external_services.perses.auth.username; }},
    {"external_services.custom_dashboards.prometheus.auth.key_file",
     "customdashboards-prometheus-key",
     true,
     [](const Config& c) { return c.external_services.custom_dashboards.prometheus.auth.key_file; }
    },
    {"login_token.signing_key",
     "login-token-signing-key",
     false,
     [](const Config& c) { return c.login_token.signing_key; }},
};

// One key as a nested flow map, everything enabled so that a missing mount matters.
std::string written(const std::string& path, const std::string& value) {
    std::string yaml;
    std::string closing;
    std::size_t from = 0;
    while (from != std::string::npos) {
        const std::size_t dot = path.find('.', from);
        yaml += path.substr(from, dot == std::string::npos ? dot : dot - from) + ": ";
        from = dot == std::string::npos ? dot : dot + 1;
        if (from != std::string::npos) {
            yaml += "{";
            closing += "}";
        }
    }
    return yaml + value + closing +
           "\nexternal_services: {tracing: {enabled: true}, perses: {enabled: true}, "
           "custom_dashboards: {prometheus: {url: http://x}}}\n";
}

}  // namespace

TEST_CASE("a mounted file takes the place of a credential") {
    for (const Slot& slot : kSlots) {
        INFO(slot.path);
        const Root root;
        const std::string folder = std::string("kiali-override-secrets/") + slot.slot + "/";
        const std::string full = root.text() + "/" + folder;

        SECTION(std::string("the key's own name, ") + slot.path) {
            root.write(folder + "the.key", "sixteen-byte-key");
            root.write(folder + "value.txt", "other");
            const auto loaded =
                test::load(written(slot.path, "'secret:name:the.key'"), root.text());
            REQUIRE(loaded.has_value());
            CHECK(slot.read(loaded->config) == full + "the.key");
        }
        SECTION(std::string("value.txt, ") + slot.path) {
            root.write(folder + "value.txt", "sixteen-byte-key");
            auto loaded = test::load(written(slot.path, "'secret:name:the.key'"), root.text());
            REQUIRE(loaded.has_value());
            CHECK(slot.read(loaded->config) == full + "value.txt");
            // It also wins over a literal.
            loaded = test::load(written(slot.path, "literal"), root.text());
            REQUIRE(loaded.has_value());
            CHECK(slot.read(loaded->config) == full + "value.txt");
        }
        SECTION(std::string("nothing mounted, ") + slot.path) {
            const auto loaded =
                test::load(written(slot.path, "'secret:name:the.key'"), root.text());
            REQUIRE(loaded.has_value());
            CHECK(slot.read(loaded->config) == full + (slot.keeps_key ? "the.key" : "value.txt"));
            // The signing key of an anonymous server is needed by nobody.
            if (std::string(slot.path) != "login_token.signing_key") {
                CHECK(contains(
                    joined(loaded->warnings),
                    std::string("line 1: ") + slot.path + ": nothing is mounted"
                ));
            }
        }
    }
}

TEST_CASE("what is no reference stays as it is") {
    const Root root;
    for (const char* value : {"plain", "/etc/token", "'a:b:c'", "'Secret:a:b'"}) {
        const auto loaded =
            test::load(written("external_services.tracing.auth.token", value), root.text());
        REQUIRE(loaded.has_value());
        INFO(value);
        CHECK(contains(std::string(value), loaded->config.external_services.tracing.auth.token));
        CHECK(loaded->warnings.empty());
    }
}

TEST_CASE("a broken reference is never sent as text, and never leaves its folder") {
    const Root root;
    root.write("kiali-override-secrets/escaped", "x");
    for (const char* value :
         {"'secret:a'",
          "'secret:a:b:c'",
          "'secret:a:'",
          "'secret:a:../escaped'",
          "'secret:a:..'",
          "'secret:a:/etc/passwd'"}) {
        const auto loaded =
            test::load(written("external_services.tracing.auth.cert_file", value), root.text());
        REQUIRE(loaded.has_value());
        INFO(value);
        CHECK(
            loaded->config.external_services.tracing.auth.cert_file ==
            root.text() + "/kiali-override-secrets/tracing-cert/value.txt"
        );
        CHECK(contains(joined(loaded->warnings), "nothing is mounted"));
    }
}

TEST_CASE("a service that is off does not warn of its mounts") {
    const Root root;
    const auto loaded = test::load(
        "external_services: {tracing: {enabled: false, auth: {token: 'secret:a:b'}}, "
        "grafana: {enabled: false, auth: {password: 'secret:a:b'}}}",
        root.text()
    );
    REQUIRE(loaded.has_value());
    CHECK(loaded->warnings.empty());
}

TEST_CASE("the server's own token") {
    const auto loaded = test::load(
        "external_services: {tracing: {auth: {type: bearer, token: x, use_kiali_token: true}}}",
        "/mnt/"
    );
    REQUIRE(loaded.has_value());
    const std::string token = "/mnt/var/run/secrets/kubernetes.io/serviceaccount/token";
    CHECK(loaded->config.external_services.tracing.auth.token == token);
    CHECK(loaded->paths.service_account_token == token);
    CHECK(loaded->paths.openid_client_secret == "/mnt/kiali-secret/oidc-secret");
}

TEST_CASE("authorities by strategy") {
    Config config;
    config.auth.strategy = "anonymous";
    CHECK(
        mount_paths(config, "").ca_bundle ==
        std::vector<std::string>{"/kiali-cabundle/additional-ca-bundle.pem"}
    );
    config.auth.strategy = "openid";
    CHECK(
        mount_paths(config, "/r").ca_bundle ==
        std::vector<std::string>{
            "/r/kiali-cabundle/additional-ca-bundle.pem",
            "/r/kiali-cabundle/openid-server-ca.crt",
        }
    );
    config.auth.strategy = "openshift";
    CHECK(
        mount_paths(config, "").ca_bundle ==
        std::vector<std::string>{
            "/kiali-cabundle/additional-ca-bundle.pem",
            "/kiali-cabundle/oauth-server-ca.crt",
            "/kiali-cabundle/service-ca.crt",
            "/var/run/secrets/kubernetes.io/serviceaccount/service-ca.crt",
        }
    );
}

TEST_CASE("the length of a signing key in a file is checked, without blanks at its ends") {
    const Root root;
    const std::string yaml =
        "auth: {strategy: token}\nlogin_token: {signing_key: 'secret:kiali-signing-key:key'}\n";
    const LoadOptions options{.mount_root = root.text()};
    const Result<Loaded> missing = load_text(yaml, options);
    REQUIRE(missing.has_value());
    REQUIRE(missing->warnings.size() == 1);
    CHECK(contains(missing->warnings[0], "line 2: login_token.signing_key: the file " + root.text())
    );
    root.write("kiali-override-secrets/login-token-signing-key/value.txt", "  sixteen-byte-key\n");
    CHECK(error_of(load_text(yaml, options)) == "loaded");
    root.write("kiali-override-secrets/login-token-signing-key/value.txt", "too short");
    const std::string message = error_of(load_text(yaml, options));
    CHECK(contains(message, "line 2: login_token.signing_key: has 9 bytes"));
    CHECK_FALSE(contains(message, "too short"));
}

TEST_CASE("files that are none") {
    const Root root;
    CHECK(contains(
        error_of(load_file(root.text() + "/gone.yaml", {})), "gone.yaml: there is no such file"
    ));
    CHECK(contains(error_of(load_file(root.text(), {})), root.text() + ": this is a directory"));
    root.write("c.yaml", "auth: {strategy: anonymous}\n");
    CHECK(error_of(load_file(root.text() + "/c.yaml", {})) == "loaded");
    root.write("bad.yaml", "server: {port: x}\n");
    CHECK(contains(error_of(load_file(root.text() + "/bad.yaml", {})), root.text() + "/bad.yaml: ")
    );
}
