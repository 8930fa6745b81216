#pragma once

#include "business/explain_facts.hpp"
#include "business/service_name.hpp"
#include "models/cluster.hpp"
#include "models/cluster_snapshot.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

// Which names the traces of a workload may be stored under. Pure.
namespace meshscope::business {

// The one in use first, then the same name with or without the namespace, then those that labels
// and services of the workload make; each once. `cluster` may be null.
[[nodiscard]] std::vector<NameTried> names_of(
    const ResolvedName& name,
    const NamingRule& rule,
    const models::ClusterSnapshot* cluster,
    std::string_view workload
);

// The ports of the service that a host names ("jaeger-query.observability.svc"); empty: none does.
[[nodiscard]] std::vector<std::uint16_t> ports_of_host(
    std::string_view host, const models::ClusterSnapshot* cluster
);

}  // namespace meshscope::business
