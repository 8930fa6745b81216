#pragma once

#include "clients/kubernetes/decode.hpp"
#include "models/cluster_builder.hpp"

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace meshscope::clients::kubernetes {

// All objects of one cluster as the watches have left them; which namespaces changed since the last
// look. Used by one thread only (the cluster's).
class ObjectStore {
 public:
    explicit ObjectStore(models::DiscoveryRules rules);
    void set_cluster(std::string name);  // "Kubernetes" until then

    // A whole list: what is not in it is removed, all of that kind (of that namespace when lists
    // are by namespace) is replaced; nothing of the kind is lost while the list is under way.
    void replace(
        const Resource& resource, std::string_view ns, std::vector<Decoded> items, SystemTime now
    );
    // ADDED and MODIFIED alike; another uid under the same name: the earlier object was deleted.
    void put(const Resource& resource, Decoded object, SystemTime now);
    void remove(
        const Resource& resource, const models::ObjectMeta& meta, SystemTime now
    );                                         // unknown: nothing
    void drop_kind(const Resource& resource);  // the CRD is gone or became forbidden

    [[nodiscard]] bool changed() const;
    [[nodiscard]] std::size_t count(const Resource& resource) const;
    // Builds the changed namespaces and the snapshot. Pods that are gone are remembered an hour.
    models::ClusterSnapshotPtr publish(SystemTime now);
    // ReplicaSets and Jobs without owner of which only the metadata is known, or was changed since:
    // to be asked for whole. Each is taken once.
    std::vector<models::ObjectMeta> take_orphans(const Resource& resource, std::size_t most);

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::clients::kubernetes
