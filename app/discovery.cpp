#include "app/discovery.hpp"

#include "app/public_config.hpp"

#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

using business::SelectorTerm;

// The configuration was checked: there is no fifth operator.
SelectorTerm::Operator operator_of(const std::string& name) {
    if (name == "NotIn") {
        return SelectorTerm::Operator::kNotIn;
    }
    if (name == "Exists") {
        return SelectorTerm::Operator::kExists;
    }
    return name == "DoesNotExist" ? SelectorTerm::Operator::kDoesNotExist
                                  : SelectorTerm::Operator::kIn;
}

business::Selector selector_of(const config::LabelSelector& configured) {
    business::Selector made;
    for (const auto& [key, value] : configured.matchLabels) {
        made.push_back({key, SelectorTerm::Operator::kIn, {value}});
    }
    for (const config::SelectorExpression& expression : configured.matchExpressions) {
        made.push_back(
            {expression.key,
             operator_of(expression.operator_),
             {expression.values.begin(), expression.values.end()}}
        );
    }
    return made;
}

}  // namespace

business::Discovery discovery(const config::Config& config) {
    const config::DiscoverySelectors& configured = config.deployment.discovery_selectors;
    const auto own = configured.overrides.find(home_cluster(config));
    std::vector<business::Selector> selectors;
    for (const config::LabelSelector& selector :
         own == configured.overrides.end() ? configured.default_ : own->second) {
        selectors.push_back(selector_of(selector));
    }
    return business::Discovery(std::move(selectors));
}

}  // namespace meshscope::app
