#pragma once

#include "models/cluster_snapshot.hpp"

#include <string>
#include <utility>
#include <vector>

namespace meshscope::business {

struct SelectorTerm {
    std::string key;
    enum class Operator { kIn, kNotIn, kExists, kDoesNotExist } op = Operator::kIn;
    std::vector<std::string> values;
};
// Terms are ANDed, matchLabels as kIn with one value.
using Selector = std::vector<SelectorTerm>;

// Which namespaces this server shows at all (deployment.discovery_selectors): selectors are ORed
// and the control plane's namespaces come with them; without selectors all but kube-*, openshift*,
// ibm*, kiali-operator*, istio-operator*. Scope, not rights: spans are judged by rights alone.
class Discovery {
 public:
    explicit Discovery(std::vector<Selector> selectors) : selectors_(std::move(selectors)) {}
    [[nodiscard]] bool shows(const models::NamespaceView& view) const;

 private:
    std::vector<Selector> selectors_;
};

}  // namespace meshscope::business
