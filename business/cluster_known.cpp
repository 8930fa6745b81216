#include "business/cluster_known.hpp"

#include <algorithm>

namespace meshscope::business {

std::optional<Error> unknown_namespaces(
    const clients::ClusterState& state, const models::ClusterSnapshot& snapshot
) {
    if (!state.synced) {
        return Error(ErrorKind::kUnavailable, "the objects of the cluster are not known yet")
            .with_code("cluster_syncing")
            .with_upstream("kubernetes");
    }
    const bool refused = std::ranges::any_of(state.kinds, [](const clients::KindState& kind) {
        return kind.resource == "namespaces" && kind.state == clients::KindState::State::kForbidden;
    });
    if (!refused || !snapshot.namespaces.empty()) {
        return std::nullopt;
    }
    return Error(ErrorKind::kUpstreamAuth, "this server may not list the cluster's namespaces")
        .with_upstream("kubernetes")
        .with_hint(
            {"deployment.cluster_wide_access",
             "Let the server's account list and watch namespaces, or name those that it may get."}
        );
}

}  // namespace meshscope::business
