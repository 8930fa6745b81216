#include "config/reference.hpp"

#include "config/effective.hpp"
#include "tests/unit/config/loading.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace meshscope::config;
using meshscope::config::test::contains;

namespace {

std::string read(const std::string& path) {
    std::ifstream file(std::string(MESHSCOPE_SOURCE_DIR) + "/" + path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

const KeyRow* row_of(const std::vector<KeyRow>& rows, const std::string& path) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const KeyRow& row) { return row.path == path; });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("the committed reference is the generated one") {
    INFO("write it anew: meshscope --print-config-reference > docs/configuration.md");
    const bool same = read("docs/configuration.md") == render_reference();
    CHECK(same);
}

TEST_CASE("rows of the key table are whole and unique") {
    const std::vector<KeyRow> rows = all_keys();
    std::set<std::string> paths;
    for (const KeyRow& row : rows) {
        INFO(row.path);
        CHECK(paths.insert(row.path).second);
        CHECK_FALSE(row.meaning.empty());
        CHECK(row.meaning.find('|') == std::string::npos);
        CHECK(row.meaning.ends_with('.'));
    }
    CHECK(rows.size() > 400);
}

TEST_CASE("rows say type, default, range and mark") {
    const std::vector<KeyRow> rows = all_keys();
    struct Expected {
        const char* path;
        const char* type;
        const char* default_value;
        Mark mark;
    };
    const Expected table[] = {
        {"server.port", "int", "`20001`", Mark::kUsed},
        {"server.write_timeout", "duration", "`30s`", Mark::kUsed},
        {"external_services.tracing.query_timeout", "seconds", "`5`", Mark::kUsed},
        {"external_services.tracing.enabled", "bool", "", Mark::kUsed},
        {"external_services.tracing.whitelist_istio_system",
         "list of strings",
         "`jaeger-query`, `istio-ingressgateway`",
         Mark::kUsed},
        {"external_services.tracing.auth.type", "string", "`none`", Mark::kUsed},
        // The same block, but below a service that nothing calls.
        {"external_services.perses.auth.type", "string", "`none`", Mark::kParsed},
        {"external_services.istio.root_namespace", "any", "", Mark::kRetired},
        {"deployment.affinity", "any", "", Mark::kInstaller},
        {"health_config.rate[].tolerance[].code", "string", "", Mark::kUsed},
        {"deployment.discovery_selectors.overrides.*[].matchLabels",
         "map of strings",
         "",
         Mark::kUsed},
        {"kubernetes_config.qps", "number", "`175`", Mark::kParsed},
        {"kiali_feature_flags.ui_defaults.graph.find_options", "list", "4 entries", Mark::kUsed},
    };
    for (const Expected& expected : table) {
        INFO(expected.path);
        const KeyRow* row = row_of(rows, expected.path);
        REQUIRE(row != nullptr);
        CHECK(row->type == expected.type);
        CHECK(row->default_value == expected.default_value);
        CHECK(row->mark == expected.mark);
    }
    CHECK(row_of(rows, "kiali_feature_flags.ui_defaults.tracing.limit")->accepts == "10 to 1000");
    CHECK(contains(row_of(rows, "auth.strategy")->accepts, "`anonymous`, `token`"));
}

TEST_CASE("the place of a key that stands elsewhere") {
    CHECK(place_of_key("tracing") == "external_services.tracing");
    CHECK(place_of_key("signing_key") == "login_token.signing_key");
    CHECK(place_of_key("enabled").empty());
    CHECK(place_of_key("nonsense").empty());
}

TEST_CASE("the dump loads again and is the same") {
    const auto loaded = test::load(
        "server: {address: 'a: b', web_port: 443, write_timeout: 1m30s}\n"
        "installation_tag: \"it's \\\"on\\\" \\u00e9\\n\"\n"
        "external_services:\n"
        "  tracing: {internal_url: '', external_url: https://x, use_grpc: no, query_scope: {on: "
        "yes, 'a:b': '~'}}\n"
        "health_config: {rate: [{namespace: a, tolerance: [{code: 5XX, failure: 12.5}, {code: "
        "'404'}]}, {kind: app}]}\n"
        "deployment: {discovery_selectors: {default: [{matchLabels: {a: b}, matchExpressions: "
        "[{key: k, operator: In, "
        "values: [x, '1']}]}], overrides: {east: [{matchLabels: {c: d}}], west: []}}}\n"
        "kubernetes_config: {qps: .inf}\n"
    );
    REQUIRE(loaded.has_value());
    const std::string dump = effective_yaml(loaded->config);
    const auto again = load_text(dump, {});
    INFO(dump);
    REQUIRE(again.has_value());
    CHECK(again->warnings.empty());
    CHECK(effective_yaml(again->config) == dump);
    CHECK(again->config.installation_tag == "it's \"on\" \xC3\xA9\n");
    CHECK(
        again->config.external_services.tracing.query_scope == TextMap{{"a:b", "~"}, {"on", "yes"}}
    );
    CHECK(again->config.health_config.rate.at(0).tolerance.at(0).failure == 12.5);
    CHECK(
        again->config.deployment.discovery_selectors.overrides.at("east").at(0).matchLabels ==
        TextMap{{"c", "d"}}
    );
    CHECK(contains(dump, "# tracing: links only to 'https://x'\n"));
}
