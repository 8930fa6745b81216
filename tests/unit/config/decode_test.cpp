#include "tests/unit/config/loading.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <string>

using namespace std::chrono_literals;
using namespace meshscope::config;
using meshscope::Result;
using meshscope::config::test::contains;
using meshscope::config::test::error_of;
using meshscope::config::test::joined;
using meshscope::config::test::load;

namespace {

struct Good {
    const char* yaml;
    std::function<bool(const Config&)> holds;
};
struct Bad {
    const char* yaml;
    const char* message;
};

const Tracing& tracing(const Config& c) { return c.external_services.tracing; }

}  // namespace

TEST_CASE("values as YAML 1.1 has them") {
    const Good rows[] = {
        {"server: {cors_allow_all: yes}", [](const Config& c) { return c.server.cors_allow_all; }},
        {"server: {cors_allow_all: on}", [](const Config& c) { return c.server.cors_allow_all; }},
        {"server: {cors_allow_all: y}", [](const Config& c) { return c.server.cors_allow_all; }},
        {"server: {gzip_enabled: off}", [](const Config& c) { return !c.server.gzip_enabled; }},
        {"server: {gzip_enabled: no}", [](const Config& c) { return !c.server.gzip_enabled; }},
        {"server: {gzip_enabled: N}", [](const Config& c) { return !c.server.gzip_enabled; }},
        {"server: {gzip_enabled: !!bool \"no\"}",
         [](const Config& c) { return !c.server.gzip_enabled; }},
        {"server: {port: 20002.0}", [](const Config& c) { return c.server.port == 20002; }},
        {"server: {port: 20002.9}", [](const Config& c) { return c.server.port == 20002; }},
        {"server: {port: 1e3}", [](const Config& c) { return c.server.port == 1000; }},
        {"server: {port: 0o20}", [](const Config& c) { return c.server.port == 16; }},
        {"server: {port: 020}", [](const Config& c) { return c.server.port == 16; }},
        {"server: {port: 08}", [](const Config& c) { return c.server.port == 8; }},
        {"server: {port: 0b101}", [](const Config& c) { return c.server.port == 5; }},
        {"server: {port: 0x4E_21}", [](const Config& c) { return c.server.port == 20001; }},
        {"server: {port: 20_002}", [](const Config& c) { return c.server.port == 20002; }},
        {"server: {port: +20002}", [](const Config& c) { return c.server.port == 20002; }},
        {"server: {port: !!int \"20002\"}", [](const Config& c) { return c.server.port == 20002; }},
        {"kubernetes_config: {qps: 50}",
         [](const Config& c) { return c.kubernetes_config.qps == 50; }},
        {"kubernetes_config: {qps: .5}",
         [](const Config& c) { return c.kubernetes_config.qps == 0.5; }},
        {"kubernetes_config: {qps: .inf}",
         [](const Config& c) { return c.kubernetes_config.qps > 1e300; }},
        {"server: {web_port: 443}", [](const Config& c) { return c.server.web_port == "443"; }},
        {"server: {address: true}", [](const Config& c) { return c.server.address == "true"; }},
        {"installation_tag: 1e3", [](const Config& c) { return c.installation_tag == "1e3"; }},
        {"installation_tag: 0123", [](const Config& c) { return c.installation_tag == "0123"; }},
        {"installation_tag: 2001-01-01",
         [](const Config& c) { return c.installation_tag == "2001-01-01"; }},
        {"installation_tag: !!binary aGVsbG8=",
         [](const Config& c) { return c.installation_tag == "hello"; }},
        {"installation_tag: 'it''s'", [](const Config& c) { return c.installation_tag == "it's"; }},
        {"installation_tag: \"a\\\"b\"",
         [](const Config& c) { return c.installation_tag == "a\"b"; }},
        {"external_services: {tracing: {query_scope: {a: 1, b: true, c: ~, d: x}}}",
         [](const Config& c) {
             return tracing(c).query_scope ==
                    TextMap{{"a", "1"}, {"b", "true"}, {"c", ""}, {"d", "x"}};
         }},
        {"external_services: {tracing: {whitelist_istio_system: [1, no, ~, x]}}",
         [](const Config& c) {
             return tracing(c).whitelist_istio_system == TextList{"1", "no", "", "x"};
         }},
        {"external_services: {tracing: {whitelist_istio_system: []}}",
         [](const Config& c) { return tracing(c).whitelist_istio_system.empty(); }},
        {"external_services: {tracing: {whitelist_istio_system: ~}}",
         [](const Config& c) { return tracing(c).whitelist_istio_system.empty(); }},
        {"external_services: {tracing: {whitelist_istio_system: [a]}}",
         [](const Config& c) { return tracing(c).whitelist_istio_system == TextList{"a"}; }},
        {"external_services: {tracing: {}}",
         [](const Config& c) {
             return tracing(c).provider == "jaeger" && tracing(c).query_timeout == 5s;
         }},
        {"external_services: {tracing: {query_timeout: }}",
         [](const Config& c) { return tracing(c).query_timeout == 0s; }},
        {"external_services: {tracing: {namespace_selector: ~}}",
         [](const Config& c) { return !tracing(c).namespace_selector; }},
        {"installation_tag: null", [](const Config& c) { return c.installation_tag.empty(); }},
        {"external_services: {tracing: {internal_url: ~}}",
         [](const Config& c) { return tracing(c).internal_url == ""; }},
        {"external_services: {tracing: {tempo_config: {org_id: 7}}}",
         [](const Config& c) { return tracing(c).tempo_config.org_id == "7"; }},
        {"external_services: {custom_dashboards: {discovery_enabled: true}}",
         [](const Config& c) {
             return c.external_services.custom_dashboards.discovery_enabled == "true";
         }},
        {"Server: {port: 1}", [](const Config& c) { return c.server.port == 20001; }},
        {"", [](const Config& c) { return c.server.port == 20001; }},
        {"health_config: {rate: [{code: 404, failure: 5}]}",
         [](const Config& c) {
             return c.health_config.rate.size() == 1 && c.health_config.rate[0].tolerance.empty();
         }},
        {"health_config: {rate: [{tolerance: [{code: 404, failure: 5}]}]}",
         [](const Config& c) { return c.health_config.rate.at(0).tolerance.at(0).code == "404"; }},
        {"kiali_feature_flags: {ui_defaults: {graph: {find_options: [{expression: x}]}}}",
         [](const Config& c) {
             const auto& options = c.kiali_feature_flags.ui_defaults.graph.find_options;
             return options.size() == 1 && options[0].expression == "x" &&
                    options[0].description.empty();
         }},
    };
    for (const Good& row : rows) {
        const Result<Loaded> loaded = load(row.yaml);
        INFO(row.yaml << "\n" << error_of(loaded));
        REQUIRE(loaded.has_value());
        CHECK(row.holds(loaded->config));
    }
}

