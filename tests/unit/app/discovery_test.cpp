#include "app/discovery.hpp"

#include "config/load.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

models::NamespaceView view(std::string name, models::LabelSet labels) {
    models::NamespaceView made;
    made.object.meta.name = std::move(name);
    made.object.meta.labels = std::make_shared<const models::LabelSet>(std::move(labels));
    return made;
}

std::string shown(const std::string& text) {
    const auto loaded = config::load_text("auth: {strategy: anonymous}\n" + text, {});
    REQUIRE(loaded.has_value());
    const business::Discovery chosen = discovery(loaded->config);
    std::string names;
    for (const models::NamespaceView& candidate :
         {view("shop", {{"env", "prod"}, {"team", "a"}}),
          view("shop-test", {{"env", "test"}, {"team", "a"}}),
          view("plain", {}),
          view("kube-system", {})}) {
        if (chosen.shows(candidate)) {
            names += (names.empty() ? "" : " ") + candidate.object.meta.name;
        }
    }
    return names;
}

std::string selectors(const std::string& list) {
    return "deployment: {discovery_selectors: {default: [" + list + "]}}\n";
}

}  // namespace

TEST_CASE("namespaces are shown as the configuration says") {
    CHECK(shown("") == "shop shop-test plain");
    CHECK(shown(selectors("{matchLabels: {team: a}}")) == "shop shop-test");
    CHECK(shown(selectors("{matchLabels: {team: a, env: prod}}")) == "shop");
    CHECK(
        shown(selectors("{matchLabels: {env: prod}}, {matchLabels: {env: test}}")) ==
        "shop shop-test"
    );
    const auto expression = [](const std::string& text) {
        return selectors("{matchExpressions: [" + text + "]}");
    };
    CHECK(shown(expression("{key: env, operator: In, values: [prod, other]}")) == "shop");
    CHECK(
        shown(expression("{key: team, operator: Exists}, {key: env, operator: NotIn, "
                         "values: [prod]}")) == "shop-test"
    );
    CHECK(shown(expression("{key: env, operator: DoesNotExist}")) == "plain kube-system");
    CHECK(
        shown("kubernetes_config: {cluster_name: east}\n"
              "deployment: {discovery_selectors: {default: [{matchLabels: {team: a}}], "
              "overrides: {east: [{matchLabels: {env: test}}]}}}\n") == "shop-test"
    );
}

}  // namespace meshscope::app
