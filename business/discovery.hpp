#pragma once

#include "core/error.hpp"
#include "models/cluster_snapshot.hpp"

#include <optional>
#include <string>
#include <string_view>
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
    // kForbidden, in the words of refuse_namespace, for a namespace that is there and not shown.
    [[nodiscard]] std::optional<Error> refuse(
        const models::ClusterSnapshot& snapshot, std::string_view ns
    ) const;

 private:
    std::vector<Selector> selectors_;
};

}  // namespace meshscope::business
