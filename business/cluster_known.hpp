#pragma once

#include "clients/cluster.hpp"
#include "core/error.hpp"

#include <optional>

namespace meshscope::business {

// Why nothing can be said of the cluster's namespaces: kUnavailable, code "cluster_syncing", before
// the first sync; kUpstreamAuth when the server's account may not read them, so that none are
// known: that is no cluster without namespaces. nullopt: go on. Tells nothing that only some may
// know.
[[nodiscard]] std::optional<Error> unknown_namespaces(
    const clients::ClusterState& state, const models::ClusterSnapshot& snapshot
);

}  // namespace meshscope::business