TEST_CASE("repeated keys, merge keys, aliases, several documents") {
    const Good rows[] = {
        {"server: {port: 1}\nserver: {port: 2}", [](const Config& c) { return c.server.port == 2; }
        },
        {"server: {port: 1, address: a}\nserver: {port: 2}",
         [](const Config& c) { return c.server.port == 2 && c.server.address == "a"; }},
        {"external_services: {tracing: {whitelist_istio_system: [a, b]}}\n"
         "external_services: {tracing: {whitelist_istio_system: [c]}}",
         [](const Config& c) { return tracing(c).whitelist_istio_system == TextList{"c"}; }},
        {"server: &s {port: 7, address: a}\nserver: {<<: *s, address: b}",
         [](const Config& c) { return c.server.port == 7 && c.server.address == "b"; }},
        {"x-one: &one {port: 7}\nx-two: &two {port: 8, address: a}\nserver: {<<: [*one, *two]}",
         [](const Config& c) { return c.server.port == 7 && c.server.address == "a"; }},
        {"x-one: &one {port: 7}\nserver: {port: 9, <<: *one}",
         [](const Config& c) { return c.server.port == 9; }},
        {"x: &tag hello\ninstallation_tag: *tag",
         [](const Config& c) { return c.installation_tag == "hello"; }},
        {"server: {'<<': x}", [](const Config& c) { return c.server.port == 20001; }},
    };
    for (const Good& row : rows) {
        const Result<Loaded> loaded = load(row.yaml);
        INFO(row.yaml << "\n" << error_of(loaded));
        REQUIRE(loaded.has_value());
        CHECK(row.holds(loaded->config));
    }

    const Result<Loaded> first =
        load_text("auth: {strategy: anonymous}\nserver: {port: 5}\n---\nserver: {port: 6}\n", {});
    REQUIRE(first.has_value());
    CHECK(first->config.server.port == 5);
}

