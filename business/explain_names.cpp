#include "business/explain_names.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::array<std::string_view, 4> kNameLabels{
    "service.istio.io/canonical-name", "app.kubernetes.io/name", "app", "k8s-app"
};
constexpr std::size_t kMostNames = 12;

class Names {
 public:
    void add(std::string service, NameTried::By by, std::string_view label = {}) {
        const bool there = std::any_of(names_.begin(), names_.end(), [&](const NameTried& name) {
            return name.service == service;
        });
        if (service.empty() || there || names_.size() == kMostNames) {
            return;
        }
        NameTried name;
        name.service = std::move(service);
        name.by = by;
        name.label = label;
        names_.push_back(std::move(name));
    }
    [[nodiscard]] std::vector<NameTried> take() { return std::move(names_); }

 private:
    std::vector<NameTried> names_;
};

// Both ways to write it, the one of the rule first.
void add_both(
    Names& names,
    std::string_view base,
    std::string_view ns,
    const NamingRule& rule,
    std::string_view label
) {
    const std::string plain(base);
    const std::string full = plain + "." + std::string(ns);
    const auto by = NameTried::By::kLabel;
    names.add(rule.namespace_selector ? full : plain, by, label);
    names.add(rule.namespace_selector ? plain : full, by, label);
}

}  // namespace

std::vector<NameTried> names_of(
    const ResolvedName& name,
    const NamingRule& rule,
    const models::ClusterSnapshot* cluster,
    std::string_view workload
) {
    Names names;
    names.add(store_service(name, rule), NameTried::By::kInUse);
    NamingRule other = rule;
    other.namespace_selector = !rule.namespace_selector;
    names.add(store_service(name, other), NameTried::By::kNamespaceSelector);
    const std::string& ns = name.own_namespace();
    const models::Workload* object =
        cluster == nullptr ? nullptr : cluster->find_workload(ns, workload);
    if (object == nullptr) {
        return names.take();
    }
    for (const std::string_view label : kNameLabels) {
        if (const auto value = models::label(*object->labels, label); !value.empty()) {
            add_both(names, value, ns, rule, label);
        }
    }
    for (const models::ServicePtr& service : cluster->find(ns)->services_of(*object)) {
        add_both(names, service->meta.name, ns, rule, "");
    }
    add_both(names, object->name, ns, rule, "");
    return names.take();
}

std::vector<std::uint16_t> ports_of_host(
    std::string_view host, const models::ClusterSnapshot* cluster
) {
    const std::size_t dot = host.find('.');
    if (cluster == nullptr || dot == std::string_view::npos) {
        return {};
    }
    std::string_view rest = host.substr(dot + 1);
    const std::string_view ns = rest.substr(0, rest.find('.'));
    rest.remove_prefix(ns.size());
    if (!rest.empty() && rest != ".svc" && !rest.starts_with(".svc.")) {
        return {};
    }
    const models::NamespaceView* view = cluster->find(ns);
    const models::Service* service =
        view == nullptr ? nullptr : view->find_service(host.substr(0, dot));
    std::vector<std::uint16_t> ports;
    if (service != nullptr && service->type != "ExternalName") {
        for (const models::ServicePort& port : service->ports) {
            ports.push_back(static_cast<std::uint16_t>(port.port));
        }
    }
    return ports;
}

}  // namespace meshscope::business
