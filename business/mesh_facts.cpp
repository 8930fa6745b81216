#include "business/mesh.hpp"

#include <algorithm>
#include <string_view>

namespace meshscope::business {

namespace {

using State = clients::KindState::State;

constexpr std::string_view kIstio = ".networking.istio.io";

bool is_served(const clients::KindState& kind) {
    return kind.state == State::kCurrent || kind.state == State::kPolling ||
           kind.state == State::kStale;
}

bool runs_ztunnel(const models::ClusterSnapshot& snapshot) {
    return std::ranges::any_of(snapshot.namespaces, [](const models::NamespaceViewPtr& view) {
        return std::ranges::any_of(view->workloads, [](const models::WorkloadPtr& workload) {
            return workload->ztunnel;
        });
    });
}

}  // namespace

MeshFacts Mesh::facts(const RequestContext& context) const {
    MeshFacts facts;
    const auto opened = open({});
    if (!opened) {
        return facts;
    }
    const clients::ClusterState& state = opened->state;
    facts.accessible = state.reachability != clients::ClusterState::Reachability::kUnreachable;
    facts.ambient = runs_ztunnel(*opened->snapshot);
    for (const clients::KindState& kind : state.kinds) {
        if (!is_served(kind)) {
            continue;
        }
        facts.istio_api = facts.istio_api || kind.resource.ends_with(kIstio);
        facts.istio_gateway =
            facts.istio_gateway || kind.resource == "gateways.networking.istio.io";
        facts.gateway_api =
            facts.gateway_api || kind.resource == "gateways.gateway.networking.k8s.io";
    }
    for (const models::NamespaceView* view : visible_views(context.caller, *opened->snapshot)) {
        if (describe_namespace(*view).control_plane) {
            facts.control_plane = view->object.meta.name;
            break;
        }
    }
    return facts;
}

}  // namespace meshscope::business
