#include "config/tls_versions.hpp"
#include "tests/unit/config/loading.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace meshscope::config;
using meshscope::Result;
using meshscope::config::test::contains;
using meshscope::config::test::error_of;
using meshscope::config::test::joined;
using meshscope::config::test::load;

namespace {

struct Row {
    const char* yaml;
    const char* message;  // "" when it loads without a warning
};

std::string tracing(const char* keys) {
    return std::string("external_services: {tracing: {") + keys + "}}";
}

}  // namespace

TEST_CASE("the path before every page") {
    for (const char* good : {"/", "/kiali", "/mesh/console", "/a-b_c.d~e", "/..a", "/a..b/c"}) {
        INFO(good);
        CHECK(error_of(load(std::string("server: {web_root: ") + good + "}")) == "loaded");
    }
    for (const char* bad :
         {"''",
          "kiali",
          "/kiali/",
          "//",
          "/a//b",
          "/a/../b",
          "/a/..",
          "'/a b'",
          "'/a?b'",
          "'/a#b'",
          "\"/a\\nb\"",
          "'/<script>'"}) {
        INFO(bad);
        const std::string message = error_of(load(std::string("server: {web_root: ") + bad + "}"));
        CHECK(contains(message, "line 1: server.web_root: "));
    }
}

TEST_CASE("what stops a start") {
    const Row rows[] = {
        {"external_services: {prometheus: {url: ''}}", "external_services.prometheus.url: is empty"
        },
        {"kiali_feature_flags: {disabled_features: [logs-tab, x]}",
         "\"x\" is not known; only logs-tab"},
        {"server: {observability: {tracing: {enabled: true, collector_type: jaeger}}}",
         "server.observability.tracing.collector_type: \"jaeger\" is not known; write otel"},
        {"server: {observability: {tracing: {enabled: true, collector_url: 'http://c:4318'}}}",
         "server.observability.tracing.collector_url: \"http://c:4318\" has a scheme"},
        {"server: {observability: {tracing: {enabled: true, collector_url: ''}}}",
         "server.observability.tracing.collector_url: \"\" has no host"},
        {"server: {observability: {tracing: {enabled: true, otel: {protocol: udp}}}}",
         "server.observability.tracing.otel.protocol: \"udp\" is not known"},
        {"server: {observability: {tracing: {enabled: true, collector_url: 'c:1/x', otel: "
         "{protocol: grpc}}}}",
         "server.observability.tracing.collector_url: \"c:1/x\" has a path"},
        {"server: {port: 9090}",
         "server.observability.metrics.port: 9090 is the port of the server, too"},
        {"deployment: {tls_config: {min_version: TLSv1.1}}",
         "deployment.tls_config.min_version: \"TLSv1.1\" is no longer safe"},
        {"deployment: {tls_config: {max_version: SSLv3}}",
         "deployment.tls_config.max_version: \"SSLv3\" is not a TLS version"},
        {"deployment: {tls_config: {min_version: TLSv1.3, max_version: TLSv1.2}}",
         "max_version: \"TLSv1.2\" is below min_version"},
        {"clustering: {ignore_home_cluster: true}", "kubernetes_config.cluster_name: is required"},
        {"auth: {openshift: {impersonation: {enabled: true}}}",
         "impersonation.enabled: needs auth.strategy openshift"},
        {"auth: {openshift: {impersonation: {allowed_users: ['']}}}",
         "allowed_users: \"\" is not allowed"},
        {"auth: {openshift: {impersonation: {allowed_groups: ['system:masters']}}}",
         "allowed_groups: \"system:masters\" is not allowed"},
        {"external_services: {prometheus: {query_scope: {mesh-id: a}}}",
         "query_scope: \"mesh-id\" is not a name of labels"},
        {"external_services: {prometheus: {query_scope: {__name__: a}}}",
         "query_scope: \"__name__\" is not a name of labels"},
        {"external_services: {tracing: {custom_headers: {'X Tenant': a}}}",
         "custom_headers: \"X Tenant\" is not a header name"},
        {"external_services: {tracing: {custom_headers: {X-Tenant: \"a\\r\\nEvil: b\"}}}",
         "custom_headers.X-Tenant: the value holds a line break"},
        {"meshscope: {heatmap_rows: []}", "meshscope.heatmap_rows: is empty"},
        {"meshscope: {heatmap_rows: [10m, x]}", "meshscope.heatmap_rows: \"x\" is not a duration"},
        {"meshscope: {upstream_max_in_flight: 0}",
         "upstream_max_in_flight: 0 is out of range; it must be 1 to 10000"},
        {"meshscope: {request_timeout: 0}", "meshscope.request_timeout: 0s must be above zero"},
        {"meshscope: {masked_keys: ['']}", "meshscope.masked_keys: holds an empty name"},
    };
    for (const Row& row : rows) {
        const std::string message = error_of(load(row.yaml));
        INFO(row.yaml << "\n" << message);
        CHECK(contains(message, row.message));
    }
}

