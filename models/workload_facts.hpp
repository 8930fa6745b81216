#pragma once

#include "models/cluster_builder.hpp"

#include <string>
#include <vector>

namespace meshscope::models {

// Completes a workload whose kind, name, labels, template annotations and pods are known: app,
// version, canonical name, service accounts and what it is in the mesh.
void describe(Workload& workload, const DiscoveryRules& rules);

}  // namespace meshscope::models
