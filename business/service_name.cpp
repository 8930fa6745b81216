#include "business/service_name.hpp"

namespace meshscope::business {

ResolvedName resolve_app(std::string_view name_space, std::string_view app) {
    return {std::string(app), std::string(app), std::string(name_space)};
}

bool has_identity_domain(std::string_view name, std::string_view identity_domain) {
    while (identity_domain.starts_with('.')) {
        identity_domain.remove_prefix(1);
    }
    if (identity_domain.empty() || name.size() <= identity_domain.size() + 1) {
        return false;
    }
    return name.ends_with(identity_domain) && name[name.size() - identity_domain.size() - 1] == '.';
}

std::string store_service(const ResolvedName& name, const NamingRule& rule) {
    if (!rule.namespace_selector || has_identity_domain(name.lookup, rule.identity_domain)) {
        return name.lookup;
    }
    return name.lookup + "." + name.name_space;
}

}  // namespace meshscope::business