TEST_CASE("the provider is checked when tracing is wanted") {
    CHECK(contains(
        error_of(load(tracing("enabled: true, provider: zipkin"))),
        "tracing.provider: \"zipkin\" is not known"
    ));
    CHECK(contains(
        error_of(load(tracing("url: http://x, provider: ''"))),
        "tracing.provider: \"\" is not known"
    ));
    CHECK(error_of(load(tracing("enabled: false, provider: zipkin"))) == "loaded");
    const Result<Loaded> tempo = load(tracing("enabled: true, provider: tempo"));
    REQUIRE(tempo.has_value());
    CHECK(contains(
        joined(tempo->warnings), "tracing is off: external_services.tracing.provider is tempo"
    ));
}

TEST_CASE("OAuth2 is whole or refused, also for a service that is off") {
    const std::string complete =
        "type: oauth2, oauth2: {token_url: https://idp/token, client_id: me, client_secret: s";
    const auto at = [](const std::string& service, const std::string& auth, const std::string& more
                    ) {
        return "external_services: {" + service + ": {auth: {" + auth + "}" + more + "}}";
    };
    CHECK(error_of(load(at("grafana", complete + "}", ", enabled: false"))) == "loaded");
    CHECK(error_of(load(at("tracing", complete + "}", ", use_grpc: false"))) == "loaded");
    CHECK(error_of(load(at("tracing", complete + "}", ""))) == "loaded");

    struct Bad {
        std::string yaml;
        const char* message;
    };
    const Bad rows[] = {
        {at("tracing", complete + "}", ", use_grpc: true"),
         "external_services.tracing.use_grpc: must be false"},
        {at("perses", "type: oauth2", ", enabled: false"),
         "perses.auth.oauth2.token_url: is required"},
        {at("perses", "type: oauth2", ", enabled: false"),
         "perses.auth.oauth2.client_id: is required"},
        {at("perses", "type: oauth2", ", enabled: false"),
         "perses.auth.oauth2.client_secret: is required"},
        {at("prometheus", complete + ", auth_style: body}", ""),
         "auth_style: \"body\" is not one of \"\", header, params"},
        {at("prometheus", complete + "}, use_kiali_token: true", ""),
         "prometheus.auth.use_kiali_token: cannot go with"},
        {at("prometheus",
            "type: oauth2, oauth2: {token_url: http://idp, client_id: me, client_secret: s}",
            ""),
         "token_url: \"http://idp\" must begin with https://"},
    };
    for (const Bad& row : rows) {
        const std::string message = error_of(load(row.yaml));
        INFO(row.yaml << "\n" << message);
        CHECK(contains(message, row.message));
    }
    CHECK(
        error_of(load(
            at("prometheus",
               "type: oauth2, insecure_skip_verify: true, oauth2: {token_url: http://idp, "
               "client_id: me, "
               "client_secret: s}",
               "")
        )) == "loaded"
    );
}

TEST_CASE("the signing key has 16, 24 or 32 bytes where sessions exist") {
    const auto with = [](const char* strategy, const std::string& key) {
        return error_of(load_text(
            std::string("auth: {strategy: ") + strategy + "}\nlogin_token: {signing_key: " + key +
                "}\n",
            {}
        ));
    };
    for (const char* strategy : {"token", "openid", "openshift", "header"}) {
        CHECK(with(strategy, "sixteen-byte-key") == "loaded");
        CHECK(with(strategy, std::string(24, 'k')) == "loaded");
        CHECK(with(strategy, std::string(32, 'k')) == "loaded");
        CHECK(contains(with(strategy, "short"), "line 2: login_token.signing_key: has 5 bytes"));
        CHECK(contains(with(strategy, std::string(33, 'k')), "has 33 bytes"));
    }
    CHECK(with("anonymous", "short") == "loaded");
    CHECK(contains(with("''", "short"), "auth.strategy: \"\" is not one of anonymous, token"));
    CHECK(contains(with("login", "short"), "auth.strategy: \"login\" is not one of"));
    CHECK_FALSE(contains(with("login", "short"), "signing_key"));
}

