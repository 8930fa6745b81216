#pragma once

#include "business/service_name.hpp"
#include "core/result.hpp"
#include "models/cluster_snapshot.hpp"

#include <string_view>

namespace meshscope::business {

// Whose waypoint answers for a thing: label istio.io/use-waypoint (with use-waypoint-namespace) of
// pod template, pods, the one matching service, namespace; "none" ends the search; waypoints
// labelled istio.io/waypoint-for=none do not count. Null: not captured.
const models::Workload* waypoint_of(
    const models::ClusterSnapshot& cluster, const models::Workload& workload
);
const models::Workload* waypoint_of(
    const models::ClusterSnapshot& cluster,
    const models::NamespaceView& ns,
    const models::Service& service
);

// What an object is looked up as. Objects that no waypoint answers for and whose application is
// known: the application's name; without one their own. Where a waypoint answers: its name, in its
// own namespace, when `use_waypoint_name`, else the full host under which it reports for the
// object. kNotFound for a workload or service that is not in a synced snapshot; never for an
// application. Without a cluster: as resolve_app, for all.
Result<ResolvedName> name_of_app(
    const models::ClusterSnapshot* cluster,
    std::string_view ns,
    std::string_view app,
    const NamingRule& rule,
    bool use_waypoint_name
);
Result<ResolvedName> name_of_service(
    const models::ClusterSnapshot* cluster,
    std::string_view ns,
    std::string_view service,
    const NamingRule& rule,
    bool use_waypoint_name
);
Result<ResolvedName> name_of_workload(
    const models::ClusterSnapshot* cluster,
    std::string_view ns,
    std::string_view workload,
    const NamingRule& rule,
    bool use_waypoint_name
);

}  // namespace meshscope::business