TEST_CASE("byte order mark, CRLF, comments, empty documents") {
    const Result<Loaded> windows = load("\xEF\xBB\xBFserver:\r\n  port: 5\r\n  address: 'a'\r\n");
    REQUIRE(windows.has_value());
    CHECK(windows->config.server.port == 5);
    CHECK(windows->config.server.address == "a");
    // An empty file is all defaults, and the default signing key is refused for the default
    // strategy.
    for (const char* empty : {"", "{}", "# nothing\n", "---\n", "null\n"}) {
        INFO(empty);
        CHECK(contains(error_of(load_text(empty, {})), "login_token.signing_key"));
    }
}

TEST_CASE("durations") {
    const Good rows[] = {
        {"server: {write_timeout: 60s}",
         [](const Config& c) { return c.server.write_timeout == 60s; }},
        {"server: {write_timeout: '1m30s'}",
         [](const Config& c) { return c.server.write_timeout == 90s; }},
        {"server: {write_timeout: 30}",
         [](const Config& c) { return c.server.write_timeout == 30s; }},
        {"server: {write_timeout: 1.5}",
         [](const Config& c) { return c.server.write_timeout == 1s; }},
        {"server: {write_timeout: 999999}",
         [](const Config& c) { return c.server.write_timeout == 999999s; }},
        {"server: {write_timeout: 2000000}",
         [](const Config& c) { return c.server.write_timeout == 2ms; }},
        {"server: {write_timeout: 0}", [](const Config& c) { return c.server.write_timeout == 0s; }
        },
        {"kiali_internal: {cache_expiration: {mesh: 5000}}",
         [](const Config& c) { return c.kiali_internal.cache_expiration.mesh == 5us; }},
        {"external_services: {istio: {validation_reconcile_interval: ~}}",
         [](const Config& c) {
             return c.external_services.istio.validation_reconcile_interval == 0s;
         }},
        {"external_services: {prometheus: {thanos_proxy: {retention_period: 2w}}}",
         [](const Config& c) {
             return c.external_services.prometheus.thanos_proxy.retention_period == 14 * 24h;
         }},
        {"health_config: {compute: {duration: 1d}}",
         [](const Config& c) { return c.health_config.compute.duration == 24h; }},
        {"health_config: {compute: {duration: 1h30m}}",
         [](const Config& c) { return c.health_config.compute.duration == 90min; }},
        {"health_config: {compute: {duration: 30s}}",
         [](const Config& c) { return c.health_config.compute.duration == 1min; }},
        {"health_config: {compute: {duration: soon}}",
         [](const Config& c) { return c.health_config.compute.duration == 1min; }},
        {"kiali_internal: {graph_cache: {refresh_interval: soon}}",
         [](const Config& c) { return c.kiali_internal.graph_cache.refresh_interval == 60s; }},
    };
    for (const Good& row : rows) {
        const Result<Loaded> loaded = load(row.yaml);
        INFO(row.yaml << "\n" << error_of(loaded));
        REQUIRE(loaded.has_value());
        CHECK(row.holds(loaded->config));
        const bool lenient = contains(row.yaml, "soon") || contains(row.yaml, "30s}}");
        CHECK(loaded->warnings.size() == (lenient ? 1 : 0));
    }
}

