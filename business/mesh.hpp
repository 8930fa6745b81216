#pragma once

#include "async/awaitable.hpp"
#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/mesh_items.hpp"
#include "business/mesh_references.hpp"
#include "business/meta.hpp"
#include "clients/cluster.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "models/cluster_builder.hpp"
#include "models/cluster_snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// 503 "cluster_not_configured", with the setting to change.
[[nodiscard]] Error no_cluster();

// Usable from every thread. Lists ascending by namespace, then name. Errors: `unavailable` without
// a cluster; those of unknown_namespaces(); kForbidden for a
// namespace the caller may not see or this server does not show; kNotFound for one that is visible
// and not there, for objects, for an unknown cluster. Every meta carries the cluster's age.
class Mesh {
 public:
    struct Parts {
        clients::Cluster* cluster = nullptr;  // null: every call fails with `unavailable`
        Error unavailable = no_cluster();
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        Discovery discovery{{}};
        models::DiscoveryRules rules;  // as the snapshot was made by
    };
    explicit Mesh(Parts parts);

    // `cluster`: "" the home cluster.
    [[nodiscard]] Result<NamespaceList> namespaces(const RequestContext& context) const;
    [[nodiscard]] Result<NamespaceInfo> namespace_info(
        const RequestContext& context, std::string_view ns, std::string_view cluster
    ) const;
    // Those of `names` that are there and visible.
    [[nodiscard]] Result<NameList> visible_among(
        const RequestContext& context, std::vector<std::string> names, std::string_view cluster
    ) const;

    [[nodiscard]] Result<WorkloadList> workloads(
        const RequestContext& context, const ListQuery& query
    ) const;
    // `kind`: no other one; version "": any group and version.
    [[nodiscard]] Result<WorkloadDetail> workload(
        const RequestContext& context,
        const ObjectQuery& query,
        const std::optional<models::Kind>& kind
    ) const;
    [[nodiscard]] Result<AppList> apps(const RequestContext& context, const ListQuery& query) const;
    [[nodiscard]] Result<AppDetail> app(const RequestContext& context, const ObjectQuery& query)
        const;
    [[nodiscard]] Result<MeshServiceList> services(
        const RequestContext& context, const ListQuery& query
    ) const;
    [[nodiscard]] Result<ServiceDetail> service(
        const RequestContext& context, const ObjectQuery& query
    ) const;
    // Asked of Kubernetes, with the caller's credentials; also errors of Cluster::pod.
    Awaitable<Result<PodDetail>> pod(RequestContext context, ObjectQuery query) const;
    // Never an error: without a cluster nothing is installed.
    [[nodiscard]] MeshFacts facts(const RequestContext& context) const;

 private:
    // The cluster at one moment: the snapshot holds at least what the state says is known.
    struct Opened {
        SystemTime at;
        clients::ClusterState state;
        models::ClusterSnapshotPtr snapshot;
    };
    [[nodiscard]] Result<Opened> open(std::string_view cluster) const;
    // The namespace, if the caller may see it.
    [[nodiscard]] Result<const models::NamespaceView*> find(
        const RequestContext& context, const models::ClusterSnapshot& snapshot, std::string_view ns
    ) const;
    [[nodiscard]] bool shows(const Caller& caller, const models::NamespaceView& view) const;
    [[nodiscard]] Views visible_views(const Caller& caller, const models::ClusterSnapshot& snapshot)
        const;
    [[nodiscard]] static Views wanted(const Views& views, const std::vector<std::string>& names);
    [[nodiscard]] std::vector<WaypointRef> waypoints_of(
        const RequestContext& context,
        const models::ClusterSnapshot& snapshot,
        const models::NamespaceView& view,
        const models::Workload& workload
    ) const;
    [[nodiscard]] ServiceItem service_item(
        const models::NamespaceView& view, const models::ServicePtr& service
    ) const;
    [[nodiscard]] ServiceItem service_item(
        const models::NamespaceView& view,
        const models::ServicePtr& service,
        std::vector<models::WorkloadPtr> selected
    ) const;
    [[nodiscard]] static std::vector<WaypointService> captured_services(
        const models::ClusterSnapshot& snapshot,
        const Views& views,
        const models::Workload& waypoint
    );
    [[nodiscard]] Meta meta(
        const RequestContext& context,
        const Opened& opened,
        std::uint64_t returned,
        std::string_view order
    ) const;

    Parts parts_;
};

// meta.cluster. To callers with limited rights neither reasons nor namespaces they may not see.
MetaCluster describe_cluster(
    const clients::ClusterState& state,
    const models::ClusterSnapshot& snapshot,
    SystemTime now,
    const Access& access,
    const Caller& caller
);

// What labels and workloads say of a namespace.
NamespaceItem describe_namespace(const models::NamespaceView& view);

}  // namespace meshscope::business
