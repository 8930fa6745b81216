#include "models/workload_facts.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>

namespace meshscope::models {

namespace {

using KeyAndValue = std::pair<std::string_view, std::string_view>;

std::string_view first_of(const LabelSet& labels, const auto& keys) {
    for (const auto& key : keys) {
        if (const std::string_view value = label(labels, key); !value.empty()) {
            return value;
        }
    }
    return {};
}

bool is_waypoint(const LabelSet& labels) {
    return label(labels, "gateway.istio.io/managed") == "istio.io-mesh-controller" ||
           to_lower(label(labels, "gateway.networking.k8s.io/gateway-name")).find("waypoint") !=
               std::string::npos;
}

bool is_gateway(const LabelSet& labels, const LabelSet& annotations) {
    constexpr std::array<KeyAndValue, 5> kMarks = {
        {{"operator.istio.io/component", "IngressGateways"},
         {"operator.istio.io/component", "EgressGateways"},
         {"istio", "ingressgateway"},
         {"istio", "egressgateway"},
         {"gateway.istio.io/managed", "istio.io-gateway-controller"}}
    };
    return std::any_of(
               kMarks.begin(),
               kMarks.end(),
               [&](const KeyAndValue& mark) { return label(labels, mark.first) == mark.second; }
           ) ||
           label(annotations, "inject.istio.io/templates") == "gateway" ||
           has_label(labels, "istio.io/gateway-name") ||
           has_label(labels, "gateway.networking.k8s.io/gateway-name");
}

bool has_proxy(const Pod& pod) {
    return std::any_of(pod.containers->begin(), pod.containers->end(), [](const Container& one) {
        return one.injected;
    });
}

}  // namespace

void describe(Workload& workload, const DiscoveryRules& rules) {
    constexpr std::array<std::string_view, 3> kCanonicalLabels = {
        "service.istio.io/canonical-name", "app.kubernetes.io/name", "app"
    };
    const LabelSet& labels = *workload.labels;
    workload.app = first_of(labels, rules.app_labels);
    workload.version = first_of(labels, rules.version_labels);
    workload.canonical_name = first_of(labels, kCanonicalLabels);
    if (workload.canonical_name.empty()) {
        workload.canonical_name = workload.name;
    }
    const auto& pods = workload.pods;
    workload.waypoint = is_waypoint(labels);
    workload.gateway = !workload.waypoint && is_gateway(labels, *workload.template_annotations);
    workload.ztunnel = std::any_of(pods.begin(), pods.end(), [](const PodPtr& pod) {
        return label(*pod->meta.labels, "app") == "ztunnel";
    });
    workload.ambient =
        workload.waypoint || workload.ztunnel ||
        std::any_of(pods.begin(), pods.end(), [](const PodPtr& pod) { return pod->ambient; });
    workload.sidecar =
        std::all_of(pods.begin(), pods.end(), [](const PodPtr& pod) { return has_proxy(*pod); });
    for (const PodPtr& pod : pods) {
        if (!pod->service_account.empty()) {
            workload.service_accounts.push_back(pod->service_account);
        }
    }
    auto& accounts = workload.service_accounts;
    std::sort(accounts.begin(), accounts.end());
    accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
}

}  // namespace meshscope::models