TEST_CASE("type errors name line, key and what was expected") {
    const Bad rows[] = {
        {"server:\n  gzip_enabled: \"true\"",
         "line 2: server.gzip_enabled: expected true or false, found \"true\" in quotes"},
        {"server: {gzip_enabled: 1}",
         "line 1: server.gzip_enabled: expected true or false, found \"1\""},
        {"server: {port: \"20001\"}",
         "server.port: expected a whole number, found \"20001\" in quotes"},
        {"server: {port: !!str 20001}", "server.port: expected a whole number"},
        {"server: {port: 99999999999999999999}", "server.port: expected a whole number"},
        {"server: {port: .inf}", "server.port: expected a whole number"},
        {"server: {port: .nan}", "server.port: expected a whole number"},
        {"server: {port: 0xZZ}", "server.port: expected a whole number"},
        {"server: {port: abc}", "server.port: expected a whole number, found \"abc\""},
        {"server: {port: [1]}", "server.port: expected a whole number, found a list"},
        {"server: {port: -1}", "server.port: -1 is out of range; it must be 0 to 65535"},
        {"server: {port: 65536}", "server.port: 65536 is out of range; it must be 0 to 65535"},
        {"server: 5", "server: expected a map of keys, found \"5\""},
        {"server: [a]", "server: expected a map of keys, found a list"},
        {"kubernetes_config: {qps: \"175\"}",
         "kubernetes_config.qps: expected a number, found \"175\" in quotes"},
        {"installation_tag: [a]", "installation_tag: expected text, found a list"},
        {"installation_tag: {a: b}", "installation_tag: expected text, found a map"},
        {"installation_tag: !!binary '%%%'", "installation_tag: expected text"},
        {"external_services: {tracing: {whitelist_istio_system: x}}",
         "whitelist_istio_system: expected a list, found \"x\""},
        {"external_services: {tracing: {whitelist_istio_system: [{a: b}]}}",
         "whitelist_istio_system[0]: expected text, found a map"},
        {"external_services: {tracing: {query_scope: [a]}}",
         "query_scope: expected a map of keys, found a list"},
        {"external_services: {tracing: {query_scope: {a: {b: c}}}}",
         "query_scope.a: expected text, found a map"},
        {"server: {write_timeout: \"30\"}",
         "server.write_timeout: expected a duration such as 30s or 1m30s, found \"30\" in quotes"},
        {"server: {write_timeout: soon}", "server.write_timeout: expected a duration"},
        {"server: {write_timeout: -5s}", "server.write_timeout: must not be negative"},
        {"clustering: {clusters: {a: b}}", "clustering.clusters: expected a list, found a map"},
        {"clustering: {clusters: [a]}",
         "clustering.clusters[0]: expected a map of keys, found \"a\""},
        {"deployment: {discovery_selectors: {default: [~]}}",
         "deployment.discovery_selectors.default[0]: expected a map of keys, found nothing"},
        {"deployment: {discovery_selectors: {overrides: {east: [~]}}}",
         "overrides.east[0]: expected a map of keys, found nothing"},
        {"external_services: {tracing: {auth: {type: digest}}}",
         "external_services.tracing.auth.type: \"digest\" is not one of none, basic, bearer, oauth2"
        },
        {"external_services: {grafana: {auth: {type: bearr}}}", "did you mean bearer?"},
        {"kiali_feature_flags: {ui_defaults: {tracing: {limit: 9}}}",
         "limit: 9 is out of range; it must be 10 to 1000"},
        {"deployment: {tls_config: {source: ''}}",
         "deployment.tls_config.source: \"\" is not one of auto, config"},
    };
    for (const Bad& row : rows) {
        const std::string message = error_of(load(row.yaml));
        INFO(row.yaml << "\n" << message);
        CHECK(contains(message, row.message));
        CHECK(contains(message, "1 error\n"));
    }
}

TEST_CASE("everything wrong is said at once, in the order of lines") {
    const std::string message =
        error_of(load("server:\n"
                      "  port: x\n"
                      "  web_root: kiali\n"
                      "external_services:\n"
                      "  tracing:\n"
                      "    query_timeout: '5'\n"
                      "kiali_feature_flags:\n"
                      "  disabled_features: [logs]\n"));
    CHECK(
        message ==
        "config.yaml: 4 errors\n"
        "  line 2: server.port: expected a whole number, found \"x\"\n"
        "  line 3: server.web_root: \"kiali\" must begin with /; write / or a path such as /kiali\n"
        "  line 6: external_services.tracing.query_timeout: expected a whole number of seconds, "
        "found \"5\" in quotes\n"
        "  line 8: kiali_feature_flags.disabled_features: \"logs\" is not known; only logs-tab can "
        "be "
        "disabled"
    );
}

TEST_CASE("what is not a configuration") {
    const Bad rows[] = {
        {"just text", "line 1: expected keys such as `server:`, found a single value"},
        {"- a\n- b\n", "line 1: expected keys such as `server:`, found a list"},
        {"server:\n\tport: 1\n", "line 2: indented with a tab"},
        {"server: {port: 1\n", "not valid YAML"},
        {"server: *gone\n", "line 1: not valid YAML: the referenced anchor is not defined"},
        {"server: &s {port: *s}\n", "line 1: the alias refers to a value that contains it"},
        {"server: [1\n", "not valid YAML"},
        {"a: b: c\n", "line 1: not valid YAML"},
        {"server:\n  address: 'open\n  port: 1\n",
         "line 2: the quote that opens here is never closed"},
        {"server:\n  address: \"open\n  port: 1\n", "line"},
        {"a: \xff\n", "line 1: not valid UTF-8"},
        {"\xff\xfe"
         "a",
         "UTF-16"},
        {"server: {<<: 5}\n", "line 1: << needs a map or a list of maps"},
        {"[a]: 1\n", "line 1: a key must be text"},
    };
    for (const Bad& row : rows) {
        const std::string message = error_of(load_text(row.yaml, {}));
        INFO(row.yaml << "\n" << message);
        CHECK(contains(message, row.message));
        CHECK(contains(message, "config.yaml: "));
    }
    CHECK(contains(error_of(load_text(std::string("a: \0 b", 6), {})), "zero byte"));
    CHECK(contains(error_of(load_text(std::string(5'000'000, '#'), {})), "larger than 4 MiB"));
}

