#include "config/tracing_urls.hpp"
#include "tests/unit/config/loading.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

using namespace std::chrono_literals;
using namespace meshscope::config;
using meshscope::Result;
using meshscope::config::test::contains;
using meshscope::config::test::error_of;
using meshscope::config::test::joined;

namespace {

const std::string kExamples = std::string(MESHSCOPE_SOURCE_DIR) + "/config/examples/";
const std::string kData = std::string(MESHSCOPE_SOURCE_DIR) + "/tests/data/config/";

Loaded loaded_file(const std::string& path) {
    const Result<Loaded> loaded = load_file(path, {.mount_root = "/nowhere"});
    INFO(path << "\n" << error_of(loaded));
    REQUIRE(loaded.has_value());
    return *loaded;
}

// The fragments under `external_services:` of the first descriptions of the product, as they stand.
TracingTarget target_of(const std::string& fragment) {
    const Result<Loaded> loaded = test::load(fragment);
    INFO(error_of(loaded));
    REQUIRE(loaded.has_value());
    CHECK(loaded->warnings.empty());
    return resolve_tracing(loaded->config.external_services.tracing);
}

}  // namespace

TEST_CASE("example: gRPC in the cluster") {
    const Loaded loaded = loaded_file(kExamples + "jaeger_grpc_in_cluster.yaml");
    const TracingTarget target = resolve_tracing(loaded.config.external_services.tracing);
    CHECK(target.integration);
    CHECK(target.transport == Transport::kGrpc);
    CHECK(target.internal_url == "http://tracing.istio-system:16685/jaeger");
    CHECK(loaded.config.external_services.tracing.query_timeout == 8s);
    CHECK(loaded.config.server.web_root == "/kiali");
    CHECK(joined(loaded.warnings).empty());
}

TEST_CASE("example: OAuth2 and a tenant") {
    const Loaded loaded = loaded_file(kExamples + "jaeger_oauth2_tenant.yaml");
    const Tracing& tracing = loaded.config.external_services.tracing;
    CHECK(resolve_tracing(tracing).transport == Transport::kHttp);
    CHECK(resolve_tracing(tracing).integration);
    CHECK(tracing.custom_headers.at("X-Tenant") == "payments");
    CHECK(tracing.auth.oauth2.scopes == TextList{"traces.read"});
    CHECK(
        tracing.auth.oauth2.client_secret ==
        "/nowhere/kiali-override-secrets/tracing-oauth2-client-secret/value.txt"
    );
}

TEST_CASE("example: HTTP behind a proxy") {
    const Loaded loaded = loaded_file(kExamples + "jaeger_http_behind_proxy.yaml");
    const Tracing& tracing = loaded.config.external_services.tracing;
    CHECK(resolve_tracing(tracing).transport == Transport::kHttp);
    CHECK(resolve_tracing(tracing).internal_url == "https://traces.corp.example/ops/jaeger");
    CHECK(tracing.auth.type == "basic");
    CHECK(tracing.auth.username == "/nowhere/kiali-override-secrets/tracing-username/value.txt");
    CHECK(tracing.auth.password == "/nowhere/kiali-override-secrets/tracing-password/value.txt");
    CHECK(tracing.custom_headers == TextMap{{"X-Forwarded-Tenant", "payments"}});
    CHECK(tracing.query_scope == TextMap{{"env", "prod"}});
    CHECK(loaded.config.server.web_port == "8443");
    CHECK(loaded.warnings.size() == 2);
}

TEST_CASE("example: links only") {
    const Loaded loaded = loaded_file(kExamples + "links_only.yaml");
    const TracingTarget target = resolve_tracing(loaded.config.external_services.tracing);
    CHECK(target.enabled);
    CHECK_FALSE(target.integration);
    CHECK(target.internal_url.empty());
    CHECK(target.external_url == "https://jaeger.example.net");
    CHECK(joined(loaded.warnings).empty());
}

TEST_CASE("example: bearer, own authority, client certificate") {
    const Loaded loaded = loaded_file(kExamples + "bearer_mutual_tls.yaml");
    const ServiceAuth& auth = loaded.config.external_services.tracing.auth;
    CHECK(auth.type == "bearer");
    CHECK(auth.token == "/var/run/meshscope/jaeger-token");
    CHECK(auth.ca_file == "/var/run/meshscope/jaeger-ca.pem");
    CHECK(auth.cert_file == "/nowhere/kiali-override-secrets/tracing-cert/tls.crt");
    CHECK(auth.key_file == "/nowhere/kiali-override-secrets/tracing-key/tls.key");
    CHECK(loaded.config.identity.cert_file == "/kiali-cert/tls.crt");
    CHECK(loaded.warnings.size() == 2);
}

