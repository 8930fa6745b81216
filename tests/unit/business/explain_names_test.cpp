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
