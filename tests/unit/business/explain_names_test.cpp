#include "business/explain_names.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;

namespace {

std::vector<std::string> services(const std::vector<NameTried>& names) {
    std::vector<std::string> out;
    for (const NameTried& name : names) {
        out.push_back(name.service);
    }
    return out;
}

models::Workload annotated(const std::string& config) {
    models::Workload workload;
    workload.template_annotations =
        std::make_shared<const models::LabelSet>(models::LabelSet{{"proxy.istio.io/config", config}}
        );
    return workload;
}

}  // namespace

TEST_CASE("without a cluster a name has its two forms", "[explain]") {
    NamingRule rule;
    const ResolvedName name = resolve_app("shop", "cart");
    CHECK(
        services(names_of(name, rule, nullptr, "cart-v1")) ==
        std::vector<std::string>{"cart.shop", "cart"}
    );
    rule.namespace_selector = false;
    const auto names = names_of(name, rule, nullptr, "cart-v1");
    CHECK(services(names) == std::vector<std::string>{"cart", "cart.shop"});
    CHECK(names[0].by == NameTried::By::kInUse);
    CHECK(names[1].by == NameTried::By::kNamespaceSelector);
}

TEST_CASE("the sampling that an annotation sets", "[explain]") {
    struct Row {
        const char* config;
        double sampling;  // negative: none
    };
    const Row row = GENERATE(values<Row>({
        {"tracing:\n  sampling: 0\n", 0},
        {"tracing:\n  sampling: 12.5\n", 12.5},
        {R"({"tracing":{"sampling":100}})", 100},
        {"tracing:\n  zipkin: {}\n", -1},
        {"sampling: 3", -1},
        {"tracing:\n  sampling: lots", -1},
        {"tracing:\n  sampling:", -1},
        {"tracing:\n  sampling: 101", -1},
        {"", -1},
    }));
    INFO(row.config);
    CHECK(annotated_sampling(annotated(row.config)).value_or(-1) == row.sampling);
}
