#pragma once

#include "models/cluster_builder.hpp"
#include "models/hash_index.hpp"

#include <vector>

namespace meshscope::models {

// What a snapshot is searched by. Texts point into the objects, which the snapshot and `gone` keep.
struct ClusterSnapshot::Indexes {
    struct Address {
        const Pod* pod;
        SystemTime until;  // the end of time: still there
    };
    struct Known {
        const Pod* pod;
        bool here;
    };

    Indexes(const std::vector<NamespaceViewPtr>& views, std::vector<GonePod> gone_pods);

    std::vector<GonePod> gone;
    HashIndex<Address> addresses;  // without pods on the host's network
    HashIndex<Known> uids;
    std::vector<const Pod*> gone_names;  // ascending by namespace, then name, the youngest first
    std::vector<WorkloadPtr> by_name;    // ascending by name, then namespace
    std::vector<WorkloadPtr>
        by_app;  // ascending by application, namespace, name; of those with one
};

}  // namespace meshscope::models
