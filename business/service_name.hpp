#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// How the names of services in the trace store are made from names of the mesh.
struct NamingRule {
    bool namespace_selector = true;  // names in the store end in ".<namespace>"
    std::string identity_domain = "svc.cluster.local";
    // Labels that tell the application, best first.
    std::vector<std::string> app_labels{
        "service.istio.io/canonical-name", "app.kubernetes.io/name", "app"
    };
};

// What an application, service or workload is looked up as.
struct ResolvedName {
    std::string app;         // the application's own name
    std::string lookup;      // the name to ask for, before the namespace is added; never empty
    std::string name_space;  // of the object, or of the waypoint that answers for it
    std::string home = {};   // of the object, where that is another one; else ""

    // Where the object itself is: what its spans are told by.
    [[nodiscard]] const std::string& own_namespace() const {
        return home.empty() ? name_space : home;
    }
};

// An application whose workloads send their own spans: it is looked up under its own name.
ResolvedName resolve_app(std::string_view name_space, std::string_view app);

// True when `name` ends in the identity domain at a label boundary ("cart.shop.svc.cluster.local").
bool has_identity_domain(std::string_view name, std::string_view identity_domain);

// The service name that the trace store knows: `lookup`, with ".<namespace>" added when the rule
// says so and the name is not already a full one.
std::string store_service(const ResolvedName& name, const NamingRule& rule);

}  // namespace meshscope::business