TEST_CASE("aliases cannot grow without bound") {
    std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int j = 0; j < 9; ++j) {
            yaml += ", " + before;
        }
        yaml += "]\n";
    }
    CHECK(contains(error_of(load(yaml)), "more than a million values"));
    std::string deep = "a0: &a0 {b: 1}\n";
    for (int i = 1; i < 200; ++i) {
        deep += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {b: *a" +
                std::to_string(i - 1) + "}\n";
    }
    CHECK(contains(error_of(load(deep)), "nested deeper than 64 levels"));
    CHECK(contains(error_of(load("a: " + std::string(2000, '['))), "nested too deeply"));
}

TEST_CASE("a section without a value keeps its defaults and warns") {
    const Result<Loaded> loaded =
        load("external_services:\n  tracing:\n  prometheus: ~\nserver: null\n");
    REQUIRE(loaded.has_value());
    CHECK(tracing(loaded->config).provider == "jaeger");
    CHECK(loaded->config.external_services.prometheus.enabled);
    CHECK(
        loaded->warnings ==
        std::vector<std::string>{
            "line 2: external_services.tracing: is empty; its defaults are kept",
            "line 3: external_services.prometheus: is empty; its defaults are kept",
            "line 4: server: is empty; its defaults are kept",
        }
    );
    const Result<Loaded> services = load("external_services: ~\n");
    REQUIRE(services.has_value());
    CHECK(services->config.external_services.prometheus.enabled);
}

TEST_CASE("unknown keys are one warning with the nearest known name") {
    const Result<Loaded> loaded = load(
        "server:\n  prot: 1\n  blah_blah: 2\n"
        "tracing:\n  enabled: true\n"
        "web_fqdn: x\n"
        "external_services:\n  tracing:\n    in_clusterurl: http://x\n"
        "    auth: {pasword: hunter2}\n"
    );
    REQUIRE(loaded.has_value());
    REQUIRE(loaded->warnings.size() == 1);
    CHECK(
        loaded->warnings[0] ==
        "ignored keys that are not known: server.prot (line 2; did you mean port?), "
        "server.blah_blah (line 3), tracing (line 4; did you mean external_services.tracing?), "
        "web_fqdn (line 6; did you mean server.web_fqdn?), "
        "external_services.tracing.in_clusterurl (line 9; did you mean in_cluster_url?), "
        "external_services.tracing.auth.pasword (line 10; did you mean password?)"
    );
}

TEST_CASE("retired and installer keys are never unknown") {
    const Result<Loaded> loaded = load(
        "istio_namespace: istio-system\n"
        "version: default\n"
        "skipResources: []\n"
        "api: {namespaces: {exclude: [a]}}\n"
        "external_services: {istio: {root_namespace: istio-system}}\n"
        "deployment: {accessible_namespaces: ['**'], replicas: 1, logger: {log_level: info}}\n"
        "server: {node_port: 5, metrics_port: 9090}\n"
        "chat_ai: {enabled: false, providers: []}\n"
    );
    REQUIRE(loaded.has_value());
    CHECK(joined(loaded->warnings).empty());
    CHECK(loaded->deprecations.empty());
}

TEST_CASE("a pasted custom resource is recognised") {
    const Result<Loaded> loaded = load(
        "apiVersion: kiali.io/v1alpha1\nkind: Kiali\nmetadata: {name: kiali}\nspec: {server: "
        "{port: 5}}\n"
    );
    REQUIRE(loaded.has_value());
    CHECK(loaded->config.server.port == 20001);
    REQUIRE(loaded->warnings.size() == 1);
    CHECK(contains(loaded->warnings[0], "below `spec:` belong here, moved to the top level"));
    // The same hint stands beside the error that such a file usually ends in.
    const std::string message = error_of(load_text("spec: {auth: {strategy: anonymous}}\n", {}));
    CHECK(contains(message, "login_token.signing_key"));
    CHECK(contains(message, "below `spec:`"));
}