TEST_CASE("without rights on the whole cluster selectors name namespaces") {
    const auto with = [](const std::string& selectors) {
        return error_of(load(
            "deployment: {cluster_wide_access: false, discovery_selectors: {default: [" +
            selectors + "]}}"
        ));
    };
    const std::string name = "kubernetes.io/metadata.name";
    CHECK(with("") == "loaded");
    CHECK(with("{matchLabels: {" + name + ": a}}") == "loaded");
    CHECK(
        with("{matchExpressions: [{key: " + name + ", operator: In, values: [a, b]}]}") == "loaded"
    );
    for (const std::string& bad :
         {std::string("{matchLabels: {team: a}}"),
          "{matchLabels: {" + name + ": a, team: b}}",
          std::string("{}"),
          "{matchExpressions: [{key: " + name + ", operator: NotIn, values: [a]}]}",
          "{matchExpressions: [{key: " + name + ", operator: In, values: []}]}",
          "{matchLabels: {" + name + ": a}, matchExpressions: [{key: " + name +
              ", operator: In, values: [a]}]}"}) {
        INFO(bad);
        CHECK(contains(
            with(bad), "default[0]: with cluster_wide_access false a selector must name namespaces"
        ));
    }
    const std::string two = with("{matchLabels: {a: b}}, {matchLabels: {c: d}}");
    CHECK(contains(two, "default[0]:"));
    CHECK(contains(two, "default[1]:"));
    CHECK(
        error_of(load("deployment: {discovery_selectors: {default: [{matchLabels: {team: a}}]}}")
        ) == "loaded"
    );
}

TEST_CASE("what is wrong in a selector's expression is said at its place") {
    const auto with = [](const std::string& expression) {
        return error_of(load(
            "deployment: {discovery_selectors: {overrides: {east: [{matchExpressions: [" +
            expression + "]}]}}}"
        ));
    };
    const std::string place =
        "deployment.discovery_selectors.overrides.east[0].matchExpressions[0].";
    CHECK(with("{key: env, operator: Exists}") == "loaded");
    CHECK(contains(with("{operator: Exists}"), place + "key: has to name a label"));
    CHECK(contains(with("{key: env}"), place + "operator: has to be In, NotIn"));
    CHECK(contains(with("{key: env, operator: NotIn}"), place + "values: has to hold a value"));
    CHECK(contains(with("{key: env, operator: in, values: [a]}"), "operator"));
}

TEST_CASE("what only warns") {
    const Row rows[] = {
        {"identity: {cert_file: /a}", "identity: HTTPS needs both"},
        {"server: {web_schema: ftp}", "server.web_schema: \"ftp\" is neither"},
        {"server: {observability: {tracing: {enabled: true, otel: {tls_enabled: true}}}}",
         "server.observability.tracing.otel.tls_enabled: is for grpc only"},
        {"deployment: {tls_config: {source: auto}}",
         "deployment.tls_config.source: the cluster is not asked"},
        {"external_services: {grafana: {auth: {cert_file: /a}}}",
         "external_services.grafana.auth: a client certificate needs both"},
        {"external_services: {tracing: {internal_url: 'tracing:16685'}}",
         "tracing.internal_url: must begin with http:// or https://"},
        {"external_services: {tracing: {in_cluster_url: 'tracing:16685'}}",
         "tracing.in_cluster_url: must begin with http:// or https://"},
        {"external_services: {tracing: {external_url: 'javascript:x'}}",
         "tracing.external_url: must begin with http:// or https://; no links"},
        {"external_services: {tracing: {url: 'https://u:p@x'}}",
         "tracing.url: holds a name or password"},
        {"chat_ai: {enabled: true}", "chat_ai.enabled: there is no assistant here"},
    };
    for (const Row& row : rows) {
        const Result<Loaded> loaded = load(row.yaml);
        INFO(row.yaml << "\n" << error_of(loaded));
        REQUIRE(loaded.has_value());
        CHECK(loaded->warnings.size() == 1);
        CHECK(contains(joined(loaded->warnings), row.message));
    }
}

