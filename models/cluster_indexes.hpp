#pragma once

#include "models/cluster_builder.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meshscope::models {

// What a snapshot is searched by. Texts point into the objects, which the snapshot and `gone` keep.
struct ClusterSnapshot::Indexes {
    struct Address {
        std::string_view ip;
        const Pod* pod;
        std::optional<SystemTime> until;  // nullopt: still there
    };

    Indexes(const std::vector<NamespaceViewPtr>& views, std::vector<GonePod> gone_pods);

    std::vector<GonePod> gone;
    std::vector<Address> addresses;      // ascending by ip; without pods on the host's network
    std::vector<const Pod*> gone_names;  // ascending by namespace, then name, the youngest first
    std::unordered_map<std::string_view, const Pod*> by_uid;
    std::vector<WorkloadPtr> by_name;  // ascending by name, then namespace
    std::vector<WorkloadPtr>
        by_app;  // ascending by application, namespace, name; of those with one
};

}  // namespace meshscope::models
