#pragma once

#include "models/cluster_snapshot.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// What the mesh's own configuration says of the traces of a workload: Telemetry resources of the
// control plane's namespace, of its own and of itself, the nearest last; below them its annotation
// proxy.istio.io/config, of which 0 says nothing. Configuration of the mesh as a whole is not read.
struct MeshSampling {
    struct Source {
        std::string ns;
        std::string name;  // of the Telemetry; "" the annotation
    };
    std::optional<double> percent;  // 0 to 100; nullopt: nobody says
    Source percent_by;
    bool reports = true;  // false: its proxies send no spans at all
    Source reports_by;
};

// `cluster` may be null.
[[nodiscard]] MeshSampling sampling_of(
    const models::Workload& workload, const models::ClusterSnapshot* cluster
);

// The namespaces that istiod runs in, ascending; Istio's usual one when it runs in none.
[[nodiscard]] std::vector<std::string> control_planes_of(const models::ClusterSnapshot& cluster);

[[nodiscard]] bool is_control_plane(const models::Workload& workload);

}  // namespace meshscope::business