TEST_CASE("older names are told, not refused") {
    const Result<Loaded> loaded = load(
        "external_services:\n  tracing:\n    in_cluster_url: http://a\n    url: http://b\n"
        "  grafana: {in_cluster_url: http://c, url: http://d}\n"
        "auth: {openid: {authorization_endpoint: http://e}}\n"
    );
    REQUIRE(loaded.has_value());
    CHECK(loaded->warnings.empty());
    CHECK(
        loaded->deprecations ==
        std::vector<std::string>{
            "line 3: external_services.tracing.in_cluster_url: is now internal_url",
            "line 4: external_services.tracing.url: is now external_url",
            "line 5: external_services.grafana.in_cluster_url: is now internal_url",
            "line 5: external_services.grafana.url: is now external_url",
            "line 6: auth.openid.authorization_endpoint: is now "
            "discovery_override.authorization_endpoint",
        }
    );
}

TEST_CASE("strategies that do not start yet say so") {
    const auto loaded_with = [](const char* strategy) {
        return load_text(
            std::string("auth: {strategy: ") + strategy +
                "}\nlogin_token: {signing_key: sixteen-byte-key}\n",
            {}
        );
    };
    for (const char* strategy : {"anonymous", "token", "header"}) {
        const Result<Loaded> loaded = loaded_with(strategy);
        REQUIRE(loaded.has_value());
        CHECK_FALSE(refuse_to_start(*loaded).has_value());
    }
    for (const char* strategy : {"openid", "openshift"}) {
        const Result<Loaded> loaded = loaded_with(strategy);
        REQUIRE(loaded.has_value());
        const auto refusal = refuse_to_start(*loaded);
        REQUIRE(refusal.has_value());
        CHECK(contains(refusal->message(), std::string("auth.strategy is ") + strategy));
        CHECK(refusal->hint().setting == "auth.strategy");
    }
}

TEST_CASE("older signing keys are keys or files") {
    for (const char* fine :
         {"[]", "[sixteen-byte-key]", "[/some/file, '24 bytes are a key, too.']"}) {
        CHECK(load(std::string("meshscope: {previous_signing_keys: ") + fine + "}\n").has_value());
    }
    for (const char* bad : {"[kiali]", "['']", "[sixteen-byte-key, short]", "['secret:a:b']"}) {
        CAPTURE(bad);
        const Result<Loaded> loaded =
            load(std::string("meshscope: {previous_signing_keys: ") + bad + "}\n");
        REQUIRE(loaded.has_error());
        CHECK(contains(loaded.error().message(), "meshscope.previous_signing_keys"));
        CHECK_FALSE(contains(loaded.error().message(), "kiali\""));
    }
}

TEST_CASE("trusted proxies are addresses or ranges of them") {
    CHECK(load("meshscope: {trusted_proxies: [10.0.0.0/8, '::1', 192.0.2.1]}\n").has_value());
    for (const char* bad : {"[example.org]", "['']", "[10.0.0.0/8, 10.0.0.0/33]"}) {
        CAPTURE(bad);
        const Result<Loaded> loaded =
            load(std::string("meshscope: {trusted_proxies: ") + bad + "}\n");
        REQUIRE(loaded.has_error());
        CHECK(contains(loaded.error().message(), "meshscope.trusted_proxies"));
    }
}

TEST_CASE("spellings of TLS versions") {
    CHECK(parse_tls_version("TLSv1.2") == 0x0303);
    CHECK(parse_tls_version("TLS1.2") == 0x0303);
    CHECK(parse_tls_version("VersionTLS12") == 0x0303);
    CHECK(parse_tls_version("TLSv1.3") == 0x0304);
    CHECK(parse_tls_version("TLS1.3") == 0x0304);
    CHECK(parse_tls_version("VersionTLS13") == 0x0304);
    CHECK(parse_tls_version("TLSv1.0") == 0x0301);
    for (const char* bad :
         {"", "1.2", "TLSv1.4", "TLSv12", "VersionTLS1.2", "TLSv1.22", "tlsv1.2", "TLSv1."}) {
        INFO(bad);
        CHECK_FALSE(parse_tls_version(bad).has_value());
    }
    CHECK(tls_versions({}).min == 0x0303);
    CHECK(tls_versions({}).max == 0);
    TlsPolicy policy;
    policy.min_version = "TLSv1.3";
    policy.max_version = "TLSv1.3";
    CHECK(tls_versions(policy).min == 0x0304);
    CHECK(tls_versions(policy).max == 0x0304);
}
