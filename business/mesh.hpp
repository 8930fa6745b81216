#pragma once

#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/meta.hpp"
#include "clients/cluster.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "models/cluster_snapshot.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// Lists and details of what is in the cluster, out of the snapshot: nothing here waits for
// Kubernetes. Everything points into `snapshot`, which the answer keeps.

struct NamespaceItem {
    const models::NamespaceView* view = nullptr;
    bool ambient = false;
    bool control_plane = false;
    std::string revision;  // of the control plane that injects; "" none
};

struct NamespaceList {
    models::ClusterSnapshotPtr snapshot;
    std::vector<NamespaceItem> items;
    Meta meta;
};

struct NamespaceInfo {
    models::ClusterSnapshotPtr snapshot;
    NamespaceItem item;
    Meta meta;
};

// 503 "cluster_not_configured", with the setting to change.
[[nodiscard]] Error no_cluster();

// Usable from every thread. Lists ascending by namespace, then name. Errors: `unavailable` without
// a cluster; kUnavailable, code "cluster_syncing", before its first sync; kForbidden for a
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
    };
    explicit Mesh(Parts parts);

    // `cluster`: "" the home cluster.
    [[nodiscard]] Result<NamespaceList> namespaces(const RequestContext& context) const;
    [[nodiscard]] Result<NamespaceInfo> namespace_info(
        const RequestContext& context, std::string_view ns, std::string_view cluster
    ) const;

 private:
    [[nodiscard]] Result<models::ClusterSnapshotPtr> open(std::string_view cluster) const;
    // The namespace, if the caller may see it.
    [[nodiscard]] Result<const models::NamespaceView*> find(
        const RequestContext& context, const models::ClusterSnapshot& snapshot, std::string_view ns
    ) const;
    [[nodiscard]] bool shows(const Caller& caller, const models::NamespaceView& view) const;
    [[nodiscard]] Meta meta(
        const RequestContext& context,
        const models::ClusterSnapshot& snapshot,
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