TEST_CASE("example: beside KrakenD") {
    const Loaded loaded = loaded_file(kExamples + "beside_krakend.yaml");
    CHECK(
        resolve_tracing(loaded.config.external_services.tracing).transport ==
        Transport::kGrpcThenHttp
    );
    CHECK(loaded.config.meshscope.masked_keys == TextList{"http.request.header.x-api-key"});
    CHECK(joined(loaded.warnings).empty());
    std::ifstream file(kExamples + "krakend.json");
    std::ostringstream text;
    text << file.rdbuf();
    CHECK(contains(text.str(), "\"telemetry/opentelemetry\""));
    CHECK(contains(text.str(), "\"port\": 4317"));
    // JSON is YAML: it parses, and holds no key of ours.
    CHECK(contains(error_of(load_text(text.str(), {})), "login_token.signing_key"));
}

TEST_CASE("every example is tested here and can start") {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
        if (entry.path().extension() == ".yaml") {
            names.insert(entry.path().filename().string());
            CHECK_FALSE(refuse_to_start(loaded_file(entry.path().string())).has_value());
        }
    }
    CHECK(
        names ==
        std::set<std::string>{
            "bearer_mutual_tls.yaml",
            "beside_krakend.yaml",
            "jaeger_grpc_in_cluster.yaml",
            "jaeger_http_behind_proxy.yaml",
            "jaeger_oauth2_tenant.yaml",
            "links_only.yaml",
        }
    );
}

TEST_CASE("the file of Istio's add-on loads without a word") {
    const Loaded loaded = loaded_file(kData + "istio_addon.yaml");
    CHECK(joined(loaded.warnings).empty());
    CHECK(loaded.deprecations.empty());
    CHECK(loaded.config.server.web_root == "/kiali");
    CHECK_FALSE(resolve_tracing(loaded.config.external_services.tracing).enabled);
    CHECK(loaded.config.external_services.prometheus.url == "http://prometheus.istio-system:9090");
    CHECK_FALSE(refuse_to_start(loaded).has_value());
}

TEST_CASE("a whole rendered file loads; the alias of the user wins over the computed URL") {
    const Loaded loaded = loaded_file(kData + "operator_rendered.yaml");
    const TracingTarget target = resolve_tracing(loaded.config.external_services.tracing);
    CHECK(target.integration);
    CHECK(target.internal_url == "http://jaeger-query.tracing:16685/jaeger");
    CHECK(loaded.config.server.write_timeout == 60s);
    CHECK(loaded.config.external_services.grafana.dashboards.size() == 6);
    // The signing key is mounted in the cluster, not here.
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(contains(loaded.warnings[0], "login_token.signing_key"));
}

TEST_CASE("the first descriptions' fragments") {
    TracingTarget target = target_of(
        "external_services:\n"
        "      tracing:\n"
        "        auth:\n"
        "          type: none\n"
        "        enabled: true\n"
        "        in_cluster_url: 'http://tracing.istio-system/jaeger'\n"
        "        url: 'http://jaeger.example.com/'\n"
        "        use_grpc: true\n"
    );
    CHECK(target.enabled);
    CHECK(target.integration);
    CHECK(target.internal_url == "http://tracing.istio-system/jaeger");
    CHECK(target.external_url == "http://jaeger.example.com");
    CHECK(target.transport == Transport::kGrpc);

    target = target_of(
        "external_services:\n"
        "    tracing:\n"
        "      # ...\n"
        "      url: \"http://jaeger.example.com/\"\n"
    );
    CHECK(target.enabled);
    CHECK_FALSE(target.integration);
    CHECK(target.external_url == "http://jaeger.example.com");

    target = target_of(
        "  external_services:\n"
        "    tracing:\n"
        "      in_cluster_url: 'http://tracing.istio-system/jaeger'\n"
        "  auth: {strategy: anonymous}\n"
        "---\n"
    );
    CHECK(target.enabled);
    CHECK(target.integration);
    CHECK(target.internal_url == "http://tracing.istio-system/jaeger");
    CHECK(target.external_url.empty());

    target = target_of(
        "  external_services:\n"
        "    tracing:\n"
        "      in_cluster_url: 'http://tracing.istio-system/jaeger'\n"
        "      url: 'http://my-jaeger-host/jaeger'\n"
        "  auth: {strategy: anonymous}\n"
        "---\n"
    );
    CHECK(target.integration);
    CHECK(target.internal_url == "http://tracing.istio-system/jaeger");
    CHECK(target.external_url == "http://my-jaeger-host/jaeger");
}
