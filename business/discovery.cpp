#include "business/discovery.hpp"

#include "business/access.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace meshscope::business {

namespace {

constexpr std::array<std::string_view, 5> kNotOfUsers{
    "kube-", "openshift", "ibm", "kiali-operator", "istio-operator"
};

bool passes(const SelectorTerm& term, const models::LabelSet& labels) {
    const bool has = models::has_label(labels, term.key);
    const std::string_view value = models::label(labels, term.key);
    const bool listed = has && std::ranges::find(term.values, value) != term.values.end();
    switch (term.op) {
        case SelectorTerm::Operator::kIn:
            return listed;
        case SelectorTerm::Operator::kNotIn:
            return !listed;
        case SelectorTerm::Operator::kExists:
            return has;
        case SelectorTerm::Operator::kDoesNotExist:
            return !has;
    }
    return false;
}

bool holds_control_plane(const models::NamespaceView& view) {
    return std::ranges::any_of(view.workloads, [](const models::WorkloadPtr& workload) {
        return models::label(*workload->labels, "app") == "istiod";
    });
}

}  // namespace

bool Discovery::shows(const models::NamespaceView& view) const {
    const models::ObjectMeta& meta = view.object.meta;
    if (selectors_.empty()) {
        return std::ranges::none_of(kNotOfUsers, [&](std::string_view prefix) {
            return meta.name.starts_with(prefix);
        });
    }
    const auto selects = [&](const Selector& selector) {
        return std::ranges::all_of(selector, [&](const SelectorTerm& term) {
            return passes(term, *meta.labels);
        });
    };
    return std::ranges::any_of(selectors_, selects) || holds_control_plane(view);
}

std::optional<Error> Discovery::refuse(const models::ClusterSnapshot& snapshot, std::string_view ns)
    const {
    const models::NamespaceView* view = snapshot.find(ns);
    return view == nullptr || shows(*view) ? std::nullopt : std::optional(not_accessible(ns));
}

}  // namespace meshscope::business
