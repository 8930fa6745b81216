#include "business/discovery.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace meshscope::business {

namespace {

using Operator = SelectorTerm::Operator;

models::NamespaceView view(std::string name, models::LabelSet labels = {}) {
    models::NamespaceView made;
    made.object.meta.name = std::move(name);
    made.object.meta.labels = std::make_shared<const models::LabelSet>(std::move(labels));
    return made;
}

models::NamespaceView control_plane(std::string name) {
    models::NamespaceView made = view(std::move(name));
    auto workload = std::make_shared<models::Workload>();
    workload->name = "istiod";
    workload->labels =
        std::make_shared<const models::LabelSet>(models::LabelSet{{"app", "istiod"}});
    made.workloads.push_back(std::move(workload));
    return made;
}

std::set<std::string> shown(const Discovery& discovery) {
    const std::vector<models::NamespaceView> all{
        view("shop", {{"env", "prod"}, {"team", "a"}}),
        view("shop-test", {{"env", "test"}, {"team", "a"}}),
        view("plain"),
        control_plane("istio-system"),
    };
    std::set<std::string> names;
    for (const models::NamespaceView& one : all) {
        if (discovery.shows(one)) {
            names.insert(one.object.meta.name);
        }
    }
    return names;
}

}  // namespace

TEST_CASE("without selectors all namespaces are shown but those of the platform", "[discovery]") {
    const Discovery discovery({});
    for (const char* name : {"shop", "istio-system", "default", "kube", "my-kube-system", "ib"}) {
        CAPTURE(name);
        CHECK(discovery.shows(view(name)));
    }
    for (const char* name :
         {"kube-system",
          "openshift",
          "openshift-ingress",
          "ibm-x",
          "kiali-operator",
          "istio-operator2"}) {
        CAPTURE(name);
        CHECK_FALSE(discovery.shows(view(name)));
    }
}

TEST_CASE("selectors are one or the other, their terms all", "[discovery]") {
    struct Row {
        std::vector<Selector> selectors;
        std::set<std::string> names;  // beside the control plane's
    };
    const std::vector<Row> rows{
        {{{{"env", Operator::kIn, {"prod"}}}}, {"shop"}},
        {{{{"env", Operator::kIn, {"prod", "test"}}}}, {"shop", "shop-test"}},
        {{{{"team", Operator::kIn, {"a"}}, {"env", Operator::kIn, {"test"}}}}, {"shop-test"}},
        {{{{"env", Operator::kIn, {"prod"}}}, {{"env", Operator::kIn, {"test"}}}},
         {"shop", "shop-test"}},
        {{{{"env", Operator::kNotIn, {"prod"}}}}, {"shop-test", "plain"}},
        {{{{"env", Operator::kExists, {}}}}, {"shop", "shop-test"}},
        {{{{"env", Operator::kDoesNotExist, {}}}}, {"plain"}},
        {{{{"env", Operator::kIn, {}}}}, {}},
        {{{}}, {"shop", "shop-test", "plain"}},
    };
    for (const Row& row : rows) {
        std::set<std::string> expected = row.names;
        expected.insert("istio-system");
        CHECK(shown(Discovery(row.selectors)) == expected);
    }
}

}  // namespace meshscope::business
